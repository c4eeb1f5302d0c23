"""The number of threads that share one computation. It is read when the first computation of a kind starts."""

from __future__ import annotations

import os

PROCESSORS = os.cpu_count() or 1
_number = PROCESSORS


def use(number: int) -> None:
    """Share computations between so many threads, at least 1."""
    global _number
    _number = max(1, number)


def number() -> int:
    """The number of threads in use."""
    return _number
