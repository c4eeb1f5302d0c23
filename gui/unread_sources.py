"""Turns off that Qt for Python reads the source text of each imported module: a thirtieth of the start.

Qt for Python looks for its own name in the text, to find out whether a module may write `set_title` for `setTitle`. No
module of this program does. The texts would also stay in memory. See docs/decisions/061.
"""

from __future__ import annotations

from importlib import import_module


def leave_unread() -> None:
    """Let Qt for Python take each module for one that uses it. Change nothing in a version without this question."""
    try:
        import_module("PySide6.QtCore")
        feature = import_module("shibokensupport.feature")
    except ImportError:  # the module that needs Qt says why it cannot be loaded
        return
    if "_mod_uses_pyside" in vars(feature):
        vars(feature)["_mod_uses_pyside"] = lambda _module: True
