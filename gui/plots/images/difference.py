"""The difference of two images, pixel by pixel, and the scale of its colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.images.picture import Picture
from gui.plots.raster import Table, argb, image_of, indexed_image
from gui.shell import theme

LESS, MORE = QColor("#1b9e93"), QColor("#c2701c")  # teal and brown, distinct for colour-blind people
MIDDLE = 127  # the index of no difference


def diverging() -> Table:
    """Return 255 ARGB colours from LESS over the paper colour to MORE, and one that is not used."""
    ends, paper = (theme.rgb(LESS), theme.rgb(MORE)), theme.rgb(theme.paper())
    value = np.linspace(-1, 1, 2 * MIDDLE + 1)[:, None]
    rows = paper + np.abs(value) * (np.where(value < 0, *ends) - paper)
    return argb(np.rint(np.vstack([rows, paper])))


def shades_of(differences: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return the indices into `diverging` of differences from −1 to 1."""
    return np.rint(MIDDLE + MIDDLE * np.clip(differences, -1, 1)).astype(np.uint8)


class Difference(Picture):
    """An image of differences from −1 to 1."""

    def show_difference(self, difference: NDArray[np.float32] | None) -> None:
        """Show differences (h, w) or (h, w, 3) from −1 to 1, averaged over the colours; None shows nothing."""
        if difference is None:
            self.show_ink(None)
            return
        self.show_ink(shades_of(difference if difference.ndim == 2 else difference.mean(axis=-1)))

    def image(self) -> QImage:
        assert self.ink is not None
        return image_of(self.ink, diverging())


class Scale(QWidget):
    """The colours of a difference from −1 to +1, with a text at each end."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.ends = ("", "")

    def show_ends(self, less: str, more: str) -> None:
        """Set the texts of the two ends."""
        self.ends = (less, more)
        self.setAccessibleDescription(f"From {less} to {more}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, 2 * self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, height = QPainter(self), self.fontMetrics().height()
        bar = QRect(0, height // 4, self.width(), height // 2)
        row = np.arange(2 * MIDDLE + 1, dtype=np.uint8)[None, :]
        painter.drawImage(bar, indexed_image(row, diverging()))
        painter.setPen(self.palette().placeholderText().color())
        painter.drawRect(bar.adjusted(0, 0, -1, -1))
        painter.setPen(theme.ink())
        line = QRect(0, height, self.width(), height)
        alignments = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter)
        for text, alignment in zip((f"−1 {self.ends[0]}", f"{self.ends[1]} +1", "0"), alignments, strict=True):
            painter.drawText(line, alignment, text)
