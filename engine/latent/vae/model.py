"""The variational autoencoder: q_φ(z|x) and p_θ(x|z) as two networks, with numpy in and numpy out."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import Any

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from engine.latent.vae.architectures import Architecture, ResidualMlp
from engine.latent.vae.likelihoods import Bernoulli, Likelihood
from engine.latent.vae.recipe import Card

CHUNK = 64  # latents decoded at a time: the fastest per latent on a CPU, and where a job can be abandoned
LOG_VARIANCE = (-12.0, 4.0)  # keeps training in half precision finite


class Block(nn.Module):
    """h + W₂ gelu(W₁ norm(h)), (n, width) -> (n, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, width)
        self.down = nn.Linear(width, width)

    def forward(self, h: Tensor) -> Tensor:
        update: Tensor = self.down(F.gelu(self.up(self.norm(h))))
        return h + update


class Encoder(nn.Module):
    """x (n, pixels) -> mean (n, 2), log variance (n, 2) of q_φ(z|x)."""

    def __init__(self, form: ResidualMlp, pixels: int) -> None:
        super().__init__()
        self.into = nn.Linear(pixels, form.encoder_width)
        self.blocks = nn.ModuleList(Block(form.encoder_width) for _ in range(form.encoder_blocks))
        self.narrow = nn.Linear(form.encoder_width, form.bottleneck)
        self.out = nn.Linear(form.bottleneck, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = F.gelu(self.into(x))
        for block in self.blocks:
            h = block(h)
        out = self.out(F.gelu(self.narrow(h))).to(x.dtype)
        return out[:, :2], out[:, 2:].clamp(*LOG_VARIANCE)


class Decoder(nn.Module):
    """z (n, 2) -> logits (n, pixels) of p_θ(x|z)."""

    def __init__(self, form: ResidualMlp, pixels: int) -> None:
        super().__init__()
        self.octaves = form.octaves
        self.into = nn.Linear(2 + 4 * form.octaves, form.decoder_width)
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


class Networks(nn.Module):
    """Encoder and decoder together: what is trained and saved."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder


@singledispatch
def build(architecture: Architecture, shape: tuple[int, ...]) -> Networks:
    """Fresh networks for images of a shape, (h, w) or (h, w, 3), their weights drawn from torch's global generator."""
    raise TypeError(f"{type(architecture).__name__} cannot be built for {shape}.")


@build.register
def _(architecture: ResidualMlp, shape: tuple[int, ...]) -> Networks:
    pixels = math.prod(shape)
    return Networks(Encoder(architecture, pixels), Decoder(architecture, pixels))


@singledispatch
def targets(likelihood: Likelihood, pixels: Tensor) -> Tensor:
    """What the likelihood scores and the encoder sees, (n, pixels), from grey values 0–255 (n, h, w)."""
    raise TypeError(f"{type(likelihood).__name__} cannot score {tuple(pixels.shape)}.")


@targets.register
def _(likelihood: Bernoulli, pixels: Tensor) -> Tensor:
    return (pixels > likelihood.threshold).float().flatten(1)


class VAE(msgspec.Struct, frozen=True, eq=False):
    """A trained model: numpy in, numpy out, safe to call from any one thread at a time."""

    card: Card
    networks: Networks

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(h, w), in pixels, or (h, w, 3)."""
        return self.card.shape

    @property
    def light(self) -> bool:
        """Whether pixels are light (0 black) and not ink (0 paper)."""
        return len(self.card.shape) == 3 or self.card.recipe.data.light

    def encode(self, x: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation, each (n, 2), of q_φ(z|x) for images x (n, h, w) in [0, 1]."""
        pixels = torch.from_numpy(np.array(x, np.float32)) * 255
        with torch.inference_mode():
            mean, log_variance = self.networks.encoder(targets(self.card.recipe.likelihood, pixels))
        return mean.numpy().astype(float), torch.exp(log_variance / 2).numpy().astype(float)

    def decode(self, z: ArrayLike) -> NDArray[np.float32]:
        """The probability of ink (n, h, w) at latents z (n, 2)."""
        latents = torch.from_numpy(np.array(z, np.float32).reshape(-1, 2))
        with torch.inference_mode():
            parts = [torch.sigmoid(self.networks.decoder(part)) for part in torch.split(latents, CHUNK)]
        return torch.cat(parts).reshape(len(latents), *self.image_shape).numpy()
