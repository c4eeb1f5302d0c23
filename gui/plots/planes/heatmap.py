"""The heatmap: a density over a plane, with its ellipse, the truth's cross, pins and the place under the cursor."""

from __future__ import annotations

import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from engine.plane import Heatmap, Viewport
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.plots.raster import Raster, colour_map
from gui.plots.words import Words
from gui.shell import theme

WHITE, BLACK = QColor("#ffffff"), QColor("#000000")


class HeatmapPlot(Plot):
    """A plane coloured by a density, brightest where it is largest."""

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport, *, square: bool = True) -> None:
        self.raster = Raster(smooth=True)
        self.ellipse = Lines()
        self.prior, self.grips, self.strip = Lines(), Marks("square", 9), Lines()
        self.q, self.q_grips, self.modes = Lines(), Marks("square", 13), Words()
        self.truth, self.pins, self.here = Marks("cross", 18), badges(), Marks("ring", 12)
        super().__init__(name, axes, home, square=square)
        # A light line in a dark one stays visible on every colour of the map.
        self.ellipse.dress(pg.mkPen(BLACK, width=3), pg.mkPen(WHITE, width=1.5))
        self.truth.dress(pg.mkPen(WHITE), theme.role_colour("truth"))
        self.here.dress(pg.mkPen(WHITE, width=2), WHITE)
        self.prior.dress(pg.mkPen(WHITE, width=3), pg.mkPen(theme.role_colour("prior"), width=2, dash=[3, 2]))
        self.grips.dress(pg.mkPen(WHITE, width=1.5), theme.role_colour("prior"))
        self.strip.dress(pg.mkPen(BLACK, width=4), pg.mkPen(theme.role_colour("hovered"), width=2))
        self.q.dress(pg.mkPen(WHITE, width=4.5), pg.mkPen(theme.role_colour("variational"), width=2.5))
        self.q_grips.dress(pg.mkPen(theme.role_colour("variational"), width=2.5), QColor(0, 0, 0, 0))
        self.add(self.raster, self.ellipse, self.strip, self.prior, self.grips, self.truth)
        self.add(self.q, self.q_grips, self.modes, self.pins, self.here)

    def show_heatmap(self, shown: Heatmap | None) -> None:
        """Show a density, or nothing."""
        if shown is None:
            self.raster.clear()
        else:
            self.raster.show_pixels(shown.image, shown.viewport, colour_map(theme.colours()), top_first=False)

    def show_ellipse(self, outline: NDArray | None) -> None:
        """Outline a region by a polygon (n, 2) or by segments (n, 4), or none."""
        self.ellipse.show_outline(outline)

    def show_truth(self, place: tuple[float, float] | None) -> None:
        """Put the cross at the truth, or nowhere."""
        self.truth.show_places([place] if place else [])

    def show_pins(self, pins: tuple[tuple[float, float], ...]) -> None:
        """Mark the pinned places with their numbers."""
        self.pins.show_places(pins)

    def show_prior(self, outline: NDArray | None, handles: NDArray) -> None:
        """The prior's own ellipse (n, 2), and the places (m, 2) by which it is dragged."""
        self.prior.show_outline(outline)
        self.grips.show_places(handles)

    def show_q(self, outline: NDArray | None, handles: NDArray) -> None:
        """An approximation of the density by its outline (n, 2), and the places (m, 2) by which it is dragged."""
        self.q.show_outline(outline)
        self.q_grips.show_places(handles)

    def show_modes(self, modes: NDArray) -> None:
        """Letters at the peaks (m, 2) of the density, highest first."""
        names = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(modes)])
        self.modes.show_words(modes[: len(names)], names, (False,) * len(names))

    def show_strip(self, strip: NDArray | None) -> None:
        """Draw the line (1, 4) on which the weights explain the selected observation, or none."""
        self.strip.show_outline(strip)

    def show_here(self, place: tuple[float, float] | None) -> None:
        """Ring the place under the cursor of any linked plot."""
        self.here.show_places([place] if place else [])

    def restyle(self) -> None:
        self.raster.recolour(colour_map(theme.colours()))


def badges() -> Marks:
    """White discs with numbers on them."""
    made = Marks("disc", 17, numbered=True)
    made.dress(pg.mkPen(BLACK, width=1), WHITE)
    return made
