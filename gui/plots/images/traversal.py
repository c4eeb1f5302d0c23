"""The traversal grid: a row of images for each latent, which is also the slider of the latent."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.latent.plane.interpretability import Interpretability
from engine.latent.plane.latents import STEPS, Traversal
from engine.plane import subscript
from gui.plots.raster import draw_image, image_of
from gui.shell import theme

GAP = 3  # pixels between rows
LEAST, MOST = 24, 96  # pixels, the smallest and largest side of an image
NUDGE = 0.25  # of a latent, by one press of an arrow key
REACH = float(STEPS[-1]) + 0.5  # the value at the outer edge of the last image
KEYS = Qt.Key
ACROSS, UP = "across", "up"
MARKS = {ACROSS: "↔", UP: "↕"}


class TraversalGrid(QWidget):
    """Rows of images, one for each latent. A click or a drag sets the latent; “↔” and “↕” choose the plane's axes.

    A click on the name of a factor chooses its direction. Keys: Up and Down select a row, Left and Right change its
    latent, X and Y make it an axis of the plane, F chooses the next factor.
    """

    moved = Signal(int, float, object)  # a latent, its new value, and the gesture
    axis_chosen = Signal(int, str)  # a latent, and the axis that it becomes
    factor_chosen = Signal(object)  # the number of a factor; None for the next one

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.traversal: Traversal | None = None
        self.at = 0  # the row that the keys change
        self._gesture: object | None = None
        self._dragged: int | None = None

    def show_traversal(self, traversal: Traversal) -> None:
        """Show the rows of a traversal."""
        self.traversal = traversal
        self.at = min(self.at, traversal.latents - 1)
        self._lay_out()
        self._describe()

    # Geometry

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.traversal.latents if self.traversal else 0

    @property
    def factors(self) -> Interpretability | None:
        """How the latents follow the factors; None if the images have no factors."""
        return self.traversal.factors if self.traversal else None

    @property
    def _heading(self) -> int:
        """The height of the line with the names of the factors."""
        return self.fontMetrics().height() if self.factors else 0

    @property
    def _box(self) -> int:
        return self.fontMetrics().horizontalAdvance("↔") + 8

    @property
    def _margin(self) -> int:
        return self.fontMetrics().horizontalAdvance("z₃₁  0.00 nats ") + 2 * self._box + 2 * GAP

    @property
    def _column(self) -> int:
        """The width of one column of correlations."""
        names = self.factors.names if self.factors else ()
        return max((self.fontMetrics().horizontalAdvance(name) for name in names), default=0) + 3 * GAP

    @property
    def side(self) -> int:
        """The side of an image in pixels."""
        columns = self._column * len(self.factors.names) if self.factors else 0
        across = (self.width() - self._margin - columns) // len(STEPS)
        down = (self.height() - self._heading) // max(1, self.rows) - GAP
        return int(np.clip(min(across, down), LEAST, MOST))

    def film(self, row: int) -> QRect:
        """Return the rectangle of the images of a row."""
        return QRect(self._margin, self._heading + row * (self.side + GAP), self.side * len(STEPS), self.side)

    def box(self, row: int, axis: str) -> QRect:
        """Return the rectangle of the mark with which a row becomes an axis of the plane."""
        left = self._margin - 2 * self._box - GAP + (self._box if axis == UP else 0)
        return QRect(left, self.film(row).top() + 1, self._box - 2, self.side - 2)

    def heading(self, k: int) -> QRect:
        """Return the rectangle of the name of a factor."""
        left = self._margin + self.side * len(STEPS) + GAP
        return QRect(left + k * self._column, 0, self._column - GAP, self._heading)

    def x_of(self, value: float) -> float:
        """Return the horizontal position of a value of a latent."""
        return self._margin + (np.clip(value, -REACH, REACH) + REACH) * self.side

    def value_at(self, x: float) -> float:
        """Return the value of a latent at a horizontal position, rounded to 0.05."""
        value = (x - self._margin) / self.side - REACH
        return float(np.round(np.clip(value, -REACH, REACH) / 0.05) * 0.05)

    def _row(self, y: float) -> int | None:
        row = int((y - self._heading) // (self.side + GAP))
        return row if 0 <= row < self.rows and y >= self._heading else None

    def _lay_out(self) -> None:
        self.setMinimumHeight(self._heading + self.rows * (LEAST + GAP))
        self.update()

    def _latent(self, row: int) -> int:
        assert self.traversal is not None
        return int(self.traversal.order[row])

    def words(self, row: int) -> str:
        """Return the text of a row for a screen reader."""
        assert self.traversal is not None
        latent = self._latent(row)
        kl, value = self.traversal.kl[latent], self.traversal.point[latent]
        use = "unused" if self.traversal.unused[latent] else f"KL {kl:.2f} nats"
        axes = [axis for axis, shown in zip((ACROSS, UP), self._axes, strict=True) if shown == latent]
        role = f", axis {axes[0]}" if axes else ""
        return f"z{subscript(latent)}: {use}, value {value:.2f}{role}, row {row + 1} of {self.rows}".replace("-", "−")

    @property
    def _axes(self) -> tuple[int, int]:
        """The latents of the two axes; −1 if directions span the plane."""
        chosen = self.traversal.chosen if self.traversal else None
        return (-1, -1) if chosen is None or chosen.directions else (chosen.across, chosen.up)

    def _describe(self) -> None:
        self.setAccessibleDescription(self.words(self.at) if self.rows else "")

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = event.position().toPoint()
        row = self._row(at.y())
        names = self.factors.names if self.factors else ()
        for k in (k for k in range(len(names)) if self.heading(k).contains(at)):
            self.factor_chosen.emit(k)
        if event.button() != Qt.MouseButton.LeftButton or row is None:
            return
        self.at = row
        self._describe()
        self.update()
        for axis in MARKS:
            if self.box(row, axis).contains(at):
                self.axis_chosen.emit(self._latent(row), axis)
                return
        if self.film(row).contains(at):
            self._dragged, self._gesture = self._latent(row), object()
            self.moved.emit(self._dragged, self.value_at(at.x()), self._gesture)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = event.position().toPoint()
        if self._dragged is not None:
            self.moved.emit(self._dragged, self.value_at(at.x()), self._gesture)
            return
        row = self._row(at.y())
        rooms = [] if row is None else [self.film(row), *(self.box(row, axis) for axis in MARKS)]
        hot = any(room.contains(at) for room in rooms)
        self.setCursor(Qt.CursorShape.PointingHandCursor if hot else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._dragged = None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, steps = event.key(), {KEYS.Key_Up: -1, KEYS.Key_Down: 1}
        nudges, axes = {KEYS.Key_Left: -NUDGE, KEYS.Key_Right: NUDGE}, {KEYS.Key_X: ACROSS, KEYS.Key_Y: UP}
        if key == KEYS.Key_F and self.factors:
            self.factor_chosen.emit(None)
            return
        if not self.rows or key not in (*steps, *nudges, *axes):
            event.ignore()
            return
        assert self.traversal is not None
        latent = self._latent(self.at)
        if key in steps:
            self.at = min(max(self.at + steps[KEYS(key)], 0), self.rows - 1)
            self._describe()
            self.update()
        elif key in nudges:
            value = float(np.clip(self.traversal.point[latent] + nudges[KEYS(key)], -REACH, REACH))
            self.moved.emit(latent, value, object())
        else:
            self.axis_chosen.emit(latent, axes[KEYS(key)])

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._lay_out()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self._margin + len(STEPS) * 40, self._heading + max(self.rows, 4) * (40 + GAP))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self.traversal is None:
            return
        for row in range(self.rows):
            self._paint_row(painter, self.traversal, row)
        if self.factors is not None:
            self._paint_factors(painter, self.factors)

    def _paint_row(self, painter: QPainter, traversal: Traversal, row: int) -> None:
        latent, film, table = self._latent(row), self.film(row), theme.ink_map()
        unused = bool(traversal.unused[latent])
        for i, image in enumerate(traversal.ink[latent]):
            square = QRect(film.left() + i * self.side, film.top(), self.side, self.side)
            draw_image(painter, square, image_of(image, table))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(theme.faded(theme.ink(), 0.45))
        painter.drawRect(film.adjusted(0, 0, -1, -1))
        x = self.x_of(float(traversal.point[latent]))
        painter.setPen(QPen(theme.role_colour("variational"), 3))
        painter.drawLine(QPointF(x, film.top()), QPointF(x, film.bottom()))
        use = "unused" if unused else f"{traversal.kl[latent]:.2f} nats"
        painter.setPen(theme.faded(theme.ink(), 0.5) if unused else theme.ink())
        room = QRect(GAP, film.top(), self._margin, self.side)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, middle, f"z{subscript(latent)}  {use}")
        for axis, shown in zip((ACROSS, UP), self._axes, strict=True):
            self._paint_mark(painter, self.box(row, axis), MARKS[axis], chosen=shown == latent)
        if row == self.at and self.hasFocus():
            painter.setPen(QPen(theme.role_colour("hovered"), 2, Qt.PenStyle.DashLine))
            painter.drawRect(QRect(1, film.top(), film.right(), self.side - 1))

    def _paint_mark(self, painter: QPainter, box: QRect, mark: str, *, chosen: bool) -> None:
        if chosen:
            painter.fillRect(box, theme.faded(theme.role_colour("hovered"), 0.35))
        painter.setPen(theme.ink() if chosen else theme.faded(theme.ink(), 0.5))
        painter.drawRect(box.adjusted(0, 0, -1, -1))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark)

    def _paint_factors(self, painter: QPainter, factors: Interpretability) -> None:
        """Paint |r| of each latent and factor, darker for larger values."""
        for k, name in enumerate(factors.names):
            column = self.heading(k)
            painter.setPen(theme.ink())
            painter.drawText(column, Qt.AlignmentFlag.AlignCenter, name)
            for row in range(self.rows):
                value = float(factors.correlation[self._latent(row), k])
                cell = QRect(column.left(), self.film(row).top(), column.width(), self.side)
                painter.fillRect(cell, _shade(value))
                painter.setPen(theme.ink())
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, f"{value:.2f}")


def _shade(value: float) -> QColor:
    return theme.faded(theme.role_colour("likelihood"), 0.6 * value)
