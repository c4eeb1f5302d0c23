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
from gui.plots.planes.heatmap import badges, dress_badges
from gui.plots.planes.overlay import OverlayLayers
from gui.plots.planes.spread import Spread
from gui.plots.planes.trail import Trail, Vector
from gui.plots.plot import Plot
from gui.plots.raster import Raster
from gui.plots.words import Names
from gui.shell import theme

Places = NDArray[np.float64]
NOWHERE = np.empty((0, 2))


class MosaicPlot(Plot):
    """The latent plane. The last complete mosaic stays below the mosaic that is being decoded."""

    spoken = {"landed": "test images", "samples": "samples", "pins": "pins", "here": "latent of the decoded image"}

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.complete, self.partial = Raster(smooth=True), Raster(smooth=True)
        self.overlay = OverlayLayers()
        self.landed, self.samples = Marks("disc", 5, rimmed=True), Marks("square", 7)
        self.names = Names()
        self.pins, self.spread, self.here = badges(), Spread(), Marks("ring", 16)
        self.trail, self.vector = Trail(), Vector()
        self.shown_mosaic: Mosaic | None = None
        self._named: tuple[Places, tuple[str, ...], tuple[int, ...]] = NOWHERE, (), ()
        self._shown_landed: tuple[Places | None, tuple[int, ...]] = (None, ())
        super().__init__(name, axes, home, square=True)
        self.add(self.complete, self.partial, *self.overlay.layers)
        self.add(
            self.landed,
            self.names,
            self.samples,
            self.pins,
            *self.trail.layers,
            *self.vector.layers,
            self.spread,
            self.here,
        )

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
        self.landed.show_places(NOWHERE if places is None else places[shown], labels[shown] % len(theme.classes()))

    def show_names(self, centres: Places, classes: tuple[str, ...], hidden: tuple[int, ...]) -> None:
        """Write the names of `classes` at their centres (n, 2), except `hidden` classes."""
        shown = [i for i in range(len(centres)) if i not in hidden and not np.isnan(centres[i, 0])]
        self._named = centres, classes, hidden
        names = tuple(classes[i] for i in shown)
        self.names.show_names(centres[shown], names, tuple(_of_class(i) for i in shown))

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
        self.show_names(NOWHERE, (), ())
        self.samples.show_places(NOWHERE)
        self.trail.show_path(NOWHERE, NOWHERE)
        self.vector.show(NOWHERE, NOWHERE, ())

    def restyle(self) -> None:
        dress_badges(self.pins)
        self.landed.dress(
            pg.mkPen(theme.faded(theme.paper(), 0.5), width=1),
            *(theme.faded(_of_class(i), 0.5) for i in range(len(theme.classes()))),
        )
        self.show_names(*self._named)
        self.samples.dress(pg.mkPen(theme.paper(), width=1), theme.faded(theme.role_colour("prior"), 0.8))
        self.here.dress(pg.mkPen(theme.role_colour("hovered"), width=3), QColor())
        self.trail.dress()
        self.vector.dress()
        self.spread.dress(theme.role_colour("variational"), theme.paper())
        self.complete.recolour(theme.ink_map())
        self.partial.recolour(theme.ink_map())
        self.overlay.restyle()


def _of_class(i: int) -> QColor:
    """Return the colour of a class."""
    return QColor(theme.classes()[i % len(theme.classes())])
