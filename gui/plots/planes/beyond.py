"""The arrow at the edge of a plane that points to an outline out of view, with the key that shows it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from gui.plots.layer import FAR, Layer

LONG, WIDE, AWAY = 16.0, 9.0, 6.0  # the arrow's length and half width, and its distance from the edge, in pixels
WORDS = "Home: fit"


class Beyond(Layer):
    """A layer that is empty while any part of the outline is in view."""

    def __init__(self) -> None:
        super().__init__()
        self.outline: NDArray[np.float64] | None = None  # places (n, 2)

    def show_outline(self, outline: NDArray[np.float64] | None) -> None:
        """Point to an outline, a polygon (n, 2) or segments (n, 4), if it is out of view; None: to nothing."""
        self.outline = np.reshape(outline, (-1, 2)) if outline is not None and len(outline) else None

    @property
    def corners(self) -> NDArray[np.float64] | None:
        """The lower and the upper corner of the outline (2, 2); None if there is no outline, or none of finite size."""
        if self.outline is None:
            return None
        corners = np.array([np.fmin.reduce(self.outline), np.fmax.reduce(self.outline)])  # of those that are numbers
        return corners if np.isfinite(corners).all() else None

    def target(self, transform: QTransform) -> QPointF | None:
        """Return the pixel of the middle of the outline if the outline is out of view; else None."""
        if self.outline is None or QRectF(self.area).contains(transform.map(QPointF(*self.outline[0].tolist()))):
            return None  # most outlines are in view: this is found out with one of their places
        corners = self.corners
        if corners is None:
            return None
        (left, bottom), (right, top) = corners.tolist()
        box = transform.mapRect(QRectF(left, bottom, right - left, top - bottom))
        if box.adjusted(-1, -1, 1, 1).intersects(QRectF(self.area)):
            return None
        middle = box.center()
        return QPointF(min(max(middle.x(), -FAR), FAR), min(max(middle.y(), -FAR), FAR))

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        target = self.target(transform)
        if target is None:
            return
        area = QRectF(self.area).adjusted(AWAY, AWAY, -AWAY, -AWAY)
        tip = QPointF(min(max(target.x(), area.left()), area.right()), min(max(target.y(), area.top()), area.bottom()))
        away = np.array([target.x() - area.center().x(), target.y() - area.center().y()])
        along = away / max(float(np.hypot(*away)), 1e-9)
        across = np.array([-along[1], along[0]])
        base = np.array([tip.x(), tip.y()]) - LONG * along
        ends = [tip, *(QPointF(*(base + side * WIDE * across)) for side in (1, -1))]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor("#000000"), 1.5))
        painter.setBrush(QColor("#ffffff"))
        painter.drawPolygon(QPolygonF(ends))
        text = painter.fontMetrics().boundingRect(WORDS)
        middle = base - (text.width() / 2 + 6) * along
        box = QRectF(text).adjusted(-4, -1, 4, 1)
        box.moveCenter(QPointF(*middle))
        box.moveLeft(min(max(box.left(), area.left()), area.right() - box.width()))
        box.moveTop(min(max(box.top(), area.top()), area.bottom() - box.height()))
        painter.drawRect(box)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, WORDS)
