"""Samples of p(x|z): images whose pixels are drawn from the likelihood, instead of their means."""

from __future__ import annotations

from functools import singledispatch

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian, GreyBernoulli, Likelihood
from engine.latent.vae.networks.likelihood_densities import LOG_SIGMA, mean_of
from engine.latent.vae.networks.vae import CHUNK, VAE


def sample(vae: VAE, z: ArrayLike, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw one x ~ p_θ(x|z) for each latent z (n, d); returns (n, h, w) or (n, h, w, 3).

    Samples of a Gaussian may lie outside 0 to 1. A Bernoulli with grey targets is not a density of grey values, so
    its samples are 0 or 1.
    """
    latents = torch.from_numpy(np.array(z, np.float32).reshape(-1, vae.latents))
    own, log_sigma = next(vae.networks.parameters()).dtype, vae.networks.log_sigma
    sigma = torch.empty(0, dtype=own) if log_sigma is None else log_sigma.detach()
    with torch.inference_mode():
        parts = [
            drawn(vae.networks.likelihood, vae.networks.decoder(part.to(own)), sigma, rng)
            for part in torch.split(latents, CHUNK)
        ]
        return torch.cat(parts).float().reshape(len(latents), *vae.image_shape).numpy()


@singledispatch
def drawn(likelihood: Likelihood, out: Tensor, log_sigma: Tensor, rng: np.random.Generator) -> Tensor:
    """Draw pixels (n, pixels) independently, given the decoder's output `out` (n, pixels).

    `log_sigma` is (pixels,), or empty for likelihoods without σ. Raises TypeError for an unknown likelihood.
    """
    raise TypeError(f"{type(likelihood).__name__} cannot be drawn from.")


@drawn.register(Bernoulli)
@drawn.register(GreyBernoulli)
def _(likelihood: Bernoulli | GreyBernoulli, out: Tensor, log_sigma: Tensor, rng: np.random.Generator) -> Tensor:
    return (_uniform(out, rng) < torch.sigmoid(out.double())).to(out.dtype)


@drawn.register
def _(likelihood: ContinuousBernoulli, out: Tensor, log_sigma: Tensor, rng: np.random.Generator) -> Tensor:
    """Draw by the inverse of the distribution function F(x) = (e^ηx − 1)/(e^η − 1)."""
    return quantile(out.double(), _uniform(out, rng)).to(out.dtype)


@drawn.register
def _(likelihood: Gaussian, out: Tensor, log_sigma: Tensor, rng: np.random.Generator) -> Tensor:
    noise = torch.from_numpy(rng.standard_normal(out.shape)).to(out.dtype)
    return mean_of(likelihood, out) + torch.exp(log_sigma.clamp(*LOG_SIGMA)) * noise


def quantile(logit: Tensor, probability: Tensor) -> Tensor:
    """Return the quantile x (0 to 1) of a continuous Bernoulli with this logit, for 0 ≤ probability < 1.

    All arrays have the same shape. The symmetry x → 1 − x for η → −η avoids overflow.
    """
    away = logit.abs().clamp_min(torch.finfo(logit.dtype).tiny)
    below = torch.where(logit > 0, 1 - probability, probability)
    x = -torch.log1p(below * torch.expm1(-away)) / away
    return torch.where(logit > 0, 1 - x, x).clamp(0, 1)


def _uniform(out: Tensor, rng: np.random.Generator) -> Tensor:
    return torch.from_numpy(rng.random(out.shape))
