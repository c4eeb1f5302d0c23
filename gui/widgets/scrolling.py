"""A scroll area with a column of widgets, for panels that may be too small for their content."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


def scrolling(*widgets: QWidget, growing: bool = False) -> QScrollArea:
    """Return a scroll area with `widgets` in a column of its own width; with `growing` they fill its height."""
    inside, area = QWidget(), QScrollArea()
    column = QVBoxLayout(inside)
    column.setContentsMargins(10, 8, 10, 8)
    column.setSpacing(12)
    for widget in widgets:
        column.addWidget(widget)
    if not growing:
        column.addStretch(1)
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    return area
