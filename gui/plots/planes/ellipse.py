"""The outline of a region: an ellipse, which needs few corners on the screen if it is small, or segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gui.plots.lines import Lines

ROUND, FEWEST = 0.15, 24  # pixels by which the corners may differ from the ellipse, and their smallest number


class Ellipse(Lines):
    """A layer with one outline. The time to draw it depends on the number of its corners."""

    def __init__(self) -> None:
        super().__init__()
        self._is_smooth = False

    def show_outline(self, outline: NDArray[np.float64] | None) -> None:
        """Draw the closed ellipse (n, 2), or segments (n, 4) from (x, y) to (x, y), or none."""
        self._is_smooth = outline is not None and outline.shape[1] == 2
        super().show_outline(outline)

    def _needed(self, ends: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self._is_smooth or len(ends) <= FEWEST:
            return ends
        width, height = np.ptp(ends[:, 0]), np.ptp(ends[:, 1])
        starts = ends[:: stride(len(ends), float(max(width, height))), :2]
        return np.concatenate([starts, np.append(starts[1:], starts[:1], axis=0)], axis=1)


def stride(corners: int, size: float) -> int:
    """Return n so that each n-th of the corners is enough for an ellipse of so many pixels; 1 if it is not finite.

    A circle of d pixels with k corners differs from a round one by d/4 · (π/k)² pixels, for large k.
    """
    if not 0 <= size < np.inf:
        return 1
    return max(1, int(corners / max(FEWEST, np.pi * (size / (4 * ROUND)) ** 0.5)))
