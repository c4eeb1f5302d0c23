"""A surface for strokes with mouse or pen, which emits their points. Abstract: a subclass paints it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.latent.inputs.stroke import FIRM


class DrawingSurface(QWidget):
    """A rectangle for strokes. x, y (downwards) and pressure are from 0 to 1; a mouse has the pressure FIRM."""

    put_down = Signal(float, float, float, bool)  # x, y, pressure, and whether it is the pen's eraser
    drawn = Signal(float, float, float)
    lifted = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._down = False

    @property
    def square(self) -> QRectF:
        """The rectangle for strokes, in the widget's pixels."""
        raise NotImplementedError

    def place_at(self, at: QPointF) -> tuple[float, float]:
        """Return the place (x, y), each from 0 to 1, of a pixel of the widget."""
        square = self.square
        return (at.x() - square.left()) / square.width(), (at.y() - square.top()) / square.height()

    def _put(self, at: QPointF, pressure: float, *, erases: bool) -> None:
        if self.square.contains(at):
            self._down = True
            self.put_down.emit(*self.place_at(at), pressure, erases)

    def _draw(self, at: QPointF, pressure: float) -> None:
        if self._down:
            self.drawn.emit(*self.place_at(at), pressure)

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
        """Take an event of the pen. Qt sends an accepted event of the pen not again as a mouse event."""
        if event.type() == QEvent.Type.TabletPress:
            eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._put(event.position(), event.pressure(), erases=eraser)
        elif event.type() == QEvent.Type.TabletMove:
            self._draw(event.position(), event.pressure())
        elif event.type() == QEvent.Type.TabletRelease:
            self._lift()
        event.accept()
