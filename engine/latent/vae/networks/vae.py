"""The trained variational autoencoder: q_φ(z|x) and p_θ(x|z) as two networks, with NumPy arrays as inputs and outputs.

The decoder's input is z with sin and cos of z at doubling frequencies (residual MLP). From z alone it cannot decode
fine differences between neighbouring latents: with three frequencies, the ELBO after 30 epochs was 1.1 nats higher.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from engine.gaussian import Array
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks import coordinates
from engine.latent.vae.networks.jacobian import jacobian
from engine.latent.vae.networks.likelihood_densities import LOG_SIGMA, mean_of, shown, targets
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.recipe import Card

CHUNK = 64  # latents decoded at a time: the fastest size on a CPU, and short enough for cancelling a job


class VAE(msgspec.Struct, frozen=True, eq=False):
    """A trained model with NumPy arrays as inputs and outputs; one thread at a time may call it.

    A conditional model is given the class `y`, an index into `classes`; 0 for other models.
    """

    card: Card
    networks: Networks
    y: int = 0

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of which a conditional model is given one; () for other models."""
        return self.card.classes

    def given(self, y: int) -> VAE:
        """Return the model that is given the class y, or the last class if there are fewer; it shares the weights."""
        y = max(0, min(y, len(self.classes) - 1))
        return VAE(self.card, self.networks.given(y), y)

    def encode_labelled(self, x: NDArray[Any], labels: NDArray[np.uint8]) -> tuple[Array, Array]:
        """Return mean and standard deviation, each (n, 2), of q_φ(z|x, y) with the own class y of each image, (n,)."""
        if not self.classes:
            return self.encode(x)
        mean, deviation = np.empty((len(x), 2)), np.empty((len(x), 2))
        for y in np.unique(labels):
            mean[labels == y], deviation[labels == y] = self.given(int(y)).encode(x[labels == y])
        return mean, deviation

    def decode_each(self, z: ArrayLike) -> NDArray[np.float32]:
        """Return the means of p_θ(x|z, y) of all classes y, (classes, h, w[, 3]) in [0, 1], at one latent z (2,)."""
        latents = self._latents(z).expand(len(self.classes), -1)
        with torch.inference_mode():
            shown = self._shown(self.networks.given(torch.arange(len(self.classes))).decoder(latents))
        return shown.reshape(-1, *self.image_shape).float().numpy()

    @property
    def precision(self) -> torch.dtype:
        """The number format of the networks, single precision by default."""
        return next(self.networks.parameters()).dtype

    @property
    def latents(self) -> int:
        """The dimension d of z."""
        return self.networks.latents

    @property
    def image_shape(self) -> tuple[int, ...]:
        """The shape of an image in pixels, (h, w) or (h, w, 3)."""
        return self.card.shape

    @property
    def light(self) -> bool:
        """Whether pixels are light (0 is black) instead of ink (0 is paper)."""
        return len(self.card.shape) == 3 or self.card.recipe.data.light

    def encode(self, x: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean and standard deviation, each (n, d), of q_φ(z|x) for images x (n, h, w[, 3]) in [0, 1]."""
        with torch.inference_mode():
            mean, log_variance = self.networks.encoder(self._targets(x).to(self.precision))
        return mean.numpy().astype(float), torch.exp(log_variance / 2).numpy().astype(float)

    def decode(self, z: ArrayLike) -> NDArray[np.float32]:
        """Return the mean of p_θ(x|z), (n, h, w[, 3]) in [0, 1], at latents z (n, d); for ink, the probability."""
        latents = self._latents(z)
        with torch.inference_mode():
            parts = [self._shown(self.networks.decoder(part)) for part in torch.split(latents, CHUNK)]
        return torch.cat(parts).reshape(len(latents), *self.image_shape).float().numpy()

    def jacobian(self, z: ArrayLike) -> NDArray[np.float32]:
        """Return the derivative (n, pixels, d) of the mean of p_θ(x|z) at latents z (n, d)."""
        derivative: NDArray[np.float32] = jacobian(self.networks, self._mean_of, self._latents(z)).numpy()
        return derivative

    def render(self, z: ArrayLike, height: int, width: int) -> Iterator[NDArray[np.float32]]:
        """Render the decoded image at z (d,) with another resolution, in bands (rows, width[, 3]) from the top.

        Raises ValueError, in one sentence, if the model has a fixed resolution or the size is too large.
        """
        latent = self._latents(z)[0]
        return coordinates.render(self.networks, self._shown, latent, self.image_shape, height, width)

    def _mean_of(self, out: Tensor) -> Tensor:
        return mean_of(self.networks.likelihood, out)

    def _shown(self, out: Tensor) -> Tensor:
        return shown(self.networks.likelihood, out)

    @property
    def pixel_deviation(self) -> NDArray[np.float32] | None:
        """The learned σ of each pixel, (h, w[, 3]), or None if the likelihood has no σ."""
        log_sigma = self.networks.log_sigma
        if log_sigma is None:
            return None
        return torch.exp(log_sigma.detach().clamp(*LOG_SIGMA)).reshape(self.image_shape).numpy()

    def log_likelihood(self, x: NDArray[Any], z: ArrayLike) -> NDArray[np.float64]:
        """Return ln p_θ(x|z) (n,) in nats, of one image x (h, w[, 3]) in [0, 1] at latents z (n, d)."""
        latents = self._latents(z)
        target = self._targets(np.asarray(x)[None]).to(self.precision)
        with torch.inference_mode():
            parts = [
                self.networks.log_likelihood(target.expand(len(part), -1), part) for part in torch.split(latents, CHUNK)
            ]
        return torch.cat(parts).numpy().astype(float)

    def scored(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """Return the target of the likelihood for one image x (h, w[, 3]) in [0, 1]: its pixels, or ink as 0 or 1."""
        if isinstance(self.networks.likelihood, Bernoulli):
            x = self._targets(np.asarray(x)[None]).reshape(np.shape(x)).numpy()
        return np.asarray(x, np.float64)

    def _latents(self, z: ArrayLike) -> Tensor:
        return torch.from_numpy(np.array(z, float).reshape(-1, self.latents)).to(self.precision)

    def _targets(self, x: NDArray[Any]) -> Tensor:
        return targets(self.card.recipe.likelihood, torch.from_numpy(np.array(x, np.float32)) * 255)
