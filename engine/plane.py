"""The plane that both halves of the lecture look at: what part of it is on the screen, and a density drawn over it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

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


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A log density over a viewport, ready to be painted: indices 0–255 into a colour map, row 0 at the bottom."""

    image: NDArray[np.uint8]
    viewport: Viewport
    log_peak: float


def heatmap(log_density: NDArray[np.float32], viewport: Viewport, *, logarithmic: bool = False) -> Heatmap:
    """Scale `log_density` (rows, columns) to its own maximum; linear in the density, or in its logarithm.

    The array is used up.
    """
    peak = float(log_density.max())
    shade = np.subtract(log_density, np.float32(peak), out=log_density)
    if logarithmic:
        np.maximum(1 + shade / np.float32(LOG_RANGE), 0, out=shade)
    else:
        np.exp(shade, out=shade)
    shade *= np.float32(255)
    image = shade.astype(np.uint8)
    image.setflags(write=False)
    return Heatmap(image, viewport, peak)


class _Scratch(threading.local):
    memory: NDArray[np.float32] = np.empty(0, np.float32)


_scratch = _Scratch()


def scratch(count: int, rows: int, columns: int) -> NDArray[np.float32]:
    """Memory (count, rows, columns) that the next call in this thread gets again: fresh pages cost more than sums."""
    if _scratch.memory.shape != (count, rows, columns):
        _scratch.memory = np.empty((count, rows, columns), np.float32)
    return _scratch.memory
