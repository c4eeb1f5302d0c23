"""The plot of Predictive: the predictive distribution over data space, as four bands or as a density."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor

from engine.plane import Heatmap, Viewport
from gui.plots.curves.curves import CurvesPlot
from gui.plots.lines import Lines
from gui.plots.raster import Raster, Table, argb
from gui.shell import theme

Columns = NDArray[np.float64]
# Each band: its half-width in standard deviations, whether it includes the noise, its legend, and its opacity.
BANDS = (
    (2, True, "±2σ", 0.1),
    (1, True, "±1σ with noise", 0.22),
    (2, False, "±2σ", 0.25),
    (1, False, "±1σ without", 0.55),
)


class PredictivePlot(CurvesPlot):
    """Data space with bands. Grey: a new observation, with noise; green: the function alone."""

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.density, self.bands, self.dots = Raster(smooth=True), [Lines() for _ in BANDS], Lines()
        super().__init__(name, axes, home)
        # The dots show the grey ±1σ where the green ±2σ covers it.
        self.add_below(self.density, *self.bands, self.dots)

    def show_bands(self, x: Columns, mean: Columns, epistemic: Columns, total: Columns) -> None:
        """Show the four bands around the mean, from its standard deviations without and with noise, each (n,)."""
        self.density.clear()
        for (times, noisy, _, _), band in zip(BANDS, self.bands, strict=True):
            half = times * (total if noisy else epistemic)
            outline = np.concatenate([mean - half, (mean + half)[::-1]])
            band.show_outline(np.column_stack([np.concatenate([x, x[::-1]]), outline]))
        self.dots.show_lines(x, np.array([mean - total, mean + total]))

    def show_density(self, density: Heatmap) -> None:
        """Show the density p(t | x) instead of the bands."""
        for band in self.bands:
            band.show_outline(None)
        self.dots.show_lines(self.dots.x, np.empty((0, len(self.dots.x))))
        self.density.show_pixels(density.image, density.viewport, _green(), top_first=False)

    @property
    def key(self) -> list[tuple[QColor, str]]:
        """The legend: each colour and its meaning."""
        if self.density.pixels is not None:
            return [(theme.role_colour("posterior"), "p(t|x) with noise; full colour is the maximum in view")]
        return [(_tint(i), words) for i, (_, _, words, _) in enumerate(BANDS)]

    def restyle(self) -> None:
        super().restyle()
        for i, band in enumerate(self.bands):
            band.dress(pg.mkPen(_tint(i), width=1), brush=QBrush(_tint(i)))
        self.dots.dress(pg.mkPen(theme.ink(), width=1.5, style=Qt.PenStyle.DotLine))
        self.density.recolour(_green())


def _tint(i: int) -> QColor:
    noisy, opacity = BANDS[i][1], BANDS[i][3]
    return theme.mixed(theme.ink() if noisy else theme.role_colour("posterior"), theme.paper(), opacity)


def _green() -> Table:
    """Return 256 ARGB colours from the paper colour to the posterior's colour."""
    low, high = theme.rgb(theme.paper()), theme.rgb(theme.role_colour("posterior"))
    ramp = np.linspace(0, 1, 256)[:, None]
    return argb(low + ramp * (high - low))
