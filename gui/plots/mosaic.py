"""The mosaic: decoded pictures laid over the latent plane, with real images, samples and pins marked on top."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from engine.latent.manifold import Mosaic
from engine.plane import Viewport
from gui.plots.heatmap import badge, number
from gui.plots.plot import Plot, faded
from gui.plots.raster import Raster
from gui.shell import theme

Places = NDArray[np.float64]


class MosaicPlot(Plot):
    """The latent plane. The last complete mosaic stays beneath the one that is being decoded."""

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.under, self.over = Raster(smooth=True), Raster(smooth=True)
        self.landed = [pg.ScatterPlotItem(size=4, pen=None) for _ in theme.CLASSES]
        self.samples = pg.ScatterPlotItem(symbol="s", size=9)
        self.pins = badge()
        self.here = pg.ScatterPlotItem(symbol="o", size=16, brush=None)
        self._labels: list[pg.TextItem] = []
        super().__init__(name, axes, home, square=True)
        for item in (self.under, self.over, *self.landed, self.samples, self.pins, self.here):
            self.addItem(item)

    def show_mosaic(self, mosaic: Mosaic) -> None:
        """Show decoded pictures; where they are not decoded yet, the last ones stay."""
        self.over.show_pixels(mosaic.image, mosaic.viewport, theme.ink_map(), top_first=True)
        if mosaic.complete:
            self.under.show_pixels(mosaic.image, mosaic.viewport, theme.ink_map(), top_first=True)

    def show_landed(self, places: Places | None, labels: NDArray[np.uint8] | None, hidden: tuple[int, ...]) -> None:
        """Mark where real images land (n, 2), each class in its colour, without the hidden ones."""
        for label, item in enumerate(self.landed):
            if places is None or labels is None or label in hidden:
                item.clear()
            else:
                mine = places[labels == label]
                item.setData(mine[:, 0], mine[:, 1])

    def show_samples(self, places: Places) -> None:
        """Mark samples from the prior."""
        self.samples.setData(places[:, 0], places[:, 1])

    def show_pins(self, places: Places) -> None:
        """Mark the pinned places with their numbers; they are handles."""
        self.pins.setData(places[:, 0], places[:, 1])
        self.set_handles(places)
        number(self, self._labels, tuple((float(x), float(y)) for x, y in places))

    def show_here(self, place: tuple[float, float] | None) -> None:
        """Ring the place that is decoded large."""
        self.here.setData(*([[v] for v in place] if place else ([], [])))

    def restyle(self) -> None:
        paper = theme.paper()
        for item, colour in zip(self.landed, theme.CLASSES, strict=True):
            item.setBrush(faded(pg.mkColor(colour), 0.75))
        self.samples.setPen(pg.mkPen(paper, width=1))
        self.samples.setBrush(theme.role_colour("prior"))
        self.here.setPen(pg.mkPen(theme.role_colour("hovered"), width=3))
        self.under.recolour(theme.ink_map())
        self.over.recolour(theme.ink_map())
