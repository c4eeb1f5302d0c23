"""Bold text that still follows the palette and the size of the application's font."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QWidget


def embolden(widget: QWidget) -> None:
    """Make a widget's text bold; everything else of its font stays inherited."""
    font = QFont()
    font.setResolveMask(0)
    font.setWeight(QFont.Weight.DemiBold)
    widget.setFont(font)
