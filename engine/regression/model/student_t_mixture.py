"""The posterior under Student's t noise over many weights, as a mixture of Gaussians from importance sampling.

Student's t is a Gaussian with a random precision λ/s² for each observation (PRML 2.160). Given all λ, the weights are
Gaussian. Each weighted draw of the weights gives one draw of all λ, and so one Gaussian: a mixture of them is smooth,
and its mean and its variance have smaller errors than those of the draws.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import Array, Gaussian
from engine.regression.model.importance import Draws, Target
from engine.regression.model.projection import Cells, resolved
from engine.regression.model.student_t_prediction import AveragedPrediction
from engine.student import log_student_plus_normal

MOST = 4096  # Gaussians of the mixture
BULK, THIN = 60, 8  # for more than BULK values of x, p(t | x) is computed from every THIN-th Gaussian
FEW_EFFECTIVE, SWEEPS = 500.0, 12  # the effective sample size below which draws are moved, and the number of moves
COST = 500_000  # the largest product of Gaussians and observations, and of Gaussians and squared weights
GROUPS, WIDTHS = 32, 4  # of means and of widths: Gaussians for f at one x, after similar ones are merged
MANY = 32  # values of t at one x; for more of them f is summed over evenly spaced cells, if the noise is wide enough
BATCHES = 16  # parts of the draws, from whose differences the error of p(t | x) is estimated
FAR, APART = 9.0, 0.4  # the reach of these cells in standard deviations of f, and their spacing in those of a group


class Mixture(msgspec.Struct, frozen=True, eq=False):
    """Σ shares N(z | means, covariances) over whitened directions z (r,) that the data determine.

    `shares` (m,), `means` (m, r), `covariances` (m, r, r). `parents` (m,) are the numbers of the pairs of draws from
    which the Gaussians come: Gaussians with the same parent are not independent. `directions` (r, k) are the directions
    of z among the weights whitened by `prior`; all other directions keep their prior.
    """

    shares: Array
    means: Array
    covariances: Array
    parents: NDArray[np.intp]
    directions: Array
    prior: Gaussian

    @classmethod
    def of(cls, target: Target, draws: Draws, directions: Array, prior: Gaussian) -> Mixture:
        """Return the mixture from weighted draws of z, with one draw of all λ for each of them.

        If few draws have most of the mass, they are drawn again in proportion to it, and moved by Gibbs sweeps.
        """
        (n, r), groups = target.slopes.shape, GROUPS * WIDTHS
        most = min(MOST, COST // n, COST // (r * r), len(draws.z))
        kept = np.linspace(0, len(draws.z) - 1, groups * max(1, most // groups)).astype(int)
        z, shares, rng = draws.z[kept], draws.shares[kept] / draws.shares[kept].sum(), np.random.default_rng(1)
        if 1 / np.sum(draws.shares**2) < FEW_EFFECTIVE:
            chosen = np.searchsorted(np.cumsum(draws.shares), (np.arange(len(kept)) + 0.5) / len(kept))
            kept = np.minimum(chosen, len(draws.z) - 1)
            z, shares = draws.z[kept], np.full(len(kept), 1 / len(kept))
            for _ in range(SWEEPS):
                means, covariances = _given_precisions(target, z, rng)
                root = np.linalg.cholesky(covariances)
                z = means + np.einsum("mij,mj->mi", root, rng.standard_normal(z.shape))
        return cls(shares, *_given_precisions(target, z, rng), draws.pairs[kept], directions, prior)

    def of_f(self, features: Array) -> tuple[Array, Array]:
        """Return means and variances (m, n) of f = wᵀφ in each Gaussian, for features (n, k)."""
        whitened = features @ self.prior.inverse_root
        along = whitened @ self.directions.T
        rest = np.sum(whitened**2, axis=1) - np.sum(along**2, axis=1)
        m, (n, r) = len(self.shares), along.shape
        outer = (along[:, :, None] * along[:, None, :]).reshape(n, r * r)
        variances = self.covariances.reshape(m, r * r) @ outer.T + np.maximum(rest, 0.0)
        return features @ self.prior.mean + self.means @ along.T, variances

    def moments(self, features: Array) -> tuple[Array, Array]:
        """Return mean and variance (n,) of f = wᵀφ, for features (n, k)."""
        whitened = features @ self.prior.inverse_root
        along, mean = whitened @ self.directions.T, self.shares @ self.means
        about = (self.means - mean) * np.sqrt(self.shares)[:, None]
        covariance = np.tensordot(self.shares, self.covariances, 1) + about.T @ about
        rest = np.maximum(np.sum(whitened**2, axis=1) - np.sum(along**2, axis=1), 0.0)
        return features @ self.prior.mean + along @ mean, np.sum((along @ covariance) * along, axis=1) + rest

    def moments_error(self, features: Array) -> Array:
        """Return the standard errors of `moments` (n,) as a fraction of the standard deviation of f.

        It is the larger of the error of the mean and of that of the standard deviation, from BATCHES parts of the draws
        as in `log_density_error`.
        """
        (mean, variance), (means, variances) = self.moments(features), self.of_f(features)
        away = (means - mean) / np.sqrt(variance)
        square = (variances / variance + away**2 - 1) / 2
        errors = []
        for influence in (away, square):
            weighted = self.shares[:, None] * influence
            parts = np.array([weighted[self.parents % BATCHES == b].sum(axis=0) for b in range(BATCHES)])
            errors.append(np.sqrt(np.sum(parts**2, axis=0) * BATCHES / (BATCHES - 1)))
        return np.asarray(np.maximum(*errors))

    def thinned(self, n: int) -> Mixture:
        """Return the mixture for n values of x: all Gaussians for few of them, every THIN-th for many."""
        groups = GROUPS * WIDTHS
        if n <= BULK or len(self.shares) < THIN * groups:
            return self
        kept = slice(0, len(self.shares) // (THIN * groups) * THIN * groups, THIN)
        shares = self.shares[kept] / self.shares[kept].sum()
        parts = self.means[kept], self.covariances[kept], self.parents[kept]
        return Mixture(shares, *parts, self.directions, self.prior)


def _given_precisions(target: Target, z: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return mean (m, r) and covariance (m, r, r) of z given all λ, for one draw of all λ at each z (m, r).

    λ_n given the weights is Gamma((ν + 1)/2, (ν + (t_n − f_n)²/s²)/2).
    """
    n, r = target.slopes.shape
    square = ((target.offset - z @ target.slopes.T) / target.scale) ** 2
    precision = rng.standard_gamma((target.df + 1) / 2, square.shape) * 2 / (target.df + square) / target.scale**2
    outer = (target.slopes[:, :, None] * target.slopes[:, None, :]).reshape(n, r * r)
    covariances = np.asarray(np.linalg.inv(np.eye(r) + (precision @ outer).reshape(-1, r, r)), float)
    pull = (precision * target.offset) @ target.slopes
    return np.einsum("mij,mj->mi", covariances, pull), covariances


class MixturePrediction(AveragedPrediction, frozen=True, eq=False):
    """A prediction with Student's t noise around f = wᵀφ, `features` (n, k), and w from a mixture of Gaussians."""

    mixture: Mixture
    features: Array

    def log_density(self, t: ArrayLike) -> Array:
        n, t = len(self.mean), np.asarray(t, float)
        t = np.broadcast_to(t, np.broadcast_shapes(t.shape, (n,)))
        if t.size > MANY * n:
            return super().log_density(t)
        mixture = self.mixture.thinned(n)
        groups = _groups(mixture.shares, *mixture.of_f(self.features))
        return self._summed(groups, t.reshape(-1, n)).reshape(t.shape)

    def log_density_at(self, i: int, t: Array) -> Array:
        groups = shares, means, variances = _groups(self.mixture.shares, *self.mixture.of_f(self.features[[i]]))
        noise, width = self.noise, float(np.sqrt(variances.min()))
        if len(t) > MANY and resolved(APART * width, noise.df, noise.scale):
            return _cells(shares, means, variances).log_density(t, noise.df, noise.scale)
        return self._summed(groups, t[:, None])[:, 0]

    def _summed(self, groups: tuple[Array, Array, Array], t: Array) -> Array:
        """Return ln p(t | x) of the groups (g, n) at t (m, n) -> (m, n), in nats."""
        shares, means, variances = (column[:, None] for column in groups)
        logs = np.log(shares) + log_student_plus_normal(t - means, variances, self.noise.df, self.noise.scale)
        return np.asarray(np.logaddexp.reduce(logs, axis=0))

    def log_density_error(self, t: Array) -> Array:
        """Return the standard error of ln p(t | x) from the sampling, at t (…, n) -> (…, n), in nats.

        p(t | x) is a ratio of two sums over BATCHES independent parts of the draws. The variance of its logarithm is
        about Σ_b (m_b (p_b/p − 1))², with the mass m_b and the density p_b of part b (the delta method for a ratio:
        Cochran 1977). What the merging of similar Gaussians changes is added.
        """
        mixture, n = self.mixture, len(self.mean)
        rows, (means, variances) = np.reshape(t, (-1, n)), mixture.of_f(self.features)
        logs = log_student_plus_normal(rows[:, None] - means, variances, self.noise.df, self.noise.scale)
        peak = logs.max(axis=1, keepdims=True)
        density = mixture.shares[:, None] * np.exp(logs - peak)
        part = mixture.parents % BATCHES
        sums = np.array([density[:, part == b].sum(axis=1) for b in range(BATCHES)])
        mass = np.bincount(part, mixture.shares, BATCHES)[:, None, None]
        whole = sums.sum(axis=0)
        variance = np.sum((sums / whole - mass) ** 2, axis=0) * BATCHES / (BATCHES - 1)
        merged = self._summed(_groups(mixture.shares, means, variances), rows) - np.log(whole) - peak[:, 0]
        return np.asarray(np.sqrt(variance) + np.abs(merged)).reshape(np.shape(t))

    def held(self, times: Array) -> Array:
        from scipy.special import ndtr  # imported here, because it delays the start

        mixture = self.mixture.thinned(len(self.mean))
        means, variances = mixture.of_f(self.features)
        half, deviations, away = np.sqrt(self.epistemic_variance), np.sqrt(variances), means - self.mean
        shares = [
            mixture.shares @ (ndtr((k * half - away) / deviations) - ndtr((-k * half - away) / deviations))
            for k in times.tolist()
        ]
        return np.array(shares)


def _groups(all_shares: Array, means: Array, variances: Array) -> tuple[Array, Array, Array]:
    """Return shares, means and variances (g, n) at each x; Gaussians of similar mean and width are merged."""
    m, n = means.shape
    order = np.argsort(means, axis=0)
    widths = np.take_along_axis(variances, order, axis=0).reshape(GROUPS, -1, n)
    within = np.argsort(widths, axis=1)
    order = np.take_along_axis(order.reshape(GROUPS, -1, n), within, axis=1).reshape(m, n)
    share, mean, variance = (
        column.reshape(GROUPS * WIDTHS, -1, n)
        for column in (
            np.maximum(all_shares / all_shares.sum(), 1e-300)[order],
            np.take_along_axis(means, order, axis=0),
            np.take_along_axis(variances, order, axis=0),
        )
    )
    shares = share.sum(axis=1)
    middle = (share * mean).sum(axis=1) / shares
    return shares, middle, (share * (variance + (mean - middle[:, None]) ** 2)).sum(axis=1) / shares


def _cells(shares: Array, means: Array, variances: Array) -> Cells:
    """Return evenly spaced values of f with their probabilities, for groups (g, 1)."""
    spread = float(np.sqrt(variances.max()))
    f = np.arange(means.min() - FAR * spread, means.max() + FAR * spread, APART * float(np.sqrt(variances.min())))
    mass = np.sum(shares * np.exp(-0.5 * (f - means) ** 2 / variances) / np.sqrt(variances), axis=0)
    return Cells(f, mass / mass.sum())
