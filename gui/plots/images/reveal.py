"""An image of which some pixels are observed: these are sharp, the others veiled, and a brush reveals more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QTransform,
)

from engine.latent.inputs.stroke import FIRM, Stroke, half_width
from gui.plots.images.drawing_surface import DrawingSurface
from gui.plots.images.mask_outline import outline
from gui.plots.raster import draw_image, image_of
from gui.shell import theme

MARGIN = 4  # pixels around the image
FAINT = 0.28  # the opacity of hidden pixels
HATCH = 0.3  # the opacity of the lines over hidden pixels
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
Pixels8 = NDArray[np.uint8]
Mask = NDArray[np.bool_]


class Reveal(DrawingSurface):
    """An image with a brush. Drag: reveal pixels; right-click or Delete: undo the latest stroke.

    Arrow keys move the brush, Enter reveals the pixels below it, Space steps.
    """

    taken_back = Signal()  # the latest stroke is to be undone
    stepped = Signal(int)
    menu_wanted = Signal(object)
    moved = Signal()  # the mouse has entered the image
    left = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.width_of_brush = 0.1  # as a fraction of the image's side
        self.shows_hidden = True
        self.whole: Pixels8 | None = None
        self.seen: Pixels8 | None = None
        self.known: Mask = np.zeros((1, 1), bool)
        self.latest: Mask = self.known  # the pixels of the latest observation, which are outlined
        self.chosen: Mask | None = None  # the pixels of the selected observation, which are outlined
        self.brushing: Stroke | None = None  # the stroke in progress, shown before its pixels are computed
        self._at: tuple[float, float] | None = None  # the place of the brush
        self._by_keys = False
        self._pixmap: QPixmap | None = None  # everything except brush and outlines

    def show_seen(self, whole: Pixels8 | None, seen: Pixels8 | None, known: Mask, latest: Mask) -> None:
        """Show the observed pixels `seen` of the `whole` image, both (h, w[, 3]) and 0–255.

        `known` (h, w) are the observed pixels, `latest` (h, w) those of the latest observation. None: no image.
        """
        self.whole, self.seen, self.known, self.latest = whole, seen, known, latest
        self._pixmap = None
        self.update()

    def show_chosen(self, chosen: Mask | None) -> None:
        """Outline the pixels (h, w) of the selected observation; None: no outline."""
        self.chosen = chosen
        self.update()

    def show_brushing(self, stroke: Stroke | None) -> None:
        """Show a stroke in progress at once."""
        if stroke is not self.brushing:
            self.brushing = stroke
            self.update()

    def show_hidden(self, shown: bool) -> None:
        """Set whether hidden pixels are visible through the veil."""
        self.shows_hidden, self._pixmap = shown, None
        self.update()

    def recolour(self) -> None:
        """Apply the colours of the theme."""
        self._pixmap = None
        self.update()

    def use_brush(self, width: float) -> None:
        """Set the width of the brush, as a fraction of the image's side."""
        self.width_of_brush = width
        self.update()

    @property
    def square(self) -> QRectF:
        h, w = self.known.shape
        scale = max(1.0, min((self.width() - 2 * MARGIN) / w, (self.height() - 2 * MARGIN) / h))
        wide, high = round(w * scale), round(h * scale)
        return QRectF((self.width() - wide) // 2, (self.height() - high) // 2, wide, high)

    # The brush

    def _move_to(self, at: tuple[float, float] | None, *, by_keys: bool) -> None:
        self._at, self._by_keys = at, by_keys
        self.update()

    def _nudge(self, across: int, down: int) -> None:
        """Move the brush by so many pixels of the image, at first from its middle."""
        h, w = self.known.shape
        x, y = self._at or (0.5, 0.5)
        column = min(max(int(x * w) + across, 0), w - 1)
        row = min(max(int(y * h) + down, 0), h - 1)
        self._move_to(((column + 0.5) / w, (row + 0.5) / h), by_keys=True)
        self.setAccessibleDescription(f"column {column + 1}, row {row + 1} of {w}×{h}")

    def _dab(self) -> None:
        x, y = self._at or (0.5, 0.5)
        self.put_down.emit(x, y, FIRM, False)
        self.lifted.emit()

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.whole is not None:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        inside = self._down or self.square.contains(event.position())
        self._move_to(self.place_at(event.position()) if inside else None, by_keys=False)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.RightButton:
            if self.square.contains(event.position()) and self.known.any():
                self.taken_back.emit()
            else:
                self.menu_wanted.emit(event.globalPosition().toPoint())

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        super().enterEvent(event)
        self.moved.emit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._move_to(None, by_keys=False)
        self.left.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, back = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self.whole is None:
            event.ignore()
        elif key in ARROWS:
            across, down = ARROWS[Qt.Key(key)]
            self._nudge(across * (1 + 3 * back), down * (1 + 3 * back))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._dab()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.taken_back.emit()
        elif key == Qt.Key.Key_Space:
            self.stepped.emit(-1 if back else 1)
        elif key == Qt.Key.Key_Menu:
            self.menu_wanted.emit(self.mapToGlobal(QPoint(self.width() // 2, self.height() // 2)))
        else:
            event.ignore()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(260, 260)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(84, 84)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self.whole is None:
            return
        square = self.square
        painter.drawPixmap(square.topLeft(), self._veiled(square))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.brushing is not None:
            self._paint_brushing(painter, square, self.brushing)
        self._paint_outline(painter, square, self.latest, "likelihood")
        if self.chosen is not None:
            self._paint_outline(painter, square, self.chosen, "hovered")
        painter.setPen(QPen(self.palette().placeholderText().color(), 1))
        painter.drawRect(square.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self._at is not None and (self.hasFocus() or not self._by_keys):
            self._paint_brush(painter, square, self._at)

    def _veiled(self, square: QRectF) -> QPixmap:
        """Return the veiled image, painted again only if it has changed."""
        ratio = self.devicePixelRatioF()
        size = QSize(round(square.width() * ratio), round(square.height() * ratio))
        if self._pixmap is None or self._pixmap.size() != size:
            self._pixmap = QPixmap(size)
            self._pixmap.setDevicePixelRatio(ratio)
            painter = QPainter(self._pixmap)
            self._paint_veiled(painter, QRectF(0, 0, square.width(), square.height()))
            painter.end()
        return self._pixmap

    def _paint_veiled(self, painter: QPainter, square: QRectF) -> None:
        assert self.whole is not None and self.seen is not None
        painter.fillRect(square, theme.paper())
        if not self.known.all():
            if self.shows_hidden:
                painter.setOpacity(FAINT)
                draw_image(painter, square, image_of(self.whole, theme.ink_map()))
                painter.setOpacity(1.0)
            painter.fillRect(square, QBrush(theme.faded(theme.ink(), HATCH), Qt.BrushStyle.BDiagPattern))
        draw_image(painter, square, _cut_out(image_of(self.seen, theme.ink_map()), self.known))

    def _paint_brushing(self, painter: QPainter, square: QRectF, stroke: Stroke) -> None:
        """Paint the stroke in progress, with the image as the brush."""
        assert self.whole is not None
        h, w = self.known.shape
        scale = QTransform.fromTranslate(square.left(), square.top()).scale(square.width() / w, square.height() / h)
        brush = QBrush(image_of(self.whole, theme.ink_map()))
        brush.setTransform(scale)
        places = [QPointF(square.left() + x * square.width(), square.top() + y * square.height())
                  for x, y, _ in stroke.points]  # fmt: skip
        for i, place in enumerate(places):
            pen = QPen(brush, 2 * stroke.reach[i] * square.width())
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(places[max(i - 1, 0)], place) if i else painter.drawPoint(place)

    def _paint_outline(self, painter: QPainter, square: QRectF, mask: Mask, role: str) -> None:
        h, w = self.known.shape
        lines = outline(mask, square.left(), square.top(), square.width() / w, square.height() / h)
        for colour, width in ((theme.paper(), 4), (theme.role_colour(role), 2)):
            painter.setPen(QPen(colour, width))
            painter.drawLines(lines)

    def _paint_brush(self, painter: QPainter, square: QRectF, at: tuple[float, float]) -> None:
        half = half_width(FIRM, self.width_of_brush)
        middle = QPointF(square.left() + at[0] * square.width(), square.top() + at[1] * square.height())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((theme.paper(), 4), (theme.role_colour("hovered"), 2)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(middle, half * square.width(), half * square.height())


def _cut_out(image: QImage, known: Mask) -> QImage:
    """Return the image with its unknown pixels transparent."""
    h, w = known.shape
    alpha = np.where(known, 255, 0).astype(np.uint8)
    result = image.convertToFormat(QImage.Format.Format_ARGB32)
    result.setAlphaChannel(QImage(np.ascontiguousarray(alpha).data, w, h, w, QImage.Format.Format_Grayscale8))
    return result
