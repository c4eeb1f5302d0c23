"""A picture in a plot: one byte a pixel and a table of 256 colours, or three bytes of light, painted by Qt at once."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

from engine.plane import Viewport
from gui.plots.layer import Layer

Table = tuple[int, ...]


@cache
def colour_map(name: str) -> Table:
    """256 ARGB colours of a perceptually uniform map, lowest first."""
    if name == "grey":
        rows = np.repeat(np.arange(256)[:, None], 3, axis=1)
    else:
        rows = pg.colormap.get(name).getLookupTable(nPts=256)
    return argb(rows)


def argb(rows: NDArray[Any]) -> Table:
    """Opaque colours from rows (n, 3) of red, green and blue."""
    return tuple(0xFF000000 | (int(r) << 16) | (int(g) << 8) | int(b) for r, g, b in rows[:, :3])


def image_of(pixels: NDArray[np.uint8], table: Table) -> QImage:
    """A QImage of a picture as it is shown: ink (h, w) by the table, light (h, w, 3) as it is."""
    if pixels.ndim == 2:
        return indexed_image(pixels, table)
    h, w, _ = pixels.shape
    return QImage(np.ascontiguousarray(pixels).data, w, h, 3 * w, QImage.Format.Format_RGB888).copy()


def indexed_image(pixels: NDArray[np.uint8], table: Table) -> QImage:
    """A QImage of `pixels` (h, w), row 0 on top, that owns its memory."""
    pixels = np.ascontiguousarray(pixels)
    h, w = pixels.shape
    image = QImage(pixels.data, w, h, w, QImage.Format.Format_Indexed8).copy()
    image.setColorTable(table)
    return image


@cache
def _lookup(table: Table) -> tuple[NDArray[np.uint32], QImage.Format]:
    """The table for numpy, its colours premultiplied, and what Qt calls that."""
    opaque = all(colour >> 24 == 255 for colour in table)
    kind = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
    colours = np.array(table, np.uint32)
    alpha = colours >> np.uint32(24)
    parts = [
        ((colours >> np.uint32(shift)) & np.uint32(255)) * alpha // 255 << np.uint32(shift) for shift in (16, 8, 0)
    ]
    return np.asarray((alpha << np.uint32(24)) | parts[0] | parts[1] | parts[2], np.uint32), kind


class Raster(Layer):
    """An indexed picture spread over a rectangle of the plot. Empty until `show_pixels`."""

    def __init__(self, *, smooth: bool) -> None:
        super().__init__()
        self._smooth = smooth
        self.pixels: NDArray[np.uint8] | None = None
        self._colours: NDArray[np.uint32] = np.empty((0, 0), np.uint32)
        self._image = QImage()
        self._rect = QRectF()

    def show_pixels(self, pixels: NDArray[np.uint8], viewport: Viewport, table: Table, *, top_first: bool) -> None:
        """Spread `pixels` (h, w) over `viewport`; `top_first` says which end row 0 is.

        Three bytes of light a pixel, (h, w, 3), need no table; 255 in all of them is transparent.
        """
        width, height = viewport.right - viewport.left, viewport.top - viewport.bottom
        self._rect = QRectF(viewport.left, viewport.bottom, width, height)
        self.pixels = pixels if top_first else pixels[::-1]
        self.recolour(table)

    def recolour(self, table: Table) -> None:
        """The same picture in other colours. Its memory is used again and again while its size stays."""
        if self.pixels is None:
            return
        h, w = self.pixels.shape[:2]
        if self._colours.shape != (h, w):
            self._colours = np.empty((h, w), np.uint32)
        if self.pixels.ndim == 3:
            self._colours[:] = _argb_of(self.pixels)
            self._image = QImage(self._colours.data, w, h, 4 * w, QImage.Format.Format_ARGB32_Premultiplied)
            self.changed()
            return
        lookup, kind = _lookup(table)
        np.take(lookup, self.pixels, out=self._colours, mode="wrap")
        self._image = QImage(self._colours.data, w, h, 4 * w, kind)
        self.changed()

    def clear(self) -> None:
        """Show nothing."""
        if self.pixels is not None:
            self.pixels = None
            self.changed()

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        if self.pixels is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
            spread = transform.mapRect(self._rect)
            # Rounding errors must not cost a scaling, which takes fifteen times as long.
            if _near(spread.width(), self._image.width()) and _near(spread.height(), self._image.height()):
                painter.drawImage(spread.topLeft().toPoint(), self._image)
            else:
                painter.drawImage(spread, self._image)


def _argb_of(light: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Opaque colours of light (h, w, 3); none where it is 255 in all three."""
    r, g, b = (light[..., i].astype(np.uint32) for i in range(3))
    colours = np.uint32(0xFF000000) | (r << np.uint32(16)) | (g << np.uint32(8)) | b
    return np.where(colours == np.uint32(0xFFFFFFFF), np.uint32(0), colours)


def _near(length: float, pixels: int) -> bool:
    return abs(length - pixels) < 0.01
