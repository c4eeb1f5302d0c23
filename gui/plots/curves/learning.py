"""The plot of the training curve: one quantity on training images and on test images, over the steps."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from engine.plane import Viewport
from gui.plots.axes import rounded
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.shell import theme

Columns = NDArray[np.float64]
ROOM = 0.06
NO_CURVES = Viewport(-20, 1020, -212, 12)
OUTER = 0.9
SETTLED = 0.04  # the first fraction of a run, whose values do not count for the home viewport


def readable(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the range of the values (n,) of a curve without outliers, so that a few of them do not flatten the curve.

    An outlier is farther from the middle OUTER of the values than the length of their range.
    """
    low, high = np.quantile(values, [(1 - OUTER) / 2, (1 + OUTER) / 2])
    span = high - low
    inner = values[(values >= low - span) & (values <= high + span)]
    return float(inner.min()), float(inner.max())


class LearningPlot(Plot):
    """Two curves without handles. The vertical line marks the present step."""

    spoken = {"learnt": "training", "held_out": "test"}

    def __init__(self, name: str, axes: tuple[str, str]) -> None:
        self.now, self.learnt, self.held_out, self.dots = Lines(), Lines(), Lines(), Marks("disc", 6)
        super().__init__(name, axes, NO_CURVES, square=False)
        self.add(self.now, self.learnt, self.held_out, self.dots)

    def show_curves(self, learnt: Columns, held_out: Columns, step: int) -> None:
        """Show the curves of training and test images, each (n, 2) of steps and values, and the present `step`."""
        self.learnt.show_line(learnt[:, 0], learnt[:, 1] if len(learnt) > 1 else None)
        self.held_out.show_line(held_out[:, 0], held_out[:, 1] if len(held_out) > 1 else None)
        self.dots.show_places(held_out)
        self.now.show_outline(np.array([[step, -1e7, step, 1e7]]))
        curves = [curve[np.isfinite(curve).all(1)] for curve in (learnt, held_out)]
        end = max((float(curve[:, 0].max()) for curve in curves if len(curve)), default=0.0)
        late = [curve[curve[:, 0] >= SETTLED * end, 1] for curve in curves]
        if ranges := [readable(values) for values in late if len(values)]:
            low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
            room = ROOM * (high - low) + 1e-3
            self.set_home(Viewport(-0.02 * end - 1, 1.02 * end + 1, *rounded(low - room, high + room)), stay=True)

    def restyle(self) -> None:
        self.now.dress(pg.mkPen(theme.faded(theme.ink(), 0.35), width=2))
        self.learnt.dress(pg.mkPen(theme.role_colour("likelihood"), width=2))
        self.held_out.dress(pg.mkPen(theme.role_colour("truth"), width=2, style=Qt.PenStyle.DashLine))
        self.dots.dress(pg.mkPen(theme.paper(), width=1), theme.role_colour("truth"))
