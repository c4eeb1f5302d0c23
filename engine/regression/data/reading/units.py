"""Units behind a number in a cell, or in brackets behind a name."""

from __future__ import annotations

import re
from functools import cache

PREFIX = r"(?:da|[yzafpnuµμmcdhkMGTPEZY])?"
SCALED = (
    r"(?:m|g|s|sec|A|K|mol|cd|Hz|N|Pa|J|W|Wh|C|V|VA|F|Ω|Ω|[Oo]hms?|S|Wb|T|H|lm|lx|Bq|Gy|Sv|L|l|eV|bar|B|Byte|bit|cal)"
)
OTHER = (
    r"(?:%|‰|ppm|ppb|°|°C|°F|℃|℉|deg|degC|degF|rad|min|mins|minutes?|h|hrs?|hours?|secs|seconds?|d|days?|a|yrs?|years?"
    r"|weeks?|dB|dBm|dBA|rpm|psi|atm|mmHg|Torr|inch|ft|lb|oz|Å|px|u|amu|AU|pc|ly|meters?|metres?|degrees?|percent|Prozent"
    r"|€|\$|£|¥|₹|EUR|USD|GBP|CHF|JPY|kr|zł|arb\. ?u\.|a\. ?u\.)"
)
POWER = r"(?:\^?-?\d|[⁻]?[¹²³⁴])?"
ONE = rf"(?:{PREFIX}{SCALED}|{OTHER}){POWER}"
BRACKETED = re.compile(r"\(.*\)|\[.*\]|\{.*\}")


@cache
def _grammar() -> re.Pattern[str]:
    """The pattern of units, compiled when the first cell is read: this takes too long for the start."""
    return re.compile(rf"1?(?:/{ONE}|{ONE}(?: ?[·*/⋅ ] ?{ONE})*)")


def is_unit(text: str) -> bool:
    """Return whether the text is a known unit, such as cm, °C, m/s² or %."""
    return len(text) <= 20 and _grammar().fullmatch(text) is not None


def is_unit_cell(text: str) -> bool:
    """Return whether a cell below a name may be its unit: a known unit, any text in brackets, or nothing."""
    text = text.strip()
    return text in ("", "-", "–", "1") or bool(BRACKETED.fullmatch(text)) or is_unit(text)
