"""Pixel moments: mean and variance of the pixels of p(x|z), at single latents and averaged over many latents."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.posterior.scoring.lattice import Lattice
from engine.latent.posterior.scoring.measurement_densities import mean_and_variance
from engine.latent.vae.likelihoods import Gaussian
from engine.latent.vae.networks.likelihood_densities import output_of
from engine.latent.vae.networks.vae import CHUNK, VAE

AT_ONCE = 4 * CHUNK  # latents decoded between two yields, about 10 ms


def moments(vae: VAE, z: Array) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return E[x|z] and Var[x|z], each (n, pixels), at latents z (n, 2)."""
    chunks = [_moments(vae, chunk) for chunk in torch.split(torch.from_numpy(z), CHUNK)]
    mean, variance = (torch.cat(both).float().numpy() for both in zip(*chunks, strict=True))
    return mean, variance


class Sums:
    """Averages of pixel moments over latents whose `shares` sum to 1.

    They are sums of differences from `middle` (pixels,), values near the mean, which keep their digits in single
    precision.
    """

    def __init__(self, vae: VAE, middle: Array) -> None:
        self.vae, self.middle = vae, middle
        self._about = torch.from_numpy(middle).to(next(vae.networks.parameters()).dtype)
        self._sums = np.zeros((3, len(middle)))

    def over_latents(self, z: Array, shares: Array) -> Iterator[Pending]:
        """Add latents z (n, 2) with their shares (n,), decoded now; yield PENDING between chunks."""
        for start in range(0, len(z), AT_ONCE):
            for first in range(start, min(start + AT_ONCE, len(z)), CHUNK):
                chunk = slice(first, first + CHUNK)
                self._add(*_moments(self.vae, torch.from_numpy(z[chunk])), shares[chunk])
            yield PENDING

    def over_lattice(self, lattice: Lattice, shares: Array) -> Iterator[Pending]:
        """Add the nodes of a decoded lattice with their shares (rows, columns), from below; yield PENDING between."""
        first, step = lattice.axis[0], lattice.axis[1] - lattice.axis[0]
        for _, z, kept, _ in lattice.tiles(len(self.middle)):
            column, row = np.rint((z - first) / step).astype(np.intp).T
            held = shares[row, column]
            if held.any():
                likelihood = self.vae.networks.likelihood
                out = output_of(likelihood, kept) if isinstance(likelihood, Gaussian) else kept
                self._add(*mean_and_variance(likelihood, out.T, _log_sigma(self.vae)), held)
                yield PENDING

    def _add(self, mean: Tensor, variance: Tensor, shares: Array) -> None:
        weights, away = torch.from_numpy(shares).to(mean.dtype), mean - self._about
        self._sums += torch.stack([weights @ away, weights @ away**2, weights @ variance]).double().numpy()

    @property
    def result(self) -> tuple[Array, Array, Array]:
        """E[x], Var(E[x|z]) and E[Var(x|z)], each (pixels,): the law of total variance."""
        away, square, within = self._sums
        return self.middle + away, np.maximum(square - away**2, 0), within


def _moments(vae: VAE, z: Tensor) -> tuple[Tensor, Tensor]:
    own = next(vae.networks.parameters()).dtype
    with torch.inference_mode():
        return mean_and_variance(vae.networks.likelihood, vae.networks.decoder(z.to(own)), _log_sigma(vae))


def _log_sigma(vae: VAE) -> Tensor:
    log_sigma = vae.networks.log_sigma
    return torch.empty(0) if log_sigma is None else log_sigma.detach()
