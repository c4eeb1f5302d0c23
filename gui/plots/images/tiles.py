"""Tiles: a few images side by side, each with two lines of text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent

from gui.plots.images.fitted_text import write_fitted
from gui.plots.images.picks import Pointable
from gui.plots.raster import colour_map, draw_image, image_of
from gui.shell import theme

GAP, BAR = 10, 3  # pixels between tiles, and of the bar above each
LEAST, MOST = 76, 224  # pixels, the smallest and largest side of an image


@dataclass(frozen=True, eq=False)
class Tile:
    """An image below a bar in the colour of its role, with a title and a note.

    `ink` are pixels 0–255: grey (h, w), RGB (h, w, 3), or with `heat` indices (h, w) into the colour map. The first of
    `titles` and of `notes` that fits is shown; `tip` is the complete text. `place` is its latent, or None.
    """

    titles: tuple[str, ...]
    notes: tuple[str, ...]
    ink: NDArray[np.uint8]
    role: str
    tip: str
    place: tuple[float, float] | None = None
    heat: bool = False


class Tiles(Pointable):
    """Tiles as large as they fit. If not all fit, the last tiles of the first group are hidden."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.tiles: tuple[Tile, ...] = ()
        self.others: tuple[Tile, ...] = ()

    def show_tiles(self, tiles: tuple[Tile, ...], others: tuple[Tile, ...]) -> None:
        """Show two groups of tiles, of which the first may be long."""
        self.tiles, self.others = tiles, others
        self.update()

    @property
    def shown(self) -> tuple[Tile, ...]:
        """The tiles that fit."""
        room = max(1, self.width() // (LEAST + GAP) - len(self.others))
        return (*self.tiles[:room], *self.others)

    @property
    def _side(self) -> int:
        down = self.height() - BAR - 2 * self.fontMetrics().height() - 4
        across = (self.width() - GAP) // max(1, len(self.shown)) - GAP
        return int(np.clip(min(down, across), 24, MOST))

    @property
    def _step(self) -> int:
        """The distance from tile to tile: in a wide and low widget it leaves more room for the texts."""
        texts = (choices[-2:][0] for tile in self.shown for choices in (tile.titles, tile.notes))
        wide = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=0)
        return max(self._side, min(wide, (self.width() - GAP) // max(1, len(self.shown)) - GAP)) + GAP

    def _square(self, i: int) -> QRect:
        side = self._side
        apart = GAP if 0 < len(self.shown) - len(self.others) <= i else 0
        return QRect(1 + i * self._step + apart, BAR + 1, side, side)

    def squares(self) -> dict[int, QRect]:
        return {i: self._square(i) for i, tile in enumerate(self.shown) if tile.place is not None}

    def words(self, number: int) -> str:
        return self.shown[number].tip

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(5 * (LEAST + GAP), LEAST + BAR + 2 * self.fontMetrics().height() + 4)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(4 * (LEAST + GAP), LEAST // 2 + BAR + 2 * self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for i, tile in enumerate(self.shown):
            self._paint(painter, tile, self._square(i))
        self.paint_pointer(painter)

    def _paint(self, painter: QPainter, tile: Tile, square: QRect) -> None:
        painter.fillRect(square.left(), 0, square.width(), BAR, theme.role_colour(tile.role))
        draw_image(painter, square, image_of(tile.ink, colour_map(theme.colours()) if tile.heat else theme.ink_map()))
        painter.setPen(theme.faded(theme.ink(), 0.45))
        painter.drawRect(square.adjusted(0, 0, -1, -1))
        colours = theme.ink(), self.palette().placeholderText().color()
        for n, (choices, colour) in enumerate(zip((tile.titles, tile.notes), colours, strict=True)):
            painter.setPen(colour)
            self._write(painter, choices, square, n)

    def _write(self, painter: QPainter, choices: tuple[str, ...], square: QRect, line: int) -> None:
        metrics, wide = self.fontMetrics(), self._step - 5
        text = next((choice for choice in choices if metrics.horizontalAdvance(choice) <= wide), choices[-1])
        base = QPoint(square.left(), square.bottom() + 2 + line * metrics.height() + metrics.ascent())
        write_fitted(painter, base, text, wide)
