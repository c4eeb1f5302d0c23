"""Numbers as text for the user, with four significant digits and a minus sign, and the reading of typed numbers."""

from __future__ import annotations

import math
import re

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def shown(value: float, digits: int = 4) -> str:
    """Return `value` with `digits` significant digits, for example −0.2134 or 1.5·10⁻⁷."""
    text = f"{value:.{digits}g}" if value else "0"
    if "e" not in text and abs(value) < 10:
        fixed = f"{value:z.{digits - 1}f}"
        if not value or (abs(value) >= 0.01 and float(fixed)):  # 0.03 with one decimal would be 0.0
            text = fixed
    if "e" in text:
        mantissa, exponent = text.split("e")
        power = f"10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
        text = {"1": power, "-1": f"-{power}"}.get(mantissa, f"{mantissa}·{power}")
    return text.replace("-", "−")


def coordinate(value: float) -> str:
    """Return a coordinate with three decimals, or with six significant digits from 1000 upwards."""
    return f"{value:z.3f}".replace("-", "−") if abs(value) < 1000 else shown(value, 6)


def hundredth(value: float) -> str:
    """Return a coordinate with two decimals, for a narrow panel."""
    return f"{value:z.2f}".replace("-", "−")


def nats(value: float) -> str:
    """Return a log density or log probability, in nats, with two decimals, or with four digits from 10⁶ upwards."""
    return f"{value:z.2f}".replace("-", "−") if abs(value) < 1e6 else shown(value)


THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(\.\d*)?")


def ambiguity(text: str, kind: type) -> str:
    """Why `text` is no one number, in a sentence: 10,000 is ten thousand to some, and 10 to others; "" if it is one.

    Where only a whole number is allowed, 10,000 can only be ten thousand.
    """
    plain = text.strip().replace("−", "-")
    found = THOUSANDS.fullmatch(plain)
    if kind is int or found is None or found[1] is not None or plain.count(",") > 1:
        return ""
    typed = text.strip()
    return f"{typed} can be {typed.replace(',', '')} or {typed.replace(',', '.')}. Write one of them."


def parsed(text: str, kind: type) -> float | int | None:
    """The number that `text` spells, with point or comma, − or -; None if it spells none, or one of two.

    Commas separate thousands if there are several, if a point follows, or if only a whole number is allowed.
    """
    plain = text.strip().replace("−", "-")
    if ambiguity(text, kind):
        return None
    plain = plain.replace(",", "" if THOUSANDS.fullmatch(plain) else ".")
    try:
        number = float(plain)
        if kind is int:
            return int(number) if number == math.floor(number) and math.isfinite(number) else None
        return number
    except (ValueError, OverflowError):
        return None


def spelled(value: float) -> str:
    """Return a number as the text of an editor, with at most 12 significant digits."""
    return f"{value:.12g}".replace("-", "−")
