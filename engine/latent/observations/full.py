"""The observation of the whole image."""

from __future__ import annotations

import numpy as np

from engine.gaussian import Array
from engine.latent.observations.observation import OBSERVATIONS, Measurements, Observation, pixels_under, single
from engine.part import Part


@OBSERVATIONS.register(order=1)
class Full(Part, Observation, frozen=True, tag=True):
    """The whole image: every pixel is measured."""

    symbol = "x"

    def measure(self, x: Array) -> Measurements:
        return single(pixels_under(x, np.ones(x.shape[:2], bool)), x)
