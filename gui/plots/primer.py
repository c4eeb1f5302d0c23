"""The primer's plane: points, the normal density fitted to them, its mean and its ellipses."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray

from engine.plane import Viewport
from gui.plots.heatmap import BLACK, WHITE, HeatmapPlot
from gui.plots.marks import Marks
from gui.plots.words import Words


class PrimerPlot(HeatmapPlot):
    """The points are its handles."""

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.points, self.mean, self.words = Marks("disc", 10), Marks("cross", 20), Words()
        super().__init__(name, axes, home)
        self.points.dress(pg.mkPen(WHITE, width=1.5), BLACK)
        self.mean.dress(pg.mkPen(BLACK), WHITE)
        self.add(self.points, self.mean, self.words)

    def show_points(self, points: ArrayLike) -> None:
        """Mark the points (n, 2) that can be dragged."""
        self.points.show_places(points)
        self.set_handles(points)

    def show_mean(self, mean: NDArray[np.float64] | None) -> None:
        """Put the cross at the mean (2,), or nowhere."""
        self.mean.show_places(np.empty((0, 2)) if mean is None else mean)

    def show_ellipses(self, outlines: tuple[NDArray[np.float64], ...], texts: tuple[str, ...]) -> None:
        """Outline each (n, 2), with its text on top."""
        segments = [np.column_stack([outline[:-1], outline[1:]]) for outline in outlines]
        self.show_ellipse(np.concatenate(segments) if segments else None)
        tops = [outline[np.argmax(outline[:, 1])] for outline in outlines]
        self.words.show_words(tops, texts[: len(tops)])
