"""The variational autoencoder: q_φ(z|x) and p_θ(x|z) as two networks, with numpy in and numpy out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import singledispatch
from typing import Any

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from engine.latent.vae.architectures import Affine, Architecture, Convolutional, Coordinates, Mlp, ResidualMlp
from engine.latent.vae.likelihoods import Bernoulli, Gaussian, Likelihood
from engine.latent.vae.networks import convolutional, coordinates, mlp
from engine.latent.vae.networks.jacobian import jacobian
from engine.latent.vae.networks.likelihood_densities import LOG_SIGMA, START, log_density, mean_of, shown, targets
from engine.latent.vae.networks.mlp import LOG_VARIANCE
from engine.latent.vae.recipe import Card

MOST = 60_000_000  # weights: all that it takes to go on is then a file of 960 MB
CHUNK = 64  # latents decoded at a time: the fastest per latent on a CPU, and where a job can be abandoned


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
    """Encoder and decoder together: what is trained and saved; and the likelihood that their output is for.

    `log_sigma` (pixels,) are learned with them where the likelihood has any.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood: Likelihood = Bernoulli()
        self.log_sigma: nn.Parameter | None = None

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """ln p_θ(x|z) (n,) for targets x (n, pixels) and latents z (n, 2), in nats."""
        log_sigma = x.new_empty(0) if self.log_sigma is None else self.log_sigma.to(x.dtype)
        return log_density(self.likelihood, self.decoder(z).to(x.dtype), x, log_sigma).sum(1)

    def mean(self, z: Tensor) -> Tensor:
        """The mean of p_θ(x|z), from 0 to 1, (n, pixels)."""
        return mean_of(self.likelihood, self.decoder(z))


@singledispatch
def build(architecture: Architecture, shape: tuple[int, ...]) -> Networks:
    """Fresh networks for images of a shape, (h, w) or (h, w, 3), their weights drawn from torch's global generator."""
    raise TypeError(f"{type(architecture).__name__} cannot be built for {shape}.")


@build.register
def _(architecture: ResidualMlp, shape: tuple[int, ...]) -> Networks:
    pixels = math.prod(shape)
    return Networks(Encoder(architecture, pixels), Decoder(architecture, pixels))


@build.register
def _(architecture: Mlp, shape: tuple[int, ...]) -> Networks:
    pixels = math.prod(shape)
    return Networks(mlp.encoder(architecture, pixels), mlp.decoder(architecture, pixels))


@build.register
def _(_: Affine, shape: tuple[int, ...]) -> Networks:
    pixels = math.prod(shape)
    return Networks(mlp.Posterior(nn.Linear(pixels, 4)), nn.Linear(2, pixels))


@build.register
def _(architecture: Convolutional, shape: tuple[int, ...]) -> Networks:
    return Networks(convolutional.encoder(architecture, shape), convolutional.decoder(architecture, shape))


@build.register
def _(architecture: Coordinates, shape: tuple[int, ...]) -> Networks:
    return Networks(coordinates.encoder(architecture, shape), coordinates.CoordinateDecoder(architecture, shape))


def networks_for(architecture: Architecture, likelihood: Likelihood, shape: tuple[int, ...]) -> Networks:
    """Fresh networks that score images of a shape by a likelihood.

    Raises ValueError, in one sentence, for more than MOST weights.
    """
    with torch.device("meta"):
        weights = sum(weight.numel() for weight in build(architecture, shape).parameters())
    if weights > MOST:
        raise ValueError(
            f"These networks would have {weights / 1e6:,.0f} million weights; {MOST // 10**6} million are the most. "
            "Choose fewer or narrower layers, or smaller images."
        )
    networks = build(architecture, shape)
    networks.likelihood = likelihood
    if isinstance(likelihood, Gaussian):
        networks.log_sigma = nn.Parameter(torch.full((math.prod(shape),), START))
    return networks


class VAE(msgspec.Struct, frozen=True, eq=False):
    """A trained model: numpy in, numpy out, safe to call from any one thread at a time."""

    card: Card
    networks: Networks

    @property
    def precision(self) -> torch.dtype:
        """That of the networks: single, unless somebody made them double."""
        return next(self.networks.parameters()).dtype

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
        with torch.inference_mode():
            mean, log_variance = self.networks.encoder(self._targets(x).to(self.precision))
        return mean.numpy().astype(float), torch.exp(log_variance / 2).numpy().astype(float)

    def decode(self, z: ArrayLike) -> NDArray[np.float32]:
        """The mean of p_θ(x|z), (n, h, w[, 3]) from 0 to 1, at latents z (n, 2): for a Bernoulli the probability."""
        latents = self._latents(z)
        with torch.inference_mode():
            parts = [self._shown(self.networks.decoder(part)) for part in torch.split(latents, CHUNK)]
        return torch.cat(parts).reshape(len(latents), *self.image_shape).float().numpy()

    def jacobian(self, z: ArrayLike) -> NDArray[np.float32]:
        """The derivative of what `decode` finds, (n, pixels, 2), at latents z (n, 2)."""
        found: NDArray[np.float32] = jacobian(self.networks, self._mean_of, self._latents(z)).numpy()
        return found

    def render(self, z: ArrayLike, height: int, width: int) -> Iterator[NDArray[np.float32]]:
        """What `decode` finds at z (2,), at another resolution: bands (rows, width[, 3]), from the top.

        Raises ValueError, in one sentence, if the model draws at no other resolution or at none so large.
        """
        latent = self._latents(z)[0]
        return coordinates.render(self.networks, self._shown, latent, self.image_shape, height, width)

    def _mean_of(self, out: Tensor) -> Tensor:
        return mean_of(self.networks.likelihood, out)

    def _shown(self, out: Tensor) -> Tensor:
        return shown(self.networks.likelihood, out)

    @property
    def pixel_deviation(self) -> NDArray[np.float32] | None:
        """The learned σ of each pixel, (h, w[, 3]), where the likelihood has one."""
        log_sigma = self.networks.log_sigma
        if log_sigma is None:
            return None
        return torch.exp(log_sigma.detach().clamp(*LOG_SIGMA)).reshape(self.image_shape).numpy()

    def log_likelihood(self, x: NDArray[Any], z: ArrayLike) -> NDArray[np.float64]:
        """ln p_θ(x|z) (n,) in nats, of one image x (h, w[, 3]) in [0, 1] at latents z (n, 2)."""
        latents = self._latents(z)
        seen = self._targets(np.asarray(x)[None]).to(self.precision)
        with torch.inference_mode():
            parts = [
                self.networks.log_likelihood(seen.expand(len(part), -1), part) for part in torch.split(latents, CHUNK)
            ]
        return torch.cat(parts).numpy().astype(float)

    def scored(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """What the likelihood scores of one image x (h, w[, 3]) in [0, 1], of the same shape: its pixels, or ink."""
        if isinstance(self.networks.likelihood, Bernoulli):
            x = self._targets(np.asarray(x)[None]).reshape(np.shape(x)).numpy()
        return np.asarray(x, np.float64)

    def _latents(self, z: ArrayLike) -> Tensor:
        return torch.from_numpy(np.array(z, float).reshape(-1, 2)).to(self.precision)

    def _targets(self, x: NDArray[Any]) -> Tensor:
        return targets(self.card.recipe.likelihood, torch.from_numpy(np.array(x, np.float32)) * 255)
