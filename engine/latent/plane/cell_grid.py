"""The cells of overlays: a grid over the chart whose cell width is a power of two, in whole blocks.

The grid does not move with the viewport, so that most cells are already computed after a small pan.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.latent.charts import Chart
from engine.plane import Viewport

MOST_CELLS = 128  # on a side of the viewport
BLOCK = 16  # cells on a side of a block, which is computed at once


class Grid(msgspec.Struct, frozen=True):
    """A grid of cells 2^level units wide over a chart, in whole blocks of BLOCK × BLOCK cells."""

    chart: Chart
    level: int
    left: int  # in blocks, as the other edges
    right: int
    bottom: int
    top: int

    @property
    def viewport(self) -> Viewport:
        """The rectangle that the grid covers, with its columns and rows."""
        side = BLOCK * 2.0**self.level
        edges = (self.left * side, self.right * side, self.bottom * side, self.top * side)
        return Viewport(*edges, columns=BLOCK * (self.right - self.left), rows=BLOCK * (self.top - self.bottom))

    @property
    def latents(self) -> tuple[Array, Array]:
        """z₀ (columns,) and z₁ (rows,) at the centres of the cells; NaN where the chart has no latent."""
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
        """Rows, columns and rectangle of each block, those near the middle first."""
        side, middle = BLOCK * 2.0**self.level, ((self.left + self.right - 1) / 2, (self.bottom + self.top - 1) / 2)
        corners = [(i, j) for i in range(self.left, self.right) for j in range(self.bottom, self.top)]
        for i, j in sorted(corners, key=lambda at: (at[0] - middle[0]) ** 2 + (at[1] - middle[1]) ** 2):
            across, up = BLOCK * (i - self.left), BLOCK * (j - self.bottom)
            covered = Viewport(i * side, (i + 1) * side, j * side, (j + 1) * side, BLOCK, BLOCK)
            yield slice(up, up + BLOCK), slice(across, across + BLOCK), covered


def along(chart: Chart, steps: Array, axis: int) -> Array:
    """The latent coordinate (n,) on one axis at positions (n,) on the same axis of a chart."""
    places = np.full((len(steps), 2), 0.5)
    places[:, axis] = steps
    return chart.to_latent(places)[:, axis]


def grid_over(chart: Chart, viewport: Viewport) -> Grid:
    """Return the finest grid with at most MOST_CELLS cells on a side of `viewport`."""
    longest = max(viewport.right - viewport.left, viewport.top - viewport.bottom)
    level = int(np.ceil(np.log2(longest / MOST_CELLS)))
    side = BLOCK * 2.0**level
    low, high = (np.floor(edge / side) for edge in (viewport.left, viewport.bottom))
    right, top = (np.ceil(edge / side) for edge in (viewport.right, viewport.top))
    return Grid(chart, level, int(low), int(right), int(high), int(top))
