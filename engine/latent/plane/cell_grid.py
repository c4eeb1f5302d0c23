"""The grid: a lattice of cells over the plane as it is drawn, finer where one looks closer, that stays where it is."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.latent.charts import Chart
from engine.plane import Viewport

MOST_CELLS = 128  # on a side of what is looked at
BLOCK = 16  # cells on a side of what is computed at once


class Grid(msgspec.Struct, frozen=True):
    """A lattice of cells 2^level units wide over the plane as it is drawn, in whole blocks of BLOCK cells."""

    chart: Chart
    level: int
    left: int  # blocks
    right: int
    bottom: int
    top: int

    @property
    def viewport(self) -> Viewport:
        """What it covers."""
        side = BLOCK * 2.0**self.level
        edges = (self.left * side, self.right * side, self.bottom * side, self.top * side)
        return Viewport(*edges, columns=BLOCK * (self.right - self.left), rows=BLOCK * (self.top - self.bottom))

    @property
    def latents(self) -> tuple[Array, Array]:
        """z₀ (columns,) and z₁ (rows,) in the middles of the cells, NaN where there is none."""
        return along(self.chart, self.viewport.x, 0), along(self.chart, self.viewport.y, 1)

    @property
    def edges(self) -> tuple[Array, Array]:
        """z₀ (columns + 1,) and z₁ (rows + 1,) at the edges of the cells."""
        view = self.viewport
        across = np.linspace(view.left, view.right, view.columns + 1)
        up = np.linspace(view.bottom, view.top, view.rows + 1)
        return along(self.chart, across, 0), along(self.chart, up, 1)

    @property
    def blocks(self) -> Iterator[tuple[slice, slice, Viewport]]:
        """Rows and columns of each block, and what it covers, those in the middle first."""
        side, middle = BLOCK * 2.0**self.level, ((self.left + self.right - 1) / 2, (self.bottom + self.top - 1) / 2)
        corners = [(i, j) for i in range(self.left, self.right) for j in range(self.bottom, self.top)]
        for i, j in sorted(corners, key=lambda at: (at[0] - middle[0]) ** 2 + (at[1] - middle[1]) ** 2):
            across, up = BLOCK * (i - self.left), BLOCK * (j - self.bottom)
            covered = Viewport(i * side, (i + 1) * side, j * side, (j + 1) * side, BLOCK, BLOCK)
            yield slice(up, up + BLOCK), slice(across, across + BLOCK), covered


def along(chart: Chart, steps: Array, axis: int) -> Array:
    """z on one axis (n,) at steps (n,) of the same axis of a chart, each of which lays out every axis on its own."""
    places = np.full((len(steps), 2), 0.5)
    places[:, axis] = steps
    return chart.to_latent(places)[:, axis]


def grid_over(chart: Chart, viewport: Viewport) -> Grid:
    """The finest lattice with at most MOST_CELLS on a side of `viewport`."""
    longest = max(viewport.right - viewport.left, viewport.top - viewport.bottom)
    level = int(np.ceil(np.log2(longest / MOST_CELLS)))
    side = BLOCK * 2.0**level
    low, high = (np.floor(edge / side) for edge in (viewport.left, viewport.bottom))
    right, top = (np.ceil(edge / side) for edge in (viewport.right, viewport.top))
    return Grid(chart, level, int(low), int(right), int(high), int(top))
