"""The density ln p(measurement | z) in nats from the decoder's output, in closed form where one exists.

Averages of binary pixels are Poisson–binomial, their grey value is a sum over the eight colours, Gaussian pixels stay
Gaussian, and noise on a continuous Bernoulli has a closed form. Averages of other pixels are taken as Gaussian by their
means and variances, and sums that share pixels by their saddle point: a density of blurred binary pixels has 2^784
terms. Salt and pepper on grey pixels is a uniform density, because black and white alone would have no density. See
docs/decisions/025 and 042.
"""

from __future__ import annotations

import math
from functools import lru_cache, singledispatch

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.latent.observations.measurement import Measurement, NoisyPixels, Pixels, Projection
from engine.latent.posterior.scoring.blurred_pixels import Rough, log_density_of_blur
from engine.latent.posterior.scoring.poisson_binomial import equal, of_patterns, of_sums, patterns
from engine.latent.posterior.scoring.saddle_point import Pixels as PixelFamily
from engine.latent.vae.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian, GreyBernoulli, Likelihood
from engine.latent.vae.networks import likelihood_densities as densities
from engine.latent.vae.networks.likelihood_densities import LN_2PI, LOG_SIGMA, mean_of


def rough(measurement: Measurement, likelihood: Likelihood) -> Rough | None:
    """Return a measurement whose density is similar and ten times as fast, where that of `measurement` is slow."""
    if not isinstance(measurement, Projection) or measurement.disjoint or not measurement.factors:
        return None
    return None if isinstance(likelihood, Gaussian) else Rough(measurement)


@singledispatch
def log_density(measurement: Measurement | Rough, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    """Return ln p(measurement | z) (n,) in nats from decoder outputs (n, pixels).

    `log_sigma` (pixels,) is the learnt ln σ of the pixels, or empty. Raises TypeError for an unknown measurement.
    """
    raise TypeError(f"{type(measurement).__name__} cannot be scored.")


@log_density.register
def _(measurement: Pixels, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    index = torch.from_numpy(measurement.index)
    own = log_sigma[index] if len(log_sigma) else log_sigma
    values = torch.from_numpy(measurement.values).to(out.dtype).expand(len(out), -1)
    return densities.log_density(likelihood, out[:, index], values, own).sum(1)


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
    if isinstance(likelihood, Bernoulli) and measurement.disjoint:
        if form := equal(measurement):
            return of_sums(measurement, out, form)
        if few := patterns(measurement):
            return of_patterns(measurement, out, few)
    if not measurement.disjoint:
        return log_density_of_blur(measurement, _pixels(likelihood), out)
    mean, variance = mean_and_variance(likelihood, out, log_sigma)
    spread = _summed(measurement, variance, 2) + measurement.deviation**2
    return (-0.5 * ((y - _summed(measurement, mean, 1)) ** 2 / spread + torch.log(spread) + LN_2PI)).sum(1)


@log_density.register
def _(measurement: Rough, likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> Tensor:
    return log_density_of_blur(measurement, _pixels(likelihood), out)


@singledispatch
def _with_gaussian(likelihood: Likelihood, out: Tensor, y: Tensor, log_sigma: Tensor, noise: float) -> Tensor:
    """ln p(y | z) (n,) in nats of y = x + N(0, noise²), y (pixels,) in double precision.

    Terms that are large are equal at all latents. They are summed separately, so that single precision suffices for
    the others.
    """
    raise TypeError(f"{type(likelihood).__name__} cannot be observed with noise.")


@_with_gaussian.register(Bernoulli)
@_with_gaussian.register(GreyBernoulli)
def _(likelihood: Likelihood, out: Tensor, y: Tensor, log_sigma: Tensor, noise: float) -> Tensor:
    """The mixture of Gaussians around 0 and 1: ln N(y|e) + ln(P(e) + P(1 − e) N(y|1 − e)/N(y|e)), e the nearer one.

    Grey pixels under a Bernoulli likelihood are treated as binary ones.
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
    """∫ e^{ηx − A} N(y | x, s²) dx over [0, 1]: an exponential times a Gaussian is a Gaussian with mean m = y + ηs².

    With w(x) = e^{ηx − (y − x)²/2s²}, a = m/s, b = (1 − m)/s and E(t) = erfcx(|t|/√2), the integral is
    w(m) [0 < m < 1] − ½ sgn(a) w(0) E(a) − ½ sgn(b) w(1) E(b); all terms are relative to the largest w in [0, 1].
    """
    end = y.clamp(0, 1)
    constant = -0.5 * ((y - end) / noise) ** 2
    place, nearest, beyond = (each.to(out.dtype) for each in (y, end, 2 * (y - end)))
    low, high = out * noise + (y / noise).to(out.dtype), ((1 - y) / noise).to(out.dtype) - out * noise
    largest = (out * noise**2 + place).clamp_(0, 1)
    away = largest - nearest
    most = out * largest - away * (away - beyond) * (0.5 / noise**2)
    integral = (torch.signbit(low) == torch.signbit(high)).to(out.dtype)  # `copysign` has the same sign where m is 0
    for x, t in ((0, low), (1, high)):
        relative = torch.exp(x * out + (-0.5 * ((y - x) / noise) ** 2 - constant).to(out.dtype) - most)
        integral = integral - 0.5 * torch.copysign(relative * torch.special.erfcx(t.abs() * math.sqrt(0.5)), t)
    return (most + torch.log(integral) - _log_normaliser(out)).sum(1) + float(constant.sum())


def _log_normaliser(out: Tensor) -> Tensor:
    """A(η) of the continuous Bernoulli, by the faster method if no gradient is needed."""
    if not out.requires_grad:
        return densities.log_normaliser(out)
    middle = torch.full_like(out, 0.5)
    return 0.5 * out - densities.log_density(ContinuousBernoulli(), out, middle, out.new_empty(0))


def _pixels(likelihood: Likelihood) -> PixelFamily:
    """The family of pixels that are not Gaussian."""
    log_normaliser = _log_normaliser if isinstance(likelihood, ContinuousBernoulli) else F.softplus
    return PixelFamily(log_normaliser, lambda out: mean_and_variance(likelihood, out, out.new_empty(0)))


@singledispatch
def mean_and_variance(likelihood: Likelihood, out: Tensor, log_sigma: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and the variance of the pixels of p(x|z), each (n, pixels), from decoder outputs (n, pixels)."""
    mean = mean_of(likelihood, out)
    return mean, mean * (1 - mean)


@mean_and_variance.register
def _(likelihood: Gaussian, out: Tensor, log_sigma: Tensor) -> tuple[Tensor, Tensor]:
    return mean_of(likelihood, out), torch.exp(2 * log_sigma.clamp(*LOG_SIGMA)).expand(len(out), -1)


@mean_and_variance.register
def _(likelihood: ContinuousBernoulli, out: Tensor, log_sigma: Tensor) -> tuple[Tensor, Tensor]:
    """First and second derivative of the log normaliser: 1/d − 1/η and 1/η² − e^{−η}/d², d = 1 − e^{−η}, for η > 0."""
    near = out.abs() < 4.6 * torch.finfo(out.dtype).eps ** (1 / 12)  # where the error (η/2π)¹⁰ of the series is ε/η²
    tiny, away = torch.where(near, out, 0.0), torch.where(near, 1.0, out)
    square, size = tiny**2, away.abs()
    decay, inverse = torch.exp(-size), 1 / size
    odds = decay / (1 - decay)  # e^{−η}/d, and e^{−η}/d² is odds + odds²
    least = inverse - odds
    first, second = torch.where(away < 0, least, 1 - least), inverse**2 - torch.addcmul(odds, odds, odds)
    mean = 0.5 + tiny * _polynomial(square, 1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160)
    spread = _polynomial(square, 1 / 12, -1 / 240, 1 / 6048, -1 / 172800, 1 / 5322240)
    return torch.where(near, mean, first), torch.where(near, spread, second)


def _polynomial(x: Tensor, *coefficients: float) -> Tensor:
    """Evaluate a polynomial by Horner's rule; the constant coefficient is the first."""
    *rest, last = coefficients
    value = torch.full_like(x, last)
    for coefficient in reversed(rest):
        value = torch.addcmul(x.new_tensor(coefficient), value, x)
    return value


def _summed(measurement: Projection, values: Tensor, power: int) -> Tensor:
    """Σ weights^power × values of each row of a projection whose rows share no pixels, (n, m), for (n, pixels)."""
    columns, rows = torch.from_numpy(measurement.columns), torch.from_numpy(measurement.rows)
    weights = torch.from_numpy(measurement.weights).to(values.dtype) ** power
    terms = values.T[columns] * weights[:, None]
    return torch.zeros(len(measurement.values), len(values), dtype=values.dtype).index_add_(0, rows, terms).T


def _whitening(measurement: Projection, log_sigma: Tensor) -> tuple[Tensor, Tensor, float]:
    """L⁻¹A (m, pixels), L⁻¹y (m,) and the constant of ln N(y | Aμ, C), where C = A diag(σ²) Aᵀ + s²I = LLᵀ. Cached."""
    return _whitened(measurement, log_sigma.detach().double().numpy().tobytes(), log_sigma.dtype)


@lru_cache(maxsize=4)
def _whitened(measurement: Projection, log_sigma: bytes, dtype: torch.dtype) -> tuple[Tensor, Tensor, float]:
    with torch.inference_mode(False), torch.no_grad():  # a later call may need gradients
        deviation = torch.exp(torch.frombuffer(bytearray(log_sigma), dtype=torch.double).clamp(*LOG_SIGMA))
        rows = torch.zeros(len(measurement.values), len(deviation), dtype=torch.double)
        rows[torch.from_numpy(measurement.rows), torch.from_numpy(measurement.columns)] = torch.from_numpy(
            measurement.weights
        )
        spread = (rows * deviation**2) @ rows.T + measurement.deviation**2 * torch.eye(len(rows), dtype=torch.double)
        root = torch.linalg.cholesky(spread)
        both = torch.column_stack([rows, torch.from_numpy(measurement.values)])
        solved = torch.linalg.solve_triangular(root, both, upper=False).to(dtype)
        constant = -float(torch.log(torch.diagonal(root)).sum()) - 0.5 * len(rows) * LN_2PI
        return solved[:, :-1].contiguous(), solved[:, -1].clone(), constant
