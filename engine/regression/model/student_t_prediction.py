"""Predictions under Student's t noise: p(t | x) and what observing t there would tell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import Array
from engine.regression.model.linear_model import Prediction
from engine.regression.model.noise import StudentTNoise
from engine.regression.model.projection import Cells, Line
from engine.student import log_student_plus_normal, student_entropy

STEP = 0.15  # of the quadrature over t, in asinh of t
FEW = 16  # places at which p(f) is integrated along lines, where the noise is too narrow for the grid
CHOSEN = 17  # places at which the information gain is computed from the grid
RATIOS = 65  # of the two widths, between which the information gain is interpolated


class RobustPrediction(Prediction, frozen=True, eq=False):
    """Student's t noise about f, and f as a Gaussian of its mean and variance."""

    noise: StudentTNoise

    def log_density(self, t: ArrayLike) -> Array:
        """ln ∫ N(f) St(t | f, s, ν) df, by the scale mixture."""
        away = np.asarray(t, float) - self.mean
        return log_student_plus_normal(away, self.epistemic_variance, self.noise.df, self.noise.scale)

    def information_gain(self) -> Array:
        """I(t; f) = H(t) − H(t | f), (n,), in nats."""
        ratio = np.log(np.maximum(self.epistemic_variance / self.noise.scale**2, 1e-12))
        if len(ratio) <= RATIOS:
            return information_of(ratio, self.noise.df)
        at = np.linspace(ratio.min() - 1e-9, ratio.max() + 1e-9, RATIOS)
        return _cubic(ratio, at, information_of(at, self.noise.df))


class GridPrediction(RobustPrediction, frozen=True, eq=False):
    """Student's t noise about f, and f as the posterior's grid has it: by its `cells` at place i.

    Where the noise is so `narrow` (n,) that their sum would be a comb, by a `line`; there f is taken to be normal if
    the places are more than FEW.
    """

    cells: Callable[[int], Cells]
    line: Callable[[int], Line]
    within: Callable[[int, float, Array], Array]
    narrow: NDArray[np.bool_]

    def log_density(self, t: ArrayLike) -> Array:
        """ln ∫ p(f) St(t | f, s, ν) df."""
        n, t = len(self.mean), np.asarray(t, float)
        t = np.broadcast_to(t, np.broadcast_shapes(t.shape, (n,)))
        columns, result = t.reshape(-1, n), np.empty((t.size // n if n else 0, n))
        rough = self.narrow & (n > FEW)
        away, variance = columns[:, rough] - self.mean[rough], self.epistemic_variance[rough]
        result[:, rough] = log_student_plus_normal(away, variance, self.noise.df, self.noise.scale)
        for i in np.flatnonzero(~rough).tolist():
            result[:, i] = self._log_density(i, columns[:, i])
        return result.reshape(t.shape)

    def _log_density(self, i: int, t: Array) -> Array:
        """At place i, t (m,) -> (m,)."""
        f = self.line(i) if self.narrow[i] else self.cells(i)
        return f.log_density(t, self.noise.df, self.noise.scale)

    def information_gain(self) -> Array:
        """I(t; f), (n,): that of a normal f, and what the grid's own f adds, interpolated between CHOSEN places."""
        whole = super().information_gain()
        n, known = len(whole), student_entropy(self.noise.df) + np.log(self.noise.scale)
        chosen = np.unique(np.linspace(0, n - 1, min(n, CHOSEN)).astype(int))
        own: Array = np.array([self._entropy(i) for i in chosen.tolist()]) - known
        gain = whole + _cubic(np.arange(n, dtype=float), chosen.astype(float), own - whole[chosen])
        return np.asarray(np.maximum(gain, 0))

    def held(self, times: Array) -> Array:
        """The probabilities (m, n) that f is within so many of its own standard deviations, times (m,), of its mean."""
        half = np.sqrt(self.epistemic_variance)
        shares = [self.within(i, float(self.mean[i]), times * half[i]) for i in range(len(half))]
        return np.array(shares).T

    def _entropy(self, i: int) -> float:
        """H(t) at place i."""
        y, steps = _nodes(self.noise.df)
        width = float(np.sqrt(self.epistemic_variance[i] + self.noise.scale**2))
        t = self.mean[i] + width * np.concatenate([-np.sinh(y[:0:-1]), np.sinh(y)])
        logs = self._log_density(i, t)
        return -float(np.sum(np.concatenate([steps[:0:-1], steps]) * width * np.exp(logs) * logs))


def information_of(log_ratio: Array, df: float) -> Array:
    """I(t; f) for f ~ N(0, v) and t ~ St(f, s, ν), at ln v/s² (n,) -> (n,), in nats: H(t) − H(t | f)."""
    variance = np.exp(log_ratio)
    width = np.sqrt(1 + variance)
    y, steps = _nodes(df)
    logs = log_student_plus_normal(np.sinh(y)[:, None] * width, variance, df, 1.0)
    twice = np.where(y == 0, 1.0, 2.0) * steps
    return np.asarray(-width * (twice @ (np.exp(logs) * logs)) - student_entropy(df))


def _nodes(df: float) -> tuple[Array, Array]:
    """y ≥ 0 (m,) and cosh(y) dy, for a trapezoid over t = width sinh(y): out to where the tail t^(−ν) is nothing."""
    y = np.arange(0, np.arcsinh(9) + 28 / df, STEP)
    return y, STEP * np.cosh(y)


def _cubic(x: Array, at: Array, values: Array) -> Array:
    """`values` (m,) at ascending `at` (m,), at x (n,) between: by the polynomial through the four nearest or so."""
    start = np.clip(np.searchsorted(at, x) - 2, 0, max(len(at) - 4, 0))
    total = np.zeros(len(x))
    for i in range(min(4, len(at))):
        others = [j for j in range(min(4, len(at))) if j != i]
        factors = [(x - at[start + j]) / (at[start + i] - at[start + j]) for j in others]
        total += np.prod([np.ones(len(x)), *factors], axis=0) * values[start + i]
    return total
