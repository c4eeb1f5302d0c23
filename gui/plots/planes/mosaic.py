"""The mosaic: decoded images over the latent plane, with marks for encoded images, samples and pins."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtGui import QColor

from engine.latent.image.q_outlines import Outlines
from engine.latent.model import Mosaic
from engine.plane import Viewport
from gui.plots.marks import Marks
from gui.plots.planes.heatmap import badges
from gui.plots.planes.overlay import OverlayLayers
from gui.plots.planes.spread import Spread
from gui.plots.planes.trail import Trail, Vector
from gui.plots.plot import Plot
from gui.plots.raster import Raster
from gui.shell import theme

Places = NDArray[np.float64]
NOWHERE = np.empty((0, 2))


class MosaicPlot(Plot):
    """The latent plane. The last complete mosaic stays below the mosaic that is being decoded."""

    spoken = {"landed": "test images", "samples": "samples", "pins": "pins", "here": "latent of the decoded image"}

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.complete, self.partial = Raster(smooth=True), Raster(smooth=True)
        self.overlay = OverlayLayers()
        self.landed, self.samples = Marks("disc", 4.5), Marks("square", 9)
        self.pins, self.spread, self.here = badges(), Spread(), Marks("ring", 16)
        self.trail, self.vector = Trail(), Vector()
        self.shown_mosaic: Mosaic | None = None
        self._shown_landed: tuple[Places | None, tuple[int, ...]] = (None, ())
        super().__init__(name, axes, home, square=True)
        self.add(self.complete, self.partial, *self.overlay.layers)
        self.add(self.landed, self.samples, self.pins, *self.trail.layers, *self.vector.layers, self.spread, self.here)

    def show_mosaic(self, mosaic: Mosaic) -> None:
        """Show decoded images; the last complete mosaic stays visible where images are not decoded yet."""
        if mosaic is self.shown_mosaic:
            return
        self.shown_mosaic = mosaic
        raster = self.complete if mosaic.complete else self.partial
        raster.show_pixels(mosaic.image, mosaic.viewport, theme.ink_map(), top_first=True)
        if mosaic.complete:
            self.partial.clear()

    def show_landed(self, places: Places | None, labels: NDArray[np.uint8], hidden: tuple[int, ...]) -> None:
        """Mark the latents (n, 2) of encoded images in the colours of their classes, except `hidden` classes."""
        if places is self._shown_landed[0] and hidden == self._shown_landed[1]:
            return
        self._shown_landed = places, hidden
        shown = ~np.isin(labels, hidden)
        self.landed.show_places(NOWHERE if places is None else places[shown], labels[shown] % len(theme.CLASSES))

    def show_outlines(self, outlines: Outlines | None) -> None:
        """Show the outlines of q_φ(z|x); None hides them."""
        self.spread.show_outlines(outlines)

    def show_samples(self, places: Places) -> None:
        """Mark samples (n, 2) from the prior."""
        self.samples.show_places(places)

    def show_pins(self, places: ArrayLike) -> None:
        """Mark the pins (n, 2) with their numbers."""
        self.pins.show_places(places)

    def show_here(self, place: tuple[float, float] | None) -> None:
        """Ring the latent whose decoded image is shown large; None hides the ring."""
        self.here.show_places([place] if place else [])

    def clear(self) -> None:
        """Show nothing but pins and waypoints, because everything else belongs to another plane."""
        self.shown_mosaic, self._shown_landed = None, (None, ())
        self.show_outlines(None)
        self.complete.clear()
        self.partial.clear()
        self.overlay.show(None, 1.0)
        self.landed.show_places(NOWHERE)
        self.samples.show_places(NOWHERE)
        self.trail.show_path(NOWHERE, NOWHERE)
        self.vector.show(NOWHERE, NOWHERE, ())

    def restyle(self) -> None:
        self.landed.dress(pg.mkPen(None), *(theme.faded(QColor(colour), 0.8) for colour in theme.classes()))
        self.samples.dress(pg.mkPen(theme.paper(), width=1), theme.role_colour("prior"))
        self.here.dress(pg.mkPen(theme.role_colour("hovered"), width=3), QColor())
        self.trail.dress()
        self.vector.dress()
        self.spread.dress(theme.role_colour("variational"), theme.paper())
        self.complete.recolour(theme.ink_map())
        self.partial.recolour(theme.ink_map())
        self.overlay.restyle()
