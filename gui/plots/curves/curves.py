"""The plot of Data space: band, samples, mean, true function, pinned and hovered lines, and the observations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush

from engine.plane import Heatmap, Viewport
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.planes.heatmap import badges, dress_badges
from gui.plots.plot import Plot
from gui.plots.raster import Raster, Table, argb
from gui.plots.samples import SampleLines, sample_colours
from gui.shell import theme

Columns = NDArray[np.float64]


class CurvesPlot(Plot):
    """Data space. Each kind of line is one layer, whatever the number of lines."""

    spoken = {"points": "observations", "latest": "latest observation", "later": "later observations",
              "left_out": "observations that are left out", "mean": "mean", "band": "band", "samples": "samples",
              "truth": "true function", "pins": "pinned lines"}  # fmt: skip

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.crowd = Raster(smooth=False)
        self.band, self.weighted, self.mean = (Lines() for _ in range(3))
        self.samples = SampleLines()
        self.truth, self.pins, self.hovered = (Lines() for _ in range(3))
        self.later, self.points, self.latest = (Marks("disc", size, with_others=True) for size in (8, 10, 13))
        self.left_out, self.rings = Marks("crossed", 9, with_others=True), Marks("ring", 20)
        self.badges = badges()
        super().__init__(name, axes, home, square=False)
        self.add(self.band, self.crowd, self.weighted, self.samples, self.truth, self.mean, self.pins, self.hovered)
        self.add(self.later, self.left_out, self.points, self.latest, self.rings, self.badges)

    def show_band(self, x: Columns, edges: tuple[Columns, Columns] | None) -> None:
        """Fill the band between two curves, each (n,), over x (n,); None hides the band."""
        if edges is None:
            self.band.show_outline(None)
        else:
            around = np.concatenate([edges[0], edges[1][::-1]])
            self.band.show_outline(np.column_stack([np.concatenate([x, x[::-1]]), around]))

    def show_points(self, x: Columns, t: Columns, step: int, left_out: tuple[int, ...] = ()) -> None:
        """Mark the observations x, t (n,): the first `step` are used, the last of these is the latest.

        The observations at the positions `left_out` are crossed out.
        """
        rows = np.column_stack([x, t])
        taken, later = rows[:step], rows[step:]
        if left_out:
            taken, later = (np.delete(rows[half], out, axis=0) for half, out in _halves(step, left_out))
        self.left_out.show_places(rows[list(left_out)])
        self.points.show_places(taken[:-1])
        self.latest.show_places(taken[-1:])
        self.later.show_places(later)

    def ring(self, places: list[tuple[float, float]]) -> None:
        """Draw a ring around each of the places."""
        self.rings.show_places(places)

    def show_crowd(self, crowd: Heatmap | None) -> None:
        """Show the number of observations in each cell as shades, instead of one mark for each; None hides them."""
        if crowd is None:
            self.crowd.clear()
            return
        self.crowd.show_pixels(crowd.image, crowd.viewport, _crowd_table(), top_first=False)

    def label_pins(self, x: Columns, lines: Columns) -> None:
        """Write the numbers of the pinned `lines` (m, n) over x (n,) near the right edge."""
        near_end = int(0.97 * (len(x) - 1))
        self.badges.show_places([(x[near_end], line[near_end]) for line in lines])

    def restyle(self) -> None:
        self.crowd.recolour(_crowd_table())
        ink, paper, posterior = theme.ink(), theme.paper(), theme.role_colour("posterior")
        pale = theme.mixed(posterior, paper, 0.2)  # opaque: a transparent band takes six times as long
        self.band.dress(pg.mkPen(pale, width=1), brush=QBrush(pale))
        self.weighted.dress(pg.mkPen(theme.faded(ink, 0.45), width=1.5))
        many, few = pg.mkPen(theme.faded(posterior, 0.65), width=1), sample_colours()
        self.samples.dress_all(many, [pg.mkPen(colour, width=1.4) for colour in few])
        self.mean.dress(pg.mkPen(posterior, width=3))
        self.truth.dress(pg.mkPen(theme.role_colour("truth"), width=2, style=Qt.PenStyle.DashLine))
        self.pins.dress(pg.mkPen(ink, width=1.5))
        self.hovered.dress(pg.mkPen(theme.role_colour("hovered"), width=3))
        self.points.dress(pg.mkPen(paper, width=1), ink)
        self.latest.dress(pg.mkPen(paper, width=1), theme.role_colour("likelihood"))
        self.later.dress(pg.mkPen(theme.faded(ink, 0.5), width=1), theme.faded(paper, 0.5))
        self.left_out.dress(pg.mkPen(theme.faded(ink, 0.6), width=1.5), paper)
        dress_badges(self.badges)
        self.rings.dress(pg.mkPen(theme.role_colour("hovered"), width=3), theme.role_colour("hovered"))


def _halves(step: int, left_out: tuple[int, ...]) -> Iterator[tuple[slice, list[int]]]:
    """Yield the rows before and after the step, each with the positions in them that are left out."""
    yield slice(step), [i for i in left_out if i < step]
    yield slice(step, None), [i - step for i in left_out if i >= step]


def _crowd_table() -> Table:
    """Return 256 ARGB colours from the paper colour to the ink colour; the first one is transparent."""
    low, high = theme.rgb(theme.paper()), theme.rgb(theme.ink())
    ramp = np.linspace(0, 1, 256)[:, None] ** 0.5
    return (0, *argb(low + ramp * (high - low))[1:])
