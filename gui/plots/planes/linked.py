"""Linked planes: points ε in one plane and z = μ + σ ⊙ ε in the other, coloured by the angle of ε."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from engine.plane import Viewport
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.plots.words import Words
from gui.shell import theme

Places = NDArray[np.float64]
HUES = 24  # the number of colours around the circle
RINGS = (1, 2)  # the radii of the rings, in standard deviations
CIRCLE = np.column_stack([f(np.linspace(0, 2 * np.pi, 181)) for f in (np.cos, np.sin)])


class LinkedPlot(Plot):
    """Points with the rings of their Gaussian. The handles are the grips of the rings, and then the points."""

    spoken = {"points": "samples", "grips": "handles of q", "rings": "rings of one and two standard deviations"}

    def __init__(self, name: str, axes: tuple[str, str], home: Viewport) -> None:
        self.prior, self.rings, self.arrow = Lines(), Lines(), Lines()
        self.points, self.grips, self.ring = Marks("disc", 12), Marks("square", 10), Marks("ring", 20)
        self.words = Words(on_paper=True)
        super().__init__(name, axes, home, square=True)
        self.add(self.prior, self.rings, self.arrow, self.points, self.grips, self.ring, self.words)

    def show_prior(self, shown: bool) -> None:
        """Show or hide the rings of N(0, I)."""
        self.prior.show_outline(rings(np.zeros(2), np.ones(2)) if shown else None)

    def show_points(self, mean: Places, deviation: Places, places: Places, epsilon: Places, *, grips: bool) -> None:
        """Show points (n, 2) of a Gaussian in the colours of ε (n, 2), and the rings of its mean and deviation (2,).

        With `grips`, handles at its centre and at one standard deviation on each axis come before the points.
        """
        self.rings.show_outline(rings(mean, deviation))
        ends = mean + np.array([[0, 0], [deviation[0], 0], [0, deviation[1]]])
        self.grips.show_places(ends if grips else [])
        self.points.show_places(places, angles(epsilon))
        self.set_handles(np.concatenate([ends, places]) if grips else places)

    def highlight(self, centre: ArrayLike, place: Places | None, number: int | None) -> None:
        """Highlight one point by a ring, its number if it has one, and an arrow from the centre; None hides them."""
        self.ring.show_places([] if place is None else [place])
        self.arrow.show_outline(None if place is None else np.concatenate([centre, place])[None])
        if place is not None and number is not None:
            self.words.show_words([place], (f"{number + 1}",), (True,))
        elif self.words.texts:
            self.words.show_words([], (), ())

    def restyle(self) -> None:
        q = theme.role_colour("variational")
        self.prior.dress(pg.mkPen(theme.role_colour("prior"), width=1.5, style=Qt.PenStyle.DashLine))
        self.rings.dress(pg.mkPen(q, width=2))
        self.arrow.dress(pg.mkPen(theme.paper(), width=5), pg.mkPen(theme.role_colour("hovered"), width=2.5))
        self.points.dress(pg.mkPen(theme.ink(), width=1), *hues())
        self.grips.dress(pg.mkPen(theme.paper(), width=1.5), q)
        self.ring.dress(pg.mkPen(theme.role_colour("hovered"), width=3), QColor())


def rings(mean: Places, deviation: Places) -> Places:
    """Return the ellipses at RINGS standard deviations, as segments (n, 4) of x, y, x, y."""
    outlines = [mean + times * deviation * CIRCLE for times in RINGS]
    return np.concatenate([np.column_stack([outline[:-1], outline[1:]]) for outline in outlines])


def angles(epsilon: Places) -> NDArray[np.intp]:
    """Return the index (n,) of the hue of each ε (n, 2), by its angle."""
    turn = np.arctan2(epsilon[:, 1], epsilon[:, 0]) / (2 * np.pi) % 1
    return (turn * HUES).astype(np.intp) % HUES


@cache
def hues() -> tuple[QColor, ...]:
    """Return the HUES colours of a cyclic colour map."""
    table = pg.colormap.get("CET-C6").getLookupTable(nPts=HUES + 1)
    return tuple(QColor(*(int(channel) for channel in row[:3])) for row in table[:HUES])
