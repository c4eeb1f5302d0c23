"""Layers: the things drawn in a plot, one over the other, straight into its pixels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPaintEngine, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

FAR = 1e6  # pixels; what is farther away is on no screen, and overflows a QRect


class Layer:
    """Something drawn in a plot. It asks the canvas to repaint all of itself, or only around some places.

    Layers are no items of a graphics scene: keeping book of what has changed, and calling back for each item, took
    the scene longer than painting takes.
    """

    def __init__(self) -> None:
        self.canvas: QWidget | None = None
        self.transform, self.area = QTransform(), QRect()

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        """Draw into `painter`, which works in pixels; `transform` maps the plot's units to them."""
        raise NotImplementedError

    def changed(self) -> None:
        """Repaint what is inside the axes."""
        if self.canvas is not None:
            self.canvas.update(self.area)

    def changed_around(self, places: Iterable[Any], reach: float) -> None:
        """Repaint so many pixels about each of the places."""
        if self.canvas is None:
            return
        r = round(reach)
        for x, y in places:
            at = self.transform.map(QPointF(float(x), float(y)))
            if abs(at.x()) < FAR and abs(at.y()) < FAR:
                self.canvas.update(QRect(round(at.x()) - r, round(at.y()) - r, 2 * r + 1, 2 * r + 1))


def scaling(pen: QPen) -> QPen:
    """The same pen, as wide in the widget's pixels on a screen that has several of its own to each."""
    made = QPen(pen)
    made.setCosmetic(False)
    return made


def sight_of(painter: QPainter, reach: float) -> QRectF:
    """Where the middle of what reaches so far can be seen. A screen clips by itself; a vector file does not."""
    if not (is_vector(painter) and painter.hasClipping()):
        return QRectF(-FAR, -FAR, 2 * FAR, 2 * FAR)
    return painter.clipBoundingRect().adjusted(-reach, -reach, reach, reach)


def holds(sight: QRectF, at: QPointF) -> bool:
    """Whether a pixel is in sight. One that is no number is not: Qt breaks down on NaN."""
    return sight.left() <= at.x() <= sight.right() and sight.top() <= at.y() <= sight.bottom()


def is_vector(painter: QPainter) -> bool:
    """Whether it writes a vector file, where what is drawn stays apart and can be enlarged."""
    return painter.paintEngine().type() == QPaintEngine.Type.SVG
