"""The plot: axes, zooming, panning, handles to drag, and a cursor for mouse and keyboard alike."""

from __future__ import annotations

from math import hypot

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QFrame

from engine.plane import Viewport
from gui.shell import theme

REACH = 12  # pixels around a handle within which it is hit
STEP = 10  # pixels that an arrow key moves the cursor; 1 with Shift
ZOOM = 1.0015  # per unit of the wheel's angle, an eighth of a degree
WIDEST_TICK = "−0.00"
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
pg.setConfigOptions(antialias=True)


class Axis(pg.AxisItem):
    """An axis with major ticks alone, and real minus signs."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        return [text.replace("-", "−") for text in super().tickStrings(values, scale, spacing)]


class Plot(pg.PlotWidget):
    """A plane to look at. Left: click, drag a handle, or drag the plane; right: remove a handle; wheel: zoom.

    Arrow keys move a cursor, Enter clicks, Delete removes the handle there, Home fits. Positions are in plot units.
    """

    moved = Signal(float, float)
    left = Signal()
    clicked = Signal(float, float)
    dragged = Signal(int, float, float)
    dropped = Signal()
    removed = Signal(int)
    menu_wanted = Signal(object)
    framed = Signal(object)  # the Viewport on the screen, whenever it changes
    steered = Signal(object)  # the same when the user changed it; None for "fit"
    stepped = Signal(int)

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport, *, square: bool) -> None:
        super().__init__(axisItems={side: Axis(side) for side in ("bottom", "left")})
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.home, self._square = home, square
        self._handles: NDArray[np.float64] = np.empty((0, 2))
        self._pressed: QPointF | None = None
        self._held: int | None = None
        self._panned = self._was_dragged = False
        self._at_home, self._view = True, home
        self._at: tuple[float, float] | None = None
        self.plotItem.hideButtons()
        self.plotItem.setMenuEnabled(False)
        self.box = self.plotItem.vb
        self.box.setMouseEnabled(x=False, y=False)
        self.box.setDefaultPadding(0)
        self.set_axes(axes)
        self.crosshair = pg.ScatterPlotItem(symbol="+", size=24)
        self.crosshair.setZValue(100)
        self.addItem(self.crosshair)
        self.box.sigResized.connect(self._on_resized)
        self.dress()

    # What is on the screen

    @property
    def shown(self) -> Viewport:
        """What is on the screen."""
        return self._view

    def set_axes(self, axes: tuple[str, str]) -> None:
        """Name the horizontal and the vertical axis."""
        for side, label in zip(("bottom", "left"), axes, strict=True):
            self.plotItem.setLabel(side, label)

    def set_home(self, home: Viewport) -> None:
        """Change what `fit` shows, and fit."""
        self.home = home
        self.fit()

    def fit(self) -> None:
        """Show at least the home viewport, and more where the panel's shape leaves room."""
        self._at_home = True
        size = self._size()
        across, up = self.home.right - self.home.left, self.home.top - self.home.bottom
        units = across / size.width(), up / size.height()
        if self._square:
            units = max(units), max(units)
        self._look((self.home.left + self.home.right) / 2, (self.home.bottom + self.home.top) / 2, *units)

    def look_at(self, viewport: Viewport) -> None:
        """Show the middle of `viewport` at its scale, as much of it as this panel's size holds."""
        self._at_home = False
        self._look(*_middle(viewport), *_units(viewport))

    def _size(self) -> QSize:
        rect = self.box.boundingRect()
        return QSize(max(1, round(rect.width())), max(1, round(rect.height())))

    def _look(self, x: float, y: float, across: float, up: float) -> None:
        """Centre on (x, y) with so many units to a pixel, and say so."""
        w, h = self._size().width(), self._size().height()
        view = Viewport(x - across * w / 2, x + across * w / 2, y - up * h / 2, y + up * h / 2, w, h)
        self._view = view
        self.box.setRange(xRange=(view.left, view.right), yRange=(view.bottom, view.top), padding=0)
        self.framed.emit(view)

    def _on_resized(self) -> None:
        if self._at_home:
            self.fit()
        else:
            self._look(*_middle(self._view), *_units(self._view))

    def _steer(self, x: float, y: float, across: float, up: float) -> None:
        self._at_home = False
        self._look(x, y, across, up)
        self.steered.emit(self._view)

    def _pan(self, across: float, up: float) -> None:
        """Move what is shown by so many units."""
        x, y = _middle(self._view)
        self._steer(x + across, y + up, *_units(self._view))

    def zoom(self, factor: float, x: float | None = None, y: float | None = None) -> None:
        """Show `factor` times as much, keeping (x, y) (else the middle) where it is."""
        view, middle, (across, up) = self._view, _middle(self._view), _units(self._view)
        x, y = middle[0] if x is None else x, middle[1] if y is None else y
        widest = 1e4 * (self.home.right - self.home.left)
        if widest * 1e-10 < (view.right - view.left) * factor < widest:
            self._steer(x + (middle[0] - x) * factor, y + (middle[1] - y) * factor, across * factor, up * factor)

    def go_home(self) -> None:
        """Fit, because the user asked for it."""
        self.fit()
        self.steered.emit(None)

    # The pointer

    def set_handles(self, places: ArrayLike) -> None:
        """The places (n, 2) that can be dragged and removed."""
        self._handles = np.asarray(places, float).reshape(-1, 2)

    def pixel_of(self, x: float, y: float) -> QPointF:
        """Where (x, y) is, in the widget's pixels."""
        return QPointF(self.mapFromScene(self.box.mapViewToScene(QPointF(x, y))))

    def place_of(self, pixel: QPointF) -> tuple[float, float]:
        """What is at a pixel of the widget."""
        at = self.box.mapSceneToView(self.mapToScene(pixel.toPoint()))
        return at.x(), at.y()

    def hit(self, x: float, y: float) -> int | None:
        """The handle nearest to (x, y), if it is within reach."""
        if not len(self._handles):
            return None
        across, up = _units(self._view)
        away = np.hypot((self._handles[:, 0] - x) / across, (self._handles[:, 1] - y) / up)
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= REACH else None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._pressed, self._panned, self._was_dragged = event.position(), False, False
        self._held = self.hit(*self.place_of(event.position())) if event.button() == Qt.MouseButton.LeftButton else None
        self.crosshair.clear()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mousePressEvent(event)  # two quick clicks are two clicks

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        x, y = self.place_of(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton and self._pressed is not None:
            self._drag(event.position(), x, y)
            return
        over = self.hit(x, y) is not None
        self.viewport().setCursor(Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.CrossCursor)
        self._at = x, y
        self.moved.emit(x, y)

    def _drag(self, pixel: QPointF, x: float, y: float) -> None:
        assert self._pressed is not None
        gone = pixel - self._pressed
        if not (self._panned or self._was_dragged) and hypot(gone.x(), gone.y()) < QApplication.startDragDistance():
            return
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._held is not None:
            self._was_dragged = True
            self.dragged.emit(self._held, x, y)
            return
        then = self.place_of(self._pressed)
        self._panned, self._pressed = True, pixel
        self._pan(then[0] - x, then[1] - y)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        x, y = self.place_of(event.position())
        if event.button() == Qt.MouseButton.RightButton:
            self._remove_or_menu(x, y, event)
        elif event.button() == Qt.MouseButton.LeftButton and self._pressed is not None:
            if self._was_dragged:
                self.dropped.emit()
            elif not self._panned and self._held is None:
                self.clicked.emit(x, y)
        self._pressed = self._held = None
        self.viewport().setCursor(Qt.CursorShape.CrossCursor)

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
        self.crosshair.clear()
        self.left.emit()

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key = event.key()
        at = self._at or _middle(self._view)
        if key in ARROWS:
            self._move_cursor(at, ARROWS[Qt.Key(key)], fine=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit(*at)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and (handle := self.hit(*at)) is not None:
            self.removed.emit(handle)
        elif key == Qt.Key.Key_Home:
            self.go_home()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.zoom(0.8 if key == Qt.Key.Key_Plus else 1.25)
        elif key == Qt.Key.Key_Space:
            self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            event.ignore()

    def _move_cursor(self, at: tuple[float, float], way: tuple[int, int], *, fine: bool) -> None:
        across, up = _units(self._view)
        step = 1 if fine else STEP
        view = self._view
        x = min(max(at[0] + way[0] * step * across, view.left), view.right)
        y = min(max(at[1] + way[1] * step * up, view.bottom), view.top)
        self._at = x, y
        self.crosshair.setData([x], [y])
        self.moved.emit(x, y)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        if self.crosshair.points().size:
            self._leave()

    # The look

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self.dress()

    def dress(self) -> None:
        """Take on the colours and fonts now in force."""
        if not hasattr(self, "crosshair"):
            return
        ink, font = theme.ink(), QApplication.font()
        self.setBackground(theme.paper())
        for side in ("bottom", "left"):
            axis = self.plotItem.getAxis(side)
            axis.setPen(faded(ink, 0.45))
            axis.setTextPen(ink)
            axis.setTickFont(font)
            axis.label.setFont(font)
            axis.setStyle(tickLength=5, tickTextOffset=5, maxTickLevel=0)
        # Of fixed size: an axis that grows with its labels would change what fits, and with it the labels.
        metrics = QFontMetrics(font)
        self.plotItem.getAxis("left").setWidth(metrics.horizontalAdvance(WIDEST_TICK) + metrics.height() + 14)
        self.plotItem.getAxis("bottom").setHeight(2 * metrics.height() + 10)
        self.crosshair.setPen(pg.mkPen(theme.role_colour("hovered"), width=2))
        self.restyle()

    def restyle(self) -> None:
        """Dress what the subclass draws in the colours now in force."""


def faded(colour: QColor, opacity: float) -> QColor:
    """The same colour, see-through."""
    made = QColor(colour)
    made.setAlphaF(opacity)
    return made


def _middle(view: Viewport) -> tuple[float, float]:
    return (view.left + view.right) / 2, (view.bottom + view.top) / 2


def _units(view: Viewport) -> tuple[float, float]:
    """Units per pixel."""
    return (view.right - view.left) / view.columns, (view.top - view.bottom) / view.rows
