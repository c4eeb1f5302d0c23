"""Fully connected networks with residual blocks."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.networks.networks import LOG_VARIANCE, Networks


def build(form: ResidualMlp, shape: tuple[int, ...], latents: int) -> Networks:
    """Return new networks for images (h, w) or (h, w, 3) and d = `latents`."""
    pixels = math.prod(shape)
    return Networks(Encoder(form, pixels, latents), Decoder(form, pixels, latents))


class Block(nn.Module):
    """A residual block, h + W₂ gelu(W₁ norm(h)), (n, width) -> (n, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, width)
        self.down = nn.Linear(width, width)

    def forward(self, h: Tensor) -> Tensor:
        update: Tensor = self.down(F.gelu(self.up(self.norm(h))))
        return h + update


class Encoder(nn.Module):
    """The encoder: x (n, pixels) -> mean and log variance, each (n, d), of q_φ(z|x)."""

    def __init__(self, form: ResidualMlp, pixels: int, latents: int) -> None:
        super().__init__()
        self.into = nn.Linear(pixels, form.encoder_width)
        self.blocks = nn.ModuleList(Block(form.encoder_width) for _ in range(form.encoder_blocks))
        self.narrow = nn.Linear(form.encoder_width, form.bottleneck)
        self.out = nn.Linear(form.bottleneck, 2 * latents)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = F.gelu(self.into(x))
        for block in self.blocks:
            h = block(h)
        out = self.out(F.gelu(self.narrow(h))).to(x.dtype)
        mean, log_variance = out.chunk(2, dim=1)
        return mean, log_variance.clamp(*LOG_VARIANCE)


class Decoder(nn.Module):
    """The decoder: z (n, d) -> logits (n, pixels) of p_θ(x|z)."""

    def __init__(self, form: ResidualMlp, pixels: int, latents: int) -> None:
        super().__init__()
        self.octaves = form.octaves
        self.into = nn.Linear(latents * (1 + 2 * form.octaves), form.decoder_width)
        self.blocks = nn.ModuleList(Block(form.decoder_width) for _ in range(form.decoder_blocks))
        self.norm = nn.LayerNorm(form.decoder_width)
        self.out = nn.Linear(form.decoder_width, pixels)

    def forward(self, z: Tensor) -> Tensor:
        waves = [wave(z * 2.0**k) for k in range(self.octaves) for wave in (torch.sin, torch.cos)]
        h = self.into(torch.cat([z, *waves], dim=1))
        for block in self.blocks:
            h = block(h)
        logits: Tensor = self.out(F.gelu(self.norm(h)))
        return logits
