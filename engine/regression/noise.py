"""Noise models p(t | f): how an observation t scatters about the function's value f."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from engine.gaussian import LN_2PI, Array
from engine.part import Family, Part


class Noise:
    """A density of t about f. Abstract: register a final `Part` below."""

    __slots__ = ()

    def log_likelihood(self, t: ArrayLike, f: ArrayLike) -> Array:
        """ln p(t | f), broadcast over both, in nats."""
        raise NotImplementedError


NOISES = Family(Noise)


@NOISES.register
class GaussianNoise(Part, Noise, frozen=True, tag=True):
    """Gaussian noise: t ~ N(f, β⁻¹) with known precision β (PRML 3.8)."""

    precision: Annotated[
        float,
        Meta(
            ge=1e-9,
            le=1e9,
            title="Noise precision β",
            description="One over the variance of the noise: β = 25 is a standard deviation of 0.2.",
            extra={"scale": "log"},
        ),
    ] = 25.0

    def log_likelihood(self, t: ArrayLike, f: ArrayLike) -> Array:
        residual = np.asarray(t, float) - np.asarray(f, float)
        return np.asarray(0.5 * (np.log(self.precision) - LN_2PI - self.precision * residual**2))
