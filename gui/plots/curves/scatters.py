"""The plots of Estimating ln p(x): errors of the estimates, for one number of draws K and over all K."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics

from engine.latent.unboxing.estimating_ln_p_x import HIGH, LOW, MOST, Scatter
from engine.plane import Viewport
from gui.plots.lines import Lines
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.plots.words import Words
from gui.shell import theme

Columns = NDArray[np.float64]
ROLES = ("prior", "variational")
NAMES = ("prior", "q")
APART = 1.7  # the distance between two ticks, in heights of a line of text
SIDE = 0.3  # the largest distance of a dot from the middle of its column
DOUBLINGS = int(np.log2(MOST))
LABEL, BOUND = "from ln p({})", "nats from the bound"
ASIDE = 0.4  # the shift of a label at K = 1 to the right, so that it is not cut
GRIPS = 80  # handles along the vertical line, so that it can be dragged everywhere
DECADES = 10.0 ** np.arange(-4, 9)


def bent(nats: ArrayLike) -> Columns:
    """Return arsinh of `nats`: linear near 0, logarithmic far from 0, so that 1 nat and 100 nats are both visible."""
    return np.arcsinh(np.asarray(nats, float))


class NatsPlot(Plot):
    """A plot whose vertical axis is the error of an estimate of ln p(x) in nats, on the scale of `bent`."""

    def __init__(self, name: str, home: Viewport) -> None:
        self.exact = Lines()
        super().__init__(name, ("", LABEL.format("x")), home, square=False)

    def show_symbol(self, symbol: str) -> None:
        """Name the vertical axis after ln p of the measurements with this symbol."""
        self.set_axes(("", LABEL.format(symbol)))

    def show_bound(self) -> None:
        """Name the vertical axis after the lower bound, which is the reference if ln p is not known."""
        self.set_axes(("", BOUND))

    def show_heights(self, low: float, high: float) -> None:
        """Set the vertical range of the home viewport, in nats."""
        bottom, top = float(bent(low)), float(bent(high))
        room = 0.06 * (top - bottom)
        self.set_home(Viewport(self.home.left, self.home.right, bottom - 1.5 * room, top + room), stay=True)

    def _make_room(self) -> None:
        """Fix the sizes of the axes. The horizontal axis needs no room for a label: its ticks carry their names."""
        super()._make_room()
        self.sides["bottom"].setHeight(QFontMetrics(theme.font()).height() + 12)

    def _look(self, x: float, y: float, across: float, up: float) -> None:
        super()._look(x, y, across, up)
        self.sides["left"].setTicks([ticks(self.shown, up)])
        self._pixmap = None

    def restyle(self) -> None:
        self.exact.dress(pg.mkPen(theme.ink(), width=1.5, style=Qt.PenStyle.DashLine))
        self.exact.show_outline(np.array([[-10.0, 0.0, 30.0, 0.0]]))  # Qt draws no dashes on much longer lines


def ticks(view: Viewport, unit: float) -> list[tuple[float, str]]:
    """Return positions and texts of as many round numbers of nats as fit, with `unit` plot units per pixel."""
    apart = APART * QFontMetrics(theme.font()).height() * unit
    placed: list[tuple[float, str]] = []
    for nats in _round_numbers():
        height = float(bent(nats))
        if view.bottom <= height <= view.top and all(abs(height - other) >= apart for other, _ in placed):
            placed.append((height, f"{nats:g}".replace("-", "−")))
    return placed


def _round_numbers() -> Iterator[float]:
    """Yield round numbers of nats, the most important first."""
    yield 0.0
    for factor in (1.0, 3.0):
        for sign in (-1, 1):
            yield from sign * factor * DECADES[::-1] if factor == 1 else sign * factor * DECADES


class RepeatsPlot(NatsPlot):
    """A column of dots for each estimator, one dot for each repeat, with the median and the central 80 %."""

    spoken = {"dots": NAMES}

    def __init__(self, name: str) -> None:
        self.dots, self.bars = [Marks("disc", 4) for _ in NAMES], [Lines() for _ in NAMES]
        super().__init__(name, Viewport(-0.6, 1.6, -6, 1))
        self.sides["bottom"].setTicks([list(enumerate(NAMES))])
        self.add(self.exact, *self.dots, *self.bars)

    def show_repeats(self, both: tuple[Columns, Columns]) -> None:
        """Show the errors (n,) of both estimators, in nats from ln p(x)."""
        for i, (errors, dots, bar) in enumerate(zip(both, self.dots, self.bars, strict=True)):
            jitter = SIDE * (2 * np.random.default_rng(i).random(len(errors)) - 1)
            dots.show_places(np.column_stack([i + jitter, bent(errors)]))
            low, middle, high = bent(np.quantile(errors, (LOW, 0.5, HIGH)))
            bar.show_outline(np.array([[i, low, i, high], [i - SIDE, middle, i + SIDE, middle]]))

    def clear(self) -> None:
        """Show no repeats."""
        for dots, bar in zip(self.dots, self.bars, strict=True):
            dots.show_places([])
            bar.show_outline(None)

    def restyle(self) -> None:
        super().restyle()
        for role, dots, bar in zip(ROLES, self.dots, self.bars, strict=True):
            dots.dress(pg.mkPen(None), theme.faded(theme.role_colour(role), 0.6))
            bar.dress(pg.mkPen(theme.paper(), width=6), pg.mkPen(theme.ink(), width=2.5))


class BandsPlot(NatsPlot):
    """Medians over the number of draws K with bands of the central 80 %, and a vertical line at K, to be dragged."""

    spoken = {"medians": NAMES}

    def __init__(self, name: str) -> None:
        self.bands, self.edges, self.medians = ([Lines() for _ in NAMES] for _ in range(3))
        self.needed, self.upright = [Lines() for _ in NAMES], Lines()
        self.dots, self.bound, self.words = [Marks("disc", 7) for _ in NAMES], Marks("ring", 13), Words(on_paper=True)
        super().__init__(name, Viewport(-0.9, DOUBLINGS + 0.9, -6, 1))
        counts = [(i, f"{2**i:,}" if i else "K = 1") for i in range(0, DOUBLINGS + 1, 2)]
        self.sides["bottom"].setTicks([counts])
        self.add(self.upright, *self.bands, *self.edges, self.exact, *self.needed, *self.medians, *self.dots)
        self.add(self.bound, self.words)

    def show_bands(self, both: tuple[Scatter, Scatter], exact: float, elbo: float) -> None:
        """Show both estimators relative to the exact ln p(x), in nats, and the ELBO, the mean of q's for K = 1."""
        for i, scatter in enumerate(both):
            x = np.log2(scatter.counts)
            low, middle, high = (bent(value - exact) for value in (scatter.low, scatter.median, scatter.high))
            outline = np.column_stack([np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])])
            self.bands[i].show_outline(outline)
            self.edges[i].show_lines(x, np.array([low, high]))
            self.medians[i].show_line(x, middle)
            self.dots[i].show_places(np.column_stack([x, middle]))
            needed = float(np.log2(scatter.needed))
            self.needed[i].show_outline(np.array([[needed, -30.0, needed, 30.0]]))
        height = float(bent(elbo - exact))
        self.bound.show_places([(0.0, height)])
        self.words.show_words([(ASIDE, height)], ("ELBO",), (True,))

    def show_chosen(self, samples: int) -> None:
        """Place the vertical line, with its handles, at K."""
        at = float(np.log2(samples))
        self.upright.show_outline(np.array([[at, -30.0, at, 30.0]]))
        up = np.linspace(self.shown.bottom, self.shown.top, GRIPS)
        self.set_handles(np.column_stack([np.full(GRIPS, at), up]))

    def clear(self) -> None:
        """Show nothing but the vertical line."""
        for lines in (*self.bands, *self.edges, *self.medians, *self.needed):
            lines.show_outline(None)
        for dots in (*self.dots, self.bound):
            dots.show_places([])
        self.words.show_words([], (), ())

    def restyle(self) -> None:
        super().restyle()
        self.upright.dress(pg.mkPen(theme.faded(theme.ink(), 0.25), width=7))
        self.bound.dress(pg.mkPen(theme.role_colour("variational"), width=3), QColor())
        for i, role in enumerate(ROLES):
            colour = theme.role_colour(role)
            self.bands[i].dress(brush=QBrush(theme.faded(colour, 0.22)))
            self.edges[i].dress(pg.mkPen(theme.faded(colour, 0.6), width=1))
            self.medians[i].dress(pg.mkPen(colour, width=2))
            self.dots[i].dress(pg.mkPen(theme.paper(), width=1), colour)
            self.needed[i].dress(pg.mkPen(colour, width=1.5, style=Qt.PenStyle.DotLine))
