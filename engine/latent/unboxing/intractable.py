"""Intractable sums: what a grid over more than two latents costs, in decoded images and in time."""

from __future__ import annotations

import math

SIZE = 301  # nodes of a grid on each axis
PER_SECOND = 20_000  # images that one processor core decodes in a second, in the order of magnitude
UNITS = (("year", 31_557_600), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
LARGE = 100_000  # numbers from here on are powers of ten


def nodes(latents: int) -> int:
    """Return the number of latents, each to be decoded, on a grid over d = `latents` dimensions."""
    return int(SIZE**latents)


def cost(latents: int) -> str:
    """Return the cost of a grid in words: its images, and the time of one core at PER_SECOND images a second."""
    return f"{SIZE}{_superscript(latents)} = {_large(nodes(latents))} decoded images, about {duration(latents)}"


def duration(latents: int) -> str:
    """Return the time for a grid in its largest unit, with two significant digits."""
    seconds = nodes(latents) / PER_SECOND
    name, unit = next(((name, unit) for name, unit in UNITS if seconds >= unit), UNITS[-1])
    number = _large(seconds / unit)
    return f"{number} {name}" if number == "1" else f"{number} {name}s"


def too_many(latents: int) -> str:
    """Return why ln p(x) of a model with more than two latents is not summed on a grid."""
    return (
        f"ln p(x) is not computed for {latents} latents: a grid needs {cost(latents)} on one core. "
        "The panel Estimating ln p(x) gives bounds."
    )


def _large(number: float) -> str:
    """Return a number with two significant digits, as a power of ten if it is large."""
    if number < LARGE:
        return f"{float(f'{number:.2g}'):,.0f}" if number >= 10 else f"{number:.2g}"
    exponent = math.floor(math.log10(number))
    digits = f"{number / 10**exponent:.1f}"
    if digits == "10.0":
        exponent, digits = exponent + 1, "1.0"
    return f"{digits}·10{_superscript(exponent)}"


def _superscript(n: int) -> str:
    return str(n).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
