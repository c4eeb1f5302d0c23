"""The plot: axes with handles that can be dragged, and a cursor for mouse and keyboard."""

from __future__ import annotations

from math import hypot

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication

from engine.plane import Viewport
from gui.plots.axes import Axes, middle_of, units_of
from gui.plots.layer import Layer
from gui.plots.marks import Marks
from gui.shell import theme

REACH = 12  # pixels around a handle within which it is hit
STEP = 10  # pixels that an arrow key moves the cursor; 1 with Shift
PAN = 40  # pixels that Ctrl and an arrow key move the view
ZOOM = 1.0015  # per unit of the wheel's angle, an eighth of a degree
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Plot(Axes):
    """A plane with mouse and keyboard. Left: click, drag a handle, or pan; right: remove a handle; wheel: zoom.

    Arrow keys move a cursor, with Ctrl they pan; Enter clicks, or takes and drops the handle there; N goes to the next
    handle, Delete removes it, Home fits. Places are in plot units.
    """

    moved = Signal(float, float)
    left = Signal()
    clicked = Signal(float, float)
    picked = Signal(int)  # the handle that was clicked
    dragged = Signal(int, float, float)
    dropped = Signal()
    removed = Signal(int)
    menu_wanted = Signal(object)
    stepped = Signal(int)

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport, *, square: bool) -> None:
        self.crosshair = Marks("cross", 24)
        super().__init__(name, axes, home, square=square)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._handles: NDArray[np.float64] = np.empty((0, 2))
        self._pressed: QPointF | None = None
        self.click_through = False  # whether a click on a handle also emits `clicked`
        self._held: int | None = None
        self._panned = self._was_dragged = False
        self._at: tuple[float, float] | None = None
        self._next = 0  # the handle to which N went last
        self._taken: int | None = None  # the handle that the arrow keys move
        self._origin, self._was_moved = (0.0, 0.0), False
        super().add(self.crosshair)
        self.dress()

    def add(self, *layers: Layer) -> None:
        """Add layers above the present ones, below the crosshair."""
        self._layers.remove(self.crosshair)
        super().add(*layers, self.crosshair)

    # The pointer

    def set_handles(self, places: ArrayLike) -> None:
        """Set the places (n, 2) that can be dragged and removed."""
        before, self._handles = self._handles, np.asarray(places, float).reshape(-1, 2)
        if len(before) != len(self._handles):
            self._held = self._pressed = self._taken = None  # the held handle may have been removed

    def hit(self, x: float, y: float) -> int | None:
        """Return the handle nearest to (x, y); None if it is farther than REACH pixels."""
        if not len(self._handles):
            return None
        across, up = units_of(self._view)
        distances = np.hypot((self._handles[:, 0] - x) / across, (self._handles[:, 1] - y) / up)
        nearest = int(np.argmin(distances))
        return nearest if distances[nearest] <= REACH else None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self.area.contains(event.position().toPoint()):
            return
        self._pressed, self._panned, self._was_dragged = event.position(), False, False
        self._held = self.hit(*self.place_of(event.position())) if event.button() == Qt.MouseButton.LeftButton else None
        self.crosshair.show_places([])
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mousePressEvent(event)  # so that two quick clicks are two clicks

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        x, y = self.place_of(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton and self._pressed is not None:
            self._drag(event.position(), x, y)
            return
        if not self.area.contains(event.position().toPoint()):
            self.viewport().unsetCursor()
            if self._at is not None:
                self._leave()
            return
        over = self.hit(x, y) is not None
        self._point(Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.CrossCursor)
        self._at = x, y
        self.moved.emit(x, y)

    def _drag(self, pixel: QPointF, x: float, y: float) -> None:
        assert self._pressed is not None
        moved = pixel - self._pressed
        if not (self._panned or self._was_dragged) and hypot(moved.x(), moved.y()) < QApplication.startDragDistance():
            return
        self._point(Qt.CursorShape.ClosedHandCursor)
        if self._held is not None:
            self._was_dragged = True
            self.dragged.emit(self._held, x, y)
            return
        before = self.place_of(self._pressed)
        self._panned, self._pressed = True, pixel
        self._pan(before[0] - x, before[1] - y)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        x, y = self.place_of(event.position())
        if event.button() == Qt.MouseButton.RightButton:
            self._remove_or_menu(x, y, event)
        elif event.button() == Qt.MouseButton.LeftButton and self._pressed is not None:
            if self._was_dragged:
                self.dropped.emit()
            elif not self._panned and (self._held is None or self.click_through):
                self.clicked.emit(x, y)
            elif not self._panned and self._held is not None:
                self.picked.emit(self._held)
        self._pressed = self._held = None
        self._point(Qt.CursorShape.CrossCursor)

    def _point(self, shape: Qt.CursorShape) -> None:
        """Show this pointer. Qt asks the screen for it each time, even if it is the same."""
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def _remove_or_menu(self, x: float, y: float, event: QMouseEvent) -> None:
        handle = self.hit(x, y)
        if handle is None:
            self.menu_wanted.emit(event.globalPosition().toPoint())
        else:
            self.removed.emit(handle)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        self.zoom(ZOOM ** -event.angleDelta().y(), *self.place_of(event.position()))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._leave()

    def _leave(self) -> None:
        self._at = None
        self.crosshair.show_places([])
        self.left.emit()

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        at = self._at or middle_of(self._view)
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        if key in ARROWS and modifiers & Qt.KeyboardModifier.ControlModifier:
            across, up = units_of(self._view)
            self._pan(PAN * ARROWS[key][0] * across, PAN * ARROWS[key][1] * up)
        elif key in ARROWS:
            self._move_cursor(at, ARROWS[key], fine=shift)
        elif key == Qt.Key.Key_N and len(self._handles):
            self._go_to_handle(-1 if shift else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take_or_drop(at)
        elif key == Qt.Key.Key_Escape and self._taken is not None:
            self._put_back()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and (handle := self.hit(*at)) is not None:
            self._taken = None
            self.removed.emit(handle)
        elif key == Qt.Key.Key_Home:
            self.go_home()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.zoom(0.8 if key == Qt.Key.Key_Plus else 1.25, *at)  # the cursor stays in view
        elif key == Qt.Key.Key_Menu or (key == Qt.Key.Key_F10 and shift):
            self.menu_wanted.emit(self.mapToGlobal(self.pixel_of(*at).toPoint()))
        elif key == Qt.Key.Key_Space:
            self.stepped.emit(-1 if shift else 1)
        else:
            event.ignore()

    def _move_cursor(self, at: tuple[float, float], direction: tuple[int, int], *, fine: bool) -> None:
        """Move the cursor, with the handle that is taken, inside the view."""
        across, up = units_of(self._view)
        step = 1 if fine else STEP
        view = self._view
        x = min(max(at[0] + direction[0] * step * across, view.left), view.right)
        y = min(max(at[1] + direction[1] * step * up, view.bottom), view.top)
        self._show_cursor(x, y)
        if self._taken is not None:
            self._was_moved = True
            self.dragged.emit(self._taken, x, y)

    def _show_cursor(self, x: float, y: float) -> None:
        self._at = x, y
        self.crosshair.show_places([(x, y)])
        self.moved.emit(x, y)

    def _go_to_handle(self, by: int) -> None:
        """Move the cursor to the next or the previous handle, and move the view if the handle is outside."""
        self._next = (self._next + by) % len(self._handles) if self._at else (0 if by > 0 else len(self._handles) - 1)
        x, y = map(float, self._handles[self._next])
        view = self._view
        if not (view.left <= x <= view.right and view.bottom <= y <= view.top):
            self._steer(x, y, *units_of(view))
        self._show_cursor(x, y)

    def _take_or_drop(self, at: tuple[float, float]) -> None:
        """Take the handle at the cursor, or drop the one that is taken. Without a handle: click."""
        if self._taken is not None:
            taken, self._taken = self._taken, None
            if self._was_moved:
                self.dropped.emit()
            else:
                self.picked.emit(taken)
        elif (handle := self.hit(*at)) is not None and not self.click_through:
            self._taken, self._origin, self._was_moved = handle, at, False
            self._show_cursor(*map(float, self._handles[handle]))
            self._origin = self._at or at
        else:
            self.clicked.emit(*at)

    def _put_back(self) -> None:
        """Drop the handle that is taken where it was."""
        assert self._taken is not None
        if self._was_moved:
            self.dragged.emit(self._taken, *self._origin)
            self.dropped.emit()
        self._taken = None
        self._show_cursor(*self._origin)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.viewport().update()
        if self._taken is not None and self._was_moved:
            self.dropped.emit()
        self._taken = None
        if len(self.crosshair.places):
            self._leave()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self.hasFocus() and not theme.is_printing():
            painter = QPainter(self.viewport())
            painter.setPen(QPen(self.palette().highlight().color(), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    def dress(self) -> None:
        super().dress()
        self.crosshair.dress(pg.mkPen(theme.paper()), theme.role_colour("hovered"))
