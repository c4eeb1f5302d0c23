"""The observation of one corner of the image."""

import numpy as np

from engine.latent.observations.observation import OBSERVATIONS, Observation, pixels_under, single
from engine.part import Part


@OBSERVATIONS.register
class Corner(Part, Observation, frozen=True, tag=True):
    """Corner: the pixels of the top left quarter."""

    def measure(self, x):
        mask = np.zeros(x.shape[:2], bool)
        mask[: x.shape[0] // 2, : x.shape[1] // 2] = True
        shown = mask.reshape(*mask.shape, *(1,) * (x.ndim - 2))
        return single(pixels_under(x, mask), np.where(shown, x, 0.0), mask)
