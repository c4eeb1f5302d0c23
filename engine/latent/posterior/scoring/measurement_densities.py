"""The density ln p(measurement | z) in nats from the decoder's output, in closed form where there is one."""

from __future__ import annotations

import math
from functools import lru_cache, singledispatch

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.latent.observations.measurement import Measurement, NoisyPixels, Pixels, Projection
from engine.latent.posterior.scoring.poisson_binomial import equal, of_sums
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian, GreyBernoulli, Likelihood
from engine.latent.vae.networks import likelihood_densities as densities
from engine.latent.vae.networks.likelihood_densities import LN_2PI, LOG_SIGMA, mean_of


@singledispatch
def log_density(measurement: Measurement, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    """ln p(measurement | z) (n,), given decoder outputs (n, pixels); `log_sigma` (pixels,) or empty."""
    raise TypeError(f"{type(measurement).__name__} cannot be scored.")


@log_density.register
def _(measurement: Pixels, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    index = torch.from_numpy(measurement.index)
    known = log_sigma[index] if len(log_sigma) else log_sigma
    values = torch.from_numpy(measurement.values).to(out.dtype).expand(len(out), -1)
    return densities.log_density(likelihood, out[:, index], values, known).sum(1)


@log_density.register
def _(measurement: NoisyPixels, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    y = torch.from_numpy(measurement.values)
    if measurement.noise == "gaussian":
        return _with_gaussian(likelihood, out, y, log_sigma, measurement.amount)
    kept = densities.log_density(likelihood, out, y.to(out.dtype).expand(len(out), -1), log_sigma)
    replaced = math.log(measurement.amount / 2 if isinstance(likelihood, Bernoulli) else measurement.amount)
    possible = torch.where((y >= 0) & (y <= 1), 0.0, -math.inf).to(out.dtype) + replaced
    return torch.logaddexp(kept + math.log1p(-measurement.amount), possible).sum(1)


@log_density.register
def _(measurement: Projection, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    y = torch.from_numpy(measurement.values).to(out.dtype)
    if isinstance(likelihood, Gaussian) and not measurement.disjoint:
        whitened, target, constant = _whitening(measurement, log_sigma)
        return constant - 0.5 * ((mean_of(likelihood, out) @ whitened.T - target) ** 2).sum(1)
    if isinstance(likelihood, Bernoulli) and measurement.disjoint and (form := equal(measurement)):
        return of_sums(measurement, out, form)
    mean, variance = mean_and_variance(likelihood, out, log_sigma)
    spread = _summed(measurement, variance, 2) + measurement.deviation**2
    return (-0.5 * ((y - _summed(measurement, mean, 1)) ** 2 / spread + torch.log(spread) + LN_2PI)).sum(1)


@singledispatch
def _with_gaussian(likelihood: Likelihood, out: Tensor, y: Tensor, log_sigma: Tensor, noise: float) -> Tensor:
    """ln p(y | z) (n,) of y = x + N(0, noise²), y (pixels,) in double precision.

    What is large is the same at all latents: it is added up apart, so that single precision is enough for the rest.
    """
    raise TypeError(f"{type(likelihood).__name__} cannot be seen through noise.")


@_with_gaussian.register(Bernoulli)
@_with_gaussian.register(GreyBernoulli)
def _(likelihood: Likelihood, out: Tensor, y: Tensor, log_sigma: Tensor, noise: float) -> Tensor:
    """A mixture of densities around 0 and 1: with e the nearer one, ln N(y|e) + ln(P(e) + P(1 − e) N(y|1 − e)/N(y|e)).

    Greys that stand in for ink and paper are read as these are.
    """
    ink = y > 0.5
    nearer = -0.5 * ((y - ink.double()) / noise) ** 2 - math.log(noise) - 0.5 * LN_2PI
    against = torch.where(ink, -1.0, 1.0).to(out.dtype) * out  # the logit of 1 − e
    behind = ((2 * y - 1).abs() / (2 * noise**2)).to(out.dtype)
    return (F.softplus(against - behind) - F.softplus(against)).sum(1) + float(nearer.sum())


@_with_gaussian.register
def _(likelihood: Gaussian, out: Tensor, y: Tensor, log_sigma: Tensor, noise: float) -> Tensor:
    variance = torch.exp(2 * log_sigma.clamp(*LOG_SIGMA)) + noise**2
    misses = (y.to(out.dtype) - mean_of(likelihood, out)) ** 2 / variance
    return -0.5 * (misses.sum(1) + float((torch.log(variance.double()) + LN_2PI).sum()))


@_with_gaussian.register
def _(likelihood: ContinuousBernoulli, out: Tensor, y: Tensor, log_sigma: Tensor, noise: float) -> Tensor:
    """∫ e^{ηx − A} N(y | x, s²) dx over [0, 1]: an exponential times a normal is a normal, about m = y + ηs², cut off.

    With w(x) = e^{ηx − (y − x)²/2s²}, a = m/s, b = (1 − m)/s and E(t) = erfcx(|t|/√2), the integral is
    w(m) [0 < m < 1] − ½ sgn(a) w(0) E(a) − ½ sgn(b) w(1) E(b); all of it relative to the largest w in [0, 1].
    """
    end = y.clamp(0, 1)
    constant = -0.5 * ((y - end) / noise) ** 2
    place, nearest, beyond = (known.to(out.dtype) for known in (y, end, 2 * (y - end)))
    low, high = out * noise + (y / noise).to(out.dtype), ((1 - y) / noise).to(out.dtype) - out * noise
    largest = (out * noise**2 + place).clamp_(0, 1)
    away = largest - nearest
    most = out * largest - away * (away - beyond) * (0.5 / noise**2)
    found = (low * high > 0).to(out.dtype)
    for x, t in ((0, low), (1, high)):
        relative = torch.exp(x * out + (-0.5 * ((y - x) / noise) ** 2 - constant).to(out.dtype) - most)
        found = found - 0.5 * torch.copysign(relative * torch.special.erfcx(t.abs() * math.sqrt(0.5)), t)
    return (most + torch.log(found) - _log_normaliser(out)).sum(1) + float(constant.sum())


def _log_normaliser(out: Tensor) -> Tensor:
    """A(η) of the continuous Bernoulli, quickly unless its slope is wanted."""
    if not out.requires_grad:
        return densities.log_normaliser(out)
    middle = torch.full_like(out, 0.5)
    return 0.5 * out - densities.log_density(ContinuousBernoulli(), out, middle, out.new_empty(0))


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
    """First and second derivative of the log normaliser: 1/d − 1/η and 1/η² − e^{−η}/d², d = 1 − e^{−η}, for η > 0."""
    near = out.abs() < 4.6 * torch.finfo(out.dtype).eps ** (1 / 12)  # there (η/2π)¹⁰, the series' error, is ε/η²
    tiny, away = torch.where(near, out, 0.0), torch.where(near, 1.0, out)
    square, size = tiny**2, away.abs()
    decay, left = torch.exp(-size), -torch.expm1(-size)
    least = 1 / size - decay / left
    first, second = torch.where(away < 0, least, 1 - least), 1 / size**2 - decay / left**2
    mean = 0.5 + tiny * _polynomial(square, 1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160)
    spread = _polynomial(square, 1 / 12, -1 / 240, 1 / 6048, -1 / 172800, 1 / 5322240)
    return torch.where(near, mean, first), torch.where(near, spread, second)


def _polynomial(x: Tensor, *coefficients: float) -> Tensor:
    """By Horner's rule, the constant first."""
    *rest, last = coefficients
    found = torch.full_like(x, last)
    for coefficient in reversed(rest):
        found = found * x + coefficient
    return found


def _summed(measurement: Projection, values: Tensor, power: int) -> Tensor:
    """Σ weights^power × values of each row (n, m), values (n, pixels)."""
    if measurement.factors:
        return _along_sides(measurement, values, power)
    columns, rows = torch.from_numpy(measurement.columns), torch.from_numpy(measurement.rows)
    weights = torch.from_numpy(measurement.weights).to(values.dtype) ** power
    if not measurement.disjoint:
        dense = torch.zeros(len(measurement.values), values.shape[1], dtype=values.dtype)
        dense[rows, columns] = weights
        return values @ dense.T
    parts = values.T[columns] * weights[:, None]
    return torch.zeros(len(measurement.values), len(values), dtype=values.dtype).index_add_(0, rows, parts).T


def _along_sides(measurement: Projection, values: Tensor, power: int) -> Tensor:
    """(A₁ ⊗ A₂ ⊗ I) applied side by side, some thirty times as few products."""
    found, before = values.T, 1
    for side in measurement.factors:
        factor = torch.from_numpy(side).to(values.dtype) ** power
        found = factor @ found.reshape(before, factor.shape[1], -1)
        before *= len(factor)
    return found.reshape(len(measurement.values), len(values)).T


def _whitening(measurement: Projection, log_sigma: Tensor) -> tuple[Tensor, Tensor, float]:
    """L⁻¹A (m, pixels), L⁻¹y (m,) and the constant of N(y | Aμ, C), C = A diag(σ²) Aᵀ + s²I = LLᵀ. Kept by values."""
    return _whitened(measurement, log_sigma.detach().double().numpy().tobytes(), log_sigma.dtype)


@lru_cache(maxsize=4)
def _whitened(measurement: Projection, log_sigma: bytes, dtype: torch.dtype) -> tuple[Tensor, Tensor, float]:
    with torch.inference_mode(False), torch.no_grad():  # whoever asks next may want slopes
        deviation = torch.exp(torch.frombuffer(bytearray(log_sigma), dtype=torch.double).clamp(*LOG_SIGMA))
        rows = torch.zeros(len(measurement.values), len(deviation), dtype=torch.double)
        rows[torch.from_numpy(measurement.rows), torch.from_numpy(measurement.columns)] = torch.from_numpy(
            measurement.weights
        )
        spread = (rows * deviation**2) @ rows.T + measurement.deviation**2 * torch.eye(len(rows), dtype=torch.double)
        root = torch.linalg.cholesky(spread)
        both = torch.column_stack([rows, torch.from_numpy(measurement.values)])
        found = torch.linalg.solve_triangular(root, both, upper=False).to(dtype)
        constant = -float(torch.log(torch.diagonal(root)).sum()) - 0.5 * len(rows) * LN_2PI
        return found[:, :-1].contiguous(), found[:, -1].clone(), constant
