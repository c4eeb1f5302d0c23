"""Charts: how the latent plane is laid out on the screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.gaussian import Array
from engine.part import Family, Part
from engine.plane import Viewport


class Chart:
    """A one-to-one map between places on the plane that is drawn and latents z, each axis on its own. Abstract."""

    __slots__ = ()

    axes: tuple[str, str]
    home: Viewport

    def to_latent(self, places: ArrayLike) -> Array:
        """z (…, 2) at places (…, 2)."""
        raise NotImplementedError

    def to_place(self, z: ArrayLike) -> Array:
        """Places (…, 2) of z (…, 2)."""
        raise NotImplementedError

    def holds(self, places: Array) -> Array:
        """Which of the places (…, 2) stand for a latent, (…)."""
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
