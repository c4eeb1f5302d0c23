"""Sessions: documents as files, one JSON object each, readable and checked."""

from __future__ import annotations

import msgspec

from engine import session_format_1
from engine.document import Document
from engine.part import decode_hook, encode_hook

FORMAT = 2
LARGEST = 256 * 2**20  # bytes


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One document, and the lecture's words about it, which other sessions leave empty."""

    document: Document
    title: str = ""
    label: str = ""  # the title in a character or two, for a button
    note: str = ""
    bayescape: int = FORMAT


def encode(session: Session) -> bytes:
    """The file."""
    return msgspec.json.format(msgspec.json.encode(session, enc_hook=encode_hook), indent=1) + b"\n"


def decode(content: bytes) -> Session:
    """The session in a file. Raises ValueError, in one sentence, for anything else."""
    if len(content) > LARGEST:
        raise ValueError(f"The file is larger than {LARGEST >> 20} MB, which no session is.")
    try:
        plain = msgspec.json.decode(content)
        if isinstance(plain, dict) and plain.get("bayescape", 1) == 1:
            plain = session_format_1.upgraded(plain)
        session = msgspec.convert(plain, Session, dec_hook=decode_hook)
    except (ValueError, RecursionError) as error:  # of which DecodeError and UnicodeDecodeError are kinds
        raise ValueError(f"This is not a session of this program: {error}.") from error
    if session.bayescape != FORMAT:
        raise ValueError(f"This session has format {session.bayescape}; this version reads formats 1 and {FORMAT}.")
    return session
