"""Plain fully connected networks."""

from __future__ import annotations

import math

from torch import nn

from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.networks.networks import Networks, Posterior, stack


def build(form: Mlp, shape: tuple[int, ...]) -> Networks:
    """Return new networks for images (h, w) or (h, w, 3)."""
    pixels = math.prod(shape)
    return Networks(encoder(form, pixels), decoder(form, pixels))


def encoder(form: Mlp, pixels: int) -> nn.Module:
    """Return the encoder: x (n, pixels) -> mean and log variance, each (n, 2)."""
    return Posterior(stack((pixels, *form.widths, 4), form.activation))


def decoder(form: Mlp, pixels: int) -> nn.Module:
    """Return the decoder: z (n, 2) -> logits (n, pixels)."""
    return stack((2, *reversed(form.widths), pixels), form.activation)
