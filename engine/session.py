"""Sessions: documents in files, each a readable JSON object that is validated when it is read."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

import msgspec

from engine.document import Document
from engine.files import quoted, read_regular, why
from engine.json_errors import reason
from engine.part import Part, declared, decode_hook, encode_hook
from engine.saving.format_1 import upgraded

FORMAT = 2
LARGEST = 256 * 2**20  # bytes


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document, with a title, a label and a note if it is a step of the lecture."""

    document: Document
    title: str = ""
    label: str = ""  # one or two characters, for a button
    note: str = ""
    bayescape: int = FORMAT


def encode(session: Session) -> bytes:
    """The content of the file. It holds what differs from the default, so that files are small and can be compared.

    Raises ValueError, in one sentence, for a path of which a name is not valid UTF-8.
    """
    plain = {"bayescape": FORMAT, "document": plain_of(session.document)}
    words = {name: getattr(session, name) for name in ("title", "label", "note")}
    plain |= {name: text for name, text in words.items() if text}
    try:
        return msgspec.json.format(msgspec.json.encode(plain), indent=1) + b"\n"
    except UnicodeEncodeError as error:
        raise ValueError("The session names a file whose path is not valid UTF-8: rename the file first.") from error


def plain_of(value: Any) -> Any:
    """Return the value as plain JSON. A part becomes its type and the fields that differ from their default."""
    if isinstance(value, Part):
        fields = {field.name: getattr(value, field.name) for field in declared(type(value))}
        changed = {f.name: plain_of(fields[f.name]) for f in declared(type(value)) if fields[f.name] != f.default}
        return {"type": type(value).__struct_config__.tag, **changed}
    if isinstance(value, tuple):
        return [plain_of(item) for item in value]
    return msgspec.to_builtins(value, enc_hook=encode_hook)


def read(path: Path) -> Session:
    """Return the session in a file. Raises ValueError, in one sentence, for anything else."""
    try:
        return decode(read_regular(path, LARGEST), quoted(path.name))
    except MemoryError as error:
        raise ValueError(f"{quoted(path.name)} cannot be opened: {why(error)}.") from error


def decode(content: bytes, name: str = "") -> Session:
    """The session in a file of format 1 or 2. Raises ValueError, in one sentence about `name`, for anything else."""
    subject = name or "This"
    if len(content) > LARGEST:
        raise ValueError(f"The file is larger than {LARGEST >> 20} MB and cannot be a session.")
    try:
        plain = msgspec.json.decode(in_utf8(content), type=dict[str, Any])
        number = plain.get("bayescape", 1)
        if type(number) is int and number in (1, FORMAT):
            plain = upgraded(plain) if number == 1 else plain
            return msgspec.convert(plain, Session, dec_hook=decode_hook)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(f"{subject} is not a session of this program: {reason(error)}.") from error
    except (AttributeError, TypeError, KeyError, ValueError) as error:  # of the upgrade from format 1
        raise ValueError(f"{subject} is not a session of this program: it does not hold a document.") from error
    shown = number if type(number) is int and 0 <= number < 10**6 else "unknown"
    subject = name or "This session"
    raise ValueError(f"{subject} has the format {shown}; this version reads the formats 1 and {FORMAT}.")


def in_utf8(content: bytes) -> bytes:
    """The same text in UTF-8 without a byte-order mark: editors save JSON in UTF-16 as well."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16").encode()
    return content.removeprefix(codecs.BOM_UTF8)
