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
    """Reconstruct evenly spaced test images, which are the same for every checkpoint of a training run.

    A conditional model is given the own class of each image.
    """
    vae = document.whole_model.vae
    images = vae.card.test()
    chosen = np.linspace(0, len(images) - 1, min(SHOWN, len(images))).astype(int)
    x, labels = images.pixels[chosen] / np.float32(255), images.labels[chosen]
    mean, _deviation = vae.encode_labelled(x, labels)
    decoded = np.empty(x.shape, np.float32)
    for y in np.unique(labels) if vae.classes else ():
        decoded[labels == y] = vae.given(int(y)).decode(mean[labels == y])
    return Reconstructions(as_shown(x, vae.light), as_shown(decoded if vae.classes else vae.decode(mean), vae.light))
