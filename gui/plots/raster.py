"""An image in a plot: one byte per pixel and a table of 256 colours, or three bytes of RGB.

An image whose pixels coincide with the screen's pixels is not scaled.
"""

from __future__ import annotations

from collections import deque
from functools import cache
from math import ceil, floor
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QTransform

from engine.plane import Viewport
from gui.plots.layer import FINE, Layer, sight_of
from gui.shell import theme

Table = tuple[int, ...]


@cache
def colour_map(name: str) -> Table:
    """Return the 256 ARGB colours of a perceptually uniform map, the lowest first."""
    if name == "grey":
        rows = np.repeat(np.arange(256)[:, None], 3, axis=1)
    else:
        rows = pg.colormap.get(name).getLookupTable(nPts=256)
    return argb(rows)


def argb(rows: NDArray[Any]) -> Table:
    """Return n opaque ARGB colours from rows (n, 3) of red, green and blue, 0–255."""
    return tuple(0xFF000000 | (int(r) << 16) | (int(g) << 8) | int(b) for r, g, b in rows[:, :3])


def image_of(pixels: NDArray[np.uint8], table: Table) -> QImage:
    """Return a QImage of pixels 0–255: grey values (h, w) coloured by the table, or RGB (h, w, 3)."""
    if pixels.ndim == 2:
        return indexed_image(pixels, table)
    h, w, _ = pixels.shape
    return QImage(np.ascontiguousarray(pixels).data, w, h, 3 * w, QImage.Format.Format_RGB888).copy()


def indexed_image(pixels: NDArray[np.uint8], table: Table) -> QImage:
    """Return a QImage of `pixels` (h, w), 0–255 with row 0 on top, that owns its memory."""
    pixels = np.ascontiguousarray(pixels)
    h, w = pixels.shape
    image = QImage(pixels.data, w, h, w, QImage.Format.Format_Indexed8).copy()
    image.setColorTable(table)
    return image


@cache
def _lookup(table: Table) -> tuple[NDArray[np.uint32], QImage.Format]:
    """Return the colours (256,) as premultiplied ARGB, and Qt's name of their format."""
    opaque = all(colour >> 24 == 255 for colour in table)
    kind = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
    colours = np.array(table, np.uint32)
    alpha = colours >> np.uint32(24)
    red, green, blue = (
        ((colours >> np.uint32(shift)) & np.uint32(255)) * alpha // 255 << np.uint32(shift) for shift in (16, 8, 0)
    )
    return np.asarray((alpha << np.uint32(24)) | red | green | blue, np.uint32), kind


# The latest images that cannot change, with their colours: the posterior of one step is the prior of the next one.
_latest: deque[tuple[NDArray[np.uint8], bool, Table, NDArray[np.uint32]]] = deque(maxlen=2)


def _coloured(pixels: NDArray[np.uint8], table: Table, *, top_first: bool) -> NDArray[np.uint32]:
    """Return the colours (h, w) of indices (h, w), row 0 on top."""
    for known, as_is, of, colours in _latest:
        if known is pixels and as_is is top_first and of is table:
            return colours
    colours = np.take(_lookup(table)[0], pixels if top_first else pixels[::-1], mode="wrap")
    if not pixels.flags.writeable:
        _latest.append((pixels, top_first, table, colours))
    return colours


def draw_image(painter: QPainter, target: QRect | QRectF, image: QImage) -> None:
    """Draw an image over a rectangle. In a figure a smooth image is enlarged to 300 dpi before it is drawn.

    Programs that show SVG and PDF files enlarge images in different ways.
    """
    if theme.is_printing() and painter.testRenderHint(QPainter.RenderHint.SmoothPixmapTransform):
        size = QSize(round(target.width() * FINE), round(target.height() * FINE))
        if size.width() > image.width() and size.height() > image.height():
            image = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    painter.drawImage(QRectF(target), image)


class Raster(Layer):
    """A layer with one image over a rectangle of the plot. Empty until `show_pixels`."""

    covers = True

    def __init__(self, *, smooth: bool) -> None:
        super().__init__()
        self._smooth = smooth
        self._given: NDArray[np.uint8] | None = None
        self._top_first = True
        self._colours: NDArray[np.uint32] = np.empty((0, 0), np.uint32)
        self._image = QImage()
        self.rect = QRectF()

    def show_pixels(self, pixels: NDArray[np.uint8], viewport: Viewport, table: Table, *, top_first: bool) -> None:
        """Show `pixels`, 0–255, over `viewport`; with `top_first`, row 0 is at the top.

        Pixels (h, w) are indices into the table; RGB pixels (h, w, 3) need no table, and pure white is transparent.
        """
        width, height = viewport.right - viewport.left, viewport.top - viewport.bottom
        self.rect = QRectF(viewport.left, viewport.bottom, width, height)
        self._given, self._top_first = pixels, top_first
        self.recolour(table)

    @property
    def pixels(self) -> NDArray[np.uint8] | None:
        """The pixels, row 0 on top; None if nothing is shown."""
        return self._given if self._given is None or self._top_first else self._given[::-1]

    @property
    def viewport(self) -> Viewport:
        """The rectangle of the image, with its numbers of pixels."""
        rect, (rows, columns) = self.rect, self._colours.shape
        return Viewport(rect.left(), rect.right(), rect.top(), rect.bottom(), columns, rows)

    def recolour(self, table: Table) -> None:
        """Show the same pixels with another table."""
        if self._given is None:
            return
        if self._given.ndim == 3:
            upright = self._given if self._top_first else self._given[::-1]
            self._colours, kind = _argb_of(upright), QImage.Format.Format_ARGB32_Premultiplied
        else:
            self._colours = _coloured(self._given, table, top_first=self._top_first)
            kind = _lookup(table)[1]
        h, w = self._colours.shape
        self._image = QImage(self._colours.data, w, h, 4 * w, kind)
        self.changed()

    def clear(self) -> None:
        """Show nothing."""
        if self._given is not None:
            self._given = None
            self.changed()

    @property
    def is_empty(self) -> bool:
        return self._given is None

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
        target = transform.mapRect(self.rect)
        if theme.is_printing():
            self._paint_within(sight_of(painter, 0), painter, target)
        # Scaling takes fifteen times as long, so rounding errors must not cause it.
        elif _coincide(target, self._image):
            painter.drawImage(target.topLeft().toPoint(), self._image)
        else:
            painter.drawImage(target, self._image)

    def covered(self, transform: QTransform) -> QRect:
        target, image = transform.mapRect(self.rect), self._image
        if self.is_empty or image.hasAlphaChannel() or not _coincide(target, image):
            return QRect()
        return QRect(target.topLeft().toPoint(), image.size())

    def _paint_within(self, box: QRectF, painter: QPainter, target: QRectF) -> None:
        """Draw the pixels that lie in the box, at least in part: a vector file does not clip by itself."""
        seen = target & box
        if seen.isEmpty():
            return
        across, up = target.width() / self._image.width(), target.height() / self._image.height()
        left, right = floor((seen.left() - target.left()) / across), ceil((seen.right() - target.left()) / across)
        top, bottom = floor((seen.top() - target.top()) / up), ceil((seen.bottom() - target.top()) / up)
        cut = QRect(left, top, right - left, bottom - top) & self._image.rect()
        where = QRectF(
            target.left() + cut.left() * across, target.top() + cut.top() * up, cut.width() * across, cut.height() * up
        )
        draw_image(painter, where, self._image.copy(cut))


def _argb_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return the opaque ARGB colours (h, w) of RGB pixels (h, w, 3); pure white becomes transparent."""
    r, g, b = (pixels[..., i].astype(np.uint32) for i in range(3))
    colours = np.uint32(0xFF000000) | (r << np.uint32(16)) | (g << np.uint32(8)) | b
    return np.where(colours == np.uint32(0xFFFFFFFF), np.uint32(0), colours)


def _coincide(target: QRectF, image: QImage) -> bool:
    """Return whether the pixels of an image are those of a rectangle of the screen."""
    return abs(target.width() - image.width()) < 0.01 and abs(target.height() - image.height()) < 0.01
