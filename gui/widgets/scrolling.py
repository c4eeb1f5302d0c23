"""A scroll area with a column of widgets, for panels that may be too small for their content."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

WIDEST = 320  # pixels; a column that needs more, because the text is large, scrolls sideways


class Scrolling(QScrollArea):
    """A scroll area that is at least as wide as its content, up to WIDEST, so that it need not scroll sideways."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        inside, bar = self.widget(), self.verticalScrollBar().sizeHint().width()
        width = inside.minimumSizeHint().width() if inside is not None else 0
        return QSize(min(width + bar, WIDEST), super().minimumSizeHint().height())


def scrolling(*widgets: QWidget, growing: bool = False) -> QScrollArea:
    """Return a scroll area with `widgets` in a column of its own width; with `growing` they fill its height."""
    inside, area = QWidget(), Scrolling()
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
