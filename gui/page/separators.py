"""The separators between docks, of which Qt remembers the one under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QHoverEvent
from PySide6.QtWidgets import QApplication, QWidget


def leave_separator(page: QWidget) -> None:
    """Let Qt forget the separator under the pointer, before the docks of a page change.

    At the next move of the pointer Qt would look for it among the other docks, which often ends the program.
    """
    QApplication.sendEvent(page, QHoverEvent(QEvent.Type.HoverLeave, QPointF(), QPointF(), QPointF()))
