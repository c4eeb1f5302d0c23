"""The plane of the Gaussian primer: points, the Gaussian that is fitted to them, its mean and its ellipses."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray

from engine.plane import Viewport
from gui.plots.marks import Marks
from gui.plots.planes.heatmap import BLACK, WHITE, HeatmapPlot
from gui.plots.words import Words


class PrimerPlot(HeatmapPlot):
    """A heatmap whose handles are the points."""

    spoken = {"points": "points", "mean": "mean"}

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.points, self.mean, self.words = Marks("disc", 10), Marks("cross", 20), Words(on_paper=True)
        super().__init__(name, axes, home)
        self.add(self.points, self.mean, self.words)

    def restyle(self) -> None:
        super().restyle()
        self.points.dress(pg.mkPen(WHITE, width=1.5), BLACK)
        self.mean.dress(pg.mkPen(BLACK), WHITE)

    def show_points(self, points: ArrayLike) -> None:
        """Mark the points (n, 2) that can be dragged."""
        self.points.show_places(points)
        self.set_handles(points)

    def show_mean(self, mean: NDArray[np.float64] | None) -> None:
        """Show the cross at the mean (2,); None hides it."""
        self.mean.show_places(np.empty((0, 2)) if mean is None else mean)

    def show_ellipses(self, outlines: tuple[NDArray[np.float64], ...], texts: tuple[str, ...]) -> None:
        """Show the outlines (n, 2), the inner one first, with a text below the inner one and above the outer one."""
        segments = [np.column_stack([outline[:-1], outline[1:]]) for outline in outlines]
        self.show_ellipse(np.concatenate(segments) if segments else None)
        above = tuple(i > 0 for i in range(len(outlines)))
        ends = [(np.argmax if up else np.argmin)(line[:, 1]) for line, up in zip(outlines, above, strict=True)]
        places = [line[end] for line, end in zip(outlines, ends, strict=True)]
        self.words.show_words(places, texts[: len(places)], above)
