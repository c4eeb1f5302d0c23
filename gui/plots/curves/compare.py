"""The plot of Compare: least squares, MAP, and Bayes with its band, over data space."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QPixmap

from engine.plane import Viewport
from gui.plots.curves.curves import CurvesPlot
from gui.plots.lines import Lines
from gui.shell import theme

Columns = NDArray[np.float64]
KEY = 16  # pixels on each side


class ComparePlot(CurvesPlot):
    """Data space with three estimates. The mean of Bayes is broad and pale, so that the dashed MAP is visible on it."""

    spoken = {**CurvesPlot.spoken, "least_squares": "least squares", "map": "MAP", "bayes": "Bayes"}

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.around, self.bayes, self.least_squares, self.map = (Lines() for _ in range(4))
        super().__init__(name, axes, home)
        self.add_below(self.around, self.bayes, self.least_squares, self.map)

    def show_estimates(self, x: Columns, curves: Columns, band: tuple[Columns, Columns]) -> None:
        """Show the `curves` (3, n) of least squares, MAP and Bayes over x (n,), and the band of Bayes."""
        outline = np.concatenate([band[0], band[1][::-1]])
        self.around.show_outline(np.column_stack([np.concatenate([x, x[::-1]]), outline]))
        for lines, curve in zip((self.least_squares, self.map, self.bayes), curves, strict=True):
            lines.show_line(x, curve)

    def restyle(self) -> None:
        super().restyle()
        pale = theme.mixed(theme.role_colour("posterior"), theme.paper(), 0.2)
        self.around.dress(pg.mkPen(pale, width=1), brush=QBrush(pale))
        for lines, pen in zip((self.least_squares, self.map, self.bayes), pens(), strict=True):
            lines.dress(pen)


def pens() -> tuple[QPen, QPen, QPen]:
    """Return the pens of least squares, MAP and Bayes."""
    posterior = theme.role_colour("posterior")
    return (
        pg.mkPen(theme.ink(), width=2),
        pg.mkPen(posterior, width=2.5, style=Qt.PenStyle.DashLine),
        pg.mkPen(theme.mixed(posterior, theme.paper(), 0.6), width=7),
    )


def key(estimator: int) -> QPixmap:
    """Return a short piece of the estimator's line, to be shown next to its name."""
    pixmap = QPixmap(KEY, KEY)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter, pen = QPainter(pixmap), pens()[estimator]
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if pen.style() == Qt.PenStyle.DashLine:
        pen.setDashPattern([2.4, 1.6])
    painter.setPen(pen)
    painter.drawLine(QPointF(0, KEY / 2), QPointF(KEY, KEY / 2))
    painter.end()
    return pixmap
