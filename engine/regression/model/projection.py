"""The density of t at one x under a grid posterior: noise around f = wᵀφ(x), averaged over the weights."""

from __future__ import annotations

from math import factorial

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.student import log_student

SMOOTH = 3.3  # smallest width of the noise in spacings of f; then a sum over cells is accurate to 10⁻⁹
FINE = 10.0  # interpolation nodes of the noise in one scale s
ORDER = 8  # nodes to which each cell is distributed
MANY = 16  # values of t at one x; for more of them the cells are gathered at few nodes first
FAR = 40.0  # nats below the maximum of p(f) at which it is cut off
STEP = 0.1  # the spacing of the quadrature around t, in asinh of f − t


def resolved(spacing: float, df: float, scale: float) -> bool:
    """Return whether Student's t hardly changes between cells whose f are `spacing` apart.

    If not, a sum over cells has a peak at each cell. The density is analytic within ±s√ν i, where the trapezoid rule
    has an error of exp(−2π s√ν/spacing); for large ν the error is exp(−2π² s²/spacing²) (Trefethen & Weideman 2014).
    """
    return bool(SMOOTH * spacing <= scale * min(np.sqrt(df), 3.0))


class Cells(msgspec.Struct, frozen=True, eq=False):
    """The values f (c,) of the cells at one x, and the probability of each cell (c,)."""

    f: Array
    shares: Array

    def log_density(self, t: Array, df: float, scale: float) -> Array:
        """Return ln Σ shares St(t | f, s, ν), at t (n,) -> (n,), in nats."""
        return (self._gathered(df, scale) if len(t) > MANY else self)._summed(t, df, scale)

    def _summed(self, t: Array, df: float, scale: float) -> Array:
        logs = log_student((t[:, None] - self.f) / scale, df)
        peak = logs.max(axis=1, keepdims=True)
        return np.asarray(np.log(np.maximum(np.exp(logs - peak) @ self.shares, 1e-300)) + peak[:, 0] - np.log(scale))

    def _gathered(self, df: float, scale: float) -> Cells:
        """Return fewer cells, evenly spaced, between which the noise is interpolated by a polynomial of ORDER nodes."""
        step = scale * min(np.sqrt(df), 2.0) / FINE
        place = (self.f - self.f.min()) / step
        start = np.floor(place).astype(np.int64)
        m, factors = int(start.max()) + ORDER, lagrange(place - start + ORDER // 2 - 1, ORDER)
        mass = np.sum([np.bincount(start + i, self.shares * factor, m) for i, factor in enumerate(factors)], axis=0)
        held = mass != 0
        f = self.f.min() + step * (np.flatnonzero(held) - ORDER // 2 + 1)
        return Cells(f, mass[held])


class Line(msgspec.Struct, frozen=True, eq=False):
    """The density p(f) at one x, for noise that is narrower than the cells.

    It is ln p (m,) at evenly spaced `places` (m,), where f = centre + width · 8 sinh(place/8).
    """

    places: Array
    log_p: Array
    centre: float
    width: float

    def log_density(self, t: Array, df: float, scale: float) -> Array:
        """Return ln ∫ p(f) St(t | f, s, ν) df, at t (n,) -> (n,), in nats.

        The result is a blend of two trapezoid rules. The nodes of the first are the places, as fine as p(f) needs.
        Those of the second are even in y, f = t + q sinh(y) with q = s√ν, as fine as the noise needs near t. The
        integrand is divided smoothly between both rules; the finer rule at f has the larger part.
        """
        q, held = scale * np.sqrt(df), self.log_p > self.log_p.max() - FAR
        place, log_p, spacing = self.places[held], self.log_p[held], float(self.places[1] - self.places[0])
        away = (self.centre + self.width * 8 * np.sinh(place / 8) - t[:, None]) / q
        apart = spacing * self.width / q * np.cosh(place / 8)
        own = np.log(apart * q) + log_p + log_student(away * np.sqrt(df), df) - np.log1p(_finer(apart, away))
        reach = np.arcsinh(2 * FAR * float(apart.max()) / STEP)
        y = np.linspace(-reach, reach, 2 * int(np.ceil(reach / STEP)) + 1)
        near = np.sinh(y)
        at = 8 * np.arcsinh((t[:, None] + q * near - self.centre) / (8 * self.width))
        apart = spacing * self.width / q * np.cosh(at / 8)
        noise = np.log((y[1] - y[0]) * q * np.cosh(y)) + log_student(near * np.sqrt(df), df)
        beside = noise + _between(at, self.places, self.log_p) - np.log1p(1 / _finer(apart, near))
        logs = np.concatenate([own, beside], axis=1)
        peak = logs.max(axis=1, keepdims=True)
        return np.asarray(np.log(np.exp(logs - peak).sum(axis=1)) + peak[:, 0] - np.log(scale))


def _finer(apart: Array, away: Array) -> Array:
    """Return the eighth power of the ratio of both spacings: of places `apart`, and of nodes around t at distance
    `away`.
    """
    return np.asarray((apart / (STEP * np.hypot(1, away))) ** 8)


def _between(x: Array, places: Array, values: Array) -> Array:
    """Return `values` (m,) at evenly spaced `places` (m,), interpolated at x (…) by six nodes; −inf outside."""
    at = (x - places[0]) / (places[1] - places[0])
    start = np.clip(np.floor(at).astype(np.int64) - 2, 0, len(places) - 6)
    total = np.sum([factor * values[start + i] for i, factor in enumerate(lagrange(at - start, 6))], axis=0)
    return np.where((at < 0) | (at > len(places) - 1), -np.inf, total)


def lagrange(x: Array, order: int) -> list[Array]:
    """Return the Lagrange polynomials of the nodes 0, 1, …, order − 1 at x (…), one array for each node."""
    away = [np.where(x == i, 1e-12, x - i) for i in range(order)]
    whole = np.prod(away, axis=0)
    return [
        whole / (away[i] * ((-1) ** (order - 1 - i) * factorial(i) * factorial(order - 1 - i))) for i in range(order)
    ]
