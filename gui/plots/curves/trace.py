"""The trace: one quantity over the steps of an optimisation, and its upper bound."""

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
DEEPEST = 12.0  # the distance below the upper bound that the home viewport reaches at least
FEW_STEPS = 20.0  # of the home viewport, at least
ROOM = 0.08


class TracePlot(Plot):
    """One line and its upper bound, without handles."""

    spoken = {"line": "ELBO", "last": "latest step"}

    def __init__(self, name: str, axes: tuple[str, str]) -> None:
        self.level, self.line, self.last = Lines(), Lines(), Marks("disc", 8)
        super().__init__(name, axes, Viewport(0, 100, -1, 1), square=False)
        self.add(self.level, self.line, self.last)

    def show_trace(self, steps: Columns, values: Columns, level: float) -> None:
        """Show `values` (n,) over `steps` (n,), and their upper bound `level`."""
        self.line.show_line(steps, values if len(values) > 1 else None)
        self.last.show_places([(steps[-1], values[-1])])
        end = max(FEW_STEPS, float(steps[-1]))
        self.level.show_outline(np.array([[-end, level], [2 * end, level]]))
        deepest = min(max(level - DEEPEST, float(values.min())), float(values[-1]))  # the last value is always in view
        low, high = deepest, max(level, float(values.max()))
        room = ROOM * (high - low) + 1e-3
        self.set_home(Viewport(-0.02 * end, 1.02 * end, *rounded(low - room, high + room)), stay=True)

    def restyle(self) -> None:
        colour = theme.role_colour("variational")
        self.level.dress(pg.mkPen(theme.ink(), width=1.5, style=Qt.PenStyle.DashLine))
        self.line.dress(pg.mkPen(colour, width=2))
        self.last.dress(pg.mkPen(theme.paper(), width=1), colour)
