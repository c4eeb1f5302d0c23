"""Layers: what a plot draws, one above the other, directly into its pixels with QPainter.

pyqtgraph draws only the axes, which are stored as an image until they change. See docs/decisions/013.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from gui.shell import theme

FINE = 300 / 96  # pixels of an image in a figure for each pixel of its layout
FAR = 1e6  # pixels; a coordinate beyond it is on no screen, and overflows a QRect


class Layer:
    """One layer of a plot. It repaints the whole canvas, or only the surroundings of some places.

    Layers are not items of a graphics scene: the bookkeeping of a scene takes longer than the painting.
    """

    covers = False  # whether it may paint over all that lies below it

    def __init__(self) -> None:
        self.canvas: QWidget | None = None
        self.transform, self.area = QTransform(), QRect()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to paint."""
        return False

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        """Draw with `painter`, which works in pixels; `transform` maps plot units to pixels."""
        raise NotImplementedError

    def covered(self, transform: QTransform) -> QRect:
        """The pixels of the screen that are painted whatever was there before: what lies below is not needed."""
        return QRect()

    def changed(self) -> None:
        """Repaint everything inside the axes."""
        if self.canvas is not None:
            self.canvas.update(self.area)

    def changed_around(self, places: Iterable[Any], reach: float) -> None:
        """Repaint `reach` pixels around each of the places (x, y), in plot units."""
        if self.canvas is None:
            return
        r = round(reach)
        for x, y in places:
            pixel = self.transform.map(QPointF(float(x), float(y)))
            if abs(pixel.x()) < FAR and abs(pixel.y()) < FAR:
                self.canvas.update(QRect(round(pixel.x()) - r, round(pixel.y()) - r, 2 * r + 1, 2 * r + 1))


def scaling(pen: QPen) -> QPen:
    """Return the pen with its width in the widget's pixels, of which each may be several pixels of the screen.

    Lines are wider in a lecture.
    """
    scaled = QPen(pen)
    scaled.setWidthF(max(pen.widthF(), 1.0) * theme.weight() if theme.weight() > 1 else pen.widthF())
    scaled.setCosmetic(False)
    return scaled


def sight_of(painter: QPainter, reach: float) -> QRectF:
    """Return the rectangle of the middles of all visible marks that reach so many pixels from their middle.

    It is finite only for a vector file, which does not clip by itself.
    """
    if not (theme.is_printing() and painter.hasClipping()):
        return QRectF(-FAR, -FAR, 2 * FAR, 2 * FAR)
    return painter.clipBoundingRect().adjusted(-reach, -reach, reach, reach)


def exposed(painter: QPainter, reach: float) -> QRectF:
    """Return the rectangle of the middles of all marks of which a part is to be painted now."""
    return painter.clipBoundingRect().adjusted(-reach, -reach, reach, reach)


def holds(sight: QRectF, pixel: QPointF) -> bool:
    """Return whether a pixel is in the rectangle. NaN is not: Qt cannot draw it."""
    return sight.left() <= pixel.x() <= sight.right() and sight.top() <= pixel.y() <= sight.bottom()
