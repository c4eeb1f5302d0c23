"""The modes of the posterior under Student's t noise, from many starts of reweighted least squares.

Heavy tails make several explanations of the same data possible: each ignores other observations. Least squares through
a few observations chosen at random (elemental sets: Rousseeuw 1984) start near each of them.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.regression.model.importance import Target

STARTS = 32  # at most, without those through all sets of r observations
ALL = 64  # the largest number of sets of r observations of which each is a start
COST = 2_000_000  # the largest product of starts, observations and squared directions; else there are fewer starts
STEPS = 30
APART = 0.7  # the smallest distance of two modes, in standard deviations of the higher one
DEPTH = 9.0  # nats; modes whose share of the second moment is smaller than e to minus this power are left out
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
        moment = mass[i] + np.log1p(away[0] ** 2) if away else mass[i]  # a far mode widens the bands at a small mass
        if moment > mass.max() - DEPTH and min(away, default=np.inf) > APART and len(kept) < MOST:
            kept.append(i)
    return z[kept]


def _starts(target: Target, count: int) -> Array:
    """Return starts (m, r): least squares through r or r/2 observations, and draws from the prior.

    If there are few sets of r observations, there is a start for each of them. Otherwise half of the starts are through
    sets chosen at random.
    """
    rng, (n, r) = np.random.default_rng(2), target.slopes.shape
    few = count == STARTS and comb(n, r) <= ALL
    sizes = [(r + 1) // 2 if few or i % 2 == 0 else r for i in range(count)]
    sets = [rng.permutation(n)[: min(n, size)] for size in sizes]
    starts = _least_squares(target, _precisions(target, sets))
    starts[::8] = rng.standard_normal(starts[::8].shape)
    every = [np.array(one) for one in combinations(range(n), r)] if few else []
    return np.concatenate([starts, _least_squares(target, _precisions(target, every))]) if every else starts


def _precisions(target: Target, sets: list[NDArray[np.intp]]) -> Array:
    """Return 1/s² for the observations of each set and 0 for the others, (sets, n)."""
    precision = np.zeros((len(sets), len(target.offset)))
    for row, chosen in zip(precision, sets, strict=True):
        row[chosen] = 1 / target.scale**2
    return precision


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
