"""The observations of every pixel with noise: Gaussian noise, and salt and pepper."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.gaussian import Array
from engine.latent.observations.measurement import NoisyPixels
from engine.latent.observations.observation import OBSERVATIONS, Deviation, Measurements, Observation, single
from engine.part import Part

Seed = Annotated[
    int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Random seed of the noise: same seed, same noise.")
]


@OBSERVATIONS.register(order=6)
class GaussianNoise(Part, Observation, frozen=True, tag=True):
    """Gaussian noise: every pixel is measured with a random error (denoising)."""

    deviation: Deviation = 0.5
    seed: Seed = 1

    def measure(self, x: Array) -> Measurements:
        values = x + self.deviation * np.random.default_rng(self.seed).standard_normal(x.shape)
        return single(NoisyPixels(values.ravel(), "gaussian", self.deviation), values)


@OBSERVATIONS.register(order=7)
class SaltAndPepper(Part, Observation, frozen=True, tag=True):
    """Salt and pepper: a random part of the pixels is replaced; which ones is unknown (denoising).

    The new value is black or white if pixels are ink or paper, otherwise any value.
    """

    rate: Annotated[
        float, Meta(ge=0.01, le=0.99, title="Replaced", description="The fraction of pixels, from 0 to 1.")
    ] = 0.3
    seed: Seed = 1

    def measure(self, x: Array) -> Measurements:
        rng = np.random.default_rng(self.seed)
        chosen, others = rng.random(x.shape) < self.rate, rng.random(x.shape)
        if np.isin(x, (0, 1)).all():
            others = np.rint(others)
        values = np.where(chosen, others, x)
        return single(NoisyPixels(values.ravel(), "impulse", self.rate), values)
