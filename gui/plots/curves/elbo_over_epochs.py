"""The plot of the ELBO decomposition during training: one line for each term, with one area filled."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush

from engine.plane import Viewport
from gui.plots.axes import rounded
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.shell import theme

Columns = NDArray[np.float64]
SPOKEN = {"posterior": "ln p(x)", "evidence": "ln p(x)", "likelihood": "reconstruction", "prior": "KL(q‖prior)"}
ROOM = 0.06
EARLY = 0.04  # the first fraction of a run, whose values do not count for the home viewport
STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)


class OverEpochsPlot(Plot):
    """One line for each of `roles`; the area between the last two is filled. The vertical line is the checkpoint."""

    def __init__(self, name: str, axes: tuple[str, str], roles: tuple[str, ...], *, filled: bool) -> None:
        self.roles, self._filled = roles, filled
        self.between, self.now = Lines(), Lines()
        self.spoken = {
            "lines": [{**SPOKEN, "variational": "ELBO" if filled else "gap"}.get(role, role) for role in roles]
        }
        self.lines, self.dots = [Lines() for _ in roles], [Marks("disc", 7) for _ in roles]
        super().__init__(name, axes, Viewport(0, 1000, -200, 0), square=False)
        self.click_through = True
        self.add(self.between, self.now, *self.lines, *self.dots)

    def show_columns(self, steps: Columns, columns: tuple[Columns, ...], now: int, last: int) -> None:
        """Show values (m,) in nats for each role over the steps (m,), of a run that has reached step `last`."""
        for line, dots, column in zip(self.lines, self.dots, columns, strict=True):
            line.show_line(steps, column if len(steps) > 1 else None)
            dots.show_places(np.column_stack([steps, column]))
        self.now.show_outline(np.array([[now, -1e7, now, 1e7]]))
        one, other = columns[-2:]
        filled = self._filled and len(steps) > 1
        outline = np.column_stack([np.append(steps, steps[::-1]), np.append(one, other[::-1])])
        self.between.show_outline(outline if filled else None)
        if len(steps):
            late = steps >= EARLY * last if (steps >= EARLY * last).any() else np.ones(len(steps), bool)
            values = np.concatenate([column[late] for column in columns])
            low, high = float(values.min()), float(values.max())
            room = ROOM * (high - low) + 1e-3
            self.set_home(Viewport(-0.02 * last - 1, 1.02 * last + 1, *rounded(low - room, high + room)), stay=True)

    def restyle(self) -> None:
        fill = theme.faded(theme.role_colour("variational"), 0.35)
        self.between.dress(brush=QBrush(fill))
        self.now.dress(pg.mkPen(theme.role_colour("hovered"), width=2))
        for role, style, line, dots in zip(self.roles, STYLES, self.lines, self.dots, strict=False):
            line.dress(pg.mkPen(theme.role_colour(role), width=2, style=style))
            dots.dress(pg.mkPen(theme.paper(), width=1), theme.role_colour(role))
