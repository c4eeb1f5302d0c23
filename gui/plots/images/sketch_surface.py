"""The sketch surface: a square to draw on with mouse or pen, which shows the strokes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap

from engine.latent.inputs.stroke import Stroke
from gui.plots.images.drawing_surface import DrawingSurface
from gui.shell import theme

MARGIN = 4  # pixels around the square


class SketchSurface(DrawingSurface):
    """Strokes of ink on paper; without strokes, the sentence `empty`."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__(name)
        self.setAccessibleDescription(empty)
        self.empty = empty
        self.strokes: tuple[Stroke, ...] = ()
        self._cached: tuple[object, QPixmap] | None = None  # a key, and all strokes but the last

    def show_strokes(self, strokes: tuple[Stroke, ...]) -> None:
        """Show the strokes."""
        if strokes is not self.strokes:
            self.strokes = strokes
            self.setAccessibleDescription(f"number of strokes: {len(strokes)}" if strokes else self.empty)
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
            inside = square.adjusted(12, 12, -12, -12)
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty)

    def _before(self) -> QPixmap:
        """Return the paper with all strokes but the last one, painted again only if these strokes have changed."""
        side, ratio = self.square.width(), self.devicePixelRatioF()
        key = (self.strokes[:-1], side, ratio, theme.paper().rgb(), theme.ink().rgb())
        if self._cached is None or self._cached[0] != key:
            pixmap = QPixmap(round(side * ratio), round(side * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(theme.paper())
            painter = QPainter(pixmap)
            for stroke in self.strokes[:-1]:
                _paint(painter, stroke, side)
            painter.end()
            self._cached = key, pixmap
        return self._cached[1]


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
