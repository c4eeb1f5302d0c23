"""Encodings of text files: the guess of an encoding, and the removal of characters that tables do not need."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TextIO

HEAD = 2**16  # bytes from which the encoding is guessed
TAIL = 2**16  # bytes at the end that are examined as well
NO_TEXT = "It is not a text file. Save the table as CSV first."
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16, big-endian",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32, big-endian",
    "cp1252": "Windows-1252 (Western)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "mac-roman": "Mac Roman",
    "shift-jis": "Shift JIS",
    "gb18030": "GB 18030",
}
MARKS = (  # the longer marks first, because that of UTF-32 begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x19\x1b-\x1f\x7f]")  # characters that tables do not contain, except NUL and ^Z
FALL_BACK = "bayescape-cp1252"  # error handler: a byte that is not UTF-8 is read as Windows-1252


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Return the Windows-1252 characters of the bytes that are not UTF-8."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(FALL_BACK, _as_cp1252)


def guess_encoding(path: Path) -> str:
    """Return the encoding of a regular file. Raises ValueError if its bytes are not text."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        rest = path.stat().st_size - len(head)
        file.seek(max(0, rest - TAIL), 1)
        tail = file.read(TAIL) if rest > 0 else b""
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    if wide := _without_mark(head):
        return wide
    controls = len(CONTROL.findall(head))
    if 10 * head.count(0) > len(head) or controls > 2 + len(head) // 200 or head.startswith(b"%PDF"):
        raise ValueError(NO_TEXT)
    return "utf-8" if _is_utf8(head) and _is_utf8(tail.lstrip(bytes(range(0x80, 0xC0)))) else "cp1252"


def _without_mark(head: bytes) -> str:
    """Return UTF-16 if a file without a byte order mark has it, else ""; nearly every second byte is then NUL."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    most = max(even, odd)
    if 5 * most < 2 * (len(head) // 2) or 10 * min(even, odd) > most:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_utf8(content: bytes) -> bool:
    """Return whether the bytes are UTF-8, possibly with a few damaged characters."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(content)  # the last character may be incomplete
    wrong = text.count("\ufffd")
    return 2 * wrong <= len(text) - sum(map(str.isascii, text)) if wrong else True


def open_text(path: Path, encoding: str) -> TextIO:
    """Return the text of a file, with every kind of line end read as a newline. No byte is an error."""
    return path.open(encoding=encoding, errors=FALL_BACK if encoding == "utf-8" else "replace")


_QUOTES = dict.fromkeys("“”„‟", '"')
_WIDE = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_UNSEEN = dict.fromkeys("\ufeff\u200b\u200c\u200d\u200e\u200f\u2060")
PLAIN = str.maketrans({**_QUOTES, **_WIDE, **_UNSEEN, "−": "-", "\x1a": None})


def plain(text: str) -> str:
    """Return the text with ASCII minus signs, quotes and separators, without invisible characters.

    Removed are byte order marks, zero-width characters, and ^Z, which old programs write at the end of a file.
    """
    if text.isascii():
        return text.replace("\x1a", "") if "\x1a" in text else text
    return text.translate(PLAIN)
