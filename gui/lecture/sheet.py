"""The sheet over one panel: a veil, and marks that stay at their places in the plot."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QWidget

from gui.page.panel import Panel
from gui.page.plot_panel import PlotPanel
from gui.plots.plot import ARROWS
from gui.shell import theme

Place = tuple[float, float]
Tool = Literal["", "point", "sketch", "pen", "eraser"]
STEP = 10  # pixels of an arrow key; 1 with Shift
REACH = 14.0  # pixels around the eraser


class Sheet(QWidget):
    """Covers a panel. Its marks have the coordinates of the panel's plot, or shares of the panel that has none.

    Without a veil and a tool the mouse reaches the panel.
    """

    placed = Signal(object)  # a Place that was chosen
    sketched = Signal()  # a stroke of the sketch was finished
    drawn = Signal()  # a stroke of the pen was finished or erased

    def __init__(self, panel: Panel) -> None:
        super().__init__(panel)
        self.panel = panel
        self.plot = panel.plot if isinstance(panel, PlotPanel) else None
        self.veiled = False
        self.tool: Tool = ""
        self.guesses: list[Place] = []
        self.truth: Place | None = None
        self.sketch: list[list[Place]] = []
        self.strokes: list[list[Place]] = []  # of the pen
        self._at: QPoint | None = None  # the cursor of the keyboard
        self._drawing: list[Place] | None = None
        panel.installEventFilter(self)
        if self.plot is not None:
            self.plot.viewport_changed.connect(self.update)
        self.setGeometry(panel.rect())
        self.use("")

    def use(self, tool: Tool) -> None:
        """Take a tool into the hand, or none."""
        self.tool = tool
        self._at = None
        self._apply()

    def veil(self, on: bool) -> None:
        """Hide or show the panel."""
        self.veiled = on
        self.setAccessibleName(f"{self.panel.title} is veiled. Press Space to reveal it." if on else "")
        self._apply()

    def _apply(self) -> None:
        is_idle = not self.veiled and not self.tool
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, is_idle)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.tool == "point" else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.CrossCursor if self.tool else Qt.CursorShape.ArrowCursor)
        self.setVisible(not is_idle or self.has_marks)
        self.raise_()
        self.update()

    @property
    def has_marks(self) -> bool:
        """Whether something is drawn on the sheet."""
        return bool(self.guesses or self.truth or self.sketch or self.strokes)

    def show_truth(self, truth: Place | None) -> None:
        """Ring the true place."""
        self.truth = truth
        self._apply()

    def clear_pen(self) -> None:
        """Remove the strokes of the pen."""
        self.strokes = []
        self._apply()

    # Places

    def place_of(self, pixel: QPointF) -> Place:
        """The place of a pixel of the sheet."""
        if self.plot is None:
            return pixel.x() / max(self.width(), 1), pixel.y() / max(self.height(), 1)
        return self.plot.place_of(QPointF(self.plot.mapFrom(self.panel, pixel)))

    def pixel_of(self, place: Place) -> QPointF:
        """The pixel of a place, in the sheet's coordinates."""
        if self.plot is None:
            return QPointF(place[0] * self.width(), place[1] * self.height())
        return QPointF(self.plot.mapTo(self.panel, self.plot.pixel_of(*place)))

    @property
    def _ground(self) -> QRect:
        """The rectangle of the panel in which marks can be seen."""
        if self.plot is None:
            return self.rect()
        return QRect(self.plot.mapTo(self.panel, self.plot.area.topLeft()), self.plot.area.size())

    # Mouse and keyboard

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.accept()
        if event.button() != Qt.MouseButton.LeftButton or not self.tool:
            return
        place = self.place_of(event.position())
        if self.tool == "point":
            self._choose(place)
        elif self.tool == "eraser":
            self._erase(event.position())
        else:
            self._drawing = [place]
            (self.sketch if self.tool == "sketch" else self.strokes).append(self._drawing)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.accept()
        if self._drawing is not None:
            self._drawing.append(self.place_of(event.position()))
            self.update()
        elif self.tool == "eraser" and event.buttons() & Qt.MouseButton.LeftButton:
            self._erase(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.accept()
        if self._drawing is not None:
            self._drawing = None
            (self.sketched if self.tool == "sketch" else self.drawn).emit()

    def _choose(self, place: Place) -> None:
        self.guesses.append(place)
        self.placed.emit(place)
        self.update()

    def _erase(self, pixel: QPointF) -> None:
        def is_near(place: Place) -> bool:
            away = self.pixel_of(place) - pixel
            return bool(away.x() ** 2 + away.y() ** 2 <= REACH**2)

        kept = [stroke for stroke in self.strokes if not any(map(is_near, stroke))]
        if len(kept) < len(self.strokes):
            self.strokes = kept
            self.drawn.emit()
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        at = self._at or self._ground.center()
        if self.tool == "point" and event.key() in ARROWS:
            step = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
            across, up = ARROWS[Qt.Key(event.key())]
            self._at = at + QPoint(across * step, -up * step)
            self.update()
        elif self.tool == "point" and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.place_of(QPointF(at)))
        else:
            event.ignore()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self.panel.rect())
        return False

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.veiled:
            self._paint_veil(painter)
        painter.setClipRect(self._ground)
        self._paint_strokes(painter, self.strokes, QColor(theme.role_colour("truth")))
        self._paint_strokes(painter, self.sketch, QColor(theme.role_colour("hovered")))
        for place in self.guesses:
            self._cross(painter, self.pixel_of(place), theme.role_colour("hovered"))
        if self.truth is not None:
            painter.setPen(QPen(theme.role_colour("truth"), 3))
            painter.drawEllipse(self.pixel_of(self.truth), 14, 14)
        if self._at is not None:
            self._cross(painter, QPointF(self._at), theme.ink())

    def _paint_veil(self, painter: QPainter) -> None:
        covered = QRegion(self.rect())
        if self.plot is not None:  # its axes stay in sight, because a place or a sketch needs them
            covered = covered - QRegion(self.plot.geometry()) + QRegion(self._ground)
        painter.setClipRegion(covered)
        painter.fillRect(self.rect(), self.palette().window())
        painter.fillRect(self._ground, theme.mixed(theme.ink(), theme.paper(), 0.06))
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 4)
        painter.setFont(font)
        painter.setPen(theme.mixed(theme.ink(), theme.paper(), 0.5))
        painter.drawText(self._ground, Qt.AlignmentFlag.AlignCenter, "?")

    def _paint_strokes(self, painter: QPainter, strokes: list[list[Place]], colour: QColor) -> None:
        painter.setPen(QPen(colour, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        for stroke in strokes:
            pixels = [self.pixel_of(place) for place in stroke]
            painter.drawPolyline(pixels if len(pixels) > 1 else 2 * pixels)

    def _cross(self, painter: QPainter, at: QPointF, colour: QColor) -> None:
        for pen in (QPen(theme.paper(), 5), QPen(colour, 3)):
            painter.setPen(pen)
            painter.drawLine(at - QPointF(9, 9), at + QPointF(9, 9))
            painter.drawLine(at - QPointF(9, -9), at + QPointF(9, -9))
