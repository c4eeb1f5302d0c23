"""A strip of images that were drawn at random, each framed in the colour of its ε."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen

from gui.plots.images.difference import diverging, shades_of
from gui.plots.images.strip import Strip
from gui.plots.planes.linked import angles, hues
from gui.plots.raster import Table
from gui.shell import theme


class DrawnStrip(Strip):
    """A strip in which the highlighted image has a broad frame."""

    pointed = Signal(object)  # the number of the image under the cursor, or None

    def __init__(self, name: str, empty: str, *, side: int) -> None:
        super().__init__(name, empty, numbered=True, side=side)
        self.setMouseTracking(True)
        self._kinds: NDArray[np.intp] = np.empty(0, np.intp)
        self.highlighted: int | None = None
        self._diverging = False  # whether the images are differences

    def show_drawn(self, ink: NDArray[np.uint8], epsilon: NDArray[np.float64]) -> None:
        """Show the images (n, h, w[, 3]), pixels 0–255, of the ε (n, 2)."""
        self._kinds, self._diverging = angles(epsilon), False
        self.show_ink(ink)

    def show_differences(self, differences: NDArray[np.float64], epsilon: NDArray[np.float64]) -> float:
        """Show differences (n, h, w) of the ε (n, 2), scaled to the largest of them, which is returned."""
        largest = float(np.abs(differences).max(initial=0.0))
        self._kinds, self._diverging = angles(epsilon), True
        self.show_ink(shades_of(differences / max(largest, 1e-9)))
        return largest

    def table(self) -> Table:
        return diverging() if self._diverging else super().table()

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
