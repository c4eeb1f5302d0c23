"""A row of controls below the curves of a training."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget


def control_row(*widgets: QWidget, shares: tuple[int, ...] = ()) -> QWidget:
    """Return a row of widgets: at the left, or over the whole width if each has its share of it."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(10, 2, 10, 2)
    row.setSpacing(6)
    for i, widget in enumerate(widgets):
        row.addWidget(widget, shares[i] if shares else 0)
    if not shares:
        row.addStretch(1)
    return holder
