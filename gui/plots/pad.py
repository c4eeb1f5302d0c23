"""The pad: a square to draw on with mouse or pen, which shows the strokes that are on it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.latent.sketch import FIRM, Stroke
from gui.shell import theme

MARGIN = 4  # pixels around the square


class Pad(QWidget):
    """Places on it run from 0 to 1 to the right and down, as pressure does; a mouse presses firmly."""

    put_down = Signal(float, float, float, bool)  # x, y, pressure, and whether it is the pen's other end, that erases
    drawn = Signal(float, float, float)
    lifted = Signal()

    def __init__(self, name: str, empty: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setAccessibleDescription(empty)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.empty = empty
        self.strokes: tuple[Stroke, ...] = ()
        self._down = False
        self._kept: tuple[object, QPixmap] | None = None  # all strokes but the last, and what they are

    def show_strokes(self, strokes: tuple[Stroke, ...]) -> None:
        """Show what is drawn."""
        if strokes is not self.strokes:
            self.strokes = strokes
            self.update()

    @property
    def square(self) -> QRectF:
        """Where the pad is, in the widget's pixels."""
        side = max(1, min(self.width(), self.height()) - 2 * MARGIN)
        return QRectF((self.width() - side) // 2, (self.height() - side) // 2, side, side)

    def _place(self, at: QPointF) -> tuple[float, float]:
        square = self.square
        return (at.x() - square.left()) / square.width(), (at.y() - square.top()) / square.height()

    def _put(self, at: QPointF, pressure: float, *, erases: bool) -> None:
        if self.square.contains(at):
            self._down = True
            self.put_down.emit(*self._place(at), pressure, erases)

    def _draw(self, at: QPointF, pressure: float) -> None:
        if self._down:
            self.drawn.emit(*self._place(at), pressure)

    def _lift(self) -> None:
        if self._down:
            self._down = False
            self.lifted.emit()

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self._put(event.position(), FIRM, erases=False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._draw(event.position(), FIRM)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self._lift()

    def tabletEvent(self, event: QTabletEvent) -> None:  # noqa: N802
        """What is accepted here does not come again as a mouse event."""
        if event.type() == QEvent.Type.TabletPress:
            other_end = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._put(event.position(), event.pressure(), erases=other_end)
        elif event.type() == QEvent.Type.TabletMove:
            self._draw(event.position(), event.pressure())
        elif event.type() == QEvent.Type.TabletRelease:
            self._lift()
        event.accept()

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
