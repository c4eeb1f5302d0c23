"""Two pictures side by side: the first as large as it can be, the second in the room that is left, if there is any."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

GAP = 8
LEAST = 72  # pixels of the second one
FIRST = 132  # and of the first one before there is a second


class Beside(QWidget):
    """The second one is never larger than the first, and in line with its middle."""

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
        fits = w >= FIRST + GAP + LEAST
        first = max(min(w - GAP - LEAST, max(h, (w - GAP) // 2)), FIRST) if fits else w
        second = min(w - first - GAP, h)
        self.first.setGeometry(0, 0, first, h)
        self.second.setGeometry(first + GAP, (h - second) // 2, w - first - GAP, max(second, 0))
        self.second.setVisible(fits)
