"""The observation of averages over blocks of pixels."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.gaussian import Array
from engine.latent.observations.measurement import Projection
from engine.latent.observations.observation import (
    EXACT,
    MOMENTS,
    OBSERVATIONS,
    AssumedDeviation,
    Measurements,
    Observation,
    single,
)
from engine.latent.vae.likelihoods import Bernoulli, Gaussian, Likelihood
from engine.part import Part


@OBSERVATIONS.register(order=4)
class BlockAverage(Part, Observation, frozen=True, tag=True):
    """Averages of blocks: the mean of every k×k pixels is measured (super-resolution)."""

    side: Annotated[int, Meta(ge=2, le=16, title="Block's side k", description="Pixels on each side of a block.")] = 4
    deviation: AssumedDeviation = 0.02

    def density(self, likelihood: Likelihood) -> str:
        return EXACT if isinstance(likelihood, Bernoulli | Gaussian) else MOMENTS

    def measure(self, x: Array) -> Measurements:
        h, w, channels = x.shape[0], x.shape[1], x.size // (x.shape[0] * x.shape[1])
        row, column, channel = np.unravel_index(np.arange(x.size), (h, w, channels))
        across = -(-w // self.side)
        block = ((row // self.side) * across + column // self.side) * channels + channel
        order = np.argsort(block, kind="stable")
        sizes = np.bincount(block)
        means = np.bincount(block, x.ravel()) / sizes
        measurement = Projection(means, block[order], order, 1 / sizes[block[order]], self.deviation, disjoint=True)
        return single(measurement, means[block].reshape(x.shape))
