"""The plot of a GAN's losses, or of the gap of D's mean logits, over the steps."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from engine.plane import Viewport
from gui.plots.axes import rounded
from gui.plots.curves.learning import readable
from gui.plots.lines import Lines
from gui.plots.plot import Plot
from gui.shell import theme

Columns = NDArray[np.float64]
HOME = Viewport(-20, 1020, 0, 1.4)
ROOM = 0.08
FAR = 1e7
LONG = (
    5  # the dashed level is this many times as long as the curves on each side: Qt draws no dashes on much longer lines
)


class LossesPlot(Plot):
    """Two curves, of D and of G; a dashed level; the vertical line marks the step that is shown."""

    spoken = {"discriminator": "D", "generator": "G"}

    def __init__(self, name: str, axes: tuple[str, str]) -> None:
        self.now, self.level, self.discriminator, self.generator = (Lines() for _ in range(4))
        super().__init__(name, axes, HOME, square=False)
        self.add(self.now, self.level, self.discriminator, self.generator)

    def show_curves(
        self, steps: Columns, first: Columns | None, second: Columns | None, level: float, step: int
    ) -> None:
        """Show one or two curves, each (n,), over `steps` (n,), a dashed `level` to compare them with, and a `step`."""
        drawn = len(steps) > 1
        self.discriminator.show_line(steps, first if drawn else None)
        self.generator.show_line(steps, second if drawn else None)
        length = LONG * (float(steps[-1]) if drawn else HOME.right)
        self.level.show_outline(np.array([[-length, level, length, level]]))
        self.now.show_outline(np.array([[step, -FAR, step, FAR]]))
        if not drawn:
            self.set_home(HOME)
            return
        ranges = [readable(curve) for curve in (first, second) if curve is not None]
        low, high = min(level, *(low for low, _ in ranges)), max(level, *(high for _, high in ranges))
        room, end = ROOM * (high - low) + 1e-3, float(steps[-1])
        self.set_home(Viewport(-0.02 * end, 1.02 * end, *rounded(low - room, high + room)), stay=True)

    def restyle(self) -> None:
        self.now.dress(pg.mkPen(theme.faded(theme.ink(), 0.35), width=2))
        self.level.dress(pg.mkPen(theme.faded(theme.ink(), 0.5), width=1.5, style=Qt.PenStyle.DashLine))
        self.discriminator.dress(pg.mkPen(theme.role_colour("truth"), width=2))
        self.generator.dress(pg.mkPen(theme.role_colour("prior"), width=2))
