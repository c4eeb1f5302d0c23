"""Histograms of one quantity, or of two quantities on the same axis, with their means."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush

from engine.latent.unboxing.evaluation import Counts
from engine.plane import Viewport
from gui.plots.axes import rounded
from gui.plots.lines import Lines
from gui.plots.plot import Plot
from gui.shell import theme

Columns = NDArray[np.float64]
ROOM = 1.15  # the height of the home viewport, relative to the highest bar
DECADES = range(-3, 7)
SPOKEN = {"evidence": "ln p(x)", "variational": "ELBO", "posterior": "reconstruction"}


class HistogramPlot(Plot):
    """One histogram for each of `roles`: the first filled, the others outlined. Vertical lines mark the means.

    With `decades` the values are log₁₀ of the quantity, and the ticks show the quantity itself.
    """

    def __init__(self, name: str, axis: str, roles: tuple[str, ...], *, decades: bool = False) -> None:
        self.roles, self._decades = roles, decades
        self.spoken = {"outlines": [SPOKEN.get(role, role) for role in roles]}
        self.shapes, self.outlines, self.means = ([Lines() for _ in roles] for _ in range(3))
        super().__init__(name, (axis, "images"), Viewport(0, 1, 0, 1), square=False)
        self.add(*self.shapes, *self.outlines, *self.means)
        if decades:
            self.sides["bottom"].setTicks([[(k, f"{10.0**k:,.10g}") for k in DECADES]])

    def show_counts(self, *histograms: Counts) -> None:
        """Show one histogram for each role."""
        for counts, shape, outline, mean in zip(histograms, self.shapes, self.outlines, self.means, strict=True):
            steps = _steps(counts)
            shape.show_outline(steps)
            outline.show_line(*steps.T)
            at = np.log10(max(counts.mean, 1e-12)) if self._decades else counts.mean
            mean.show_outline(np.array([[at, 0, at, 1e9]]))
        low, high = histograms[0].edges[0], histograms[0].edges[-1]
        top = ROOM * max(float(counts.counts.max()) for counts in histograms)
        left, right = (low - 0.05, high + 0.05) if self._decades else rounded(low, high)
        self.set_home(Viewport(left, right, 0, top), stay=True)

    def restyle(self) -> None:
        for i, role in enumerate(self.roles):
            colour = theme.role_colour(role)
            fill = theme.mixed(colour, theme.paper(), 0.45)
            brush = QBrush(Qt.BrushStyle.NoBrush) if i else QBrush(fill)
            self.shapes[i].dress(*([] if i else [pg.mkPen(fill, width=1)]), brush=brush)
            self.outlines[i].dress(pg.mkPen(colour, width=2))
            style = Qt.PenStyle.DashLine if i else Qt.PenStyle.SolidLine
            self.means[i].dress(pg.mkPen(theme.paper(), width=4), pg.mkPen(colour, width=2.5, style=style))


def _steps(counts: Counts) -> Columns:
    """Return the outline (2k + 2, 2) of k bars, which starts and ends at height 0."""
    x = np.repeat(counts.edges, 2)
    y = np.concatenate([[0.0], np.repeat(counts.counts, 2), [0.0]])
    return np.column_stack([x, y])
