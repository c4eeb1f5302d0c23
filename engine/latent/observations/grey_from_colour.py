"""The observation of the grey values of a coloured image."""

from __future__ import annotations

import numpy as np

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

LUMA = np.array([0.299, 0.587, 0.114])  # weights of red, green and blue (ITU-R BT.601)

NO_COLOUR = "This observation needs coloured images; the images of this model are grey."


@OBSERVATIONS.register(order=8)
class GreyFromColour(Part, Observation, frozen=True, tag=True):
    """Grey from colour: only the brightness of each pixel is measured (colourisation)."""

    deviation: AssumedDeviation = 0.02

    @classmethod
    def unavailable(cls, shape: tuple[int, ...]) -> str:
        return NO_COLOUR if len(shape) < 3 else ""

    def density(self, likelihood: Likelihood) -> str:
        return EXACT if isinstance(likelihood, Bernoulli | Gaussian) else MOMENTS

    def measure(self, x: Array) -> Measurements:
        if reason := self.unavailable(x.shape):
            raise ValueError(reason)
        luma = x @ LUMA
        rows = np.repeat(np.arange(luma.size), 3)
        measurement = Projection(
            luma.ravel(), rows, np.arange(x.size), np.tile(LUMA, luma.size), self.deviation, disjoint=True
        )
        return single(measurement, np.repeat(luma[..., None], 3, axis=-1))
