"""Sights carried out: ln p(sight | z) in nats from the decoder's output, in closed form wherever there is one."""

from __future__ import annotations

import math
from functools import lru_cache, singledispatch

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.latent.sights import NoisyPixels, Pixels, Projection, Sight
from engine.latent.vae import densities
from engine.latent.vae.densities import LN_2PI, LOG_SIGMA, mean_of
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian, GreyBernoulli, Likelihood

SMALL = 0.3  # logits below which the series of the variance is exact to double precision
BLOCKS = 2**17  # probabilities of sums of pixels that are held at a time


@singledispatch
def log_density(sight: Sight, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    """ln p(sight | z) (n,), given decoder outputs (n, pixels); `log_sigma` (pixels,) or empty."""
    raise TypeError(f"{type(sight).__name__} cannot be scored.")


@log_density.register
def _(sight: Pixels, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    index = torch.from_numpy(sight.index)
    known = log_sigma[index] if len(log_sigma) else log_sigma
    values = torch.from_numpy(sight.values).to(out.dtype).expand(len(out), -1)
    return densities.log_density(likelihood, out[:, index], values, known).sum(1)


@log_density.register
def _(sight: NoisyPixels, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    y = torch.from_numpy(sight.values).to(out.dtype)
    if sight.noise == "gaussian":
        return _with_gaussian(likelihood, out, y, log_sigma, sight.amount).sum(1)
    kept = densities.log_density(likelihood, out, y.expand(len(out), -1), log_sigma) + math.log1p(-sight.amount)
    replaced = math.log(sight.amount / 2 if isinstance(likelihood, Bernoulli) else sight.amount)
    return torch.logaddexp(kept, torch.tensor(replaced, dtype=out.dtype)).sum(1)


@log_density.register
def _(sight: Projection, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    y = torch.from_numpy(sight.values).to(out.dtype)
    if isinstance(likelihood, Gaussian) and not sight.disjoint:
        whitened, target, constant = _whitening(sight, log_sigma)
        return constant - 0.5 * ((mean_of(likelihood, out) @ whitened.T - target) ** 2).sum(1)
    if isinstance(likelihood, Bernoulli) and sight.disjoint and (size := _equal(sight)):
        return _of_sums(sight, torch.sigmoid(out), size)
    mean, variance = mean_and_variance(likelihood, out, log_sigma)
    weights = torch.from_numpy(sight.weights).to(out.dtype)
    spread = _summed(sight, variance, weights**2) + sight.deviation**2
    return (-0.5 * ((y - _summed(sight, mean, weights)) ** 2 / spread + torch.log(spread) + LN_2PI)).sum(1)


@singledispatch
def _with_gaussian(likelihood: Likelihood, out: Tensor, y: Tensor, log_sigma: Tensor, noise: float) -> Tensor:
    """ln p(y | z) of each pixel (n, pixels) of y = x + N(0, noise²)."""
    raise TypeError(f"{type(likelihood).__name__} cannot be seen through noise.")


@_with_gaussian.register(Bernoulli)
@_with_gaussian.register(GreyBernoulli)
def _(likelihood: Likelihood, out: Tensor, y: Tensor, log_sigma: Tensor, noise: float) -> Tensor:
    """A mixture of the densities around 0 and 1: ln N(y|0) + ln(1 − p + p N(y|1)/N(y|0))."""
    paper = -0.5 * (y / noise) ** 2 - math.log(noise) - 0.5 * LN_2PI
    return paper + F.softplus(out + (2 * y - 1) / (2 * noise**2)) - F.softplus(out)


@_with_gaussian.register
def _(likelihood: Gaussian, out: Tensor, y: Tensor, log_sigma: Tensor, noise: float) -> Tensor:
    variance = torch.exp(2 * log_sigma.clamp(*LOG_SIGMA)) + noise**2
    return -0.5 * ((y - mean_of(likelihood, out)) ** 2 / variance + torch.log(variance) + LN_2PI)


@_with_gaussian.register
def _(likelihood: ContinuousBernoulli, out: Tensor, y: Tensor, log_sigma: Tensor, noise: float) -> Tensor:
    """∫ e^{ηx − A} N(y | x, s²) dx over [0, 1] = e^{ηy + η²s²/2 − A} (Φ((1 − m)/s) − Φ(−m/s)), m = y + ηs²."""
    middle = y + out * noise**2
    low, high = -middle / noise, (1 - middle) / noise
    flip = low > 0  # there the upper tail keeps its digits
    low, high = torch.where(flip, -high, low), torch.where(flip, -low, high)
    most, least = torch.special.log_ndtr(high), torch.special.log_ndtr(low)
    between: Tensor = most + torch.log(-torch.expm1(least - most))
    return out * y + 0.5 * (out * noise) ** 2 - densities.log_normaliser(out) + between


@singledispatch
def mean_and_variance(likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> tuple[Tensor, Tensor]:
    """Of each pixel of p(x|z), each (n, pixels)."""
    mean = mean_of(likelihood, out)
    return mean, mean * (1 - mean)


@mean_and_variance.register
def _(likelihood: Gaussian, out: Tensor, log_sigma: Tensor) -> tuple[Tensor, Tensor]:
    return mean_of(likelihood, out), torch.exp(2 * log_sigma.clamp(*LOG_SIGMA)).expand(len(out), -1)


@mean_and_variance.register
def _(likelihood: ContinuousBernoulli, out: Tensor, log_sigma: Tensor) -> tuple[Tensor, Tensor]:
    """The second derivative of the log normaliser: 1/η² − 1/(4 sinh²(η/2))."""
    near = out.abs() < SMALL
    tiny = torch.where(near, out, torch.zeros_like(out)) ** 2
    away = torch.where(near, torch.ones_like(out), out.abs())
    series = 1 / 12 - tiny / 240 + tiny**2 / 6048 - tiny**3 / 172800 + tiny**4 / 5322240
    decay = torch.exp(-away)
    return mean_of(likelihood, out), torch.where(near, series, 1 / away**2 - decay / (1 - decay) ** 2)


def _summed(sight: Projection, values: Tensor, weights: Tensor) -> Tensor:
    """Σ weights × values of each row (n, m), values (n, pixels)."""
    columns, rows = torch.from_numpy(sight.columns), torch.from_numpy(sight.rows)
    if not sight.disjoint:
        dense = torch.zeros(len(sight.values), values.shape[1], dtype=values.dtype)
        dense[rows, columns] = weights
        return values @ dense.T
    parts = values.T[columns] * weights[:, None]
    return torch.zeros(len(sight.values), len(values), dtype=values.dtype).index_add_(0, rows, parts).T


@lru_cache(maxsize=4)
def _whitening(sight: Projection, log_sigma: Tensor) -> tuple[Tensor, Tensor, float]:
    """L⁻¹A (m, pixels), L⁻¹y (m,) and the constant of N(y | Aμ, C), C = A diag(σ²) Aᵀ + s²I = LLᵀ."""
    rows = torch.zeros(len(sight.values), len(log_sigma), dtype=torch.double)
    rows[torch.from_numpy(sight.rows), torch.from_numpy(sight.columns)] = torch.from_numpy(sight.weights)
    variance = torch.exp(2 * log_sigma.double().clamp(*LOG_SIGMA))
    noise = sight.deviation**2 * torch.eye(len(rows), dtype=torch.double)
    root = torch.linalg.cholesky((rows * variance) @ rows.T + noise)
    both = torch.linalg.solve_triangular(
        root, torch.column_stack([rows, torch.from_numpy(sight.values)]), upper=False
    ).to(log_sigma.dtype)
    constant = -float(torch.log(torch.diagonal(root)).sum()) - 0.5 * len(rows) * LN_2PI
    return both[:, :-1].contiguous(), both[:, -1], constant


def _equal(sight: Projection) -> tuple[Tensor, Tensor] | None:
    """The pixels (m, k) of each row, those that are lacking at −1, and its weight (m,), if a row has but one."""
    rows, weights = torch.from_numpy(sight.rows), torch.from_numpy(sight.weights)
    counts = torch.bincount(rows, minlength=len(sight.values))
    first = torch.cumsum(counts, 0) - counts
    each = weights[first]
    if not torch.equal(each[rows], weights):
        return None
    place = torch.arange(len(rows)) - first[rows]
    pixels = torch.full((len(counts), int(counts.max())), -1)
    pixels[rows, place] = torch.from_numpy(sight.columns)
    return pixels, each


def _of_sums(sight: Projection, probability: Tensor, form: tuple[Tensor, Tensor]) -> Tensor:
    """Exact for sums of ones and zeros: how many of a row are ink (Poisson–binomial), and noise about each number.

    In double precision: that all of sixteen pixels are unlikely must not become impossible.
    """
    pixels, weight = form
    k = pixels.shape[1]
    counts = torch.arange(k + 1, dtype=torch.double)
    away = (torch.from_numpy(sight.values)[:, None] - counts * weight[:, None]) / sight.deviation
    noise = -0.5 * away**2 - math.log(sight.deviation) - 0.5 * LN_2PI  # (m, k + 1)
    peak = noise.max(1, keepdim=True).values
    likely, found = torch.exp(noise - peak).T.contiguous(), []
    for part in torch.split(probability, max(1, BLOCKS // (len(pixels) * (k + 1)))):
        padded = F.pad(part.double(), (0, 1)).T  # whatever is at −1 is never ink
        sums = torch.zeros(k + 1, len(pixels), len(part), dtype=torch.double)
        sums[0] = 1
        for i in range(k):
            ink = padded[pixels[:, i]]
            grown = sums[: i + 1] * ink
            if ink.requires_grad:  # whose gradient needs the sums of each step, at twice the time
                sums = sums - F.pad(grown, (0, 0, 0, 0, 0, k - i)) + F.pad(grown, (0, 0, 0, 0, 1, k - i - 1))
                continue
            sums[: i + 1] -= grown
            sums[1 : i + 2] += grown
        held = (sums * likely[:, :, None]).sum(0).clamp_min_(torch.finfo(torch.double).tiny)
        found.append((torch.log(held) + peak).sum(0))
    return torch.cat(found).to(probability.dtype)
