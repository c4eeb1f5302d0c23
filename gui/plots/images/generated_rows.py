"""Rows of images with a heading each, and one column for each latent or each question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.images.picture import spoken_images
from gui.plots.raster import draw_image, image_of
from gui.shell import theme

GAP, LEAST, MOST = 8, 38, 220  # pixels between images, and the smallest and largest side of an image
CLOSE = 4  # pixels between the rows
HEADINGS_WIDTH, ON_PAPER = 0.3, 0.5  # the largest fraction of the width that the headings of the rows take
SMALLEST = 0.75  # the smallest fraction of its size to which a text shrinks where it has too little room
KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
Pixels8 = NDArray[np.uint8]
Words = tuple[tuple[str, str, str], ...]
Texts = tuple[tuple[str, ...], ...]


class Grid(NamedTuple):
    """The layout, in pixels: the margin at the left, the side of an image, the pitch of columns, the height of a block.

    A block is all rows; images that do not fit side by side are in further blocks. `texts` stand below each column.
    """

    margin: int
    columns: int
    blocks: int
    side: int
    pitch: int
    block: int
    texts: Texts


class GeneratedRows(QWidget):
    """Rows with a heading at the left, and columns with a text below. Arrow keys move a cursor, Enter picks."""

    pointed = Signal(object)  # the number of the column under the cursor, or None
    picked = Signal(int)

    def __init__(self, name: str, headings: tuple[str, ...]) -> None:
        super().__init__()
        self.name, self.headings = name, headings
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.rows: tuple[Pixels8, ...] = ()
        self.words: Words = ()
        self.marked: NDArray[np.bool_] = np.zeros(0, bool)
        self.at: int | None = None
        self._grid: Grid | None = None

    def show_rows(self, rows: tuple[Pixels8, ...], words: Words, marked: NDArray[np.bool_]) -> None:
        """Show rows of images (n, h, w[, 3]), pixels 0–255, one row for each heading.

        The images `marked` (n,) of the last row have a frame.
        `words` (n,) are a name, a number and a verdict for each column, shown below it as far as they fit.
        """
        self.rows, self.words, self.marked = rows, words, marked
        if self.at is not None and self.at >= self.count:
            self.at = None
        self._describe()
        self._lay_out()

    def show_headings(self, headings: tuple[str, ...]) -> None:
        """Set the headings of the rows."""
        self.headings = headings
        self._lay_out()

    @property
    def count(self) -> int:
        """The number of columns."""
        return len(self.rows[0]) if self.rows else 0

    # Geometry

    @property
    def grid(self) -> Grid:
        """The layout, stored until something changes it."""
        if self._grid is None:
            self._grid = self._laid_out()
        return self._grid

    def _laid_out(self) -> Grid:
        """Return the layout with as many columns as fit, and images as large as fit."""
        lines = [line for heading in self.headings for line in heading.split("\n")]
        share = ON_PAPER if theme.is_printing() else HEADINGS_WIDTH
        margin = min(self._widest([lines]), int(share * self.width())) + 2 * GAP
        room = self.width() - margin
        columns = max(1, min(self.count, room // (self._least + GAP)))
        blocks = max(1, -(-self.count // columns))
        tall = self.height() >= blocks * self._block(self._least + GAP, 2)
        high = (self.height() // blocks - self._block(0, 2 if tall else 1)) // len(self.headings)
        side = max(self._least, min(MOST, high, room // columns - GAP))
        texts = _texts(self.words, tall=tall)
        pitch = min(room // columns, max(side, self._widest(texts[0])) + 2 * GAP)
        fitting = next((text for text in texts if self._widest(text) <= pitch - CLOSE), texts[-1])
        return Grid(margin, columns, blocks, side, pitch, self._block(side, 2 if tall else 1), fitting)

    @property
    def _least(self) -> int:
        """The smallest side of an image: the heading of its row has two lines."""
        return max(LEAST, 2 * self.fontMetrics().height())

    def _widest(self, columns: Sequence[Sequence[str]]) -> int:
        return max([0, *(self.fontMetrics().horizontalAdvance(text) for column in columns for text in column)])

    def _block(self, side: int, lines: int) -> int:
        """Return the height of one block with so many lines of text."""
        return len(self.headings) * (side + CLOSE) + lines * self.fontMetrics().height() + GAP

    def _lay_out(self) -> None:
        self._grid = None
        self.setMinimumHeight(self.grid.blocks * self._block(self._least, 1))
        self.update()

    def square(self, i: int, row: int) -> QRect:
        """Return the rectangle of image `i` of a row."""
        grid = self.grid
        block, column = divmod(i, grid.columns)
        top = CLOSE + block * grid.block + row * (grid.side + CLOSE)
        return QRect(grid.margin + column * grid.pitch, top, grid.side, grid.side)

    def _column(self, x: int, y: int) -> int | None:
        """Return the column at a pixel, or None."""
        cells = ((i, row) for i in range(self.count) for row in range(len(self.rows)))
        return next((i for i, row in cells if self.square(i, row).contains(x, y)), None)

    def _point(self, i: int | None) -> None:
        if i != self.at:
            self.at = i
            self._describe()
            self.update()
            self.pointed.emit(i)

    def _describe(self) -> None:
        """Describe the column under the cursor to a screen reader, or else the images of each row."""
        rows = zip(self.headings, self.rows, strict=False)
        words = [f"{heading.replace(chr(10), ' ')}: {spoken_images(row)}." for heading, row in rows if len(row)]
        self.setAccessibleDescription(" ".join(words) if self.at is None else self.spoken(self.at))

    def spoken(self, i: int) -> str:
        """Return the text of one column for a screen reader."""
        return f"image {i + 1} of {self.count}: " + " ".join(self.words[i] if i < len(self.words) else ())

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
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._lay_out()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(12 * (self._least + GAP), self._block(self._least, 1))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        table, columns = theme.ink_map(), self.grid.columns
        for row, images in enumerate(self.rows):
            for i, image in enumerate(images):
                square = self.square(i, row)
                draw_image(painter, square, image_of(image, table))
                self._frame(painter, square, i, last=row == len(self.rows) - 1)
                if i % columns == 0:
                    self._write_heading(painter, square, self.headings[row])
        for i, lines in enumerate(self.grid.texts):
            self._write(painter, self.square(i, len(self.rows) - 1), lines)

    def _write_heading(self, painter: QPainter, square: QRect, heading: str) -> None:
        metrics, lines = self.fontMetrics(), heading.split("\n")
        top = square.center().y() - len(lines) * metrics.height() // 2 + metrics.ascent()
        painter.setPen(theme.ink())
        for n, line in enumerate(lines):
            self._write_line(painter, QPoint(GAP, top + n * metrics.height()), line, self.grid.margin - GAP)

    def _frame(self, painter: QPainter, square: QRect, i: int, *, last: bool) -> None:
        painter.setPen(theme.faded(theme.ink(), 0.45))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(square.adjusted(0, 0, -1, -1))
        if last and self.marked[i]:
            painter.setPen(QPen(theme.ink(), 3, j=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(square.adjusted(-1, -1, 0, 0))
        if i == self.at:
            painter.setPen(QPen(theme.role_colour("hovered"), 3, j=Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(square.adjusted(-1, -1, 0, 0))

    def _write(self, painter: QPainter, square: QRect, lines: tuple[str, ...]) -> None:
        """Write the lines below an image."""
        metrics = self.fontMetrics()
        painter.setPen(theme.ink())
        for n, text in enumerate(lines):
            at = QPoint(square.left(), square.bottom() + metrics.ascent() + 2 + n * metrics.height())
            self._write_line(painter, at, text, self.grid.pitch - CLOSE)

    def _write_line(self, painter: QPainter, at: QPoint, text: str, wide: int) -> None:
        """Write a line of text, smaller if it is too long, and shortened if it is much too long."""
        metrics = self.fontMetrics()
        needed = metrics.horizontalAdvance(text)
        scale = max(wide / needed, SMALLEST) if needed > wide else 1.0
        painter.save()
        painter.translate(at)
        painter.scale(scale, scale)
        painter.drawText(0, 0, metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(wide / scale) + 1))
        painter.restore()


def _texts(words: Words, *, tall: bool) -> tuple[Texts, ...]:
    """Return the choices of texts below the columns, the longest first: two lines if `tall`, otherwise one."""
    if tall:
        return (
            tuple((f"{name} {number}", verdict) for name, number, verdict in words),
            tuple((number, verdict) for _, number, verdict in words),
        )
    return (
        tuple((" ".join(three),) for three in words),
        tuple((f"{number} {verdict}",) for _, number, verdict in words),
        tuple((number,) for _, number, _ in words),
    )
