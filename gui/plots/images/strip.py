"""Images in rows, with or without numbers, as large as the room for them allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.images.picture import spoken_images
from gui.plots.raster import Table, draw_image, image_of
from gui.shell import theme

GAP, MARGIN = 6, 12  # pixels between images, and at both ends of the sentence
LARGEST = 160  # pixels on a side of an image, at most


class Strip(QWidget):
    """Rows of images that fill the room, each at least `side` pixels wide; without images, the sentence `empty`.

    On paper nothing scrolls: rows that have no room are left out, and a line says how many images are shown.
    """

    def __init__(self, name: str, empty: str, *, numbered: bool, side: int = 56) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.empty, self.numbered, self.side = empty, numbered, side
        self.ink: NDArray[np.uint8] = np.empty((0, 1, 1), np.uint8)
        self._found: tuple[tuple[int, ...], int] | None = None  # the side of the images, and what it depends on
        self.setAccessibleDescription(empty)

    def show_ink(self, ink: NDArray[np.uint8]) -> None:
        """Show n images: pixels 0–255, grey (n, h, w) or RGB (n, h, w, 3)."""
        self.ink = ink
        self.setAccessibleDescription(spoken_images(ink) if len(ink) else self.empty)
        self.setMinimumHeight(self._height(self.width()))
        self.update()

    def _columns(self, width: int, side: int) -> int:
        return max(1, (width - GAP) // (side + GAP))

    def _step(self, side: int) -> int:
        return side + GAP + (self.fontMetrics().height() if self.numbered else 0)

    @property
    def shown_side(self) -> int:
        """The side of each image in pixels: the largest with which all images have room, at least `side`."""
        known = self.width(), self.height(), len(self.ink), self._step(0)
        if self._found is None or self._found[0] != known:  # each image asks for it when it is painted
            fits = (side for side in range(LARGEST, self.side, -1) if self._rows_height(self.width(), side) <= known[1])
            self._found = known, next(fits, self.side)
        return self._found[1]

    def _rows_height(self, width: int, side: int) -> int:
        return GAP + -(-len(self.ink) // self._columns(width, side)) * self._step(side)

    @property
    def count_on_paper(self) -> int:
        """The number of images in the rows that are completely in sight, above a line of text if these are not all."""
        high, side = self.visibleRegion().boundingRect().height(), self.shown_side
        if self._rows_height(self.width(), side) <= high:
            return len(self.ink)
        rows = max(1, (high - GAP - self.fontMetrics().height()) // self._step(side))
        return min(len(self.ink), rows * self._columns(self.width(), side))

    def square(self, i: int) -> QRect:
        """Return the rectangle of image `i`."""
        side = self.shown_side
        columns = self._columns(self.width(), side)
        return QRect(GAP + (i % columns) * (side + GAP), GAP + (i // columns) * self._step(side), side, side)

    def _height(self, width: int) -> int:
        if not len(self.ink):
            room = QRect(0, 0, max(1, width - 2 * MARGIN), self.maximumHeight())
            return self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self.empty).height() + 2 * GAP
        return self._rows_height(width, self.side)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(4 * self.side, self._height(4 * self.side))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.setMinimumHeight(self._height(self.width()))

    def table(self) -> Table:
        """Return the colours of the values of the images."""
        return theme.ink_map()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(theme.ink())
        if not len(self.ink):
            inside = self.rect().adjusted(MARGIN, 0, -MARGIN, 0)
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        table, count = self.table(), self.count_on_paper if theme.is_printing() else len(self.ink)
        if count < len(self.ink):
            below = QRect(0, self.square(count).top(), self.width(), self.fontMetrics().height())
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, f"{count} of {len(self.ink)}")
        for i, image in enumerate(self.ink[:count]):
            square = self.square(i)
            draw_image(painter, square, image_of(image, table))
            painter.drawRect(square.adjusted(0, 0, -1, -1))
            if self.numbered:
                below = square.translated(0, square.height())
                painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, str(i + 1))
