"""Gauss's quadratures, made when they are first wanted: numpy's polynomials take too long for the start."""

from __future__ import annotations

from functools import cache

import numpy as np

from engine.gaussian import Array


@cache
def normal(n: int) -> tuple[Array, Array]:
    """Places and shares (n,), so that E[f(ε)] ≈ shares @ f(places) for ε ~ N(0, 1) (Gauss–Hermite)."""
    places, masses = np.polynomial.hermite_e.hermegauss(n)
    return places, masses / masses.sum()


@cache
def normal_square(n: int) -> tuple[Array, Array]:
    """The same for two independent ones: places (n², 2), shares (n²,)."""
    places, shares = normal(n)
    return np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2), np.outer(shares, shares).ravel()


@cache
def normal_grid(step: float, least: float = 1e-7) -> tuple[Array, Array]:
    """The same by the trapezoid rule, `step` apart, where a share is at least `least`: places (m, 2), shares (m,).

    Of networks it takes an exacter mean than as many Gauss–Hermite nodes, many of which lie where nothing counts.
    """
    n = int(np.ceil(np.sqrt(-2 * np.log(least)) / step))
    along = step * np.arange(-n, n + 1)
    masses = np.exp(-0.5 * along**2)
    shares = np.outer(masses, masses).ravel() / masses.sum() ** 2
    places = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    held = shares >= least
    return places[held], shares[held] / shares[held].sum()


@cache
def uniform(n: int) -> tuple[Array, Array]:
    """Places and masses (n,), so that ∫ f over [−1, 1] ≈ masses @ f(places) (Gauss–Legendre)."""
    places, masses = np.polynomial.legendre.leggauss(n)
    return places, masses
