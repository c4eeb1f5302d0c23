"""Linear networks, for probabilistic PCA."""

from __future__ import annotations

import math

from torch import nn

from engine.latent.vae.architectures.linear import Affine
from engine.latent.vae.networks.networks import Networks, Posterior


def build(_: Affine, shape: tuple[int, ...]) -> Networks:
    """Return new networks for images (h, w) or (h, w, 3)."""
    pixels = math.prod(shape)
    return Networks(Posterior(nn.Linear(pixels, 4)), nn.Linear(2, pixels))
