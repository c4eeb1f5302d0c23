"""The log evidence under Student's t noise by adaptive importance sampling.

Laplace's approximation alone would be inaccurate for few observations.
"""

from __future__ import annotations

from math import lgamma

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import LN_2PI, Array

DRAWS = 1000  # draws in each round
ROUNDS = 3
COUNTED = 4  # the number of draws of the final estimate, in rounds
COST = 3_000_000  # the largest product of draws and observations in each round
BROAD = 2.0  # the width of the broad proposal, relative to Laplace's Gaussian
BETWEEN = 0.4  # the share of the draws from one Student's t for all modes, if there are several
NOTHING = 1e-12  # singular values below this fraction of the largest count as 0


class Estimate(msgspec.Struct, frozen=True):
    """An estimate of ln p(t) in nats, and its standard error."""

    log_evidence: float
    error: float


class Draws(msgspec.Struct, frozen=True, eq=False):
    """Weighted draws `z` (m, r) of p(z | t), with `shares` (m,) that sum to 1, and the estimate of ln p(t).

    `pairs` (m,) are the numbers of the antithetic pairs: draws of one pair are not independent.
    """

    z: Array
    shares: Array
    pairs: NDArray[np.intp]
    estimate: Estimate


class Target(msgspec.Struct, frozen=True, eq=False):
    """The density p(t, z) with the prior N(0, I) of z (r,) and t_n ~ St(offset_n + (A z)_n, s, ν).

    z are the directions of the weights, whitened by their prior, on which the likelihood depends. The other directions
    keep their prior and are integrated out.
    """

    slopes: Array
    offset: Array
    df: float
    scale: float

    def log_density(self, z: Array) -> Array:
        """Return ln p(t, z) at z (m, r) -> (m,), in nats, without the constants of Student's t."""
        square = ((self.offset - z @ self.slopes.T) / self.scale) ** 2 / self.df
        fit = -(self.df + 1) / 2 * np.sum(np.log1p(square), axis=1)
        return np.asarray(fit - 0.5 * np.sum(z**2, axis=1) - 0.5 * z.shape[1] * LN_2PI)

    def curvature(self, z: Array) -> Array:
        """Return −∇∇ ln p (r, r) at z (r,), or a positive definite substitute.

        The substitute is the curvature of the Gaussian lower bounds of the densities of t.
        """
        square, miss = self.df * self.scale**2, (self.offset - self.slopes @ z) ** 2
        for bend in ((square - miss) / (square + miss) ** 2, 1 / (square + miss)):
            whole = np.eye(len(z)) + (self.slopes * ((self.df + 1) * bend)[:, None]).T @ self.slopes
            if np.linalg.eigvalsh(whole)[0] > 1e-3:
                break
        return whole


class Proposal(msgspec.Struct, frozen=True, eq=False):
    """A multivariate Student's t around `centre` (r,) with the lower-triangular `factor` (r, r) of its scale matrix."""

    centre: Array
    factor: Array
    df: float

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Return `n` draws (n, r) in antithetic pairs, in which all odd terms cancel."""
        half, r = (n + 1) // 2, len(self.centre)
        away = rng.standard_normal((half, r)) * np.sqrt(self.df / rng.chisquare(self.df, half))[:, None]
        return np.asarray(self.centre + np.concatenate([away, -away])[:n] @ self.factor.T)

    def log_density(self, z: Array) -> Array:
        """Return ln q at z (m, r) -> (m,), in nats (PRML 2.162)."""
        r, square = len(self.centre), self._square(z)
        constant = lgamma((self.df + r) / 2) - lgamma(self.df / 2) - r / 2 * np.log(np.pi * self.df)
        volume = np.sum(np.log(np.diag(self.factor)))
        return np.asarray(constant - volume - (self.df + r) / 2 * np.log1p(square / self.df))

    def log_gaussian(self, z: Array) -> Array:
        """Return ln of the Gaussian with this centre and scale matrix at z (m, r) -> (m,), in nats."""
        volume = np.sum(np.log(np.diag(self.factor)))
        return np.asarray(-volume - 0.5 * len(self.centre) * LN_2PI - 0.5 * self._square(z))

    def _square(self, z: Array) -> Array:
        """The squared distance (m,) of z (m, r) from the centre, in the scale matrix."""
        return np.asarray(np.sum(np.linalg.solve(self.factor, (z - self.centre).T) ** 2, axis=0))


def sampled(target: Target, modes: Array) -> Draws:
    """Return draws of p(z | t), and ln ∫ p(t, z) dz in nats without the constants of Student's t.

    `modes` (m, r) are the maxima of p, the one with the most mass first.

    In each round a mixture of Student's t, one for each mode, is fitted to p from the draws so far, weighted by all
    proposals (Cornuet, Marin, Mira & Robert 2012; Cappé, Douc, Guillin, Marin & Robert 2008). The estimate uses only
    new draws, from the last fit and from a broad Student's t, so that p(t) is unbiased. The random numbers are always
    the same, so that the estimate is a smooth function of the data.
    """
    if not modes.shape[1]:
        estimate = Estimate(float(target.log_density(modes[:1])[0]), 0.0)
        return Draws(modes[:1], np.ones(1), np.zeros(1, np.intp), estimate)
    r, n = modes.shape[1], max(200, min(DRAWS, COST // max(len(target.offset), 1)))
    rng, df = np.random.default_rng(0), 5.0 + r
    first = Proposals.at(target, modes, df)
    broad = Proposals.one(_broad(first.parts, df))
    rounds, draws, log_p = [broad, first], np.empty((0, r)), np.empty(0)
    for _ in range(ROUNDS):
        new = [proposal.draw(rng, n) for proposal in (rounds if not len(draws) else rounds[-1:])]
        draws, log_p = np.concatenate([draws, *new]), np.concatenate([log_p, *map(target.log_density, new)])
        log_q = np.logaddexp.reduce([proposal.log_density(draws) for proposal in rounds]) - np.log(len(rounds))
        rounds.append(first.fitted(draws, log_p - log_q))
    last, many, few = rounds[-1], COUNTED * n, COUNTED * n // 8
    draws = np.concatenate([last.draw(rng, many), broad.draw(rng, few)])
    pairs = np.concatenate([last.pairs(many), many + broad.pairs(few)])
    log_proposals = [p.log_density(draws) + np.log(m / (many + few)) for p, m in ((last, many), (broad, few))]
    log_q, log_p = np.logaddexp(*log_proposals), target.log_density(draws)
    ratios = np.exp(log_p - log_q - np.max(log_p - log_q))
    controls = np.exp(last.log_gaussians(draws) - log_q)
    return Draws(draws, ratios / ratios.sum(), pairs, _estimated(log_p - log_q, controls, pairs))


def _estimated(log_ratio: Array, controls: Array, pairs: NDArray[np.intp]) -> Estimate:
    """Return ln of the mean of the ratios (m,) p/q, and its standard error.

    The expectation of each of the `controls` (c, m) is 1, because they are other densities divided by q. Their means
    over the draws differ from 1 by chance. A linear regression of the ratios on the controls removes the part of the
    random error that they share (control variates: Owen & Zhou 2000). If this lowers the mean to less than half, too
    few draws have a weight, and the plain mean is returned. The error is that of independent `pairs` (m,) of draws,
    from the residuals of the regression.
    """
    peak = float(log_ratio.max())
    ratios = np.exp(log_ratio - peak)
    columns = np.vstack([np.ones(len(ratios)), controls - 1]).T
    mean, *slopes = np.linalg.lstsq(columns, ratios, rcond=1e-6)[0].tolist()
    if mean < ratios.mean() / 2:
        mean, slopes = float(ratios.mean()), [0.0] * len(controls)
    left = np.bincount(pairs, ratios - mean - columns[:, 1:] @ np.array(slopes))
    return Estimate(peak + float(np.log(mean)), float(np.sqrt(np.sum(left**2)) / len(ratios) / mean))


class Proposals(msgspec.Struct, frozen=True, eq=False):
    """A mixture of multivariate Student's t with `weights` (m,)."""

    parts: tuple[Proposal, ...]
    weights: Array

    @classmethod
    def one(cls, part: Proposal) -> Proposals:
        """Return the mixture of a single Student's t."""
        return cls((part,), np.ones(1))

    @classmethod
    def at(cls, target: Target, modes: Array, df: float) -> Proposals:
        """Return one Student's t for each mode (m, r), weighted by its mass in Laplace's approximation."""
        factors = [np.linalg.cholesky(np.linalg.inv(target.curvature(mode))) for mode in modes]
        parts = tuple(Proposal(mode, factor, df) for mode, factor in zip(modes, factors, strict=True))
        mass = target.log_density(modes) + np.array([np.sum(np.log(np.diag(factor))) for factor in factors])
        weights = np.exp(mass - mass.max())
        return cls(parts, _floored(weights / weights.sum()))

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """Return `n` draws (n, r), from each part in proportion to its weight."""
        counts = self._counts(n)
        return np.concatenate([part.draw(rng, m) for part, m in zip(self.parts, counts, strict=True) if m])

    def pairs(self, n: int) -> NDArray[np.intp]:
        """Return the numbers (n,) of the antithetic pairs to which the draws of `draw` belong."""
        starts = np.cumsum([0, *self._counts(n)])
        pairs = [
            start + np.tile(np.arange((m + 1) // 2), 2)[:m] for start, m in zip(starts, self._counts(n), strict=False)
        ]
        return np.concatenate(pairs)

    def _counts(self, n: int) -> list[int]:
        """The number of draws from each part."""
        counts: list[int] = np.diff(np.rint(n * np.cumsum(self.weights)).astype(int), prepend=0).tolist()
        return counts

    def log_gaussians(self, z: Array) -> Array:
        """Return ln N(z | centre, scale matrix) of each part at z (m, r) -> (parts, m), in nats."""
        return np.array([part.log_gaussian(z) for part in self.parts])

    def log_density(self, z: Array) -> Array:
        """Return ln q at z (m, r) -> (m,), in nats."""
        return np.asarray(np.logaddexp.reduce(self._logs(z)))

    def _logs(self, z: Array) -> Array:
        """ln of the weighted density of each part, (parts, m)."""
        return np.array([np.log(w) + part.log_density(z) for part, w in zip(self.parts, self.weights, strict=True)])

    def fitted(self, draws: Array, log_share: Array) -> Proposals:
        """Return the mixture with weights, means and covariances of the weighted draws that belong to each part.

        One more part has the mean and the covariance of all draws, and covers what lies between the modes.
        """
        logs, shares = self._logs(draws), np.exp(log_share - log_share.max())
        shares /= shares.sum()
        whole = _fitted(draws, shares, self.parts[0])
        if len(self.parts) == 1:
            return Proposals.one(whole)
        own = np.exp(logs - np.logaddexp.reduce(logs)) * shares
        total = np.maximum(own.sum(axis=1), 1e-12)
        parts = [_fitted(draws, each / mass, part) for part, each, mass in zip(self.parts, own, total, strict=True)]
        weights = (1 - BETWEEN) * _floored(total / total.sum())
        return Proposals((*parts, whole), np.append(weights, BETWEEN))


def _floored(weights: Array) -> Array:
    """Weights (m,) of which none is much smaller than the others, so that each mode has draws."""
    return np.asarray(0.9 * weights + 0.1 / len(weights))


def _broad(parts: tuple[Proposal, ...], df: float) -> Proposal:
    """A broad Student's t around the mode with the most mass, which covers all modes."""
    first, (best, *others) = parts[0], [part.centre for part in parts]
    apart = np.array(others).reshape(-1, len(best)) - best
    covariance = BROAD**2 * first.factor @ first.factor.T + apart.T @ apart / max(len(others), 1)
    factor = np.linalg.cholesky(covariance) if others else BROAD * first.factor
    return Proposal(best, np.asarray(factor, float), df)


def _fitted(draws: Array, shares: Array, first: Proposal) -> Proposal:
    """Return a proposal with the mean and covariance of the weighted draws.

    With a small effective sample size it is close to the first proposal.
    """
    centre = shares @ draws
    about, prior_covariance = draws - centre, first.factor @ first.factor.T
    trust = 1 / (1 + 4 * len(centre) * float(np.sum(shares**2)))
    covariance = trust * (about * shares[:, None]).T @ about + (1 - trust) * prior_covariance
    factor = np.asarray(np.linalg.cholesky(1.1 * covariance), float)
    return Proposal(first.centre + trust * (centre - first.centre), factor, first.df)
