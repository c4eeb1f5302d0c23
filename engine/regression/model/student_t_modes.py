"""The modes of the posterior under Student's t noise, from many starts of reweighted least squares.

Heavy tails make several explanations of the same data possible: each ignores other observations. Least squares through
a few observations chosen at random (elemental sets: Rousseeuw 1984) start near each of them.
"""

from __future__ import annotations

import numpy as np

from engine.gaussian import Array
from engine.regression.model.importance import Target

STARTS = 32  # at most
COST = 2_000_000  # the largest product of starts, observations and squared directions; fewer starts if they cost more
STEPS = 30
APART = 0.7  # the smallest distance of two modes, in standard deviations of the higher one
DEPTH = 9.0  # nats; modes with less mass than e to this power are left out
MOST = 12  # modes


def modes(target: Target, first: Array) -> Array:
    """Return modes (m, r) of p(z | t), the one with the most mass first; `first` (r,) is known to be a mode.

    The mass of a mode is that of Laplace's approximation (PRML 4.137). The starts are always the same.
    """
    n, r = target.slopes.shape
    count = min(STARTS, COST // (n * r * r)) if r else 0
    if count < 4:
        return first[None]
    z = np.concatenate([first[None], _climbed(target, _starts(target, count))])
    factors = [np.linalg.cholesky(target.curvature(one)) for one in z]
    mass = target.log_density(z) - np.array([np.sum(np.log(np.diag(factor))) for factor in factors])
    kept: list[int] = []
    for i in np.argsort(-mass, kind="stable").tolist():
        away = [np.linalg.norm((z[i] - z[j]) @ factors[j]) for j in kept]
        if mass[i] > mass.max() - DEPTH and min(away, default=np.inf) > APART and len(kept) < MOST:
            kept.append(i)
    return z[kept]


def _starts(target: Target, count: int) -> Array:
    """Return starts (count, r): least squares through r or r/2 observations, and draws from the prior."""
    rng, (n, r) = np.random.default_rng(2), target.slopes.shape
    precision = np.zeros((count, n))
    for i, row in enumerate(precision):
        size = min(n, r if i % 2 else (r + 1) // 2)
        row[rng.permutation(n)[:size]] = 1 / target.scale**2
    starts = _least_squares(target, precision)
    starts[::8] = rng.standard_normal(starts[::8].shape)
    return starts


def _climbed(target: Target, z: Array) -> Array:
    """Return z (m, r) after STEPS steps of reweighted least squares (EM), none of which lowers the density."""
    for _ in range(STEPS):
        square = (target.offset - z @ target.slopes.T) ** 2
        z = _least_squares(target, (target.df + 1) / (target.df * target.scale**2 + square))
    return z


def _least_squares(target: Target, precision: Array) -> Array:
    """Return the maxima (m, r) of the density under Gaussian noise with precisions (m, n)."""
    n, r = target.slopes.shape
    outer = (target.slopes[:, :, None] * target.slopes[:, None, :]).reshape(n, r * r)
    whole = np.eye(r) + (precision @ outer).reshape(-1, r, r)
    pull = (precision * target.offset) @ target.slopes
    return np.asarray(np.linalg.solve(whole, pull[..., None])[..., 0])
