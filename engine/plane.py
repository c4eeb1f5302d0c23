"""Planes of two unknowns: the visible viewport, heatmaps of log densities, contours.

The planes of two weights and the latent plane share these classes. A table also has a viewport: its visible rows.
"""

from __future__ import annotations

import threading
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

LOG_RANGE = 20.0  # range of the logarithmic heatmap, in nats below the maximum


class Viewport(msgspec.Struct, frozen=True):
    """The visible rectangle of a plane: its edges in the units of the plane, and its size in pixels."""

    left: float
    right: float
    bottom: float
    top: float
    columns: int = 256
    rows: int = 256

    @property
    def x(self) -> NDArray[np.float64]:
        """The centres of the columns, (columns,), left to right, read-only."""
        return _centres(self.left, self.right, self.columns)

    @property
    def y(self) -> NDArray[np.float64]:
        """The centres of the rows, (rows,), bottom to top, read-only."""
        return _centres(self.bottom, self.top, self.rows)

    def cells(self, columns: int, rows: int) -> Viewport:
        """With the same edges and another number of cells."""
        return msgspec.structs.replace(self, columns=columns, rows=rows)

    def union(self, other: Viewport) -> Viewport:
        """The smallest viewport that contains both."""
        return Viewport(
            min(self.left, other.left),
            max(self.right, other.right),
            min(self.bottom, other.bottom),
            max(self.top, other.top),
            max(self.columns, other.columns),
            max(self.rows, other.rows),
        )


@lru_cache(maxsize=16)  # those of a heatmap are needed for every edit of the document
def _centres(low: float, high: float, count: int) -> NDArray[np.float64]:
    centres = low + (high - low) * (np.arange(count) + 0.5) / count
    centres.setflags(write=False)
    return centres


class Heatmap(msgspec.Struct, frozen=True, eq=False):
    """A log density over a viewport as an image (rows, columns) of colour indices 0–255, row 0 at the bottom.

    `log_peak` is the largest log density, in nats.
    """

    image: NDArray[np.uint8]
    viewport: Viewport
    log_peak: float


class Plane(msgspec.Struct, frozen=True, eq=False):
    """A density over two unknowns: its formula, its heatmap, and the outline that contains 95 % of it.

    The outline is a polygon (n, 2), segments (n, 4), or None. The heatmap is None if there is no density to show.
    """

    formula: str
    heatmap: Heatmap | None
    outline: NDArray[np.float64] | None = None


class Bayes(msgspec.Struct, frozen=True):
    """Bayes' rule at one position, in nats: log_prior + log_likelihood − log_evidence = log_posterior.

    The evidence is that of the latest observation given all earlier ones. Without an observation, the likelihood and
    the evidence are None.
    """

    log_prior: float
    log_likelihood: float | None
    log_evidence: float | None
    log_posterior: float


def heatmap(
    log_density: NDArray[np.float32], viewport: Viewport, *, logarithmic: bool = False, reach: float = LOG_RANGE
) -> Heatmap:
    """Return the heatmap of `log_density` (rows, columns), in nats, scaled to its own maximum.

    The colour index is linear in the density, or, if `logarithmic`, in its logarithm down to `reach` nats below the
    maximum. The array `log_density` is overwritten.
    """
    peak = float(log_density.max())
    shade = np.subtract(log_density, np.float32(peak), out=log_density)
    if logarithmic:
        np.maximum(1 + shade / np.float32(reach), 0, out=shade)
    else:
        np.exp(shade, out=shade)
    shade *= np.float32(255)
    image = shade.astype(np.uint8)
    image.setflags(write=False)
    return Heatmap(image, viewport, peak)


def subscript(n: int) -> str:
    """A number in subscript digits."""
    return str(n).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


# Marching squares (Lorensen & Cline 1987, in two dimensions): sum of the corners of a cell that lie above the level
# (1 bottom left, 2 bottom right, 4 top right, 8 top left) -> pairs of sides (0 bottom, 1 right, 2 top, 3 left) that a
# segment joins.
JOINED = {
    1: [(3, 0)], 2: [(0, 1)], 3: [(3, 1)], 4: [(1, 2)], 5: [(3, 2), (0, 1)], 6: [(0, 2)], 7: [(3, 2)],
    8: [(2, 3)], 9: [(2, 0)], 10: [(0, 3), (1, 2)], 11: [(2, 1)], 12: [(1, 3)], 13: [(1, 0)], 14: [(0, 3)],
}  # fmt: skip


def contour(
    values: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], level: float
) -> NDArray[np.float64]:
    """The contour of `values` (rows, columns) at `level`, over y (rows,) and x (columns,), by marching squares.

    The result is segments (n, 4), each x₀, y₀, x₁, y₁.
    """
    above = values > level
    a, b, c, d = above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1]
    case = a + 2 * b + 4 * c + 8 * d
    segments = []
    for corners, sides in JOINED.items():
        row, column = np.nonzero(case == corners)
        ends = [_crossing(values, x, y, level, row, column, side) for pair in sides for side in pair]
        segments += [np.column_stack([*one, *other]) for one, other in zip(ends[::2], ends[1::2], strict=True)]
    return np.concatenate(segments)


def _crossing(
    values: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    level: float,
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    side: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The points x (n,), y (n,) at which one side of the cells (n,) crosses the level, by linear interpolation."""
    (di, dj), (ei, ej) = (((0, 0), (0, 1)), ((0, 1), (1, 1)), ((1, 0), (1, 1)), ((0, 0), (1, 0)))[side]
    start, end = values[row + di, column + dj], values[row + ei, column + ej]
    fraction = (level - start) / (end - start)
    crossing_x = x[column + dj] + fraction * (x[column + ej] - x[column + dj])
    crossing_y = y[row + di] + fraction * (y[row + ei] - y[row + di])
    return crossing_x, crossing_y


class _Scratch(threading.local):
    memory: NDArray[np.float32] = np.empty(0, np.float32)


_scratch = _Scratch()


def scratch(count: int, rows: int, columns: int) -> NDArray[np.float32]:
    """An uninitialised array (count, rows, columns), which the next call in this thread with this shape returns again.

    New memory pages cost more time than the sums over them.
    """
    if _scratch.memory.shape != (count, rows, columns):
        _scratch.memory = np.empty((count, rows, columns), np.float32)
    return _scratch.memory
