"""A picture in a plot: one byte a pixel and a table of 256 colours, painted by Qt without any conversion."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from engine.plane import Viewport

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


def indexed_image(pixels: NDArray[np.uint8], table: Table) -> QImage:
    """A QImage of `pixels` (h, w), row 0 on top, that owns its memory."""
    pixels = np.ascontiguousarray(pixels)
    h, w = pixels.shape
    image = QImage(pixels.data, w, h, w, QImage.Format.Format_Indexed8).copy()
    image.setColorTable(table)
    return image


class Raster(pg.GraphicsObject):
    """An indexed picture spread over a rectangle of the plot. Empty until `show_pixels`."""

    def __init__(self, *, smooth: bool) -> None:
        super().__init__()
        self._smooth = smooth
        self._image = QImage()
        self._rect = QRectF()

    def show_pixels(self, pixels: NDArray[np.uint8], viewport: Viewport, table: Table, *, top_first: bool) -> None:
        """Spread `pixels` (h, w) over `viewport`; `top_first` says which end row 0 is."""
        rect = QRectF(viewport.left, viewport.bottom, viewport.right - viewport.left, viewport.top - viewport.bottom)
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
        # A plot's y axis points up and a painter's down, so that the first row in memory is drawn at the bottom.
        self._image = indexed_image(pixels[::-1] if top_first else pixels, table)
        self.update()

    def recolour(self, table: Table) -> None:
        """The same picture in other colours."""
        if not self._image.isNull():
            self._image.setColorTable(table)
            self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._image = QImage()
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._rect

    def paint(self, painter: QPainter, *_: Any) -> None:
        if not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
            painter.drawImage(self._rect, self._image)
