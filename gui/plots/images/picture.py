"""One image, as large as its panel, with its pixels as sharp squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.raster import draw_image, image_of
from gui.shell import theme


class Picture(QWidget):
    """One image, centred; without an image, the sentence `empty`."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.empty = empty
        self.ink: NDArray[np.uint8] | None = None
        self.role = ""
        self.setAccessibleDescription(empty)

    def frame(self, role: str) -> None:
        """Set the role whose colour the frame has; "" removes the frame."""
        if role != self.role:
            self.role = role
            self.update()

    def show_ink(self, ink: NDArray[np.uint8] | None) -> None:
        """Show an image: pixels 0–255, grey (h, w) or RGB (h, w, 3); None shows the sentence `empty`."""
        self.ink = ink
        self.setAccessibleDescription(self.empty if ink is None else spoken_image(ink))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(224, 224)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(84, 84)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.paper())
        if self.ink is None:
            painter.setPen(theme.ink())
            inside = self.rect().adjusted(12, 12, -12, -12)
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty)
            return
        h, w = self.ink.shape[:2]
        scale = min(self.width() / w, self.height() / h)
        size = QSize(round(w * scale), round(h * scale))
        target = QRect(self.rect().center() - QRect(0, 0, size.width(), size.height()).center(), size)
        draw_image(painter, target, self.image())
        if self.role:
            painter.setPen(QPen(theme.role_colour(self.role), 2))
            painter.drawRect(target.adjusted(1, 1, -1, -1))

    def image(self) -> QImage:
        """Return the image at its own size."""
        assert self.ink is not None
        return image_of(self.ink, theme.ink_map())


def spoken_image(ink: NDArray[np.uint8]) -> str:
    """An image, grey (h, w) or RGB (h, w, 3), in words: its size and its mean, in % of the largest value."""
    height, width = ink.shape[:2]
    return f"{width}×{height} pixels, mean {100 * float(ink.mean()) / 255:.1f} %"


def spoken_images(ink: NDArray[np.uint8]) -> str:
    """Images, grey (n, h, w) or RGB (n, h, w, 3), in words: how many, their size, and the range of their means in %."""
    height, width = ink.shape[1:3]
    means = 100 * ink.reshape(len(ink), -1).mean(axis=1) / 255
    return f"number of images: {len(ink)}, {width}×{height} pixels, means from {means.min():.1f} to {means.max():.1f} %"


def spoken_pairs(above: NDArray[np.uint8], below: NDArray[np.uint8]) -> str:
    """Pairs of images in words: how many, their size, and the mean absolute difference if they have one shape."""
    height, width = above.shape[1:3]
    if above.shape != below.shape:
        return f"number of pairs: {len(above)}, {width}×{height} pixels"
    difference = 100 * np.abs(above.astype(float) - below).mean() / 255
    return f"number of pairs: {len(above)}, {width}×{height} pixels, mean difference of the pixels {difference:.2f} %"
