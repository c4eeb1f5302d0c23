"""The log evidence under Student's t noise by adaptive importance sampling, where Laplace alone would be off."""

from __future__ import annotations

from math import lgamma

import msgspec
import numpy as np

from engine.gaussian import LN_2PI, Array

DRAWS = 1000  # in each round
ROUNDS = 3
COUNTED = 4  # rounds' worth of draws that are counted
COST = 3_000_000  # draws times observations, in each round
BROAD = 2.0  # how many times as wide as Laplace's Gaussian some of the draws are
NOTHING = 1e-12  # a singular value below this, relative to the largest, is a direction the data say nothing of


class Estimate(msgspec.Struct, frozen=True):
    """ln p(t) in nats, and its standard error."""

    log_evidence: float
    error: float


class Target(msgspec.Struct, frozen=True, eq=False):
    """ln p(t, z) where the prior of z (r,) is N(0, I) and t_n ~ St(offset_n + (A z)_n, s, ν).

    z are those directions of the weights, whitened by their prior, on which the likelihood depends: the others, which
    keep their prior, are integrated out.
    """

    slopes: Array
    offset: Array
    df: float
    scale: float

    def log_density(self, z: Array) -> Array:
        """At z (m, r) -> (m,), without the constants of Student's t."""
        square = ((self.offset - z @ self.slopes.T) / self.scale) ** 2 / self.df
        fit = -(self.df + 1) / 2 * np.sum(np.log1p(square), axis=1)
        return np.asarray(fit - 0.5 * np.sum(z**2, axis=1) - 0.5 * z.shape[1] * LN_2PI)

    def curvature(self, z: Array) -> Array:
        """−∇∇ ln p (r, r) at z (r,); where that is not positive, that of the normals that bound each t from below."""
        square, miss = self.df * self.scale**2, (self.offset - self.slopes @ z) ** 2
        for bend in ((square - miss) / (square + miss) ** 2, 1 / (square + miss)):
            whole = np.eye(len(z)) + (self.slopes * ((self.df + 1) * bend)[:, None]).T @ self.slopes
            if np.linalg.eigvalsh(whole)[0] > 1e-3:
                break
        return whole


class Proposal(msgspec.Struct, frozen=True, eq=False):
    """A multivariate t about `centre` (r,), with the lower-triangular `factor` (r, r) of its scale matrix."""

    centre: Array
    factor: Array
    df: float

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """(n, r), in pairs on opposite sides of the centre, which lets all odd terms cancel."""
        half, r = (n + 1) // 2, len(self.centre)
        away = rng.standard_normal((half, r)) * np.sqrt(self.df / rng.chisquare(self.df, half))[:, None]
        return np.asarray(self.centre + np.concatenate([away, -away])[:n] @ self.factor.T)

    def log_density(self, z: Array) -> Array:
        """At z (m, r) -> (m,), in nats (PRML 2.162)."""
        r, away = len(self.centre), np.linalg.solve(self.factor, (z - self.centre).T)
        constant = lgamma((self.df + r) / 2) - lgamma(self.df / 2) - r / 2 * np.log(np.pi * self.df)
        volume = np.sum(np.log(np.diag(self.factor)))
        return np.asarray(constant - volume - (self.df + r) / 2 * np.log1p(np.sum(away**2, axis=0) / self.df))


def log_evidence(target: Target, mode: Array) -> Estimate:
    """ln ∫ p(t, z) dz, without the constants of Student's t; `mode` (r,) is where p is highest.

    In some rounds a t is fitted to p: each is drawn from the last fit, every draw weighted by the mixture of all rounds
    (Cornuet, Marin, Mira & Robert 2012). What is counted are fresh draws, from the last fit and some from a broad t, so
    that the estimate of p(t) has no bias. The draws are the same every time: it is a smooth function of the data.
    """
    if not len(mode):
        return Estimate(float(target.log_density(mode[None])[0]), 0.0)
    r, n = len(mode), max(200, min(DRAWS, COST // max(len(target.offset), 1)))
    rng, df = np.random.default_rng(0), 5.0 + r
    factor = np.linalg.cholesky(np.linalg.inv(target.curvature(mode)))
    first, broad = Proposal(mode, factor, df), Proposal(mode, BROAD * factor, df)
    rounds, draws, log_p = [broad, first], np.empty((0, r)), np.empty(0)
    for _ in range(ROUNDS):
        new = [proposal.draw(rng, n) for proposal in (rounds if not len(draws) else rounds[-1:])]
        draws, log_p = np.concatenate([draws, *new]), np.concatenate([log_p, *map(target.log_density, new)])
        log_q = np.logaddexp.reduce([proposal.log_density(draws) for proposal in rounds]) - np.log(len(rounds))
        rounds.append(_fitted(draws, log_p - log_q, first, df))
    many, few = COUNTED * n, COUNTED * n // 8
    draws = np.concatenate([rounds[-1].draw(rng, many), broad.draw(rng, few)])
    parts = [
        proposal.log_density(draws) + np.log(m / (many + few)) for proposal, m in ((rounds[-1], many), (broad, few))
    ]
    log_share = target.log_density(draws) - np.logaddexp(*parts)
    peak = float(log_share.max())
    shares = np.exp(log_share - peak)
    variance = many * np.var(shares[:many]) + few * np.var(shares[many:])
    return Estimate(peak + float(np.log(shares.mean())), float(np.sqrt(variance) / (many + few) / shares.mean()))


def _fitted(draws: Array, log_share: Array, first: Proposal, df: float) -> Proposal:
    """With the mean and covariance of the weighted draws, as far as these are many; else near to the first proposal."""
    shares = np.exp(log_share - log_share.max())
    shares /= shares.sum()
    centre = shares @ draws
    about, known = draws - centre, first.factor @ first.factor.T
    trust = 1 / (1 + 4 * len(centre) * float(np.sum(shares**2)))
    covariance = trust * (about * shares[:, None]).T @ about + (1 - trust) * known
    return Proposal(first.centre + trust * (centre - first.centre), np.linalg.cholesky(1.1 * covariance), df)
