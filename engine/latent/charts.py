"""Charts: the coordinates of the latent plane on the screen."""

from __future__ import annotations

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
