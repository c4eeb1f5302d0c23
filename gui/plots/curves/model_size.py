"""The plots of Model size: quantities over the size of the basis, as dots joined by lines."""

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
SPOKEN = {
    "prior": "Occam factor",
    "likelihood": "fit to the data",
    "evidence": "log evidence",
    "truth": "held-out data",
}
ROOM = 0.06  # the fraction of the height that is left empty above and below


class ModelSizePlot(Plot):
    """One line for each of `roles`, in its colour, and a vertical line at the chosen size."""

    def __init__(self, name: str, axes: tuple[str, str], roles: tuple[str, ...]) -> None:
        # Held-out data have dashes and squares, because some people see their colour like that of the training data.
        self.lines = {role: (Lines(), Marks("square" if role == "truth" else "disc", 8)) for role in roles}
        self.chosen = Lines()
        self.spoken = {"lines": [SPOKEN[role] for role in roles]}
        super().__init__(name, axes, Viewport(-0.5, 15.5, -1, 1), square=False)
        self.add(self.chosen, *(line for line, _ in self.lines.values()), *(dots for _, dots in self.lines.values()))

    def show_columns(self, orders: Columns, columns: tuple[Columns, ...], floor: float) -> None:
        """Show one column (m,) for each role over the sizes `orders` (m,); the home viewport ends at `floor`."""
        for (line, dots), column in zip(self.lines.values(), columns, strict=True):
            line.show_line(orders, column if len(column) > 1 else None)
            dots.show_places(np.column_stack([orders, column]))
        if len(orders):
            low, high = max(floor, min(map(np.min, columns))), max(map(np.max, columns))
            room = ROOM * (high - low) + 1e-6
            self.set_home(Viewport(orders[0] - 0.5, orders[-1] + 0.5, *rounded(low - room, high + room)), stay=True)

    def clear(self) -> None:
        """Show no columns."""
        self.show_columns(np.empty(0), tuple(np.empty(0) for _ in self.lines), 0.0)

    def show_chosen(self, order: int) -> None:
        """Mark the size of the model."""
        self.chosen.show_outline(np.array([[order, -1e7], [order, 1e7]]))

    def restyle(self) -> None:
        self.chosen.dress(pg.mkPen(theme.faded(theme.ink(), 0.25), width=7))
        for role, (line, dots) in self.lines.items():
            style = Qt.PenStyle.DashLine if role == "truth" else Qt.PenStyle.SolidLine
            line.dress(pg.mkPen(theme.role_colour(role), width=2, style=style))
            dots.dress(pg.mkPen(theme.paper(), width=1), theme.role_colour(role))
