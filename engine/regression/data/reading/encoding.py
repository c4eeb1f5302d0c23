"""Encodings of text files: which one a file has, and its text without what no table needs."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TextIO

HEAD = 2**16  # bytes from which the encoding is guessed
TAIL = 2**16  # bytes at the end that are looked at as well
NO_TEXT = "It is no text. Save the table as CSV first."
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
MARKS = (  # the longer ones first, because that of UTF-32 begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x19\x1b-\x1f\x7f]")  # characters that no table has; some have NUL or ^Z
FALL_BACK = "bayescape-cp1252"  # errors: a byte that is no UTF-8 is a character of Windows-1252


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """The characters of Windows-1252 that the wrong bytes stand for."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(FALL_BACK, _as_cp1252)


def guess_encoding(path: Path) -> str:
    """The encoding of a regular file. Raises ValueError if its bytes are no text."""
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
    """UTF-16 that does not say so: in tables nearly every second byte is NUL."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    most = max(even, odd)
    if 5 * most < 2 * (len(head) // 2) or 10 * min(even, odd) > most:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_utf8(content: bytes) -> bool:
    """Whether no bytes are wrong in UTF-8, or fewer than there are characters beyond ASCII: then those are damaged."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(content)  # which may end within a character
    wrong = text.count("\ufffd")
    return 2 * wrong <= len(text) - sum(map(str.isascii, text)) if wrong else True


def open_text(path: Path, encoding: str) -> TextIO:
    """The text of a file, with every kind of line end read as a newline; no byte is refused."""
    return path.open(encoding=encoding, errors=FALL_BACK if encoding == "utf-8" else "replace")


_QUOTES = dict.fromkeys("“”„‟", '"')
_WIDE = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_UNSEEN = dict.fromkeys("\ufeff\u200b\u200c\u200d\u200e\u200f\u2060")
PLAIN = str.maketrans({**_QUOTES, **_WIDE, **_UNSEEN, "−": "-", "\x1a": None})


def plain(text: str) -> str:
    """The text with the minus sign, quotes and separators that a keyboard has, and without invisible characters.

    Left out are byte order marks anywhere, zero-width characters, and ^Z, with which old programs end a file.
    """
    if text.isascii():
        return text.replace("\x1a", "") if "\x1a" in text else text
    return text.translate(PLAIN)
