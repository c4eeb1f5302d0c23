"""Predictions under Student's t noise: p(t | x) and the expected information gain of an observation."""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import Array
from engine.regression.model.linear_model import Prediction
from engine.regression.model.noise import StudentTNoise
from engine.regression.model.projection import Cells, Line
from engine.student import log_student_plus_normal, student_entropy

STEP = 0.15  # the spacing of the quadrature over t, in asinh of t
FEW = 16  # values of x up to which p(f) is integrated along lines, if the noise is too narrow for the grid
CHOSEN = 17  # values of x at which the information gain is computed from the grid
RATIOS = 65  # nodes in the ratio of both variances, between which the information gain is interpolated


class RobustPrediction(Prediction, frozen=True, eq=False):
    """A prediction with Student's t noise around f, and f taken as Gaussian."""

    noise: StudentTNoise

    def log_density(self, t: ArrayLike) -> Array:
        """Return ln ∫ N(f) St(t | f, s, ν) df, broadcast -> (…), in nats, as a scale mixture."""
        away = np.asarray(t, float) - self.mean
        return log_student_plus_normal(away, self.epistemic_variance, self.noise.df, self.noise.scale)

    def information_gain(self) -> Array:
        """Return I(t; f) = H(t) − H(t | f), (n,), in nats."""
        ratio = np.log(np.maximum(self.epistemic_variance / self.noise.scale**2, 1e-12))
        if len(ratio) <= RATIOS:
            return information_of(ratio, self.noise.df)
        at = np.linspace(ratio.min() - 1e-9, ratio.max() + 1e-9, RATIOS)
        return _cubic(ratio, at, information_of(at, self.noise.df))


class AveragedPrediction(RobustPrediction, frozen=True, eq=False):
    """A prediction with Student's t noise around f, where the distribution of f is not Gaussian. Abstract."""

    def log_density_at(self, i: int, t: Array) -> Array:
        """Return ln p(t | x) at x number `i`, t (m,) -> (m,), in nats."""
        raise NotImplementedError

    def held(self, times: Array) -> Array:
        """Return the probabilities (m, n) that f is within `times` (m,) of its standard deviations from its mean."""
        raise NotImplementedError

    def log_density(self, t: ArrayLike) -> Array:
        """Return ln ∫ p(f) St(t | f, s, ν) df, broadcast -> (…), in nats."""
        n, t = len(self.mean), np.asarray(t, float)
        t = np.broadcast_to(t, np.broadcast_shapes(t.shape, (n,)))
        columns, result = t.reshape(-1, n), np.empty((t.size // n if n else 0, n))
        for i in range(n):
            result[:, i] = self.log_density_at(i, columns[:, i])
        return result.reshape(t.shape)

    def information_gain(self) -> Array:
        """Return I(t; f), (n,), in nats.

        It is the value for a Gaussian f plus a correction, interpolated between CHOSEN values of x.
        """
        steps = self.information_gain_by_steps()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                gain: Array = end.value
                return gain

    def information_gain_by_steps(self) -> Generator[None, None, Array]:
        """Return I(t; f), (n,), in nats; yield after each value of x at which p(t | x) is integrated."""
        whole = super().information_gain()
        n, noise_entropy = len(whole), student_entropy(self.noise.df) + np.log(self.noise.scale)
        chosen = np.unique(np.linspace(0, n - 1, min(n, CHOSEN)).astype(int))
        exact = np.empty(len(chosen))
        for place, i in enumerate(chosen.tolist()):
            exact[place] = self._entropy(i) - noise_entropy
            yield
        gain = whole + _cubic(np.arange(n, dtype=float), chosen.astype(float), exact - whole[chosen])
        return np.asarray(np.maximum(gain, 0))

    def _entropy(self, i: int) -> float:
        """Return H(t) at x number `i`, in nats."""
        y, steps = _nodes(self.noise.df)
        width = float(np.sqrt(self.epistemic_variance[i] + self.noise.scale**2))
        t = self.mean[i] + width * np.concatenate([-np.sinh(y[:0:-1]), np.sinh(y)])
        logs = self.log_density_at(i, t)
        return -float(np.sum(np.concatenate([steps[:0:-1], steps]) * width * np.exp(logs) * logs))


class GridPrediction(AveragedPrediction, frozen=True, eq=False):
    """A prediction with Student's t noise around f, and the distribution of f from the posterior's grid.

    `cells` returns the cells at x number i. Where the noise is `narrow` (n,) compared with the spacing of the cells,
    `line` is used instead; for more than FEW values of x it is too slow, and `sampled` returns the prediction at the
    values of x of a mask (n,) by importance sampling.
    """

    cells: Callable[[int], Cells]
    line: Callable[[int], Line]
    within: Callable[[int, float, Array], Array]
    narrow: NDArray[np.bool_]
    sampled: Callable[[NDArray[np.bool_]], RobustPrediction]

    @property
    def is_sampled(self) -> NDArray[np.bool_]:
        """Whether p(t | x) is by importance sampling at each value of x, (n,)."""
        return self.narrow & (len(self.mean) > FEW)

    def log_density(self, t: ArrayLike) -> Array:
        n, t = len(self.mean), np.asarray(t, float)
        t = np.broadcast_to(t, np.broadcast_shapes(t.shape, (n,)))
        columns, result = t.reshape(-1, n), np.empty((t.size // n if n else 0, n))
        sampled = self.is_sampled
        if sampled.any():
            result[:, sampled] = self.sampled(sampled).log_density(columns[:, sampled])
        for i in np.flatnonzero(~sampled).tolist():
            result[:, i] = self.log_density_at(i, columns[:, i])
        return result.reshape(t.shape)

    def log_density_at(self, i: int, t: Array) -> Array:
        f = self.line(i) if self.narrow[i] else self.cells(i)
        return f.log_density(t, self.noise.df, self.noise.scale)

    def held(self, times: Array) -> Array:
        half = np.sqrt(self.epistemic_variance)
        shares = [self.within(i, float(self.mean[i]), times * half[i]) for i in range(len(half))]
        return np.array(shares).T


def information_of(log_ratio: Array, df: float) -> Array:
    """Return I(t; f) = H(t) − H(t | f) for f ~ N(0, v) and t ~ St(f, s, ν), at ln v/s² (n,) -> (n,), in nats."""
    variance = np.exp(log_ratio)
    width = np.sqrt(1 + variance)
    y, steps = _nodes(df)
    logs = log_student_plus_normal(np.sinh(y)[:, None] * width, variance, df, 1.0)
    twice = np.where(y == 0, 1.0, 2.0) * steps
    return np.asarray(-width * (twice @ (np.exp(logs) * logs)) - student_entropy(df))


def _nodes(df: float) -> tuple[Array, Array]:
    """Return y ≥ 0 (m,) and cosh(y) dy, for the trapezoid rule over t = width sinh(y).

    The largest y is where the tail t^(−ν) is negligible.
    """
    y = np.arange(0, np.arcsinh(9) + 28 / df, STEP)
    return y, STEP * np.cosh(y)


def _cubic(x: Array, at: Array, values: Array) -> Array:
    """Return `values` (m,) at ascending `at` (m,), interpolated at x (n,) by the cubic through four nearby nodes."""
    start = np.clip(np.searchsorted(at, x) - 2, 0, max(len(at) - 4, 0))
    total = np.zeros(len(x))
    for i in range(min(4, len(at))):
        others = [j for j in range(min(4, len(at))) if j != i]
        factors = [(x - at[start + j]) / (at[start + i] - at[start + j]) for j in others]
        total += np.prod([np.ones(len(x)), *factors], axis=0) * values[start + i]
    return total
