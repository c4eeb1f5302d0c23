"""Reconstructions: fixed test images, and the images decoded at the means of their q(z|x)."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.derived import derived
from engine.latent.document import Latent
from engine.latent.model import Pixels8, as_shown
from engine.plane import Viewport

SHOWN = 24  # images


class Reconstructions(msgspec.Struct, frozen=True, eq=False):
    """Test images, and the images decoded at the mean of each q_φ(z|x), both (n, h, w[, 3])."""

    images: Pixels8
    decoded: Pixels8


@derived(Reconstructions)
def reconstructions(document: Latent, _: Viewport) -> Reconstructions:
    """Reconstruct evenly spaced test images, which are the same for every checkpoint of a training run."""
    vae = document.whole_model.vae
    pixels = vae.card.recipe.data.test().pixels
    chosen = pixels[np.linspace(0, len(pixels) - 1, min(SHOWN, len(pixels))).astype(int)] / np.float32(255)
    mean, _deviation = vae.encode(chosen)
    return Reconstructions(as_shown(chosen, vae.light), as_shown(vae.decode(mean), vae.light))
