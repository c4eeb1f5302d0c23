"""Words in a plot: short texts at places, readable on every colour, and the large names of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap, QTransform

from gui.plots.layer import Layer, holds, sight_of
from gui.shell import theme

WHITE, BLACK = QColor("#ffffff"), QColor("#000000")
AWAY = 5  # pixels between a place and its text


class Words(Layer):
    """A layer of outlined texts, each above or below its place: white on black, or the theme's ink on paper."""

    def __init__(self, *, on_paper: bool = False) -> None:
        super().__init__()
        self.on_paper = on_paper  # whether the ground is the theme's paper, and not a heatmap
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
            halo, fill = (theme.paper(), theme.ink()) if self.on_paper else (BLACK, WHITE)
            painter.strokePath(path, QPen(halo, 3, j=Qt.PenJoinStyle.RoundJoin))
            painter.fillPath(path, fill)


class Names(Layer):
    """A layer of large translucent texts, each centred at its place in the colour of its kind."""

    SHARE = 0.085  # the height of a digit as a share of the plot's height
    FAINT = 0.62  # the opacity of a text

    def __init__(self) -> None:
        super().__init__()
        self.places: NDArray[np.float64] = np.empty((0, 2))
        self.texts: tuple[str, ...] = ()
        self.colours: tuple[QColor, ...] = ()
        self._drawn: tuple[Any, QPixmap] = None, QPixmap()  # what was drawn last, and its picture

    def show_names(self, places: ArrayLike, texts: tuple[str, ...], colours: tuple[QColor, ...]) -> None:
        """Write n `texts` in n `colours` at `places` (n, 2); a place that is NaN has no text."""
        places = np.asarray(places, float).reshape(-1, 2)
        if (texts, colours) == (self.texts, self.colours) and np.array_equal(places, self.places, equal_nan=True):
            return
        self.places, self.texts, self.colours, self._drawn = places, texts, colours, (None, QPixmap())
        self.changed()

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        """Draw the texts from a picture of them: to outline large letters takes milliseconds."""
        if theme.is_printing() or self.canvas is None:
            self._draw(painter, transform)
            return
        key = (QTransform(transform), self.area, theme.font().key(), theme.paper().rgb())
        if self._drawn[0] != key:
            ratio = self.canvas.devicePixelRatioF()
            picture = QPixmap(self.canvas.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            inner = QPainter(picture)
            self._draw(inner, transform)
            inner.end()
            self._drawn = key, picture
        painter.drawPixmap(0, 0, self._drawn[1])

    def _draw(self, painter: QPainter, transform: QTransform) -> None:
        font, sight = QFont(theme.font()), sight_of(painter, 0)
        font.setBold(True)
        longest = max((len(text) for text in self.texts), default=1)
        side = min(self.area.width(), self.area.height())
        font.setPixelSize(
            max(QFontMetrics(font).height(), round(side * self.SHARE * 2.2 / (1 + min(longest, 8) * 0.6)))
        )
        metrics = QFontMetrics(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, text, colour in zip(self.places, self.texts, self.colours, strict=True):
            pixel = transform.map(QPointF(*place))
            if not holds(sight, pixel):
                continue
            path = QPainterPath()
            path.addText(
                pixel.x() - metrics.horizontalAdvance(text) / 2, pixel.y() + metrics.capHeight() / 2, font, text
            )
            painter.setOpacity(self.FAINT)
            painter.strokePath(path, QPen(theme.paper(), 4, j=Qt.PenJoinStyle.RoundJoin))
            painter.fillPath(path, colour)
