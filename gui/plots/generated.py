"""Generated pictures: three rows of them, one column for each latent, of which one is under the cursor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.raster import image_of
from gui.shell import theme

GAP, LEAST, MOST = 8, 44, 132  # pixels between pictures, and of one on a side
KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
Ink = NDArray[np.uint8]


class GeneratedRows(QWidget):
    """Each row has a heading; under each column are two lines of words. Arrow keys move a cursor, Enter picks."""

    pointed = Signal(object)  # the number of the column under the cursor, or None
    picked = Signal(int)

    def __init__(self, name: str, headings: tuple[str, str, str]) -> None:
        super().__init__()
        self.name, self.headings = name, headings
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.rows: tuple[Ink, ...] = ()
        self.words: tuple[tuple[str, str], ...] = ()
        self.marked: NDArray[np.bool_] = np.zeros(0, bool)
        self.at: int | None = None

    def show_rows(self, rows: tuple[Ink, ...], words: tuple[tuple[str, str], ...], marked: NDArray[np.bool_]) -> None:
        """Up to three rows of pictures (n, h, w[, 3]); two lines of words (n,) below; those `marked` are framed."""
        self.rows, self.words, self.marked = rows, words, marked
        if self.at is not None and self.at >= self.count:
            self.at = None
        self.setMinimumHeight(self._height(LEAST))
        self.updateGeometry()
        self.update()

    def show_headings(self, headings: tuple[str, str, str]) -> None:
        """What the rows are."""
        self.headings = headings
        self.update()

    @property
    def count(self) -> int:
        """How many columns there are."""
        return len(self.rows[0]) if self.rows else 0

    @property
    def side(self) -> int:
        """Of a picture, in pixels: as large as all of them fit, if they can."""
        blocks = self._blocks
        high = self.height() // blocks - 3 * self._line - 2 * self._line - 4 * GAP
        return max(LEAST, min(MOST, high // 3, self._pitch - GAP))

    @property
    def _line(self) -> int:
        return self.fontMetrics().height()

    @property
    def _columns(self) -> int:
        """In one block: all of them, unless they would be too small."""
        least = max(LEAST, self.fontMetrics().horizontalAdvance("“0” 00.0")) + GAP
        fit = max(1, (self.width() - GAP) // least)
        return max(1, min(self.count, fit))

    @property
    def _pitch(self) -> int:
        return (self.width() - GAP) // self._columns

    @property
    def _blocks(self) -> int:
        return max(1, -(-self.count // self._columns))

    def _block_height(self, side: int) -> int:
        return 3 * (side + self._line) + 2 * self._line + 4 * GAP

    def _height(self, side: int) -> int:
        return self._blocks * self._block_height(side)

    def square(self, i: int, row: int) -> QRect:
        """Where picture `i` of a row is."""
        block, column = divmod(i, self._columns)
        pitch = min(self._pitch, self.side + 6 * GAP)
        top = block * self._block_height(self.side) + row * (self.side + self._line) + self._line
        return QRect(GAP + column * pitch, top, self.side, self.side)

    def _column(self, x: int, y: int) -> int | None:
        """Whose picture is at a pixel."""
        found = ((i, row) for i in range(self.count) for row in range(len(self.rows)))
        return next((i for i, row in found if self.square(i, row).contains(x, y)), None)

    def _point(self, i: int | None) -> None:
        if i != self.at:
            self.at = i
            self.setAccessibleDescription("" if i is None else self.spoken(i))
            self.update()
            self.pointed.emit(i)

    def spoken(self, i: int) -> str:
        """One column in words."""
        return f"picture {i + 1} of {self.count}: " + " ".join(self.words[i] if i < len(self.words) else ())

    # Events

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = event.position().toPoint()
        over = self._column(at.x(), at.y())
        self.setCursor(Qt.CursorShape.ArrowCursor if over is None else Qt.CursorShape.PointingHandCursor)
        self._point(over)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = event.position().toPoint()
        over = self._column(at.x(), at.y())
        if event.button() == Qt.MouseButton.LeftButton and over is not None:
            self.picked.emit(over)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._point(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key = event.key()
        if key in KEYS and self.count:
            start = self.at if self.at is not None else -1 if KEYS[Qt.Key(key)] > 0 else self.count
            self._point(min(max(start + KEYS[Qt.Key(key)], 0), self.count - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.at is not None:
            self.picked.emit(self.at)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.setMinimumHeight(self._height(LEAST))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(8 * (LEAST + GAP), self._height(LEAST))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        table = theme.ink_map()
        for row, pictures in enumerate(self.rows):
            for i, picture in enumerate(pictures):
                square = self.square(i, row)
                if i % self._columns == 0:
                    painter.setPen(theme.ink())
                    painter.drawText(GAP, square.top() - self.fontMetrics().descent() - 1, self._heading(row))
                painter.drawImage(square, image_of(picture, table))
                self._frame(painter, square, i, last=row == 2)
        for i, lines in enumerate(self.words):
            self._write(painter, i, lines)

    def _heading(self, row: int) -> str:
        return self.fontMetrics().elidedText(self.headings[row], Qt.TextElideMode.ElideRight, self.width() - 2 * GAP)

    def _frame(self, painter: QPainter, square: QRect, i: int, *, last: bool) -> None:
        painter.setPen(theme.faded(theme.ink(), 0.45))
        painter.drawRect(square.adjusted(0, 0, -1, -1))
        if last and self.marked[i]:
            painter.setPen(QPen(theme.ink(), 3, j=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(square.adjusted(-1, -1, 0, 0))
        if i == self.at:
            painter.setPen(QPen(theme.role_colour("hovered"), 3, j=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(square.adjusted(-2, -2, 1, 1))

    def _write(self, painter: QPainter, i: int, lines: tuple[str, str]) -> None:
        square, wide = self.square(i, 2), self.square(1, 0).left() - self.square(0, 0).left() - 4
        painter.setPen(theme.ink())
        for n, text in enumerate(lines):
            below = QRect(square.left(), square.bottom() + 2 + n * self._line, max(wide, self.side), self._line)
            short = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, below.width())
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, short)
