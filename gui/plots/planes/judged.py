"""The plane of the discriminator: its logits as colours from sky blue over paper to vermillion."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from engine.latent.gan.discriminator import CLEAR, SHADES, JudgedPlane
from engine.plane import Viewport
from gui.plots.marks import Marks
from gui.plots.planes.heatmap import badges, dress_badges
from gui.plots.plot import Plot
from gui.plots.raster import Raster, Table, argb
from gui.shell import theme

GENERATED, REAL = QColor("#56B4E9"), QColor("#D55E00")  # sky blue and vermillion, distinct for colour-blind people


def verdict_colours() -> Table:
    """Return 255 ARGB colours from GENERATED over the paper colour to REAL, and a transparent one."""
    ends, paper = (theme.rgb(GENERATED), theme.rgb(REAL)), theme.rgb(theme.paper())
    value = np.linspace(-1, 1, SHADES + 1)[:, None]
    rows = paper + np.abs(value) * (np.where(value < 0, *ends) - paper)
    assert CLEAR == SHADES + 1
    return (*argb(np.rint(rows)), 0)


class JudgedPlot(Plot):
    """The latent plane, coloured by D(G(z)), with the pins and the latent under the cursor."""

    spoken = {"raster": "D(G(z))", "pins": "pins"}

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.raster, self.pins, self.here = Raster(smooth=True), badges(), Marks("ring", 12)
        super().__init__(name, axes, home, square=True)
        self.add(self.raster, self.pins, self.here)

    def show_judged(self, judged: JudgedPlane | None) -> None:
        """Show D over the plane; None shows nothing."""
        if judged is None:
            self.raster.clear()
        else:
            self.raster.show_pixels(judged.image, judged.viewport, verdict_colours(), top_first=False)

    def show_here(self, place: tuple[float, float] | None) -> None:
        """Ring the latent under the cursor of any plane; None hides the ring."""
        self.here.show_places([place] if place else [])

    def restyle(self) -> None:
        dress_badges(self.pins)
        self.raster.recolour(verdict_colours())
        self.here.dress(pg.mkPen(theme.role_colour("hovered"), width=3), QColor(0, 0, 0, 0))
