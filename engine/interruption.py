"""Interruption: whether the present job of a thread is not needed any more, because the window closes.

A job that is a generator is cancelled at a `yield`. Long work inside a plain function checks `is_interrupted` instead.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar


def _never() -> bool:
    return False


_check: ContextVar[Callable[[], bool]] = ContextVar("interruption", default=_never)


class InterruptedJobError(Exception):
    """Raised by work that is interrupted. It is not a ValueError, because nobody has made a mistake."""


def is_interrupted() -> bool:
    """Return whether the present job of this thread is to end."""
    return _check.get()()


def set_check(check: Callable[[], bool]) -> None:
    """Let `is_interrupted` return the value of `check` in this thread."""
    _check.set(check)
