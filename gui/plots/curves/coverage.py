"""The plot of Coverage: the empirical coverage of each band over x, around its nominal coverage."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.plane import Viewport
from engine.regression.coverage import BANDS
from gui.plots.axes import rounded
from gui.plots.lines import Lines
from gui.plots.plot import Plot
from gui.shell import theme

Columns = NDArray[np.float64]
LOWEST = 50.0  # %, the lower end of the home viewport, unless a value is lower


class CoveragePlot(Plot):
    """One line for each of BANDS, in %. Green: credible bands; ink: predictive bands; dashed: ±2σ."""

    def __init__(self, name: str, axes: tuple[str, str]) -> None:
        self.chances, self.promises, self.counts = ([Lines() for _ in BANDS] for _ in range(3))
        self.cursor = Lines()
        self.spoken = {"counts": [f"{kind} ±{width}σ" for kind in ("credible", "predictive") for width in (1, 2)]}
        super().__init__(name, axes, Viewport(-1, 1, LOWEST, 101), square=False)
        self.add(*self.chances, *self.promises, *reversed(self.counts), self.cursor)

    def show_counts(self, x: Columns, held: Columns, promised: Columns, chance: Columns) -> None:
        """Show empirical and nominal coverage (4, n) over `x` (n,), with two standard errors `chance` (4, n).

        All are fractions from 0 to 1.
        """
        for row, (strip, line, count) in enumerate(zip(self.chances, self.promises, self.counts, strict=True)):
            low, high = 100 * (promised[row] - chance[row]), 100 * np.minimum(promised[row] + chance[row], 1)
            strip.show_outline(np.column_stack([np.append(x, x[::-1]), np.append(low, high[::-1])]))
            line.show_line(x, 100 * promised[row])
            count.show_line(x, 100 * held[row])
        lowest = 100 * float(min(held.min(), promised.min()))
        bottom = LOWEST if lowest > LOWEST else rounded(lowest - 4, 100)[0]
        room = 0.03 * float(x[-1] - x[0])
        self.set_home(Viewport(float(x[0]) - room, float(x[-1]) + room, max(bottom, -2.0), 102), stay=True)

    def clear(self) -> None:
        """Show no counts."""
        for lines in (self.promises, self.counts):
            for line in lines:
                line.show_lines(np.empty(0), np.empty((0, 0)))
        for strip in self.chances:
            strip.show_outline(None)

    def show_vertical(self, x: float | None) -> None:
        """Show the vertical line of the cursor at x; None hides it."""
        self.cursor.show_outline(None if x is None else np.array([[x, -1e3, x, 1e3]]))

    def restyle(self) -> None:
        pale = theme.mixed(theme.ink(), theme.paper(), 0.12)
        for row in range(len(BANDS)):
            self.chances[row].dress(pg.mkPen(pale, width=1), brush=QBrush(pale))
            self.promises[row].dress(pg.mkPen(theme.mixed(theme.ink(), theme.paper(), 0.6), width=1))
            self.counts[row].dress(band_pen(row))
        self.cursor.dress(pg.mkPen(theme.role_colour("hovered"), width=2))


def band_pen(row: int) -> QPen:
    """Return the pen of a band's line, in the colour that the band has in the panel Predictive."""
    colour = theme.role_colour("posterior") if row < 2 else theme.ink()
    return pg.mkPen(colour, width=2.5, style=Qt.PenStyle.DashLine if row % 2 else Qt.PenStyle.SolidLine)


class LineSample(QWidget):
    """A short piece of a band's line, for a legend."""

    def __init__(self, row: int) -> None:
        super().__init__()
        self.row = row
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(28, 12)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(band_pen(self.row))
        painter.drawLine(1, self.height() // 2, self.width() - 2, self.height() // 2)
