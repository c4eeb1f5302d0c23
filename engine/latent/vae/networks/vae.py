"""The variational autoencoder: q_φ(z|x) and p_θ(x|z) as two networks, with numpy in and numpy out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks import coordinates
from engine.latent.vae.networks.jacobian import jacobian
from engine.latent.vae.networks.likelihood_densities import LOG_SIGMA, mean_of, shown, targets
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.recipe import Card

CHUNK = 64  # latents decoded at a time: the fastest per latent on a CPU, and where a job can be abandoned


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
