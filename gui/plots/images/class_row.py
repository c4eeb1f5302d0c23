"""A row of images, one for each class, in which a class is chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from gui.plots.images.picks import Pointable
from gui.plots.images.picture import spoken_image
from gui.plots.raster import draw_image, image_of
from gui.shell import theme

GAP, FRAME = 6, 3  # pixels between images, and the width of the frame of the chosen one
LEAST, MOST = 24, 160  # pixels, the smallest and largest side of an image


class ClassRow(Pointable):
    """Images of equal size in one row, each with its class below. The chosen class has a broad frame and bold name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.classes: tuple[str, ...] = ()
        self.ink: NDArray[np.uint8] = np.empty((0, 1, 1), np.uint8)
        self.chosen = -1

    def show_classes(self, ink: NDArray[np.uint8], classes: tuple[str, ...], chosen: int) -> None:
        """Show an image for each class, pixels 0–255, grey (k, h, w) or RGB (k, h, w, 3), and frame the chosen one."""
        self.ink, self.classes, self.chosen = ink, classes, chosen
        self.setAccessibleDescription(
            f"Chosen: {classes[chosen]}. "
            + "; ".join(f"{name}: {spoken_image(each)}" for name, each in zip(classes, ink, strict=True))
        )
        self.update()

    @property
    def _side(self) -> int:
        across = self.width() // max(1, len(self.ink)) - GAP
        return int(np.clip(min(across, self.height() - self.fontMetrics().height() - 2 * FRAME), LEAST // 2, MOST))

    def squares(self) -> dict[int, QRect]:
        side = self._side
        return {i: QRect(FRAME + i * (side + GAP), FRAME, side, side) for i in range(len(self.ink))}

    def words(self, number: int) -> str:
        return f"Give the class “{self.classes[number]}”"

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(10 * (MOST // 2 + GAP), MOST // 2 + 2 * FRAME + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(10 * (LEAST + GAP), LEAST + 2 * FRAME + self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, table = QPainter(self), theme.ink_map()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for i, square in self.squares().items():
            draw_image(painter, square, image_of(self.ink[i], table))
            is_chosen = i == self.chosen
            pen = QPen(theme.role_colour("hovered"), FRAME) if is_chosen else QPen(theme.faded(theme.ink(), 0.45))
            painter.setPen(pen)
            painter.drawRect(square.adjusted(-1, -1, 0, 0) if is_chosen else square.adjusted(0, 0, -1, -1))
            self._name(painter, i, square)
        self.paint_pointer(painter)

    def _name(self, painter: QPainter, i: int, square: QRect) -> None:
        font = self.font()
        font.setBold(i == self.chosen)
        painter.setFont(font)
        painter.setPen(theme.ink())
        text = painter.fontMetrics().elidedText(self.classes[i], Qt.TextElideMode.ElideRight, square.width() + GAP)
        below = QRect(square.left(), square.bottom() + FRAME, square.width() + GAP, self.fontMetrics().height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, text)
