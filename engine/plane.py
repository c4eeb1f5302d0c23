"""The plane that both halves of the lecture look at: what part of it is on the screen, and a density drawn over it."""

from __future__ import annotations

import threading

import msgspec
import numpy as np
from numpy.typing import NDArray

LOG_RANGE = 20.0  # nats below the maximum that the logarithmic heatmap still shows


class Viewport(msgspec.Struct, frozen=True):
    """The part of a plane that is on the screen: its edges in the plane's units, and its size in pixels."""

    left: float
    right: float
    bottom: float
    top: float
    columns: int = 256
    rows: int = 256

    @property
    def x(self) -> NDArray[np.float64]:
        """The centres (columns,) of the cells, left to right."""
        return _centres(self.left, self.right, self.columns)

    @property
    def y(self) -> NDArray[np.float64]:
        """The centres (rows,) of the cells, bottom to top."""
        return _centres(self.bottom, self.top, self.rows)

    def cells(self, columns: int, rows: int) -> Viewport:
        """The same edges, divided otherwise."""
        return msgspec.structs.replace(self, columns=columns, rows=rows)

    def union(self, other: Viewport) -> Viewport:
        """The smallest viewport that shows both."""
        return Viewport(
            min(self.left, other.left),
            max(self.right, other.right),
            min(self.bottom, other.bottom),
            max(self.top, other.top),
            max(self.columns, other.columns),
            max(self.rows, other.rows),
        )


def _centres(low: float, high: float, count: int) -> NDArray[np.float64]:
    return low + (high - low) * (np.arange(count) + 0.5) / count


class Heatmap(msgspec.Struct, frozen=True, eq=False):
    """A log density over a viewport, ready to be painted: indices 0–255 into a colour map, row 0 at the bottom."""

    image: NDArray[np.uint8]
    viewport: Viewport
    log_peak: float


class Plane(msgspec.Struct, frozen=True, eq=False):
    """One heatmap over two unknowns: its name as a formula, the density, the outline around 95 % of it if any.

    The outline is a polygon (n, 2), or segments (n, 4).
    """

    formula: str
    heatmap: Heatmap | None
    outline: NDArray[np.float64] | None = None


class Bayes(msgspec.Struct, frozen=True):
    """Bayes' rule in numbers at one place, in nats: log_prior + log_likelihood − log_evidence = log_posterior.

    The evidence is that of the latest observation given all before it; without one there is only the prior.
    """

    log_prior: float
    log_likelihood: float | None
    log_evidence: float | None
    log_posterior: float


def heatmap(
    log_density: NDArray[np.float32], viewport: Viewport, *, logarithmic: bool = False, reach: float = LOG_RANGE
) -> Heatmap:
    """Scale `log_density` (rows, columns) to its own maximum; linear in the density, or in its logarithm.

    The logarithm is shown down to `reach` nats below the maximum.

    The array is used up.
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
    """A number as an index."""
    return str(n).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


# Of a cell whose corners below-left, below-right, above-right, above-left (1, 2, 4, 8) lie above the level: which of
# its sides below, right, above, left (0–3) are joined.
JOINED = {
    1: [(3, 0)], 2: [(0, 1)], 3: [(3, 1)], 4: [(1, 2)], 5: [(3, 2), (0, 1)], 6: [(0, 2)], 7: [(3, 2)],
    8: [(2, 3)], 9: [(2, 0)], 10: [(0, 3), (1, 2)], 11: [(2, 1)], 12: [(1, 3)], 13: [(1, 0)], 14: [(0, 3)],
}  # fmt: skip


def contour(
    values: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], level: float
) -> NDArray[np.float64]:
    """Where `values` (rows, columns), over y (rows,) and x (columns,), cross `level`: segments (n, 4), x, y to x, y."""
    above = values > level
    a, b, c, d = above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1]
    kind = a + 2 * b + 4 * c + 8 * d
    found = []
    for case, sides in JOINED.items():
        row, column = np.nonzero(kind == case)
        ends = [_crossing(values, x, y, level, row, column, side) for pair in sides for side in pair]
        found += [np.column_stack([*one, *other]) for one, other in zip(ends[::2], ends[1::2], strict=True)]
    return np.concatenate(found)


def _crossing(
    values: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    level: float,
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    side: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where along one side of the cells (n,) the level is crossed, by linear interpolation."""
    (di, dj), (ei, ej) = (((0, 0), (0, 1)), ((0, 1), (1, 1)), ((1, 0), (1, 1)), ((0, 0), (1, 0)))[side]
    start, end = values[row + di, column + dj], values[row + ei, column + ej]
    part = (level - start) / (end - start)
    across = x[column + dj] + part * (x[column + ej] - x[column + dj])
    up = y[row + di] + part * (y[row + ei] - y[row + di])
    return across, up


class _Scratch(threading.local):
    memory: NDArray[np.float32] = np.empty(0, np.float32)


_scratch = _Scratch()


def scratch(count: int, rows: int, columns: int) -> NDArray[np.float32]:
    """Memory (count, rows, columns) that the next call in this thread gets again: fresh pages cost more than sums."""
    if _scratch.memory.shape != (count, rows, columns):
        _scratch.memory = np.empty((count, rows, columns), np.float32)
    return _scratch.memory
