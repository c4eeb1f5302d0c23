"""Motion: whether playing shows each step in turn, or only the end, for people whom moving pictures disturb."""

from __future__ import annotations

_reduced = False


def reduce(on: bool) -> None:
    """Show only the end of whatever plays (`on`), or each step in turn."""
    global _reduced
    _reduced = on


def is_reduced() -> bool:
    """Whether only the end of whatever plays is shown."""
    return _reduced
