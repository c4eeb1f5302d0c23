"""Samples: latents drawn from the prior, and the images decoded from them."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.plane.decoded import DecodedLatents, decode
from engine.part import Part
from engine.plane import Viewport

AT_ONCE = 64  # samples that one command draws


@SETTINGS.register
class PriorSamples(Part, Setting, frozen=True, tag=True):
    """Samples from the prior: their number and the random seed."""

    count: Annotated[
        int,
        Meta(ge=0, le=400, title="Samples", description="The number of latents drawn from the prior p(z) = N(0, I)."),
    ] = 0
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Random seed", description="The same seed draws the same samples.")
    ] = 1

    def draw(self, n: int = AT_ONCE) -> PriorSamples:
        """With `n` new samples."""
        return replace(self, count=n, seed=(self.seed + 1) % 2**31 if self.count else self.seed)

    @property
    def z(self) -> Array:
        """The latents (count, 2) ~ N(0, I) of a model with two latents."""
        return self.latents(2)

    def latents(self, latents: int) -> Array:
        """Return the latents (count, d) ~ N(0, I), d = `latents`."""
        return np.random.default_rng(self.seed).standard_normal((self.count, latents))


def draw_samples(document: Latent) -> Latent:
    """With new samples from the prior."""
    return document.with_setting(document[PriorSamples].draw())


def without_marks(document: Latent) -> Latent:
    """Without samples and pins."""
    cleared = replace(document[PriorSamples], count=0)
    return replace(document.with_setting(cleared), pins=())


@derived(DecodedLatents)
def samples(document: Latent, _: Viewport) -> DecodedLatents:
    """The samples from the prior of all latents, decoded; their places are the nearest points on the plane."""
    return decode(document, document[PriorSamples].latents(document.whole_model.latents))
