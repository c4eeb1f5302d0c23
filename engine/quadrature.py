"""Nodes and weights of quadrature rules, computed when they are first used.

numpy's polynomials are imported at first use too, because they delay the start.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from engine.gaussian import Array


@cache
def normal(n: int) -> tuple[Array, Array]:
    """Return nodes and weights (n,) of the Gauss–Hermite rule: E[f(ε)] ≈ weights @ f(nodes) for ε ~ N(0, 1)."""
    nodes, masses = np.polynomial.hermite_e.hermegauss(n)
    return nodes, masses / masses.sum()


@cache
def normal_square(n: int) -> tuple[Array, Array]:
    """Return nodes (n², 2) and weights (n²,) of the Gauss–Hermite rule for ε ~ N(0, I) in two dimensions."""
    nodes, weights = normal(n)
    return np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2), np.outer(weights, weights).ravel()


@cache
def normal_grid(step: float, least: float = 1e-7) -> tuple[Array, Array]:
    """Return nodes (m, 2), `step` apart, and weights (m,) of the trapezoid rule for ε ~ N(0, I) in two dimensions.

    Nodes with a weight below `least` are omitted. The others are moved outwards by one factor, so that their variances
    stay 1. For functions of networks the rule is more accurate than a
    Gauss–Hermite rule of as many nodes, because many Gauss–Hermite nodes have negligible weights.
    """
    n = int(np.ceil(np.sqrt(-2 * np.log(least)) / step))
    along = step * np.arange(-n, n + 1)
    masses = np.exp(-0.5 * along**2)
    weights = np.outer(masses, masses).ravel() / masses.sum() ** 2
    nodes = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    kept = weights >= least
    nodes, weights = nodes[kept], weights[kept] / weights[kept].sum()
    return nodes / np.sqrt(weights @ nodes[:, 0] ** 2), weights


@cache
def uniform(n: int) -> tuple[Array, Array]:
    """Return nodes and weights (n,) of the Gauss–Legendre rule: ∫ f over [−1, 1] ≈ weights @ f(nodes)."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return nodes, weights
