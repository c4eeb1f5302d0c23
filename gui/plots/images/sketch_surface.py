"""The pad: a square to draw on with mouse or pen, which shows the strokes that are on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap

from engine.latent.inputs.stroke import Stroke
from gui.plots.images.drawing_surface import DrawnOn
from gui.shell import theme

MARGIN = 4  # pixels around the square


class Pad(DrawnOn):
    """Paper with ink on it, and a sentence while there is none."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__(name)
        self.setAccessibleDescription(empty)
        self.empty = empty
        self.strokes: tuple[Stroke, ...] = ()
        self._kept: tuple[object, QPixmap] | None = None  # all strokes but the last, and what they are

    def show_strokes(self, strokes: tuple[Stroke, ...]) -> None:
        """Show what is drawn."""
        if strokes is not self.strokes:
            self.strokes = strokes
            self.update()

    @property
    def square(self) -> QRectF:
        side = max(1, min(self.width(), self.height()) - 2 * MARGIN)
        return QRectF((self.width() - side) // 2, (self.height() - side) // 2, side, side)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(260, 260)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, 120)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, square = QPainter(self), self.square
        painter.drawPixmap(square.topLeft(), self._before())
        painter.setClipRect(square)
        painter.translate(square.topLeft())
        if self.strokes:
            _paint(painter, self.strokes[-1], square.width())
        painter.resetTransform()
        painter.setPen(QPen(self.palette().placeholderText().color(), 1))
        painter.drawRect(square.adjusted(0, 0, -1, -1))
        if not self.strokes:
            words = square.adjusted(12, 12, -12, -12)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty)

    def _before(self) -> QPixmap:
        """The paper, and on it all strokes but the one that is being drawn: kept until they are others."""
        side, ratio = self.square.width(), self.devicePixelRatioF()
        key = (self.strokes[:-1], side, ratio, theme.paper().rgb(), theme.ink().rgb())
        if self._kept is None or self._kept[0] != key:
            pixmap = QPixmap(round(side * ratio), round(side * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(theme.paper())
            painter = QPainter(pixmap)
            for stroke in self.strokes[:-1]:
                _paint(painter, stroke, side)
            painter.end()
            self._kept = key, pixmap
        return self._kept[1]


def _paint(painter: QPainter, stroke: Stroke, side: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(theme.paper() if stroke.erases else theme.ink())
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    places = [QPointF(x * side, y * side) for x, y, _ in stroke.points]
    reach = [side * half for half in stroke.reach]
    for i, place in enumerate(places):
        before = max(i - 1, 0)
        pen.setWidthF(reach[before] + reach[i])
        painter.setPen(pen)
        if i or len(places) == 1:
            painter.drawLine(places[before], place) if i else painter.drawPoint(place)
