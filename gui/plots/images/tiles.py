"""Tiles: a few pictures side by side, each with two lines that say what it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent

from gui.plots.images.picks import Pointable
from gui.plots.raster import colour_map, image_of
from gui.shell import theme

GAP, BAR = 10, 3  # pixels between tiles, and of the bar above each
LEAST, MOST = 76, 224  # pixels of a picture on a side


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture of ink, light, or heat (indices into the colour map), under a bar in the colour of its role.

    Of `titles` and `notes` the first that fits is shown; `tip` says it in full. `place` is its latent, if it has one.
    """

    titles: tuple[str, ...]
    notes: tuple[str, ...]
    ink: NDArray[np.uint8]
    role: str
    tip: str
    place: tuple[float, float] | None = None
    heat: bool = False


class Tiles(Pointable):
    """As large as they fit; where there is no room for all, the last ones of the first group stay away."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.tiles: tuple[Tile, ...] = ()
        self.others: tuple[Tile, ...] = ()

    def show_tiles(self, tiles: tuple[Tile, ...], others: tuple[Tile, ...]) -> None:
        """Show two groups, the first of which may be long."""
        self.tiles, self.others = tiles, others
        self.update()

    @property
    def shown(self) -> tuple[Tile, ...]:
        """Those for which there is room."""
        room = max(1, self.width() // (LEAST + GAP) - len(self.others))
        return (*self.tiles[:room], *self.others)

    @property
    def _side(self) -> int:
        down = self.height() - BAR - 2 * self.fontMetrics().height() - 4
        across = (self.width() - GAP) // max(1, len(self.shown)) - GAP
        return int(np.clip(min(down, across), 24, MOST))

    @property
    def _step(self) -> int:
        """From one to the next: where the room is wide and low, there is more of it for the words."""
        said = (choices[-2:][0] for tile in self.shown for choices in (tile.titles, tile.notes))
        wide = max((self.fontMetrics().horizontalAdvance(words) for words in said), default=0)
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
        painter.drawImage(square, image_of(tile.ink, colour_map(theme.colours()) if tile.heat else theme.ink_map()))
        painter.setPen(theme.faded(theme.ink(), 0.45))
        painter.drawRect(square.adjusted(0, 0, -1, -1))
        colours = theme.ink(), self.palette().placeholderText().color()
        for n, (choices, colour) in enumerate(zip((tile.titles, tile.notes), colours, strict=True)):
            painter.setPen(colour)
            self._write(painter, choices, square, n)

    def _write(self, painter: QPainter, choices: tuple[str, ...], square: QRect, line: int) -> None:
        metrics, wide = self.fontMetrics(), self._step - 2
        said = next((words for words in choices if metrics.horizontalAdvance(words) <= wide), choices[-1])
        said = metrics.elidedText(said, Qt.TextElideMode.ElideRight, wide)
        below = QRect(square.left(), square.bottom() + 2 + line * metrics.height(), wide, metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, said)
