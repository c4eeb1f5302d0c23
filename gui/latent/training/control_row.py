"""A row of controls below the curves of a training, which wraps in a narrow panel."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.widgets.rows.flow import Flow

LEAST = 8.0  # lines of text in the width of a widget with a share, such as a slider or a line of words


def control_row(*widgets: QWidget, shares: tuple[int, ...] = ()) -> QWidget:
    """Return a row of widgets: at the left, or over the whole width if each has its share of it."""
    holder, flow = QWidget(), Flow(margins=(10, 2, 10, 2))
    for i, widget in enumerate(widgets):
        share = shares[i] if shares else 0
        flow.put(widget, share, LEAST if share else 0.0)
    holder.setLayout(flow)
    return holder
