"""The computation of likelihoods: targets, log densities in nats and means, from the decoder's output."""

from __future__ import annotations

import math
from functools import singledispatch

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.latent.vae.likelihoods import (
    Bernoulli,
    ContinuousBernoulli,
    Gaussian,
    GreyBernoulli,
    Likelihood,
    LinearGaussian,
)

LOG_SIGMA = (-5.5, 1.0)  # limits of ln σ for pixels from 0 to 1; the lower limit is one grey value
START = -1.5  # initial ln σ
SMALL = 0.15  # half logits below which the series are exact to double precision
LN_2PI = math.log(2 * math.pi)


@singledispatch
def targets(likelihood: Likelihood, pixels: Tensor) -> Tensor:
    """Return the targets of the likelihood, which are the encoder's input, (n, pixels) from 0 to 1.

    `pixels` is (n, h, w) or (n, h, w, 3) with values from 0 to 255.
    """
    return pixels.float().flatten(1) / 255


@targets.register
def _(likelihood: Bernoulli, pixels: Tensor) -> Tensor:
    ink = torch.empty(
        pixels.shape, device=pixels.device
    )  # writing floats directly is five times as fast as converting booleans
    limit = likelihood.threshold if pixels.is_floating_point() else math.floor(likelihood.threshold)
    return torch.gt(pixels, limit, out=ink).flatten(1)  # whole numbers are compared in half the time


@singledispatch
def log_density(likelihood: Likelihood, out: Tensor, x: Tensor, log_sigma: Tensor) -> Tensor:
    """Return ln p(x|z) of each pixel (n, pixels) in nats, given the decoder's output `out` (n, pixels).

    `log_sigma` is (pixels,), or empty for likelihoods without σ. Raises TypeError for an unknown likelihood.
    """
    raise TypeError(f"{type(likelihood).__name__} cannot score {tuple(x.shape)}.")


@log_density.register(Bernoulli)
@log_density.register(GreyBernoulli)
def _(likelihood: Bernoulli | GreyBernoulli, out: Tensor, x: Tensor, log_sigma: Tensor) -> Tensor:
    return -F.binary_cross_entropy_with_logits(out, x, reduction="none")


@log_density.register
def _(likelihood: ContinuousBernoulli, out: Tensor, x: Tensor, log_sigma: Tensor) -> Tensor:
    """Loaiza-Ganem & Cunningham 2019, eq. 3, in the logit η: ηx − ln((e^η − 1)/η)."""
    return out * (x - 0.5) - _log_sinhc(out / 2)


@log_density.register
def _(likelihood: Gaussian, out: Tensor, x: Tensor, log_sigma: Tensor) -> Tensor:
    log_sigma = log_sigma.clamp(*LOG_SIGMA)
    return -0.5 * ((x - mean_of(likelihood, out)) * torch.exp(-log_sigma)) ** 2 - log_sigma - 0.5 * LN_2PI


def log_density_of_pairs(likelihood: Likelihood, out: Tensor, x: Tensor, log_sigma: Tensor) -> Tensor:
    """Return ln p(x|z) (n, k) in nats of each image x (n, pixels) at each z, given the outputs `out` (k, pixels).

    All likelihoods are exponential families, x·η(z) − A(z) + h(x) (PRML 2.194), so that one matrix product serves all
    pairs. ln p(0|z) is −A(z) + h(0), and only a Gaussian has an h that depends on x.
    """
    at_zero = log_density(likelihood, out, torch.zeros_like(out), log_sigma).sum(1)
    if not isinstance(likelihood, Gaussian):
        return torch.addmm(at_zero, x, out.T)
    precision = torch.exp(-2 * log_sigma.clamp(*LOG_SIGMA))
    own = -0.5 * (x**2 @ precision)
    return torch.addmm(at_zero, x * precision, mean_of(likelihood, out).T) + own[:, None]


@singledispatch
def mean_of(likelihood: Likelihood, out: Tensor) -> Tensor:
    """Return the mean of p(x|z), (n, pixels), from 0 to 1 unless the mean is linear."""
    return torch.sigmoid(out)


@mean_of.register
def _(likelihood: LinearGaussian, out: Tensor) -> Tensor:
    return out


@singledispatch
def output_of(likelihood: Likelihood, mean: Tensor) -> Tensor:
    """Return the decoder's output (n, pixels) for a mean; the inverse of `mean_of`."""
    return torch.logit(mean)


@output_of.register
def _(likelihood: LinearGaussian, mean: Tensor) -> Tensor:
    return mean


def shown(likelihood: Likelihood, out: Tensor) -> Tensor:
    """Return the mean for display, (n, pixels), limited to 0 to 1."""
    mean = mean_of(likelihood, out)
    return mean.clamp(0, 1) if isinstance(likelihood, LinearGaussian) else mean


@mean_of.register
def _(likelihood: ContinuousBernoulli, out: Tensor) -> Tensor:
    """½ + ½ (coth h − 1/h) with h half the logit (Loaiza-Ganem & Cunningham 2019): the log normaliser's derivative."""
    h = out / 2
    near = h.abs() < SMALL
    safe, tiny = torch.where(near, torch.ones_like(h), h), torch.where(near, h, torch.zeros_like(h))
    series = tiny / 3 - tiny**3 / 45 + 2 * tiny**5 / 945 - tiny**7 / 4725 + 2 * tiny**9 / 93555
    return 0.5 + 0.5 * torch.where(near, series, 1 / torch.tanh(safe) - 1 / safe)


def log_normaliser(out: Tensor) -> Tensor:
    """Return ln((e^η − 1)/η) of the continuous Bernoulli at logits η, in nats, of the same shape.

    This is three times as fast as the series, but without gradients.
    """
    away = out.abs().clamp_min_(torch.finfo(out.dtype).tiny)
    return torch.log(-torch.expm1(-away) / away).add_(out.clamp_min(0))


def _log_sinhc(h: Tensor) -> Tensor:
    """Return ln(sinh h / h), without overflow for large h and without cancellation near 0."""
    near = h.abs() < SMALL
    # Both branches must be finite where they are not used; otherwise their gradients would be NaN.
    safe, tiny = torch.where(near, torch.ones_like(h), h.abs()), torch.where(near, h, torch.zeros_like(h))
    far = safe + torch.log(-torch.expm1(-2 * safe) / (2 * safe))
    series = tiny**2 / 6 - tiny**4 / 180 + tiny**6 / 2835 - tiny**8 / 37800 + tiny**10 / 467775
    return torch.where(near, series, far)
