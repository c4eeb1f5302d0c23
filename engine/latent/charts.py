"""Charts: the coordinates of the latent plane on the screen."""

from __future__ import annotations

from functools import cache
from math import floor, log

import numpy as np
from numpy.typing import ArrayLike

from engine.gaussian import Array
from engine.part import Family, Part
from engine.plane import Viewport


class Chart:
    """A one-to-one map between positions on the screen's plane and latents z, axis by axis. Abstract."""

    __slots__ = ()

    axes: tuple[str, str]
    home: Viewport

    def to_latent(self, places: ArrayLike) -> Array:
        """The latents (…, 2) at positions (…, 2)."""
        raise NotImplementedError

    def to_place(self, z: ArrayLike) -> Array:
        """The positions (…, 2) of latents z (…, 2)."""
        raise NotImplementedError

    def holds(self, places: Array) -> Array:
        """Which positions (…, 2) have a latent, (…)."""
        raise NotImplementedError

    def cell(self, level: int) -> float:
        """The side of the square cells of a level, of which some multiple starts at 0: a higher level is wider.

        The side grows from level to level by a factor of at most STEP, as long as the cells are small.
        """
        return float(STEP**level)

    def level(self, widest: float) -> int:
        """The highest level whose cells are at most `widest` units wide."""
        return floor(log(widest) / log(STEP) + 1e-9)


STEP = 4 / 3  # the ratio of the sides of two successive levels of cells
CHARTS = Family(Chart, home="engine.latent.charts")


@CHARTS.register
class Linear(Part, Chart, frozen=True, tag=True):
    """Linear: z as it is."""

    axes = ("z₀", "z₁")
    home = Viewport(-3.2, 3.2, -3.2, 3.2)

    def to_latent(self, places: ArrayLike) -> Array:
        return np.asarray(places, float)

    def to_place(self, z: ArrayLike) -> Array:
        return np.asarray(z, float)

    def holds(self, places: Array) -> Array:
        return np.full(places.shape[:-1], True)


@CHARTS.register
class EqualProbability(Part, Chart, frozen=True, tag=True):
    """Equal probability: u = Φ(z), so that equal areas hold equal prior probability."""

    axes = ("u₀ = Φ(z₀)", "u₁ = Φ(z₁)")
    home = Viewport(-0.03, 1.03, -0.03, 1.03)

    def to_latent(self, places: ArrayLike) -> Array:
        from scipy.special import ndtri

        return np.asarray(ndtri(np.asarray(places, float)))

    def to_place(self, z: ArrayLike) -> Array:
        from scipy.special import ndtr

        return np.asarray(ndtr(np.asarray(z, float)))

    def holds(self, places: Array) -> Array:
        return np.asarray(np.all((places > 0) & (places < 1), axis=-1))

    def cell(self, level: int) -> float:
        """A fraction of the unit square's side, so that whole cells fill the square."""
        return 1 / _divisions(-level) if level < 0 else 2.0**level

    def level(self, widest: float) -> int:
        level = 0
        while self.cell(level + 1) <= widest:
            level += 1
        while self.cell(level) > widest:
            level -= 1
        return level


@cache
def _divisions(n: int) -> int:
    """Into how many cells level −n divides the unit: 1, 2, 3, 4, 5, 6, 8, 10, 13, 17 …, from 3 on by STEP at most."""
    if n == 0:
        return 1
    before = _divisions(n - 1)
    return max(before + 1, floor(before * STEP))
