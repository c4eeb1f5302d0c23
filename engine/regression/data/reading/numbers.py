"""Numbers in cells: the value of a cell under a decimal mark, and the evidence for a decimal mark."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache, lru_cache

import msgspec

from engine.regression.data.reading.units import is_unit

MARKS = (".", ",")  # the decimal marks
LONGEST_NUMBER = 400  # characters
BLANK = "[ \u00a0\u2000-\u200a\u202f\u205f\u3000]"  # blanks of all widths
QUOTES = "\"'“”„‟‘’‚‛«»‹›`´"
APOSTROPHES = "'’"  # before a number that a spreadsheet stores as text
DASHES = dict.fromkeys("−‐‑‒–—―﹘﹣－➖", "-")
INVISIBLE = dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e")
FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
ARABIC = {"٬": "'"}  # the thousands separator; the decimal mark ٫ is part of the grammar
WRITTEN = str.maketrans({**INVISIBLE, **FULL_WIDTH, **DASHES, **ARABIC})
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
TOO_SMALL = "it is below the smallest double"
NOT_FINITE = {"nan", "inf", "infinity", "∞"}
DIGIT = re.compile(r"\d")
NOT_ASCII_DIGIT = re.compile(r"[^\W\x00-\x7f]")


class Number(msgspec.Struct, frozen=True):
    """The value of a cell, its unit, and how it differs from a plain number.

    `how` is "thousands", "uncertainty", "brackets", "minus behind", "exponent without letter" or "" (plain).
    """

    value: float
    unit: str = ""
    how: str = ""


@cache
def _grammar(decimal: str) -> re.Pattern[str]:
    """Return the pattern of numbers with this decimal mark, with thousands and exponents in all usual forms.

    It is compiled when the first cell is read: this takes too long for the start.
    """
    mark, other = f"[{decimal}٫]", re.escape("," if decimal == "." else ".")
    tail = r"\d*" if decimal == "." else r"\d+"
    group = f"(?:{other}|{BLANK}|['’ʼ])"
    exponent = (
        r"(?:[eE][+-]?\d{1,4}|[dDqQ][+-]\d{1,4}"
        rf"|{BLANK}?[×x*·⋅]{BLANK}?10(?:(?:\^|\*\*)[+-]?\d{{1,3}}|[+-]\d{{1,3}}|[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
    )
    bodies = {
        "plain": (  # an exponent D without a sign only after a decimal mark, because 12D4 may be a name
            rf"(?:\d+{mark}{tail}|{mark}\d+)[dD]\d{{1,3}}|(?:\d+(?:{mark}{tail})?|{mark}\d+){exponent}?"
        ),
        "letterless": rf"\d*{mark}\d+[+-]\d{{3}}",
        "western": rf"[1-9]\d{{0,2}}(?P<group>{group})\d{{3}}(?:(?P=group)\d{{3}})*(?:{mark}\d+)?",
        "indian": rf"[1-9]\d?(?:{other}\d\d)+{other}\d{{3}}(?:{mark}\d+)?",
        "myriad": rf"[1-9]\d{{0,3}}(?:{other}\d{{4}}){{2,}}",
        "fraction": rf"\d{{1,3}}(?:{BLANK}\d{{3}})*{mark}\d{{3}}(?:{BLANK}\d{{3}})*{BLANK}\d{{1,3}}",
    }
    body = "|".join(f"(?P<{name}>{pattern})" for name, pattern in bodies.items())
    return re.compile(
        rf"(?P<before>[$€£¥₹]{BLANK}?)?(?P<sign>[+-]{BLANK}?)?(?P<inside>[$€£¥₹]{BLANK}?)?(?:{body})"
        rf"(?P<uncertainty>\(\d{{1,4}}\)|{BLANK}*(?:±|\+/?-){BLANK}*[\d.,]+(?:[eE][+-]?\d+)?)?"
        rf"(?:{BLANK}*(?P<unit>[A-Za-z%‰°$€£¥₹/℃℉µμΩΩÅ].*))?",
        re.ASCII,
    )


PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
PLAIN_COMMA = re.compile(r"[+-]?(?:\d+(?:,\d+)?|,\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)


def clean(cell: str) -> str:
    """Return a cell without surrounding blanks, quotes and invisible characters, with ASCII digits and signs."""
    text = cell.strip()
    if not text.isascii():
        text = NOT_ASCII_DIGIT.sub(_ascii_digit, text.translate(WRITTEN)).strip()
    if len(text) > 1 and text[0] in QUOTES and (text[-1] in QUOTES or text[0] in APOSTROPHES):
        text = text[1:].rstrip(QUOTES).strip()
    return text


def _ascii_digit(match: re.Match[str]) -> str:
    """Return the ASCII digit of a decimal digit of any script; other characters are unchanged."""
    digit = unicodedata.decimal(match[0], None)
    return match[0] if digit is None else str(digit)


@lru_cache(maxsize=2**14)
def parse(cell: str, decimal: str) -> Number:
    """Return the number in a cell. Raises ValueError if the cell is not a number."""
    text = cell.strip()
    if len(text) > LONGEST_NUMBER:
        raise ValueError(cell)
    if (PLAIN if decimal == "." else PLAIN_COMMA).fullmatch(text):
        return Number(float(text.replace(",", ".")))
    return _parse(clean(cell), decimal)


def _parse(text: str, decimal: str) -> Number:
    how = ""
    if text.lower().lstrip("+-") in NOT_FINITE:
        return Number(math.nan)
    if text.startswith("(") and text.endswith(")"):
        text, how = f"-{text[1:-1].strip()}", "brackets"
    elif text.endswith("-") and text[:1].isdigit():
        text, how = f"-{text[:-1].strip()}", "minus behind"
    match = _grammar(decimal).fullmatch(text)
    if match is None:
        raise ValueError(text)
    unit = (match["unit"] or match["before"] or match["inside"] or "").strip()
    if unit and not is_unit(unit):
        raise ValueError(text)
    value = _value(match, decimal)
    if match["uncertainty"]:
        how = "uncertainty"
    return Number(-value if (match["sign"] or "").startswith("-") else value, unit, how or _how(match))


def _value(match: re.Match[str], decimal: str) -> float:
    """Return the value of a matched number without its sign. Raises ValueError if it underflows."""
    kind = next(name for name in BODIES if match[name] is not None)
    body = match[kind]
    if kind == "plain":
        mantissa, power = _split_exponent(body)
    elif kind == "letterless":
        mantissa, power = body[:-4], body[-4:]
    else:
        mantissa, power = GROUPING[decimal].sub("", body), "0"
    digits = mantissa.replace("٫", ".").replace(decimal, ".")
    value = float(f"{digits}e{power}")
    if value == 0 and digits.strip("0."):
        raise ValueError(TOO_SMALL)
    return value


GROUPING = {mark: re.compile(rf"[^\d{mark}٫]") for mark in MARKS}
BODIES = ("plain", "letterless", "western", "indian", "myriad", "fraction")
EXPONENT = re.compile(rf"{BLANK}?[×x*·⋅]{BLANK}?10(?:\^|\*\*)?|[eEdDqQ]")


def _split_exponent(body: str) -> tuple[str, str]:
    match = EXPONENT.search(body)
    if match is None:
        return body, "0"
    return body[: match.start()], body[match.end() :].translate(SUPERSCRIPTS)


def _how(match: re.Match[str]) -> str:
    if match["letterless"]:
        return "exponent without letter"
    return "" if match["plain"] or match["fraction"] else "thousands"


def number_or_none(cell: str, decimal: str) -> Number | None:
    """Return the finite number in a cell; None if the cell is not a finite number."""
    if not cell or not DIGIT.search(cell):
        return None
    try:
        number = parse(cell, decimal)
    except ValueError:
        return None
    return number if math.isfinite(number.value) else None


@lru_cache(maxsize=2**14)
def decimal_evidence(cell: str) -> str:
    """Return the decimal mark of a cell, "." or ","; "?" if both marks are possible with different values.

    It is "" if the cell is not a number or has the same value under both marks.
    """
    if "." not in cell and "," not in cell and cell.isascii():
        return ""
    values = {mark: number.value for mark in MARKS if (number := number_or_none(cell, mark)) is not None}
    if len(values) == 2:
        return "" if len(set(values.values())) == 1 else "?"
    return next(iter(values)) if values else ""
