"""Words in a plot: short texts at places, readable on every colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPen, QTransform

from gui.plots.layer import Layer, holds, sight_of
from gui.shell import theme

AWAY = 5  # pixels between a place and its text


class Words(Layer):
    """A layer of white texts with a black outline, each above or below its place."""

    def __init__(self) -> None:
        super().__init__()
        self.places: NDArray[np.float64] = np.empty((0, 2))
        self.texts: tuple[str, ...] = ()
        self.above: tuple[bool, ...] = ()

    def show_words(self, places: ArrayLike, texts: tuple[str, ...], above: tuple[bool, ...]) -> None:
        """Write n `texts` at `places` (n, 2), above a place where `above` is true, otherwise below it."""
        self.places, self.texts, self.above = np.asarray(places, float).reshape(-1, 2), texts, above
        self.changed()

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        font = theme.font()
        metrics, sight = QFontMetrics(font), sight_of(painter, 0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, text, above in zip(self.places, self.texts, self.above, strict=True):
            pixel = transform.map(QPointF(*place))
            if not holds(sight, pixel):
                continue
            path, lower = QPainterPath(), -AWAY if above else AWAY + metrics.ascent()
            path.addText(pixel.x() - metrics.horizontalAdvance(text) / 2, pixel.y() + lower, font, text)
            painter.strokePath(path, QPen(Qt.GlobalColor.black, 3, j=Qt.PenJoinStyle.RoundJoin))
            painter.fillPath(path, Qt.GlobalColor.white)
