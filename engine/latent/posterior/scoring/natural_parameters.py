"""Natural parameters: how ln p(pixels | z) depends on the decoder's output, x·η(z) − A(z) + h(x)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.latent.vae.likelihoods import ContinuousBernoulli, Gaussian
from engine.latent.vae.networks import likelihood_densities as densities
from engine.latent.vae.networks.likelihood_densities import LN_2PI, LOG_SIGMA
from engine.latent.vae.networks.vae import VAE


def stored(vae: VAE, out: Tensor) -> Tensor:
    """The quantity in which the log density is linear, except for its normaliser: the output, or a Gaussian's mean."""
    likelihood = vae.networks.likelihood
    return densities.mean_of(likelihood, out) if isinstance(likelihood, Gaussian) else out


def natural(vae: VAE, index: Tensor | slice, x: Tensor) -> tuple[Tensor, Tensor]:
    """The factors (…, k) of the stored outputs for pixels x (…, k), and the constant (…) that is added, in nats."""
    if not isinstance(vae.networks.likelihood, Gaussian):
        return x, x.new_zeros(x.shape[:-1])
    log_sigma = _log_sigma(vae, index)
    square = (x * torch.exp(-log_sigma)) ** 2
    constant = -(0.5 * square + log_sigma + 0.5 * LN_2PI).double().sum(-1)
    return x * torch.exp(-2 * log_sigma), constant


def log_normaliser(vae: VAE, index: Tensor | slice, stored: Tensor) -> Tensor:
    """A(z) of each pixel, (k, n), from stored outputs (k, n)."""
    likelihood = vae.networks.likelihood
    if isinstance(likelihood, Gaussian):
        return 0.5 * (stored * torch.exp(-_log_sigma(vae, index))[:, None]) ** 2
    if isinstance(likelihood, ContinuousBernoulli):
        return densities.log_normaliser(stored)
    return F.softplus(stored)


def _log_sigma(vae: VAE, index: Tensor | slice) -> Tensor:
    assert vae.networks.log_sigma is not None
    return vae.networks.log_sigma.detach()[index].clamp(*LOG_SIGMA)
