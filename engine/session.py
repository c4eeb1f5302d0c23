"""Sessions: documents in files, each a readable JSON object that is validated when it is read."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.document import Document
from engine.format_1 import upgraded
from engine.part import Part, declared, decode_hook, encode_hook

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
    """The content of the file. It holds what differs from the default, so that files are small and can be compared."""
    plain = {"bayescape": FORMAT, "document": _plain(session.document)}
    words = {name: getattr(session, name) for name in ("title", "label", "note")}
    plain |= {name: text for name, text in words.items() if text}
    return msgspec.json.format(msgspec.json.encode(plain), indent=1) + b"\n"


def _plain(value: Any) -> Any:
    """The value as plain JSON. A part becomes its type and the fields that differ from their default."""
    if isinstance(value, Part):
        fields = {field.name: getattr(value, field.name) for field in declared(type(value))}
        changed = {f.name: _plain(fields[f.name]) for f in declared(type(value)) if fields[f.name] != f.default}
        return {"type": type(value).__struct_config__.tag, **changed}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return msgspec.to_builtins(value, enc_hook=encode_hook)


def decode(content: bytes) -> Session:
    """The session in a file of format 1 or 2. Raises ValueError, in one sentence, for anything else."""
    if len(content) > LARGEST:
        raise ValueError(f"The file is larger than {LARGEST >> 20} MB and cannot be a session.")
    try:
        plain = msgspec.json.decode(content, type=dict[str, Any])
        if plain.get("bayescape", 1) == 1:
            plain = upgraded(plain)
        session = msgspec.convert(plain, Session, dec_hook=decode_hook)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, AttributeError, TypeError, KeyError) as error:
        raise ValueError(f"This is not a session of this program: {error}.") from error
    if session.bayescape != FORMAT:
        raise ValueError(f"This session has format {session.bayescape}; this version reads formats 1 and {FORMAT}.")
    return session
