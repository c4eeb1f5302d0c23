"""What is drawn on with mouse or pen: a rectangle that says how a stroke goes, and paints nothing itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.latent.inputs.stroke import FIRM


class DrawnOn(QWidget):
    """Places on it run from 0 to 1 to the right and down, as pressure does; a mouse presses firmly."""

    put_down = Signal(float, float, float, bool)  # x, y, pressure, and whether it is the pen's other end, that erases
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
        """Where one can draw, in the widget's pixels."""
        raise NotImplementedError

    def place_at(self, at: QPointF) -> tuple[float, float]:
        """The place of a pixel."""
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
        """What is accepted here does not come again as a mouse event."""
        if event.type() == QEvent.Type.TabletPress:
            other_end = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._put(event.position(), event.pressure(), erases=other_end)
        elif event.type() == QEvent.Type.TabletMove:
            self._draw(event.position(), event.pressure())
        elif event.type() == QEvent.Type.TabletRelease:
            self._lift()
        event.accept()
