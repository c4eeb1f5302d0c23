"""The family of observations, which turn an image into measurements, and what the observations share."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.observations.measurement import Measurement, Pixels
from engine.latent.vae.likelihoods import GreyBernoulli, Likelihood
from engine.part import Family

EXACT = "exact"
STAND_IN = "exact for pixels that are ink or paper, for which grey values stand in"
MOMENTS = "by the mean and variance of each sum, as if it were normal"

Deviation = Annotated[
    float, Meta(ge=1e-3, le=10, title="Noise σ", description="Of what is measured, on a scale from 0 to 1.")
]


class Measurements(msgspec.Struct, frozen=True, eq=False):
    """The measurements of one image, in the order of the steps, and the picture that they make after each step.

    `pictures` (steps + 1, h, w[, 3]) have values from 0 to 1, and `known` (steps + 1, h, w) marks the pixels that have
    been measured; the pictures are 0 elsewhere. The first of both is the state before any measurement.
    """

    measurements: tuple[Measurement, ...]
    pictures: Array
    known: NDArray[np.bool_]


class Observation:
    """A way to measure an image x. Abstract: register a final `Part` in a file of its own."""

    __slots__ = ()

    symbol: ClassVar[str] = "y"  # of what is measured

    @property
    def steps(self) -> int:
        """The number of its measurements."""
        return 1

    def first(self, n: int) -> Observation:
        """Return the observation with at most its first n > 0 measurements, if they are made one after the other."""
        return self

    def density(self, likelihood: Likelihood) -> str:
        """Return how p(measurements | z) is computed, in words."""
        return STAND_IN if isinstance(likelihood, GreyBernoulli) else EXACT

    def measure(self, x: Array) -> Measurements:
        """Measure x (h, w[, 3]), the values that the likelihood scores.

        Raises ValueError, in one sentence, for an image that cannot be measured like this.
        """
        raise NotImplementedError


OBSERVATIONS = Family(Observation, home="engine.latent.observations")


def single(measurement: Measurement, picture: Array, known: NDArray[np.bool_] | None = None) -> Measurements:
    """Return a single measurement that makes a picture (h, w[, 3]); by default all its pixels are known."""
    held = np.ones(picture.shape[:2], bool) if known is None else known
    shown = np.clip(picture, 0, 1)
    return Measurements((measurement,), np.stack([np.zeros_like(shown), shown]), np.stack([np.zeros_like(held), held]))


def pixels_under(x: Array, mask: NDArray[np.bool_]) -> Pixels:
    """Return the pixels of x (h, w[, 3]) under a mask (h, w), in all channels."""
    everywhere = np.broadcast_to(mask.reshape(*mask.shape, *(1,) * (x.ndim - 2)), x.shape)
    index = np.flatnonzero(everywhere)
    return Pixels(index, x.ravel()[index])
