"""Marks: places in a plot, as discs, rings, crosses, squares or crossed-out discs of a fixed size on the screen."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import shiboken6
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPixmap, QTransform

from gui.plots.layer import FINE, Layer, exposed, scaling, sight_of
from gui.shell import theme

Places = NDArray[np.float64]
Shape = Literal["disc", "ring", "cross", "square", "crossed"]
FEW = 300  # at most so many marks are drawn one by one; more are drawn into an image, stored until the view changes
SINGLY = 8  # at most so many marks are copied one by one; Qt gets more in one call
FEW_CHANGES = 6  # at most so many changed marks are repainted one by one
NUMBER = 22  # pixels on each side of a mark that its number may need


class Marks(Layer):
    """A layer of marks. Up to FEW have an outline and may have numbers; more are discs, with an outline if `rimmed`.

    If a few marks change, the plot is repainted around them. A layer `with_others` is repainted with the whole plot,
    because lines change at the same time.
    """

    def __init__(
        self, shape: Shape, size: float, *, numbered: bool = False, rimmed: bool = False, with_others: bool = False
    ) -> None:
        super().__init__()
        self.with_others = with_others
        self.shape_of_mark, self.plain_size, self.numbered = shape, size, numbered
        self.size = size * theme.weight()  # pixels
        self.rimmed = rimmed  # whether many marks have an outline too
        self.places: Places = np.empty((0, 2))
        self._kinds: NDArray[np.intp] = np.empty(0, np.intp)
        self._pen, self._colours = QPen(Qt.PenStyle.NoPen), [QColor()]
        self._pixmaps: dict[int, QPixmap] = {}
        self._stamped: tuple[Any, QImage] | None = None

    def dress(self, pen: QPen, *colours: QColor) -> None:
        """Set the pen of the outline, and the colour of each kind of mark."""
        self._pen, self._colours, self._stamped = scaling(pen), list(colours), None
        self.size = self.plain_size * theme.weight()
        self._pixmaps.clear()
        self.changed()

    def show_places(self, places: ArrayLike, kinds: NDArray[Any] | None = None) -> None:
        """Mark `places` (n, 2); `kinds` (n,) are the indices of their colours."""
        new = np.asarray(places, float).reshape(-1, 2)
        if not len(new) and not len(self.places):
            return
        before, self.places = self.places, new
        kinds_before = self._kinds
        self._kinds = np.zeros(len(self.places), np.intp) if kinds is None else kinds.astype(np.intp)
        if np.array_equal(before, self.places) and np.array_equal(kinds_before, self._kinds):
            return
        self._stamped = None
        is_alone = kinds is None and not self.with_others
        if is_alone and len(changed := _difference(before, self.places)) <= FEW_CHANGES:
            self.changed_around(changed, NUMBER if self.numbered else self.size / 2 + 4)
        else:
            self.changed()

    @property
    def is_empty(self) -> bool:
        return not len(self.places)

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        if len(self.places) > FEW:
            area = painter.clipBoundingRect() if self.canvas is None else QRectF(self.canvas.rect())
            ratio = FINE if theme.is_printing() else painter.device().devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, theme.is_printing())
            painter.drawImage(area.topLeft(), self._stamp(transform, area, ratio))
            return
        if self.numbered and not theme.is_printing():
            self._hold_numbers(QFontMetricsF(painter.font()).height())
        vectors, reach = theme.is_printing(), NUMBER if self.numbered else self.size / 2 + 4
        sight = sight_of(painter, self.size / 2) if vectors or not painter.hasClipping() else exposed(painter, reach)
        left, right, top, bottom = sight.left(), sight.right(), sight.top(), sight.bottom()
        pixels = self.places * (transform.m11(), transform.m22()) + (transform.dx(), transform.dy())
        if len(pixels) > SINGLY and not vectors and not self.numbered:
            self._paste_all(painter, pixels, np.all((pixels >= (left, top)) & (pixels <= (right, bottom)), axis=1))
            return
        for i, ((x, y), kind) in enumerate(zip(pixels.tolist(), self._kinds.tolist(), strict=True)):
            if not (left <= x <= right and top <= y <= bottom):  # NaN is not; Qt cannot draw it
                continue
            middle = QPointF(x, y)
            if vectors:
                self._draw(painter, middle, kind)
            else:
                self._paste(painter, middle, kind)
            if self.numbered:
                painter.setPen(Qt.GlobalColor.black)
                around = QRectF(middle.x() - NUMBER, middle.y() - NUMBER, 2 * NUMBER, 2 * NUMBER)
                painter.drawText(around, Qt.AlignmentFlag.AlignCenter, str(i + 1))

    def _hold_numbers(self, height: float) -> None:
        """Make the marks at least `height` pixels large, so that large text stays inside them."""
        size = max(self.plain_size * theme.weight(), height)
        if size != self.size:
            self.size = size
            self._pixmaps.clear()

    def _paste(self, painter: QPainter, middle: QPointF, kind: int) -> None:
        """Copy the mark from a cached pixmap, which is ten times as fast as drawing it."""
        pixmap = self._pixmap(painter, kind)
        reach = int(self.size / 2) + 4
        painter.drawPixmap(middle - QPointF(reach, reach), pixmap)

    def _paste_all(self, painter: QPainter, pixels: Places, seen: NDArray[np.bool_]) -> None:
        """Copy the marks that are seen, those of one kind at once, which takes a seventh of the time."""
        for kind in range(len(self._colours)):
            middles = pixels[seen & (self._kinds == kind)]
            if not len(middles):
                continue
            pixmap = self._pixmap(painter, kind)
            part = np.zeros((len(middles), 10))  # as Qt's PixmapFragment: see its documentation
            part[:, :2] = middles
            part[:, 4:6] = pixmap.width(), pixmap.height()
            part[:, 6:8] = 1 / pixmap.devicePixelRatio()
            part[:, 9] = 1  # opaque
            first = shiboken6.wrapInstance(part.ctypes.data, QPainter.PixmapFragment)
            painter.drawPixmapFragments(first, len(part), pixmap)  # type: ignore[arg-type]

    def _pixmap(self, painter: QPainter, kind: int) -> QPixmap:
        """The picture of a mark."""
        if kind not in self._pixmaps:
            reach = int(self.size / 2) + 4
            ratio = painter.device().devicePixelRatioF()
            pixmap = QPixmap(round(2 * reach * ratio), round(2 * reach * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            brush = QPainter(pixmap)
            self._draw(brush, QPointF(reach, reach), kind)
            brush.end()
            self._pixmaps[kind] = pixmap
        return self._pixmaps[kind]

    def _draw(self, painter: QPainter, middle: QPointF, kind: int) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, half = self._colours[kind], self.size / 2
        square = QRectF(middle.x() - half, middle.y() - half, self.size, self.size)
        if self.shape_of_mark == "cross":
            weight = theme.weight()
            for pen in (QPen(self._pen.color(), 6 * weight), QPen(colour, 3 * weight)):
                painter.setPen(pen)
                painter.drawLines([QLineF(square.left(), middle.y(), square.right(), middle.y())])
                painter.drawLines([QLineF(middle.x(), square.top(), middle.x(), square.bottom())])
            return
        painter.setPen(self._pen)
        painter.setBrush(Qt.BrushStyle.NoBrush if self.shape_of_mark == "ring" else colour)
        (painter.drawRect if self.shape_of_mark == "square" else painter.drawEllipse)(square)
        if self.shape_of_mark == "crossed":
            painter.drawLine(square.bottomLeft(), square.topRight())

    def _stamp(self, transform: QTransform, area: QRectF, ratio: float) -> QImage:
        """Return an image of the area with all marks, computed again only if the view or the marks have changed."""
        key = (area.getRect(), ratio, transform)
        if self._stamped is not None and self._stamped[0] == key:
            return self._stamped[1]
        w, h = max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))
        x = (self.places[:, 0] * transform.m11() + transform.dx() - area.left()) * ratio
        y = (self.places[:, 1] * transform.m22() + transform.dy() - area.top()) * ratio
        pixels = stamped(x, y, self._kinds, self._colours, self.size * ratio, (h, w))
        if self.rimmed:
            size = (self.size + 2 * self._pen.widthF()) * ratio
            rims = stamped(x, y, np.zeros_like(self._kinds), [self._pen.color()], size, (h, w))
            pixels = np.where(pixels, pixels, rims)
        image = QImage(pixels.data, w, h, 4 * w, QImage.Format.Format_ARGB32_Premultiplied).copy()
        image.setDevicePixelRatio(ratio)
        self._stamped = (area.getRect(), ratio, QTransform(transform)), image
        return image


def _difference(one: Places, other: Places) -> Places:
    """Return the places (m, 2) at which two arrays of marks differ."""
    n = min(len(one), len(other))
    moved = np.any(one[:n] != other[:n], axis=1)
    return np.concatenate([one[:n][moved], other[:n][moved], one[n:], other[n:]])


def stamped(
    x: Places, y: Places, kinds: NDArray[np.intp], colours: list[QColor], size: float, shape: tuple[int, int]
) -> NDArray[np.uint32]:
    """Return an image (h, w), premultiplied ARGB, of discs with soft edges and diameter `size` at pixels x, y (n,)."""
    h, w = shape
    reach = int(np.ceil(size / 2))
    inside = (x >= reach) & (x < w - reach - 1) & (y >= reach) & (y < h - reach - 1)
    # Qt's coordinates start at the corner of a pixel, so 20.4 lies in pixel 20.
    column, row, kinds = x[inside].astype(np.intp), y[inside].astype(np.intp), kinds[inside]
    image = np.zeros(h * w, np.uint32)
    steps = [(dx, dy) for dx in range(-reach, reach + 1) for dy in range(-reach, reach + 1)]
    cover = {step: float(np.clip(size / 2 + 0.5 - np.hypot(*step), 0, 1)) for step in steps}
    for (dx, dy), fraction in sorted(cover.items(), key=lambda item: item[1]):  # the middles of discs last, on top
        if fraction > 0:
            table = np.array([_premultiplied(colour, fraction) for colour in colours], np.uint32)
            image[(row + dy) * w + column + dx] = table[kinds]
    return image.reshape(h, w)


def _premultiplied(colour: QColor, fraction: float) -> int:
    alpha = colour.alphaF() * fraction
    red, green, blue = (round(c * alpha) for c in (colour.red(), colour.green(), colour.blue()))
    return (round(255 * alpha) << 24) | (red << 16) | (green << 8) | blue
