"""Bold text that follows the family and the size of the application's font."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget


def embolden(widget: QWidget) -> None:
    """Make the text of a widget bold. All other properties of its font stay inherited."""
    font = QFont()
    font.setResolveMask(0)
    font.setWeight(QFont.Weight.DemiBold)
    widget.setFont(font)
