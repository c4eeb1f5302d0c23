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
def uniform(n: int) -> tuple[Array, Array]:
    """Places and masses (n,), so that ∫ f over [−1, 1] ≈ masses @ f(places) (Gauss–Legendre)."""
    places, masses = np.polynomial.legendre.leggauss(n)
    return places, masses
