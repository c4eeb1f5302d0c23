"""Plain fully connected networks."""

from __future__ import annotations

import math

from torch import nn

from engine.latent.vae.architectures.mlp import Mlp
from engine.latent.vae.networks.networks import Networks, Posterior, stack


def build(form: Mlp, shape: tuple[int, ...], latents: int) -> Networks:
    """Return new networks for images (h, w) or (h, w, 3) and d = `latents`."""
    pixels = math.prod(shape)
    return Networks(encoder(form, pixels, latents), decoder(form, pixels, latents))


def encoder(form: Mlp, pixels: int, latents: int) -> nn.Module:
    """Return the encoder: x (n, pixels) -> mean and log variance, each (n, d)."""
    return Posterior(stack((pixels, *form.widths, 2 * latents), form.activation))


def decoder(form: Mlp, pixels: int, latents: int) -> nn.Module:
    """Return the decoder: z (n, d) -> logits (n, pixels)."""
    return stack((latents, *reversed(form.widths), pixels), form.activation)
