"""A profile: one quantity over another, with vertical lines at the cursor and at the best place."""

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


class ProfilePlot(Plot):
    """One line of values from zero upwards, in the colour of its role."""

    spoken = {"line": "curve", "best": "dashed line", "cursor": "cursor"}

    def __init__(self, name: str, axes: tuple[str, str], role: str) -> None:
        self.role = role
        self.line, self.best, self.cursor = Lines(), Lines(), Lines()
        self.data = Marks("disc", 7)
        super().__init__(name, axes, Viewport(-1, 1, 0, 1), square=False)
        self.add(self.best, self.line, self.cursor, self.data)

    def show_profile(self, x: Columns, y: Columns) -> None:
        """Show values `y` (n,) ≥ 0 over `x` (n,)."""
        self.line.show_line(x, y)
        (left, right), (_, top) = rounded(float(x[0]), float(x[-1])), rounded(0.0, 1.05 * float(y.max()) or 1.0)
        self.set_home(Viewport(left, right, -0.02 * top, top), stay=True)

    def show_data(self, x: Columns) -> None:
        """Mark the observations at x (n,) on the axis."""
        self.data.show_places(np.column_stack([x, np.zeros(len(x))]))

    def show_vertical(self, which: Lines, x: float | None) -> None:
        """Show one of the vertical lines `cursor` and `best` at x; None hides it."""
        view = self.shown
        which.show_outline(None if x is None else np.array([[x, view.bottom], [x, view.top]]))

    def restyle(self) -> None:
        self.line.dress(pg.mkPen(theme.role_colour(self.role), width=3))
        self.data.dress(pg.mkPen(theme.paper(), width=1), theme.ink())
        self.best.dress(pg.mkPen(theme.ink(), width=1.5, style=Qt.PenStyle.DashLine))
        self.cursor.dress(pg.mkPen(theme.role_colour("hovered"), width=3))
