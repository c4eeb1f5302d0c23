"""The family of observations, which turn an image into measurements, and what its members share.

A new operator only states which pixels, noisy pixels or weighted sums of pixels it measures. See docs/decisions/025.
"""

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
STAND_IN = "exact for binary pixels; grey values are used in their place"
MOMENTS = "approximately, by the mean and variance of each sum, taken as Gaussian"
SADDLE = "approximately, at the saddle point of all values together"

Deviation = Annotated[
    float,
    Meta(ge=1e-3, le=10, title="Noise σ", description="The standard deviation of the noise; pixels range from 0 to 1."),
]

AssumedDeviation = Annotated[
    float,
    Meta(
        ge=1e-3,
        le=10,
        title="Noise σ",
        description="The standard deviation of the noise that the likelihood assumes; pixels range from 0 to 1. The "
        "values are measured without noise.",
    ),
]


class Measurements(msgspec.Struct, frozen=True, eq=False):
    """The measurements of one image, in the order of the steps, and the observed image after each step.

    `pictures` (steps + 1, h, w[, 3]) have values from 0 to 1, and `known` (steps + 1, h, w) marks the pixels that have
    been measured; the pictures are 0 elsewhere. The first entry of both is the state before any measurement.
    """

    measurements: tuple[Measurement, ...]
    pictures: Array
    known: NDArray[np.bool_]


class Observation:
    """A way to measure an image x. Abstract: register a final `Part` in a file of its own."""

    __slots__ = ()

    symbol: ClassVar[str] = "y"  # of the measured values in formulas

    @classmethod
    def unavailable(cls, shape: tuple[int, ...]) -> str:  # noqa: ARG003
        """Return why images of this shape, (h, w[, 3]), cannot be measured so, in one sentence; empty if they can."""
        return ""

    @property
    def steps(self) -> int:
        """The number of measurements."""
        return 1

    def first(self, n: int) -> Observation:
        """Return the observation with at most its first n > 0 measurements; itself if it has a single one."""
        return self

    def density(self, likelihood: Likelihood) -> str:
        """Return how p(measurements | z) is computed, in words."""
        return STAND_IN if isinstance(likelihood, GreyBernoulli) else EXACT

    def approximate(self, likelihood: Likelihood) -> bool:
        """Return whether p(measurements | z) is an approximation."""
        return self.density(likelihood) in (MOMENTS, SADDLE)

    def measure(self, x: Array) -> Measurements:
        """Return the measurements of x (h, w[, 3]), the values that the likelihood scores.

        Raises ValueError, in one sentence, for an image that cannot be measured so.
        """
        raise NotImplementedError


OBSERVATIONS = Family(Observation, home="engine.latent.observations")


def single(measurement: Measurement, picture: Array, known: NDArray[np.bool_] | None = None) -> Measurements:
    """Return measurements of one step with the observed image `picture` (h, w[, 3]).

    By default all pixels are known.
    """
    measured = np.ones(picture.shape[:2], bool) if known is None else known
    shown = np.clip(picture, 0, 1)
    return Measurements(
        (measurement,), np.stack([np.zeros_like(shown), shown]), np.stack([np.zeros_like(measured), measured])
    )


def pixels_under(x: Array, mask: NDArray[np.bool_]) -> Pixels:
    """Return the pixels of x (h, w[, 3]) under a mask (h, w), in all channels."""
    everywhere = np.broadcast_to(mask.reshape(*mask.shape, *(1,) * (x.ndim - 2)), x.shape)
    index = np.flatnonzero(everywhere)
    return Pixels(index, x.ravel()[index])
