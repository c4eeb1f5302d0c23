"""Noise models p(t | f): the density of an observation t around the value f of the function."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from engine.gaussian import LN_2PI, Array
from engine.part import Family, Part
from engine.student import log_student

LOWEST, HIGHEST = 1e-40, 1e40  # precisions of values of the order of 10²⁰ and 10⁻²⁰


class Noise:
    """A density of t around f. Abstract: register a final `Part` below."""

    __slots__ = ()

    def log_likelihood(self, t: ArrayLike, f: ArrayLike) -> Array:
        """Return ln p(t | f), broadcast over both, in nats."""
        raise NotImplementedError


NOISES = Family(Noise, home="engine.regression.model")


@NOISES.register
class GaussianNoise(Part, Noise, frozen=True, tag=True):
    """Gaussian noise: t ~ N(f, β⁻¹) with known precision β (PRML 3.8)."""

    precision: Annotated[
        float,
        Meta(
            ge=LOWEST,
            le=HIGHEST,
            title="Noise precision β",
            description="One over the variance of the noise; β = 25 is a standard deviation of 0.2.",
            extra={"scale": "log"},
        ),
    ] = 25.0

    def log_likelihood(self, t: ArrayLike, f: ArrayLike) -> Array:
        residual = np.asarray(t, float) - np.asarray(f, float)
        return np.asarray(0.5 * (np.log(self.precision) - LN_2PI - self.precision * residual**2))


@NOISES.register
class UnknownNoise(Part, Noise, frozen=True, tag=True):
    """Unknown noise: Gaussian, β ~ Gamma(a₀, b₀); the prior covariance of the weights is relative to it, S₀/β."""

    shape: Annotated[
        float,
        Meta(
            ge=1.01,
            le=1e6,
            title="Shape a₀",
            description="How narrow the prior of β is: as after 2a₀ measurements of the noise.",
            extra={"scale": "log"},
        ),
    ] = 2.0
    rate: Annotated[
        float,
        Meta(
            ge=LOWEST,
            le=HIGHEST,
            title="Rate b₀",
            description="The prior mean of β is a₀/b₀; a₀ = 2 and b₀ = 0.2 mean a noise variance of about 0.1.",
            extra={"scale": "log"},
        ),
    ] = 0.2

    def log_likelihood(self, t: ArrayLike, f: ArrayLike) -> Array:
        """Return ln p(t | f) with β integrated out over its prior: Student's t with 2a₀ degrees of freedom."""
        scale = np.sqrt(self.rate / self.shape)
        z = (np.asarray(t, float) - np.asarray(f, float)) / scale
        return np.asarray(log_student(z, 2 * self.shape) - np.log(scale))


@NOISES.register
class StudentTNoise(Part, Noise, frozen=True, tag=True):
    """Student's t noise: (t − f)/s ~ St(ν); its heavy tails reduce the influence of outliers."""

    df: Annotated[
        float,
        Meta(
            ge=2.1,
            le=1000,
            title="Degrees of freedom ν",
            description="How light the tails are: 2.1 is very heavy-tailed, 1000 is nearly Gaussian.",
            extra={"scale": "log"},
        ),
    ] = 4.0
    scale: Annotated[
        float,
        Meta(
            ge=1e-20,
            le=1e20,
            title="Noise scale s",
            description="The width of the noise; its standard deviation is s √(ν/(ν − 2)).",
            extra={"scale": "log"},
        ),
    ] = 0.2

    @property
    def variance(self) -> float:
        """The variance s² ν/(ν − 2)."""
        return self.scale**2 * self.df / (self.df - 2)

    def log_likelihood(self, t: ArrayLike, f: ArrayLike) -> Array:
        z = (np.asarray(t, float) - np.asarray(f, float)) / self.scale
        return np.asarray(log_student(z, self.df) - np.log(self.scale))
