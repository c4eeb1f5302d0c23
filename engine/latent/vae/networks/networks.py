"""An encoder and a decoder with their likelihood, and building blocks that several architectures share.

The networks contain their likelihood, and ln σ if the likelihood has one, so that every owner can compute densities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from engine.latent.vae.architectures.architecture import Activation
from engine.latent.vae.likelihoods import Bernoulli, Likelihood
from engine.latent.vae.networks.likelihood_densities import log_density, mean_of

LOG_VARIANCE = (-12.0, 4.0)  # limits that keep training in half precision finite
ACTIVATIONS: dict[Activation, type[nn.Module]] = {"ReLU": nn.ReLU, "GELU": nn.GELU, "tanh": nn.Tanh}


class Networks(nn.Module):
    """The encoder and the decoder, which are trained and saved together, and the likelihood of the decoder's output.

    `log_sigma` (pixels,) is learned with them if the likelihood has a σ, else it is None. `latents` is the dimension d
    of z.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood: Likelihood = Bernoulli()
        self.log_sigma: nn.Parameter | None = None
        self.latents = 2

    @property
    def classes(self) -> int:
        """The number of classes of which the networks are given one; 0 if they are not given the class."""
        return 0

    def given(self, y: int | Tensor) -> Networks:
        """Return the networks for the class y, or for one class of each image, y (n,); here these networks."""
        return self

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Return ln p_θ(x|z) (n,) in nats, for targets x (n, pixels) and latents z (n, d)."""
        log_sigma = x.new_empty(0) if self.log_sigma is None else self.log_sigma.to(x.dtype)
        return log_density(self.likelihood, self.decoder(z).to(x.dtype), x, log_sigma).sum(1)

    def mean(self, z: Tensor) -> Tensor:
        """Return the mean of p_θ(x|z), (n, pixels), at latents z (n, d)."""
        return mean_of(self.likelihood, self.decoder(z))


class Posterior(nn.Module):
    """x (n, pixels) -> mean and log variance, each (n, d), of q_φ(z|x), from layers with 2d outputs."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        out = self.layers(x).to(x.dtype)
        mean, log_variance = out.chunk(2, dim=1)
        return mean, log_variance.clamp(*LOG_VARIANCE)


def stack(sizes: Sequence[int], activation: Activation) -> nn.Sequential:
    """Return linear layers with activations between them, (n, sizes[0]) -> (n, sizes[-1])."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [ACTIVATIONS[activation](), nn.Linear(before, after)]
    return nn.Sequential(*layers[1:])


def colours(shape: tuple[int, ...]) -> int:
    """Return the number of colour channels: 1 for images (h, w), 3 for (h, w, 3)."""
    return math.prod(shape[2:])
