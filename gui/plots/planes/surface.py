"""The surface of Evidence: a heatmap with a point to drag, the path of re-estimation, and its end points."""

from __future__ import annotations

import pyqtgraph as pg
from numpy.typing import ArrayLike

from engine.plane import Viewport
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.planes.heatmap import BLACK, WHITE, HeatmapPlot
from gui.shell import theme


class SurfacePlot(HeatmapPlot):
    """A heatmap whose only handle is the point."""

    spoken = {"raster": "log evidence", "summits": "maxima", "point": "present α and β", "path": "re-estimation"}

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.contours, self.path, self.steps = Lines(), Lines(), Marks("disc", 5)
        self.summits, self.point = Marks("cross", 20), Marks("disc", 14)
        super().__init__(name, axes, home, square=False)
        self.add(self.contours, self.path, self.steps, self.summits, self.point)

    def restyle(self) -> None:
        super().restyle()
        self.contours.dress(pg.mkPen(theme.faded(WHITE, 0.6), width=1))
        self.path.dress(pg.mkPen(BLACK, width=3), pg.mkPen(WHITE, width=1.5))
        self.steps.dress(pg.mkPen(BLACK, width=1), WHITE)
        self.summits.dress(pg.mkPen(BLACK), WHITE)
        self.point.dress(pg.mkPen(WHITE, width=2), theme.role_colour("likelihood"))

    def show_climb(self, path: ArrayLike, summits: ArrayLike) -> None:
        """Show the path (n, 2) of re-estimation from the point, and the end points (m, 2) of all such paths."""
        self.steps.show_places(path)
        self.path.show_outline(self.steps.places if len(self.steps.places) > 1 else None)
        self.summits.show_places(summits)

    def show_point(self, place: tuple[float, float] | None) -> None:
        """Show the point of the document; None hides it."""
        self.point.show_places([place] if place else [])
        self.set_handles([place] if place else [])
