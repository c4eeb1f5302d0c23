"""The plots of the book's figures: green the truth, blue circles the observations, red what is inferred."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from engine.plane import Heatmap, Viewport
from gui.plots.curves.curves import CurvesPlot
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.plots.raster import Raster, colour_map
from gui.plots.samples import SHADES
from gui.shell import theme

GREEN, BLUE, RED, SHADE = QColor("#1f9e3a"), QColor("#1f3fd0"), QColor("#d0182a"), QColor("#f7cdd0")
WHITE, BLACK, NOTHING = QColor("#ffffff"), QColor("#000000"), QColor(0, 0, 0, 0)


class BookCurves(CurvesPlot):
    """Data space in the colours of the book."""

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        super().__init__(name, axes, home)
        self.frame.is_tight = True

    def restyle(self) -> None:
        super().restyle()
        self.band.dress(pg.mkPen(SHADE, width=0.5), brush=QBrush(SHADE))
        self.samples.dress_all(pg.mkPen(RED, width=1.1), [pg.mkPen(RED, width=1.1)] * len(SHADES))
        self.mean.dress(pg.mkPen(RED, width=1.6))
        self.truth.dress(pg.mkPen(GREEN, width=1.6))
        for marks in (self.points, self.latest):
            marks.size = 5.5
            marks.dress(pg.mkPen(BLUE, width=1.4), NOTHING)


class Cross(Marks):
    """White crosses with a thin dark rim, which can be seen on every colour of a heatmap."""

    def __init__(self) -> None:
        super().__init__("cross", 9.0)

    def _draw(self, painter: QPainter, middle: QPointF, kind: int) -> None:
        half, across = self.size / 2, QPointF(self.size / 2, 0)
        up = QPointF(0, half)
        for pen in (QPen(BLACK, 2.6), QPen(WHITE, 1.6)):
            painter.setPen(pen)
            painter.drawLines([QLineF(middle - across, middle + across), QLineF(middle - up, middle + up)])


class BookHeatmap(Plot):
    """A density over two unknowns, with a white cross at the true ones."""

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.raster, self.cross = Raster(smooth=True), Cross()
        super().__init__(name, axes, home, square=True)
        self.frame.is_tight = True
        self.add(self.raster, self.cross)

    def show_heatmap(self, shown: Heatmap | None) -> None:
        """Show a density; None shows nothing."""
        if shown is None:
            self.raster.clear()
        else:
            self.raster.show_pixels(shown.image, shown.viewport, colour_map(theme.colours()), top_first=False)

    def restyle(self) -> None:
        self.cross.dress(QPen(), WHITE)
        self.raster.recolour(colour_map(theme.colours()))
