"""The Gaussian distribution in natural parameters, in which Bayes' rule is a multiplication."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
LN_2PI = float(np.log(2 * np.pi))
LARGEST_ROOT = 1e18  # squares of larger numbers, added up, overflow in single precision
CIRCLE = np.column_stack([wave(np.linspace(0, 2 * np.pi, 49)) for wave in (np.cos, np.sin)])


@dataclass(frozen=True, eq=False)
class Gaussian:
    """p(w) ∝ exp(−½‖R w − d‖²) over w (k,): a density, or one factor of a density.

    The natural parameters, precision Λ = RᵀR (k, k) and shift Λm = Rᵀd (k,), are held by their square root
    `root` R (m, k) and `target` d (m,). A product of Gaussians stacks the rows and makes them triangular again by
    orthogonal rotations, which never forms Λ and so keeps what a precision of 1e-9 says beside one of 1e9.
    Fewer independent rows than k make an improper factor: a likelihood that leaves some direction open.
    """

    root: Array
    target: Array

    @classmethod
    def from_moments(cls, mean: ArrayLike, covariance: ArrayLike) -> Gaussian:
        """From mean (k,) and covariance (k, k). Raises ValueError unless the covariance is positive definite."""
        mean, covariance = np.atleast_1d(np.asarray(mean, float)), np.atleast_2d(np.asarray(covariance, float))
        try:
            root = np.linalg.inv(np.linalg.cholesky(covariance))
        except np.linalg.LinAlgError:
            raise ValueError("The covariance is not positive definite.") from None
        return cls(root, root @ mean).triangular()

    @classmethod
    def isotropic(cls, size: int, precision: float) -> Gaussian:
        """N(0, precision⁻¹ I) over `size` weights (PRML 3.52)."""
        return cls(np.sqrt(precision) * np.eye(size), np.zeros(size))

    def __mul__(self, other: Gaussian) -> Gaussian:
        """The product of the two densities, normalised: posterior = prior * likelihood (PRML 3.49–3.51)."""
        rows = np.vstack([self.root, other.root])
        return Gaussian(rows, np.concatenate([self.target, other.target])).triangular()

    def triangular(self) -> Gaussian:
        """The same density with an upper-triangular root of at most k rows, diagonal ≥ 0."""
        k = self.size
        upper = triangle(np.column_stack([self.root, self.target]))[:k]
        return Gaussian(upper[:, :k], upper[:, k])

    @property
    def size(self) -> int:
        """k, the number of variables."""
        return int(self.root.shape[1])

    @cached_property
    def precision(self) -> Array:
        """Λ = S⁻¹ (k, k)."""
        return self.root.T @ self.root

    @cached_property
    def shift(self) -> Array:
        """Λm (k,)."""
        return np.asarray(self.root.T @ self.target)

    @cached_property
    def inverse_root(self) -> Array:
        """R⁻¹ (k, k), so that S = R⁻¹R⁻ᵀ. Raises ValueError for an improper factor."""
        try:
            if self.root.shape[0] > self.size:
                raise ValueError("More rows than variables: call triangular() first.")
            return np.asarray(np.linalg.solve(self.root, np.eye(self.size)), float)
        except np.linalg.LinAlgError:
            raise ValueError("This factor leaves a direction open: it has no moments without a prior.") from None

    @cached_property
    def mean(self) -> Array:
        """m (k,)."""
        return np.asarray(self.inverse_root @ self.target)

    @cached_property
    def covariance(self) -> Array:
        """S (k, k)."""
        return np.asarray(self.inverse_root @ self.inverse_root.T)

    def log_kernel(self, w: ArrayLike) -> Array:
        """−½‖R w − d‖² at w (…, k) -> (…): the log density without its constant; also for improper factors."""
        return np.asarray(-0.5 * np.sum((np.asarray(w, float) @ self.root.T - self.target) ** 2, axis=-1))

    def log_kernel_over(self, x: Array, y: Array, work: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """`log_kernel` at every (x, y) of a grid: x (columns,), y (rows,) -> (rows, columns), for two variables.

        For drawing: single precision. About a centre of the density the rows of R(w − centre) are small where the
        density is not, so that nothing that can be seen is lost. `work` (2, rows, columns) is memory to use; the
        result is its first half.
        """
        centre = self._centre()
        total, row = np.empty((2, len(y), len(x)), np.float32) if work is None else work
        squares = np.zeros((len(y), 1), np.float32)  # of the rows that say nothing of x: one of two, if triangular
        used = 0
        for a, b in self.root * np.sqrt(0.5):
            across, up = (a * (x - centre[0])).astype(np.float32), (b * (y - centre[1])).astype(np.float32)[:, None]
            if a == 0:
                squares += np.square(np.clip(up, -LARGEST_ROOT, LARGEST_ROOT))
                continue
            into = row if used else total
            np.add(up, across, out=into)
            if np.abs(across).max() + np.abs(up).max() > LARGEST_ROOT:
                np.clip(into, -LARGEST_ROOT, LARGEST_ROOT, out=into)
            np.square(into, out=into)
            used += 1
            if used > 1:
                total += row
        if not used:
            total[:] = 0
        return np.asarray(np.subtract(-squares, total, out=total))

    def _centre(self) -> Array:
        """Where the density is largest: the mean, or of an improper factor the place nearest to 0."""
        if len(self.root) == self.size and np.all(np.diag(self.root)):
            return self.mean
        if len(self.root) == 1 and np.any(self.root):
            return np.asarray(self.root[0] * self.target[0] / (self.root[0] @ self.root[0]))
        return np.asarray(np.linalg.lstsq(self.root, self.target, rcond=None)[0])

    def log_density(self, w: ArrayLike) -> Array:
        """ln N(w | m, S) at w (…, k) -> (…), in nats."""
        log_volume = float(np.linalg.slogdet(self.inverse_root)[1])
        return self.log_kernel(w) - log_volume - 0.5 * self.size * LN_2PI

    def gradient(self, w: ArrayLike) -> Array:
        """∇ ln N(w | m, S) at w (…, k) -> (…, k)."""
        return np.asarray((self.target - np.asarray(w, float) @ self.root.T) @ self.root)

    def laplace(self) -> Gaussian:
        """The Gaussian that bends like this density at its highest place: itself."""
        return self

    def marginal(self, keep: list[int]) -> Gaussian:
        """The density of the variables in `keep`, in that order, with the others integrated out."""
        if keep == list(range(self.size)):
            return self
        others = [i for i in range(self.size) if i not in keep]
        turned = Gaussian(self.root[:, others + keep], self.target).triangular()
        last = len(others)
        return Gaussian(turned.root[last:, last:], turned.target[last:])

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """`n` draws (n, k). The draws move continuously with the parameters when `rng` starts from the same seed."""
        return np.asarray(self.mean + rng.standard_normal((n, self.size)) @ self.inverse_root.T)

    def ellipse(self, probability: float = 0.95) -> Array:
        """The contour (49, 2) of a density of two variables that encloses `probability`."""
        if self.size != 2:
            raise ValueError("An ellipse needs two variables: take a marginal first.")
        radius = np.sqrt(-2 * np.log1p(-probability))
        return np.asarray(self.mean + radius * CIRCLE @ self.inverse_root.T)


def triangle(rows: Array) -> Array:
    """The triangular factor (≤ columns, columns) of `rows` (n, columns), diagonal ≥ 0: all least squares needs."""
    upper = np.asarray(np.linalg.qr(rows, mode="r"))
    signs = np.where(np.diag(upper) < 0, -1.0, 1.0)
    return np.asarray(signs[:, None] * upper)


def absorb(upper: Array, row: Array) -> Array:
    """`triangle` of the old rows and one more, from the old triangle (m, m) alone: m Givens rotations, O(m²)."""
    upper, row = upper.copy(), row.copy()
    for i in range(len(row)):
        length = np.hypot(upper[i, i], row[i])
        if length == 0:
            continue
        c, s = upper[i, i] / length, row[i] / length
        above = upper[i, i:].copy()
        upper[i, i:] = c * above + s * row[i:]
        row[i:] = c * row[i:] - s * above
    return upper
