"""The plane of Inference: a heatmap of the posterior, the outline of an approximation, and the path of q's mean."""

from __future__ import annotations

import pyqtgraph as pg
from numpy.typing import NDArray

from engine.plane import Viewport
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.planes.heatmap import WHITE, HeatmapPlot
from gui.shell import theme


class InferencePlane(HeatmapPlot):
    """A heatmap with the posterior's outline in white, and the approximation in purple."""

    spoken = {**HeatmapPlot.spoken, "approximation": "approximation", "start": "start of q"}

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.path, self.approximation, self.start = Lines(), Lines(), Marks("square", 10)
        super().__init__(name, axes, home)
        self.add(self.path, self.approximation, self.start)

    def restyle(self) -> None:
        super().restyle()
        colour = theme.role_colour("variational")
        self.path.dress(pg.mkPen(WHITE, width=2.5), pg.mkPen(colour, width=1.5))
        self.approximation.dress(pg.mkPen(WHITE, width=5), pg.mkPen(colour, width=3))
        self.start.dress(pg.mkPen(WHITE, width=1.5), colour)

    def show_approximation(self, outline: NDArray | None, path: NDArray | None) -> None:
        """Show the outline (n, 2) of an approximation, and the path (m, 2) of its mean; None hides either."""
        self.approximation.show_outline(outline)
        self.path.show_outline(path if path is not None and len(path) > 1 else None)
        self.start.show_places([] if path is None else path[:1])
        self.set_handles([] if path is None else path[:1])
