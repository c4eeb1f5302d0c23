"""The Gaussian distribution as a square-root factor, in which Bayes' rule is a multiplication.

Bayes' rule stacks the rows of R and makes them triangular again. One more observation is one row of Givens rotations,
O(k²). See docs/decisions/001.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
LN_2PI = float(np.log(2 * np.pi))
LARGEST_ROOT = 1e18  # squares of larger numbers, added up, overflow in single precision
LARGEST_SINGLE = 1e38  # half of the largest number in single precision is larger
ANGLES = np.linspace(0, 2 * np.pi, 181)  # a circle of 2000 pixels with so many corners is round to 0.2 pixels
CIRCLE = np.column_stack([wave(ANGLES) for wave in (np.cos, np.sin)])


@dataclass(frozen=True, eq=False)
class Gaussian:
    """p(w) ∝ exp(−½‖R w − d‖²) over w (k,): a density, or one factor of a density.

    The natural parameters are the precision Λ = RᵀR (k, k) and the shift Λm = Rᵀd (k,). An instance holds their square
    root `root` R (m, k) and `target` d (m,). A product of Gaussians stacks the rows and makes them triangular again by
    orthogonal rotations. Λ is never formed, so that a precision of 10⁻⁹ keeps its digits next to one of 10⁹. With fewer
    than k independent rows it is an improper factor: a likelihood that does not constrain some direction.
    """

    root: Array
    target: Array

    @classmethod
    def from_moments(cls, mean: ArrayLike, covariance: ArrayLike) -> Gaussian:
        """Return N(mean, covariance) for a mean (k,) and a covariance (k, k).

        Raises ValueError unless the covariance is positive definite.
        """
        mean, covariance = np.atleast_1d(np.asarray(mean, float)), np.atleast_2d(np.asarray(covariance, float))
        try:
            root = np.linalg.inv(np.linalg.cholesky(covariance))
        except np.linalg.LinAlgError:
            raise ValueError("The covariance is not positive definite.") from None
        return cls(root, root @ mean).triangular()

    @classmethod
    def isotropic(cls, size: int, precision: float) -> Gaussian:
        """Return N(0, precision⁻¹ I) over `size` weights (PRML 3.52)."""
        return cls(np.sqrt(precision) * np.eye(size), np.zeros(size))

    def __mul__(self, other: Gaussian) -> Gaussian:
        """Return the normalised product of both densities: posterior = prior * likelihood (PRML 3.49–3.51)."""
        rows = np.vstack([self.root, other.root])
        return Gaussian(rows, np.concatenate([self.target, other.target])).triangular()

    def triangular(self) -> Gaussian:
        """Return the density with an upper-triangular root of at most k rows, diagonal ≥ 0."""
        k = self.size
        upper = triangle(np.column_stack([self.root, self.target]))[:k]
        return Gaussian(upper[:, :k], upper[:, k])

    @property
    def size(self) -> int:
        """k, the number of variables."""
        return int(self.root.shape[1])

    @cached_property
    def precision(self) -> Array:
        """The precision Λ = S⁻¹ (k, k)."""
        return self.root.T @ self.root

    @cached_property
    def shift(self) -> Array:
        """The shift Λm (k,)."""
        return np.asarray(self.root.T @ self.target)

    @cached_property
    def inverse_root(self) -> Array:
        """The inverse root R⁻¹ (k, k), with S = R⁻¹R⁻ᵀ. Raises ValueError for an improper factor."""
        try:
            if self.root.shape[0] > self.size:
                raise ValueError("More rows than variables: call triangular() first.")
            return np.asarray(np.linalg.inv(self.root), float)
        except np.linalg.LinAlgError:
            raise ValueError("This factor leaves a direction open, so it has no moments without a prior.") from None

    @cached_property
    def mean(self) -> Array:
        """The mean m (k,)."""
        return np.asarray(self.inverse_root @ self.target)

    @cached_property
    def covariance(self) -> Array:
        """The covariance S (k, k)."""
        return np.asarray(self.inverse_root @ self.inverse_root.T)

    def log_kernel(self, w: ArrayLike) -> Array:
        """Return −½‖R w − d‖² at w (…, k) -> (…), in nats: the log density without its constant.

        It is defined for improper factors too.
        """
        return np.asarray(-0.5 * np.sum((np.asarray(w, float) @ self.root.T - self.target) ** 2, axis=-1))

    def log_kernel_over(self, x: Array, y: Array, work: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return `log_kernel` of two variables at every (x, y) of a grid: x (columns,), y (rows,) -> (rows, columns).

        x and y are ascending. For drawing, in single precision: around the centre of the density the rows of
        R(w − centre) are small wherever the density is not, so the rounding error is not visible. `work` (2, rows,
        columns) is a buffer; the result is its first half.
        """
        centre = self._centre()
        total, row = np.empty((2, len(y), len(x)), np.float32) if work is None else work
        slopes, used = self.root * np.sqrt(0.5), 0
        squares: list[NDArray[np.float32]] = []  # of rows that do not depend on x, each (rows, 1)
        x, y = x - centre[0], y - centre[1]
        farthest = max(-x[0], x[-1]) + max(-y[0], y[-1])
        is_far = not np.abs(slopes).max(initial=0) * farthest <= LARGEST_ROOT  # also true for NaN
        for a, b in slopes.tolist():
            across, up = a * x, b * y[:, None]
            if is_far:
                across, up = (np.clip(part, -LARGEST_SINGLE, LARGEST_SINGLE) for part in (across, up))
            across, up = across.astype(np.float32), up.astype(np.float32)
            if a == 0:
                squares.append(np.square(np.clip(up, -LARGEST_ROOT, LARGEST_ROOT) if is_far else up))
                continue
            into = row if used else total
            np.add(up, across, out=into)
            if is_far:
                np.clip(into, -LARGEST_ROOT, LARGEST_ROOT, out=into)
            np.square(into, out=into)
            used += 1
            if used > 1:
                total += row
        if not used:
            total[:] = 0
        if not squares:
            return np.asarray(np.negative(total, out=total))
        return np.asarray(np.subtract(-sum(squares), total, out=total))

    def _centre(self) -> Array:
        """Return a maximum of the density: the mean, or for an improper factor the maximum closest to 0."""
        if len(self.root) == self.size and np.all(np.diag(self.root)):
            return self.mean
        if len(self.root) == 1 and np.any(self.root):
            return np.asarray(self.root[0] * self.target[0] / (self.root[0] @ self.root[0]))
        return np.asarray(np.linalg.lstsq(self.root, self.target, rcond=None)[0])

    def log_density(self, w: ArrayLike) -> Array:
        """Return ln N(w | m, S) at w (…, k) -> (…), in nats."""
        log_volume = float(np.linalg.slogdet(self.inverse_root)[1])
        return self.log_kernel(w) - log_volume - 0.5 * self.size * LN_2PI

    def gradient(self, w: ArrayLike) -> Array:
        """Return ∇ ln N(w | m, S) at w (…, k) -> (…, k)."""
        return np.asarray((self.target - np.asarray(w, float) @ self.root.T) @ self.root)

    def laplace(self) -> Gaussian:
        """Return the Laplace approximation at the maximum: the Gaussian itself."""
        return self

    def marginal(self, keep: list[int]) -> Gaussian:
        """Return the density of the variables in `keep`, in that order, with the others integrated out (PRML 2.98)."""
        if keep == list(range(self.size)):
            return self
        others = [i for i in range(self.size) if i not in keep]
        rotated = Gaussian(self.root[:, others + keep], self.target).triangular()
        last = len(others)
        return Gaussian(rotated.root[last:, last:], rotated.target[last:])

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Return `n` draws (n, k).

        With the same state of `rng` the draws are a continuous function of the parameters.
        """
        return np.asarray(self.mean + rng.standard_normal((n, self.size)) @ self.inverse_root.T)

    def ellipse(self, probability: float = 0.95) -> Array:
        """Return the contour (181, 2) of a density of two variables that encloses `probability`.

        Raises ValueError for another number of variables.
        """
        if self.size != 2:
            raise ValueError("An ellipse needs two variables: take a marginal first.")
        radius = np.sqrt(-2 * np.log1p(-probability))
        return np.asarray(self.mean + radius * CIRCLE @ self.inverse_root.T)


def triangle(rows: Array) -> Array:
    """Return the triangular factor (≤ columns, columns) of `rows` (n, columns), diagonal ≥ 0.

    It is sufficient for least squares.
    """
    upper = np.asarray(np.linalg.qr(rows, mode="r"))
    signs = np.where(np.diag(upper) < 0, -1.0, 1.0)
    return np.asarray(signs[:, None] * upper)


def absorb(upper: Array, row: Array) -> Array:
    """Return the `triangle` of the old rows and one more row (m,), from the old triangle (m, m).

    It takes m Givens rotations, O(m²).
    """
    rotated, new = upper.tolist(), row.tolist()  # plain numbers, because arrays of a few numbers are slower
    for i, above in enumerate(rotated):
        length = math.hypot(above[i], new[i])
        if length == 0:
            continue
        c, s = (above[i] / length, new[i] / length) if length < math.inf else (math.nan, math.nan)
        for j in range(i, len(new)):
            a, b = above[j], new[j]
            above[j], new[j] = c * a + s * b, c * b - s * a
    return np.array(rotated)
