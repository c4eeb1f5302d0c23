"""Numbers as text for the user, with four significant digits and a minus sign, and the reading of typed numbers."""

from __future__ import annotations

import math

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def shown(value: float, digits: int = 4) -> str:
    """Return `value` with `digits` significant digits, for example −0.2134 or 1.5·10⁻⁷."""
    text = f"{value:.{digits}g}" if value else "0"
    if "e" not in text and abs(value) < 10:
        text = f"{value:z.{digits - 1}f}" if abs(value) >= 0.01 or not value else text
    if "e" in text:
        mantissa, exponent = text.split("e")
        power = f"10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
        text = {"1": power, "-1": f"-{power}"}.get(mantissa, f"{mantissa}·{power}")
    return text.replace("-", "−")


def coordinate(value: float) -> str:
    """Return a coordinate with three decimals, or with six significant digits from 1000 upwards."""
    return f"{value:z.3f}".replace("-", "−") if abs(value) < 1000 else shown(value, 6)


def nats(value: float) -> str:
    """Return a log density or log probability, in nats, with two decimals, or with four digits from 10⁶ upwards."""
    return f"{value:z.2f}".replace("-", "−") if abs(value) < 1e6 else shown(value)


def parsed(text: str, kind: type) -> float | int | None:
    """Return the number in `text`, with point or comma and − or -; None if `text` is not a number."""
    plain = text.strip().replace("−", "-").replace(",", ".")
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
