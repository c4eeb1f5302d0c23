"""The wall: very many small images with their labels, of which only the visible ones are computed and painted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip

from engine.latent.image.gallery import Shelf
from engine.plane import Viewport
from gui.plots.raster import draw_image, image_of
from gui.shell import theme
from gui.widgets.controls import frame_focus

SIDE, GAP = 42, 6  # pixels: the side of an image, and the space between two
KEYS = Qt.Key


class Wall(QAbstractScrollArea):
    """A scrollable grid of images, with positions counted from 0. Arrow keys move a cursor, Enter chooses."""

    viewport_changed = Signal(object)  # a Viewport with the visible rows, and a page of rows above and below
    picked = Signal(int)  # the number of an image in its set

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.shelf: Shelf | None = None
        self.at = 0
        self._own: int | None = None  # the position chosen in this widget, to which it need not scroll
        self._images: dict[int, QImage] = {}
        self._frame: Viewport | None = None
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def show_shelf(self, shelf: Shelf) -> None:
        """Show the images of a shelf. Scroll to a newly chosen image, and to the top if the filter has changed."""
        before, self.shelf = self.shelf, shelf
        if before is None or before.ink is not shelf.ink:
            self._images = {}
        self._size()
        if before is None or before.gallery != shelf.gallery:
            self.at, self._own = 0, None
            self.verticalScrollBar().setValue(0)
        if shelf.chosen == self._own:
            self._own = None
        elif shelf.chosen not in (None, before.chosen if before else None):
            self._go_to(shelf.chosen)
        self._name_cursor()
        self.viewport().update()

    @property
    def shown(self) -> Viewport:
        """The rows to compute. Scrolling within these rows does not change them."""
        page = self._page + 1
        first = max(0, self.verticalScrollBar().value() // self._step // page - 1) * page
        return Viewport(0, self.columns, first, first + 3 * page, self.columns, 3 * page)

    @property
    def columns(self) -> int:
        """The number of images in a row."""
        return max(1, (self.viewport().width() - GAP) // (SIDE + GAP))

    @property
    def _step(self) -> int:
        return SIDE + GAP + self.fontMetrics().height()

    @property
    def _page(self) -> int:
        """The number of visible rows."""
        return max(1, self.viewport().height() // self._step)

    def square(self, position: int) -> QRect:
        """Return the rectangle of an image, in the viewport's pixels."""
        row, column = divmod(position, self.columns)
        top = GAP + row * self._step - self.verticalScrollBar().value()
        return QRect(GAP + column * (SIDE + GAP), top, SIDE, SIDE)

    def _position(self, x: int, y: int) -> int | None:
        """Return the position of the image at a pixel, or None."""
        column, row = (x - GAP // 2) // (SIDE + GAP), (y - GAP + self.verticalScrollBar().value()) // self._step
        position = row * self.columns + column
        exists = 0 <= column < self.columns and self.shelf is not None and 0 <= position < self.shelf.total
        return position if exists else None

    def _index(self, position: int) -> int | None:
        """Return the index of a position among the shelf's computed images, or None."""
        i = position - self.shelf.first if self.shelf else -1
        return i if self.shelf and 0 <= i < len(self.shelf.numbers) else None

    def words(self, position: int) -> str:
        """Return the class and the number of an image; "" if the image is not computed yet."""
        i = self._index(position)
        if self.shelf is None or i is None:
            return ""
        kind = "test" if self.shelf.gallery.held_out else "training"
        return f"class “{self.shelf.classes[self.shelf.labels[i]]}”, {kind} image {self.shelf.numbers[i]}"

    def _name_cursor(self) -> None:
        words = self.words(self.at)
        self.setAccessibleName(f"{self.name}: {words}" if words else self.name)

    def _size(self) -> None:
        """Set the range of the scroll bar."""
        rows = -(-self.shelf.total // self.columns) if self.shelf else 0
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, GAP + rows * self._step - self.viewport().height()))
        bar.setSingleStep(self._step // 2)
        bar.setPageStep(self._page * self._step)

    def _request_rows(self) -> None:
        if self.shown != self._frame:
            self._frame = self.shown
            self.viewport_changed.emit(self._frame)

    def _on_scrolled(self) -> None:
        self.viewport().update()
        self._request_rows()

    def _go_to(self, position: int) -> None:
        """Move the cursor to a position, and scroll until the position is visible."""
        self.at = position
        square, bar = self.square(position), self.verticalScrollBar()
        bottom = square.top() + self._step
        if square.top() < 0:
            bar.setValue(bar.value() + square.top() - GAP)
        elif bottom > self.viewport().height():
            bar.setValue(bar.value() + bottom - self.viewport().height())
        self._name_cursor()
        self.viewport().update()

    def _pick(self, position: int) -> None:
        i = self._index(position)
        if self.shelf is not None and i is not None:
            self._go_to(position)
            self._own = position
            self.picked.emit(int(self.shelf.numbers[i]))

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        position = self._position(event.position().toPoint().x(), event.position().toPoint().y())
        if event.button() == Qt.MouseButton.LeftButton and position is not None:
            self._pick(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        page, key = self.columns * self._page, event.key()
        last = self.shelf.total - 1 if self.shelf else -1
        steps = {
            KEYS.Key_Left: -1, KEYS.Key_Right: 1, KEYS.Key_Up: -self.columns, KEYS.Key_Down: self.columns,
            KEYS.Key_PageUp: -page, KEYS.Key_PageDown: page, KEYS.Key_Home: -self.at, KEYS.Key_End: last,
        }  # fmt: skip
        if last >= 0 and key in steps:
            self._go_to(min(max(self.at + steps[KEYS(key)], 0), last))
        elif key in (KEYS.Key_Return, KEYS.Key_Enter, KEYS.Key_Space):
            self._pick(self.at)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Take PageUp and PageDown for scrolling, before a shortcut of the window takes them."""
        pages = (KEYS.Key_PageUp, KEYS.Key_PageDown)
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() in pages and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.accept()
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QHelpEvent):
            position = self._position(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), "" if position is None else self.words(position), self)
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._size()
        self._request_rows()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._images = {}

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(5 * SIDE, 4 * SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self.shelf is None:
            return
        top = self.verticalScrollBar().value() // self._step
        first = top * self.columns
        for position in range(first, min(first + (self._page + 2) * self.columns, self.shelf.total)):
            self._paint(painter, self.shelf, position)
        painter.end()
        frame_focus(self)

    def _paint(self, painter: QPainter, shelf: Shelf, position: int) -> None:
        square, i = self.square(position), self._index(position)
        painter.setPen(theme.faded(theme.ink(), 0.45))
        if i is not None:
            draw_image(painter, square, self._image(shelf, i))
        painter.drawRect(square.adjusted(0, 0, -1, -1))
        if position == shelf.chosen:
            painter.setPen(QPen(theme.role_colour("variational"), 3))
            painter.drawRect(square.adjusted(-1, -1, 0, 0))
        if position == self.at and self.hasFocus():
            painter.setPen(QPen(theme.role_colour("hovered"), 2, Qt.PenStyle.DashLine))
            painter.drawRect(square.adjusted(-3, -3, 2, 2))
        if i is not None:
            painter.setPen(theme.ink())
            below = QRect(square.left(), square.bottom() + 1, SIDE, self.fontMetrics().height())
            words = self.fontMetrics().elidedText(shelf.classes[shelf.labels[i]], Qt.TextElideMode.ElideRight, SIDE)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, words)

    def _image(self, shelf: Shelf, i: int) -> QImage:
        if i not in self._images:
            self._images[i] = image_of(shelf.ink[i], theme.ink_map())
        return self._images[i]
