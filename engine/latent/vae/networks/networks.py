"""A pair of networks, an encoder and a decoder, with their likelihood, and what several architectures share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from engine.latent.vae.architectures.architecture import Activation
from engine.latent.vae.likelihoods import Bernoulli, Likelihood
from engine.latent.vae.networks.likelihood_densities import log_density, mean_of

LOG_VARIANCE = (-12.0, 4.0)  # keeps training in half precision finite
ACTIVATIONS: dict[Activation, type[nn.Module]] = {"ReLU": nn.ReLU, "GELU": nn.GELU, "tanh": nn.Tanh}


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


class Posterior(nn.Module):
    """x (n, pixels) -> mean (n, 2), log variance (n, 2) of q_φ(z|x), from layers that put out four numbers."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        out = self.layers(x).to(x.dtype)
        return out[:, :2], out[:, 2:].clamp(*LOG_VARIANCE)


def stack(sizes: Sequence[int], activation: Activation) -> nn.Sequential:
    """Linear layers from each size to the next, (n, sizes[0]) -> (n, sizes[-1]), the activation between them."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [ACTIVATIONS[activation](), nn.Linear(before, after)]
    return nn.Sequential(*layers[1:])


def colours(shape: tuple[int, ...]) -> int:
    """1 for pictures (h, w), 3 for (h, w, 3)."""
    return math.prod(shape[2:])
