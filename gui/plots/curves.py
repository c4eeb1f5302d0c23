"""Curves over x: band, samples, mean, truth, pinned and hovered lines, and the observations."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from engine.plane import Heatmap, Viewport
from gui.plots.heatmap import badge, number
from gui.plots.plot import Plot, faded
from gui.plots.raster import Raster, argb
from gui.shell import theme

Columns = NDArray[np.float64]


class CurvesPlot(Plot):
    """Data space. Each kind of line is one item, however many lines there are."""

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.crowd = Raster(smooth=False)
        self.band = QGraphicsPathItem()
        self.samples, self.mean, self.truth, self.pins, self.hovered = (pg.PlotCurveItem() for _ in range(5))
        self.later, self.points, self.latest = (pg.ScatterPlotItem() for _ in range(3))
        self.badges = badge()
        self._labels: list[pg.TextItem] = []
        super().__init__(name, axes, home, square=False)
        lines = (self.samples, self.truth, self.mean, self.pins, self.hovered)
        for item in (self.band, self.crowd, *lines, self.later, self.points, self.latest, self.badges):
            self.addItem(item)

    def show_band(self, x: Columns, edges: tuple[Columns, Columns] | None) -> None:
        """Fill between two curves over x, or nothing."""
        path = QPainterPath()
        if edges is not None:
            around = np.concatenate([edges[0], edges[1][::-1]])
            path = pg.arrayToQPath(np.concatenate([x, x[::-1]]), around)
        self.band.setPath(path)

    def show_lines(self, item: pg.PlotCurveItem, x: Columns, lines: Columns) -> None:
        """Draw `lines` (m, n) over x (n,) as one item."""
        if not len(lines):
            item.clear()
            return
        joined = np.ones(lines.shape, np.int32)
        joined[:, -1] = 0
        item.setData(np.tile(x, len(lines)), lines.ravel(), connect=joined.ravel())

    def show_line(self, item: pg.PlotCurveItem, x: Columns, line: Columns | None) -> None:
        """Draw one line, or none."""
        if line is None:
            item.clear()
        else:
            item.setData(x, line)

    def show_points(self, x: Columns, t: Columns, step: int) -> None:
        """Mark the observations: those taken into account, the latest of them, and those that wait. All are handles."""
        self.points.setData(x[: max(step - 1, 0)], t[: max(step - 1, 0)])
        self.latest.setData(x[max(step - 1, 0) : step], t[max(step - 1, 0) : step])
        self.later.setData(x[step:], t[step:])
        self.set_handles(np.column_stack([x, t]))

    def show_crowd(self, crowd: Heatmap | None) -> None:
        """Shade by how many observations there are, instead of marking each."""
        if crowd is None:
            self.crowd.clear()
            return
        low, high = theme.rgb(theme.paper()), theme.rgb(theme.ink())
        ramp = np.linspace(0, 1, 256)[:, None] ** 0.5
        table = (0, *argb(low + ramp * (high - low))[1:])
        self.crowd.show_pixels(crowd.image, crowd.viewport, table, top_first=False)

    def label_pins(self, x: Columns, lines: Columns) -> None:
        """Number the pinned lines a little inside the right edge."""
        at = int(0.97 * (len(x) - 1))
        places = tuple((float(x[at]), float(line[at])) for line in lines)
        self.badges.setData([p[0] for p in places], [p[1] for p in places])
        number(self, self._labels, places)

    def restyle(self) -> None:
        ink, paper, posterior = theme.ink(), theme.paper(), theme.role_colour("posterior")
        dashes = Qt.PenStyle.DashLine
        self.band.setPen(QPen(Qt.PenStyle.NoPen))
        self.band.setBrush(faded(posterior, 0.2))
        self.samples.setPen(pg.mkPen(faded(posterior, 0.65), width=1))
        self.mean.setPen(pg.mkPen(posterior, width=3))
        self.truth.setPen(pg.mkPen(theme.role_colour("truth"), width=2, style=dashes))
        self.pins.setPen(pg.mkPen(ink, width=1.5))
        self.hovered.setPen(pg.mkPen(theme.role_colour("hovered"), width=3))
        _dress(self.points, 9, pg.mkPen(paper, width=1), ink)
        _dress(self.latest, 13, pg.mkPen(paper, width=1), theme.role_colour("likelihood"))
        _dress(self.later, 8, pg.mkPen(faded(ink, 0.5), width=1), faded(paper, 0.5))


def _dress(points: pg.ScatterPlotItem, size: int, pen: QPen, brush: QColor) -> None:
    points.setSize(size)
    points.setPen(pen)
    points.setBrush(brush)
