"""Pairs: small images in rows, each above its counterpart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.images.picture import spoken_pairs
from gui.plots.raster import draw_image, image_of
from gui.shell import theme

GAP, APART = 6, 12  # pixels between images, and between the rows of pairs
SIDES = range(28, 97)  # pixels on a side of an image: the largest with which all pairs fit


class Pairs(QWidget):
    """As many pairs in a row as fit; without pairs, the sentence `empty`."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.empty = empty
        self.above: NDArray[np.uint8] = np.empty((0, 1, 1), np.uint8)
        self.below = self.above
        self.setAccessibleDescription(empty)

    def show_pairs(self, above: NDArray[np.uint8], below: NDArray[np.uint8]) -> None:
        """Show n pairs of images: pixels 0–255, grey (n, h, w) or RGB (n, h, w, 3)."""
        self.above, self.below = above, below
        self.setAccessibleDescription(spoken_pairs(above, below) if len(above) else self.empty)
        self.setMinimumHeight(self._height(SIDES[0]))
        self.update()

    def _columns(self, side: int) -> int:
        return max(1, (self.width() - GAP) // (side + GAP))

    def _height(self, side: int) -> int:
        return GAP + -(-len(self.above) // self._columns(side)) * (2 * side + APART)

    @property
    def side(self) -> int:
        """The side of each image in pixels: the largest with which all pairs have room, at least the smallest one."""
        return next((side for side in reversed(SIDES) if self._height(side) <= self.height()), SIDES[0])

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(6 * SIDES[0], 2 * SIDES[0])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.setMinimumHeight(self._height(SIDES[0]))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(theme.ink())
        if not len(self.above):
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        table, side = theme.ink_map(), self.side
        columns = self._columns(side)
        for i, pair in enumerate(zip(self.above, self.below, strict=True)):
            x, y = GAP + i % columns * (side + GAP), GAP + i // columns * (2 * side + APART)
            for image, down in zip(pair, (0, side), strict=True):
                draw_image(painter, QRect(x, y + down, side, side), image_of(image, table))
            painter.drawRect(x, y, side - 1, 2 * side - 1)
