"""The observation of a blurred image."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.gaussian import Array
from engine.latent.observations.measurement import Projection
from engine.latent.observations.observation import (
    EXACT,
    OBSERVATIONS,
    SADDLE,
    AssumedDeviation,
    Measurements,
    Observation,
    single,
)
from engine.latent.vae.likelihoods import Bernoulli, Gaussian, Likelihood
from engine.part import Part

REACH = 3.0  # standard deviations at which the kernel of the blur is cut off


@OBSERVATIONS.register(order=5)
class Blur(Part, Observation, frozen=True, tag=True):
    """Blurred: a weighted mean around every pixel is measured (deblurring)."""

    width: Annotated[
        float, Meta(ge=0.3, le=8, title="Blur σ", description="The standard deviation of the kernel in pixels.")
    ] = 2.0
    deviation: AssumedDeviation = 0.05

    def density(self, likelihood: Likelihood) -> str:
        exact = isinstance(likelihood, Gaussian) or (isinstance(likelihood, Bernoulli) and self._alone)
        return EXACT if exact else SADDLE

    @property
    def _alone(self) -> bool:
        """Whether the kernel is a single pixel."""
        return REACH * self.width < 1

    def measure(self, x: Array) -> Measurements:
        h, w, channels = x.shape[0], x.shape[1], x.size // (x.shape[0] * x.shape[1])
        down, across = _blurring(h, self.width), _blurring(w, self.width)
        weights = np.kron(np.kron(down, across), np.eye(channels))
        values = weights @ x.ravel()
        rows, columns = np.nonzero(weights)
        flat = weights[rows, columns]
        measurement = Projection(
            values, rows, columns, flat, self.deviation, disjoint=self._alone, factors=(down, across)
        )
        return single(measurement, values.reshape(x.shape))


def _blurring(n: int, width: float) -> Array:
    """Return the weights (n, n) of the blur along one side; each row sums to 1, at the edges too."""
    away = np.arange(n)[:, None] - np.arange(n)
    weights = np.where(np.abs(away) <= REACH * width, np.exp(-0.5 * (away / width) ** 2), 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
