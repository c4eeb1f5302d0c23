"""Garbage of Python, collected in the GUI thread alone.

A panel or a dialog without a parent is a cycle of objects. Python collects cycles in whichever thread makes the next
object, and a widget that is destroyed in a worker thread crashes the program.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

PAUSE = 200  # milliseconds between two looks


class Garbage(QObject):
    """Collects garbage in the thread that made it, from now on and until `end`."""

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self.timer = QTimer(self)
        self.timer.timeout.connect(collect_if_due)
        self.timer.start(PAUSE)

    def end(self) -> None:
        """Leave the collection to Python again."""
        self.timer.stop()
        gc.enable()


def collect_if_due() -> None:
    """Collect the generations of objects that have as many new objects as Python waits for, in this thread."""
    due = [count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    if due[0]:
        gc.collect(2 if all(due) else 1 if due[1] else 0)
