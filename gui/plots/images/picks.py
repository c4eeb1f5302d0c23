"""Images that can be pointed at and picked, as large as they fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.plots.raster import draw_image, image_of
from gui.shell import theme

GAP = 6  # pixels between images
LEAST, MOST = 12, 72  # pixels, the smallest and largest side of an image
KEYS = Qt.Key


class Pointable(QWidget):
    """A widget with squares that are pointed at by mouse or arrow keys, and picked by a click or Enter. Abstract."""

    pointed = Signal(object)  # the number of the square under the cursor; None when the cursor has left
    picked = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.at: int | None = None

    def squares(self) -> dict[int, QRect]:
        """Return the squares that can be pointed at, by their numbers."""
        raise NotImplementedError

    def words(self, number: int) -> str:
        """Return the tooltip of a square."""
        return ""

    def point(self, number: int | None) -> None:
        """Point at a square; None: at no square."""
        if number != self.at:
            self.at = number
            self.setCursor(Qt.CursorShape.ArrowCursor if number is None else Qt.CursorShape.PointingHandCursor)
            self.pointed.emit(number)
            self.update()

    def paint_pointer(self, painter: QPainter) -> None:
        """Paint a broad frame around the square that is pointed at."""
        square = self.squares().get(-1 if self.at is None else self.at)
        if square is not None:
            painter.setPen(QPen(theme.role_colour("hovered"), 3, j=Qt.PenJoinStyle.MiterJoin))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(square.adjusted(-1, -1, 0, 0))

    def _under(self, event: QMouseEvent | QHelpEvent) -> int | None:
        at = event.position().toPoint() if isinstance(event, QMouseEvent) else event.pos()
        return next((number for number, square in self.squares().items() if square.contains(at)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.point(self._under(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        number = self._under(event)
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(number)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self.point(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        numbers, key = list(self.squares()), event.key()
        steps = {KEYS.Key_Left: -1, KEYS.Key_Right: 1}
        if numbers and key in steps:
            current = numbers.index(self.at) if self.at in numbers else -1 if key == KEYS.Key_Right else 0
            self.point(numbers[(current + steps[KEYS(key)]) % len(numbers)])
        elif self.at in numbers and key in (KEYS.Key_Return, KEYS.Key_Enter):
            self.picked.emit(self.at)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            number = self._under(event)
            QToolTip.showText(event.globalPos(), "" if number is None else self.words(number), self)
            return True
        return super().event(event)


class Picks(Pointable):
    """Images in rows, each of which can be pointed at."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.ink: NDArray[np.uint8] = np.empty((0, 1, 1), np.uint8)

    def show_ink(self, ink: NDArray[np.uint8]) -> None:
        """Show n images: pixels 0–255, grey (n, h, w) or RGB (n, h, w, 3)."""
        self.ink = ink
        self.update()

    def squares(self) -> dict[int, QRect]:
        n = len(self.ink)
        side = next(
            (side for side in range(MOST, LEAST, -1) if self._rows(side) * (side + GAP) <= self.height()), LEAST
        )
        columns = self._columns(side)
        return {i: QRect(i % columns * (side + GAP) + 1, i // columns * (side + GAP) + 1, side, side) for i in range(n)}

    def _columns(self, side: int) -> int:
        return max(1, (self.width() + GAP - 2) // (side + GAP))

    def _rows(self, side: int) -> int:
        return -(-len(self.ink) // self._columns(side))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(12 * (LEAST + GAP), 2 * (LEAST + GAP))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(4 * (LEAST + GAP), LEAST + GAP)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, table = QPainter(self), theme.ink_map()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(theme.faded(theme.ink(), 0.45))
        for i, square in self.squares().items():
            draw_image(painter, square, image_of(self.ink[i], table))
            painter.drawRect(square.adjusted(0, 0, -1, -1))
        self.paint_pointer(painter)
