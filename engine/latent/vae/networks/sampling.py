"""Samples of p(x|z): pictures as the model really says them, pixel by pixel, and not their means."""

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
    """One x ~ p_θ(x|z) for each latent z (n, 2), (n, h, w[, 3]).

    A Gaussian's values may lie outside of 0 to 1. Of grey Bernoulli targets there is no density: pixels are 0 or 1.
    """
    latents = torch.from_numpy(np.array(z, np.float32).reshape(-1, 2))
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
    """Pixels (n, pixels) drawn independently, given the decoder's output; `log_sigma` (pixels,) or empty."""
    raise TypeError(f"{type(likelihood).__name__} cannot be drawn from.")


@drawn.register(Bernoulli)
@drawn.register(GreyBernoulli)
def _(likelihood: Bernoulli | GreyBernoulli, out: Tensor, log_sigma: Tensor, rng: np.random.Generator) -> Tensor:
    return (_uniform(out, rng) < torch.sigmoid(out.double())).to(out.dtype)


@drawn.register
def _(likelihood: ContinuousBernoulli, out: Tensor, log_sigma: Tensor, rng: np.random.Generator) -> Tensor:
    """By the inverse of its distribution function, F(x) = (e^ηx − 1)/(e^η − 1)."""
    return quantile(out.double(), _uniform(out, rng)).to(out.dtype)


@drawn.register
def _(likelihood: Gaussian, out: Tensor, log_sigma: Tensor, rng: np.random.Generator) -> Tensor:
    noise = torch.from_numpy(rng.standard_normal(out.shape)).to(out.dtype)
    return mean_of(likelihood, out) + torch.exp(log_sigma.clamp(*LOG_SIGMA)) * noise


def quantile(logit: Tensor, share: Tensor) -> Tensor:
    """Where a continuous Bernoulli with that logit has so much (0 ≤ share < 1) below.

    Without overflow by its mirror image: with logit −η it is 1 − x.
    """
    away = logit.abs().clamp_min(torch.finfo(logit.dtype).tiny)
    below = torch.where(logit > 0, 1 - share, share)
    found = -torch.log1p(below * torch.expm1(-away)) / away
    return torch.where(logit > 0, 1 - found, found).clamp(0, 1)


def _uniform(out: Tensor, rng: np.random.Generator) -> Tensor:
    return torch.from_numpy(rng.random(out.shape))
