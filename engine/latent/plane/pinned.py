"""Pinned: the images decoded at the pinned latents."""

from __future__ import annotations

import numpy as np

from engine.derived import derived
from engine.latent.document import Latent
from engine.latent.plane.decoded import DecodedLatents, decode
from engine.plane import Viewport


def pin_middle(document: Latent) -> Latent:
    """With the middle of the plane pinned, which has the highest prior density."""
    return document.pin((0.0, 0.0))


@derived(DecodedLatents)
def pinned(document: Latent, _: Viewport) -> DecodedLatents:
    """The pinned latents, decoded."""
    return decode(document, np.array(document.pins).reshape(-1, 2))
