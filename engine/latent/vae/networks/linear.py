"""Linear networks, for probabilistic PCA."""

from __future__ import annotations

import math

from torch import nn

from engine.latent.vae.architectures.linear import Affine
from engine.latent.vae.networks.networks import Networks, Posterior


def build(_: Affine, shape: tuple[int, ...], latents: int) -> Networks:
    """Return new networks for images (h, w) or (h, w, 3) and d = `latents`."""
    pixels = math.prod(shape)
    return Networks(Posterior(nn.Linear(pixels, 2 * latents)), nn.Linear(latents, pixels))
