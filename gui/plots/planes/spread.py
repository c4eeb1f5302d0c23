"""The layer of q over the latent plane: its mean, and its curves at one and two standard deviations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF, QTransform

from engine.latent.image.q_outlines import Outlines
from gui.plots.layer import FAR, Layer, scaling
from gui.plots.words import AWAY, Words
from gui.shell import theme

DOT = 3.5  # pixels, the radius of the dot at the mean
HALO = 5.0  # pixels, the width of the pen behind a curve
NAME = "q(z|x)"


class Spread(Layer):
    """The mean and the curves of q. Only its surroundings are repainted, because q moves while the pen draws."""

    def __init__(self) -> None:
        super().__init__()
        self.outlines: Outlines | None = None
        self._curve, self._halo = QPen(), QPen()
        self._words = Words(on_paper=True)

    def dress(self, colour: QColor, ground: QColor) -> None:
        """Set the colour of the curves, and the colour behind the curves."""
        self._curve, self._halo = scaling(QPen(colour, HALO / 2)), scaling(QPen(ground, HALO))
        self.changed()

    def show_outlines(self, outlines: Outlines | None) -> None:
        """Show the outlines of q; None shows nothing."""
        if outlines is self.outlines:
            return
        self._repaint()
        self.outlines = outlines
        top = outlines.two[np.argmax(outlines.two[:, 1])] if outlines else np.empty((0, 2))
        self._words.show_words(top, (NAME,) if outlines else (), (True,) if outlines else ())
        self._repaint()

    def polygon(self, outline: NDArray[np.float64]) -> QPolygonF:
        """Return a curve (n, 2) in the widget's pixels."""
        return self.transform.map(QPolygonF([QPointF(*place) for place in outline.tolist()]))

    def _box(self) -> QRectF:
        """Return the rectangle of the curves and their name, in the widget's pixels."""
        assert self.outlines is not None
        metrics = QFontMetrics(theme.font())
        aside, above = metrics.horizontalAdvance(NAME) / 2 + AWAY, metrics.height() + 2 * AWAY
        (left, low), (right, high) = self.outlines.two.min(axis=0), self.outlines.two.max(axis=0)
        box = self.transform.mapRect(QRectF(left, low, right - left, high - low))
        return box.adjusted(-aside, -above, aside, 2 * HALO)

    def _repaint(self) -> None:
        if self.outlines is None or self.canvas is None:
            return
        self.canvas.update((self._box() & QRectF(self.area)).toAlignedRect())

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        self.transform = transform
        if self.outlines is None or not (theme.is_printing() or self._box().intersects(painter.clipBoundingRect())):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        curves = [self.polygon(outline) for outline in (self.outlines.one, self.outlines.two)]
        if curves[1].boundingRect().width() > FAR or curves[1].boundingRect().height() > FAR:
            return  # the view is zoomed in so far that the curves cannot be drawn
        for pen in (self._halo, self._curve):
            painter.setPen(pen)
            for curve in curves:
                painter.drawPolyline(curve)
        painter.setPen(QPen(self._halo.color(), 1.5))
        painter.setBrush(self._curve.color())
        painter.drawEllipse(transform.map(QPointF(*self.outlines.mean)), DOT, DOT)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._words.paint(painter, transform)
