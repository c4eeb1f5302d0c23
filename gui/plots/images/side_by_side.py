"""Two images side by side: the first as large as it fits, the second in the remaining room, or hidden."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

GAP = 8
LEAST = 72  # pixels, the smallest side of the second image
MOST = 0.62  # of the width, for the first image: on a large screen the second one grows too
FIRST = 132  # pixels, the smallest side of the first image if the second is visible


class SideBySide(QWidget):
    """Two widgets in squares, centred together; the second is not larger than the first."""

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
        both = w >= FIRST + GAP + LEAST
        first = min(h, w - GAP - LEAST, max(FIRST, round(MOST * w))) if both else min(h, w)
        second = min(w - first - GAP, first) if both else 0
        left = (w - first - both * (GAP + second)) // 2
        self.first.setGeometry(left, (h - first) // 2, first, first)
        self.second.setGeometry(left + first + GAP, (h - second) // 2, second, second)
        self.second.setVisible(bool(both))
