"""Two pictures side by side: the first as large as it can be, the second in the room that is left, if there is any."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

GAP = 8
LEAST = 72  # pixels of the second one
FIRST = 132  # and of the first one, before there is a second


class Beside(QWidget):
    """Each in a square, the second one no larger than the first, both together in the middle."""

    def __init__(self, first: QWidget, second: QWidget) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.first, self.second = first, second
        for widget in (first, second):
            widget.setParent(self)

    def sizeHint(self) -> QSize:  # noqa: N802
        return self.first.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.first.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        w, h = self.width(), self.height()
        there = w >= FIRST + GAP + LEAST
        first = min(h, w - GAP - LEAST) if there else min(h, w)
        second = min(w - first - GAP, first) if there else 0
        left = (w - first - there * (GAP + second)) // 2
        self.first.setGeometry(left, (h - first) // 2, first, first)
        self.second.setGeometry(left + first + GAP, (h - second) // 2, second, second)
        self.second.setVisible(bool(there))
