"""The heatmap: a density over a plane, with its outline, the true weights, pins and the place under the cursor."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from engine.plane import Heatmap, Viewport
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.planes.beyond import Beyond
from gui.plots.planes.ellipse import Ellipse
from gui.plots.planes.inset import Inset
from gui.plots.plot import Plot
from gui.plots.raster import Raster, colour_map
from gui.plots.samples import MANY, sample_colours
from gui.plots.words import Words
from gui.shell import theme

WHITE, BLACK = QColor("#ffffff"), QColor("#000000")


class HeatmapPlot(Plot):
    """A plane coloured by a density; bright means high."""

    spoken = {
        "raster": "density",
        "ellipse": "outline of 95 %",
        "truth": "true weights",
        "prior": "outline of the prior",
        "q": "outline of q",
        "modes": "modes",
        "pins": "pins",
    }

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport, *, square: bool = True) -> None:
        self.raster = Raster(smooth=True)
        self.ellipse = Ellipse()
        self.prior, self.grips, self.strip = Lines(), Marks("square", 9), Lines()
        self.q, self.q_grips, self.modes = Lines(), Marks("square", 13), Words()
        self.samples, self.beyond = Marks("disc", 9), Beyond()
        self.truth, self.pins, self.here = Marks("cross", 18), badges(), Marks("ring", 12)
        self.inset = Inset()
        super().__init__(name, axes, home, square=square)
        self.add(self.raster, self.ellipse, self.strip, self.prior, self.grips, self.samples, self.truth)
        self.add(self.q, self.q_grips, self.modes, self.pins, self.here, self.inset, self.beyond)

    def show_heatmap(self, shown: Heatmap | None) -> None:
        """Show a density; None shows nothing."""
        if shown is None:
            self.raster.clear()
        else:
            self.raster.show_pixels(shown.image, shown.viewport, colour_map(theme.colours()), top_first=False)

    def show_whole(self, whole: Heatmap | None) -> None:
        """Show a density over the whole plane in the inset; None shows no inset."""
        self.inset.show_whole(whole)

    def show_ellipse(self, outline: NDArray | None) -> None:
        """Show the outline of a region, as a polygon (n, 2) or as segments (n, 4); None hides it."""
        self.ellipse.show_outline(outline)
        self.beyond.show_outline(outline)

    def show_samples(self, places: NDArray) -> None:
        """Mark the weights (n, 2) of the sample lines, in the colours of the lines; more than MANY have no marks."""
        few = places if len(places) <= MANY else places[:0]
        self.samples.show_places(few, np.arange(len(few)) % len(sample_colours()))

    def show_truth(self, place: tuple[float, float] | None) -> None:
        """Show the cross at the true weights; None hides it."""
        self.truth.show_places([place] if place else [])

    def show_pins(self, pins: tuple[tuple[float, float], ...]) -> None:
        """Mark the pins with their numbers."""
        self.pins.show_places(pins)

    def show_prior(self, outline: NDArray | None, handles: NDArray) -> None:
        """Show the ellipse (n, 2) of the prior, and its handles (m, 2)."""
        self.prior.show_outline(outline)
        self.grips.show_places(handles)

    def show_q(self, outline: NDArray | None, handles: NDArray) -> None:
        """Show the outline (n, 2) of q, and its handles (m, 2)."""
        self.q.show_outline(outline)
        self.q_grips.show_places(handles)

    def show_modes(self, modes: NDArray) -> None:
        """Write letters at the modes (m, 2) of the density, the highest first."""
        names = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(modes)])
        self.modes.show_words(modes[: len(names)], names, (False,) * len(names))

    def show_strip(self, strip: NDArray | None) -> None:
        """Show the line (1, 4) of the weights that explain the selected observation; None hides it."""
        self.strip.show_outline(strip)

    def show_here(self, place: tuple[float, float] | None) -> None:
        """Ring the place under the cursor of any linked plot; None hides the ring."""
        self.here.show_places([place] if place else [])

    def restyle(self) -> None:
        # A light line inside a dark line is visible on every colour of the map.
        self.ellipse.dress(pg.mkPen(BLACK, width=3), pg.mkPen(WHITE, width=1.5))
        self.truth.dress(pg.mkPen(WHITE), theme.role_colour("truth"))
        self.here.dress(pg.mkPen(WHITE, width=2), WHITE)
        self.prior.dress(pg.mkPen(WHITE, width=3), pg.mkPen(theme.role_colour("prior"), width=2, dash=[3, 2]))
        self.grips.dress(pg.mkPen(WHITE, width=1.5), theme.role_colour("prior"))
        self.strip.dress(pg.mkPen(BLACK, width=4), pg.mkPen(theme.role_colour("hovered"), width=2))
        self.q.dress(pg.mkPen(WHITE, width=4.5), pg.mkPen(theme.role_colour("variational"), width=2.5))
        self.q_grips.dress(pg.mkPen(theme.role_colour("variational"), width=2.5), QColor(0, 0, 0, 0))
        dress_badges(self.pins)
        self.samples.dress(pg.mkPen(WHITE, width=1.2), *sample_colours())
        self.raster.recolour(colour_map(theme.colours()))
        self.inset.recolour()


def badges() -> Marks:
    """Return a layer of white discs with numbers."""
    marks = Marks("disc", 17, numbered=True)
    dress_badges(marks)
    return marks


def dress_badges(marks: Marks) -> None:
    """Give badges their colours, and their size in a lecture or outside it."""
    marks.dress(pg.mkPen(BLACK, width=1), WHITE)
