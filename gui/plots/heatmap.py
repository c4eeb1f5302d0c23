"""The heatmap: a density over a plane, with its ellipse, the truth's cross, pins and the place under the cursor."""

from __future__ import annotations

import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from engine.plane import Heatmap, Viewport
from gui.plots.plot import Plot
from gui.plots.raster import Raster, colour_map
from gui.shell import theme

WHITE, BLACK = QColor("#ffffff"), QColor("#000000")


class HeatmapPlot(Plot):
    """A square plane coloured by a density, brightest where it is largest."""

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.raster = Raster(smooth=True)
        # Light on dark edges stay visible on every colour of the map.
        self.ellipse_edge = pg.PlotCurveItem(pen=pg.mkPen(BLACK, width=3))
        self.ellipse = pg.PlotCurveItem(pen=pg.mkPen(WHITE, width=1.5))
        self.truth = pg.ScatterPlotItem(symbol="+", size=18, pen=pg.mkPen(WHITE, width=1))
        self.truth.setBrush(theme.role_colour("truth"))
        self.pins = badge()
        self.here = pg.ScatterPlotItem(symbol="o", size=12, pen=pg.mkPen(WHITE, width=2), brush=None)
        self._labels: list[pg.TextItem] = []
        super().__init__(name, axes, home, square=True)
        for item in (self.raster, self.ellipse_edge, self.ellipse, self.truth, self.pins, self.here):
            self.addItem(item)

    def show_heatmap(self, shown: Heatmap | None) -> None:
        """Show a density, or nothing."""
        if shown is None:
            self.raster.clear()
        else:
            self.raster.show_pixels(shown.image, shown.viewport, colour_map(theme.colours()), top_first=False)

    def show_ellipse(self, outline: NDArray | None) -> None:
        """Outline (n, 2) a region, or none."""
        for curve in (self.ellipse_edge, self.ellipse):
            if outline is None:
                curve.clear()
            else:
                curve.setData(outline[:, 0], outline[:, 1])

    def show_truth(self, place: tuple[float, float] | None) -> None:
        """Put the cross at the truth, or nowhere."""
        self.truth.setData(*([[v] for v in place] if place else ([], [])))

    def show_pins(self, pins: tuple[tuple[float, float], ...]) -> None:
        """Mark the pinned places with their numbers; they are handles."""
        self.pins.setData([p[0] for p in pins], [p[1] for p in pins])
        self.set_handles(pins)
        number(self, self._labels, pins)

    def show_here(self, place: tuple[float, float] | None) -> None:
        """Ring the place under the cursor of any linked plot."""
        self.here.setData(*([[v] for v in place] if place else ([], [])))

    def restyle(self) -> None:
        self.raster.recolour(colour_map(theme.colours()))


def badge() -> pg.ScatterPlotItem:
    """White discs for numbers to stand on."""
    return pg.ScatterPlotItem(symbol="o", size=17, pen=pg.mkPen(BLACK, width=1), brush=WHITE)


def number(plot: Plot, labels: list[pg.TextItem], places: tuple[tuple[float, float], ...]) -> None:
    """Write 1, 2, 3 … in black at `places`, making and removing text items in `labels` as needed."""
    while len(labels) > len(places):
        plot.removeItem(labels.pop())
    while len(labels) < len(places):
        text = pg.TextItem(str(len(labels) + 1), color=BLACK, anchor=(0.5, 0.5))
        text.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        text.setZValue(50)
        labels.append(text)
        plot.addItem(text)
    for text, place in zip(labels, places, strict=True):
        text.setPos(*place)
