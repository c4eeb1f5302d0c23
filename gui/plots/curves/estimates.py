"""The plots of Gradient estimates: two estimators of one number, and their spread over the number of samples."""

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
from gui.plots.words import Words
from gui.shell import theme

Columns = NDArray[np.float64]
NAMES = ("score function", "reparameterised")
ROLES = ("evidence", "variational")
ROWS, SPREAD = (1.42, 0.42), 0.24  # the height of each estimator's dots, and their largest distance from it
ROOM = 0.08
WIDEST = 3.0  # standard deviations of the broader estimator to each side of the home viewport


class EstimatesPlot(Plot):
    """Two rows of dots on the same axis, each with a bar of one standard deviation on both sides of its mean."""

    spoken = {"dots": NAMES}

    def __init__(self, name: str, axis: str) -> None:
        self.exact, self.bars = Lines(), [Lines() for _ in NAMES]
        self.dots, self.words = [Marks("disc", 4) for _ in NAMES], Words(on_paper=True)
        super().__init__(name, (axis, " "), Viewport(-1, 1, 0, 2), square=False)
        self.sides["left"].setStyle(showValues=False)
        self.add(*self.dots, *self.bars, self.exact, self.words)

    def show_estimates(self, both: tuple[Columns, Columns], exact: float) -> None:
        """Show the estimates of both estimators, each (n,), the score function's above, and the exact value."""
        reach = max(WIDEST * float(np.std(values)) + abs(float(np.mean(values)) - exact) for values in both) or 1.0
        left, right = rounded(exact - reach, exact + reach)
        self.set_home(Viewport(left, right, 0, 2), stay=True)
        for i, (values, dots, bar) in enumerate(zip(both, self.dots, self.bars, strict=True)):
            up = ROWS[i]
            jitter = SPREAD * (2 * np.random.default_rng(i).random(len(values)) - 1)
            dots.show_places(np.column_stack([values, up + jitter]))
            mean, spread = float(np.mean(values)), float(np.std(values, ddof=1))
            bar.show_outline(np.array([[mean - spread, up, mean + spread, up]]))
        self.exact.show_outline(np.array([[exact, -1, exact, 3]]))
        middle = (left + right) / 2
        self.words.show_words([(middle, up + SPREAD) for up in ROWS], NAMES, (True, True))

    def clear(self) -> None:
        """Show nothing."""
        for layer in (*self.dots, self.words):
            layer.show_words([], (), ()) if isinstance(layer, Words) else layer.show_places([])
        for lines in (*self.bars, self.exact):
            lines.show_outline(None)

    def restyle(self) -> None:
        for role, dots, bar in zip(ROLES, self.dots, self.bars, strict=True):
            colour = theme.role_colour(role)
            dots.dress(pg.mkPen(None), theme.faded(colour, 0.7))
            bar.dress(pg.mkPen(theme.paper(), width=7), pg.mkPen(theme.ink(), width=3))
        self.exact.dress(pg.mkPen(theme.ink(), width=1.5, style=Qt.PenStyle.DashLine))
        self.sides["left"].setStyle(tickLength=0)


class SpreadPlot(Plot):
    """Standard deviations of both estimators over the number of samples, on logarithmic axes."""

    spoken = {"lines": NAMES}

    def __init__(self, name: str) -> None:
        self.cursor, self.lines = Lines(), [Lines() for _ in NAMES]
        self.dots = [Marks("disc", 8) for _ in NAMES]
        axes = ("log₁₀ K", "log₁₀ σ")
        super().__init__(name, axes, Viewport(-0.1, 2.1, -1, 3), square=False)
        self.add(self.cursor, *self.lines, *self.dots)

    def show_spreads(self, counts: tuple[int, ...], spreads: tuple[Columns, Columns], chosen: int) -> None:
        """Show the standard deviations of both estimators, each (n,), over n numbers of samples, one of them chosen."""
        x, both = np.log10(counts), [np.log10(np.maximum(spread, 1e-12)) for spread in spreads]
        low, high = rounded(float(np.min(both)) - 0.1, float(np.max(both)) + 0.1)
        room = ROOM * (high - low)
        self.set_home(Viewport(-0.1, float(x[-1]) + 0.1, low - room, high + room), stay=True)
        for y, lines, dots in zip(both, self.lines, self.dots, strict=True):
            lines.show_line(x, y)
            dots.show_places(np.column_stack([x, y]))
        self.cursor.show_outline(np.array([[np.log10(chosen), -20.0, np.log10(chosen), 20.0]]))

    def clear(self) -> None:
        """Show nothing."""
        for lines, dots in zip(self.lines, self.dots, strict=True):
            lines.show_outline(None)
            dots.show_places([])
        self.cursor.show_outline(None)

    def restyle(self) -> None:
        self.cursor.dress(pg.mkPen(theme.ink(), width=1.5, style=Qt.PenStyle.DashLine))
        for role, lines, dots in zip(ROLES, self.lines, self.dots, strict=True):
            lines.dress(pg.mkPen(theme.role_colour(role), width=2))
            dots.dress(pg.mkPen(theme.paper(), width=1), theme.role_colour(role))
