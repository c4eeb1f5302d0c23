"""The observation of one half of the image."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from engine.gaussian import Array
from engine.latent.observations.observation import OBSERVATIONS, Measurements, Observation, pixels_under, single
from engine.part import Part


@OBSERVATIONS.register(order=3)
class Half(Part, Observation, frozen=True, tag=True):
    """One half: its pixels are measured, the other pixels are unknown (inpainting)."""

    which: Annotated[
        Literal["top", "bottom", "left", "right"], Meta(title="Half", description="The half that is measured.")
    ] = "top"

    def measure(self, x: Array) -> Measurements:
        h, w = x.shape[:2]
        row, column = np.indices((h, w))
        top, left = row < h // 2, column < w // 2
        mask = {"top": top, "bottom": ~top, "left": left, "right": ~left}[self.which]
        shown = mask.reshape(h, w, *(1,) * (x.ndim - 2))
        return single(pixels_under(x, mask), np.where(shown, x, 0.0), mask)
