"""Ticks: round numbers for the axis of a plot."""

from __future__ import annotations

from math import ceil, floor, log10


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """At most about `count` numbers from `low` to `high`, all multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    step = power * next(times for times in (1, 2, 5, 10) if times * power >= rough * 0.999)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(step * i, 12) + 0.0 for i in range(first, last + 1)]
