"""A strip of images that were drawn at random, each framed in the colour of its ε."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen

from gui.plots.images.strip import Strip
from gui.plots.planes.linked import angles, hues
from gui.shell import theme


class DrawnStrip(Strip):
    """A strip in which the highlighted image has a broad frame."""

    pointed = Signal(object)  # the number of the image under the cursor, or None

    def __init__(self, name: str, empty: str, *, side: int) -> None:
        super().__init__(name, empty, numbered=True, side=side)
        self.setMouseTracking(True)
        self._kinds: NDArray[np.intp] = np.empty(0, np.intp)
        self.highlighted: int | None = None

    def show_drawn(self, ink: NDArray[np.uint8], epsilon: NDArray[np.float64]) -> None:
        """Show the images (n, h, w[, 3]), pixels 0–255, of the ε (n, 2)."""
        self._kinds = angles(epsilon)
        self.show_ink(ink)

    def highlight(self, number: int | None) -> None:
        """Give one image a broad frame; None: no image."""
        if number != self.highlighted:
            self.highlighted = number
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        painter = QPainter(self)
        for i, kind in enumerate(self._kinds[: len(self.ink)]):
            chosen = i == self.highlighted
            colour = theme.role_colour("hovered") if chosen else hues()[kind]
            painter.setPen(QPen(colour, 5 if chosen else 3, j=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(self.square(i))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = event.position().toPoint()
        self.pointed.emit(next((i for i in range(len(self.ink)) if self.square(i).contains(at)), None))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self.pointed.emit(None)
