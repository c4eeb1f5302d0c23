"""Student's t distribution: a Gaussian with an uncertain scale."""

from __future__ import annotations

from functools import lru_cache
from math import lgamma

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import CIRCLE, Array, Gaussian

AT_ONCE = 1 << 17  # terms of the sum over scales that fit into the processor's cache
FAR = 25.0  # nats below the integrand's maximum at which the sum over scales is cut off


class StudentT(msgspec.Struct, frozen=True, eq=False):
    """St(w | m, S, ν) over w (k,) with `df` ν degrees of freedom (PRML 2.162).

    `shape` is the Gaussian N(m, S): S is the scale matrix, and the covariance is S ν/(ν − 2).
    """

    shape: Gaussian
    df: float

    def log_density(self, w: ArrayLike) -> Array:
        """Return ln St(w | m, S, ν) at w (…, k) -> (…), in nats."""
        k, volume = self.shape.size, float(np.linalg.slogdet(self.shape.inverse_root)[1])
        constant = lgamma((self.df + k) / 2) - lgamma(self.df / 2) - k / 2 * np.log(np.pi * self.df) - volume
        return np.asarray(constant - (self.df + k) / 2 * np.log1p(-2 * self.shape.log_kernel(w) / self.df))

    def log_kernel_over(self, x: Array, y: Array, work: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return the log density without its constant at every (x, y) of a grid -> (rows, columns), in single
        precision.
        """
        kernel = self.shape.log_kernel_over(x, y, work)
        kernel *= np.float32(-2 / self.df)
        np.log1p(kernel, out=kernel)
        kernel *= np.float32(-(self.df + 2) / 2)
        return kernel

    def gradient(self, w: ArrayLike) -> Array:
        """Return ∇ ln St(w | m, S, ν) at w (…, k) -> (…, k)."""
        stretch = (self.df + self.shape.size) / (self.df - 2 * self.shape.log_kernel(w))
        return np.asarray(stretch[..., None] * self.shape.gradient(w))

    def laplace(self) -> Gaussian:
        """Return the Laplace approximation at the maximum m: N(m, S ν/(ν + k))."""
        bend = np.sqrt((self.df + self.shape.size) / self.df)
        return Gaussian(self.shape.root * bend, self.shape.target * bend)

    def marginal(self, keep: list[int]) -> StudentT:
        """Return the density of the variables in `keep`, in that order."""
        return StudentT(self.shape.marginal(keep), self.df)

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Return `n` draws (n, k)."""
        about = self.shape.sample(rng, n) - self.shape.mean
        stretch = np.sqrt(self.df / rng.chisquare(self.df, n))
        return np.asarray(self.shape.mean + about * stretch[:, None])

    def ellipse(self, probability: float = 0.95) -> Array:
        """Return the contour (181, 2) of a density of two variables that encloses `probability`: δ²/2 ~ F(2, ν)."""
        square = self.df * ((1 - probability) ** (-2 / self.df) - 1)
        return np.asarray(self.shape.mean + np.sqrt(square) * CIRCLE @ self.shape.inverse_root.T)


def log_student(z: ArrayLike, df: float) -> Array:
    """Return ln St(z | 0, 1, ν) of one variable, at z (…) -> (…), in nats."""
    constant = lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * np.log(np.pi * df)
    return np.asarray(constant - (df + 1) / 2 * np.log1p(np.square(z) / df))


def student_entropy(df: float | Array) -> Array:
    """Return −E[ln St(z | 0, 1, ν)] for ν (…) -> (…), in nats.

    It is (ν+1)/2 (ψ((ν+1)/2) − ψ(ν/2)) + ln(√ν B(ν/2, ½)) (Lazo & Rathie 1978).
    """
    from scipy.special import betaln, digamma  # imported here, because it delays the start

    half = np.asarray(df, float) / 2
    return np.asarray((half + 0.5) * (digamma(half + 0.5) - digamma(half)) + 0.5 * np.log(2 * half) + betaln(half, 0.5))


def log_student_plus_normal(z: ArrayLike, variance: ArrayLike, df: float, scale: float) -> Array:
    """Return ln p of a sum z = s τ + √v ε, τ ~ St(ν) and ε ~ N(0, 1), at z and v (…), broadcast -> (…), in nats.

    Student's t is a scale mixture of Gaussians (PRML 2.159–2.161), and the convolution of two Gaussians is a Gaussian:
    p(z) = ∫ N(z | 0, v + s²/λ) Gamma(λ | ν/2, ν/2) dλ, by the trapezoid rule in ln λ. The integrand is analytic, so the
    error falls exponentially with the step: below 10⁻⁹ for every v/s² and ν.
    """
    z, variance = np.broadcast_arrays(np.asarray(z, float), np.asarray(variance, float))
    half_square, width = 0.5 * (z.ravel() / scale) ** 2, variance.ravel() / scale**2
    log_weight, stretch = _scales(df, _octaves(float(np.max(half_square, initial=0.0))))
    result = np.empty(z.size)
    for start in range(0, z.size, max(1, AT_ONCE // len(stretch))):
        block = slice(start, start + max(1, AT_ONCE // len(stretch)))
        precision = 1 / (width[block] + stretch[:, None])
        exponent = log_weight[:, None] - half_square[block] * precision
        peak = exponent.max(axis=0)
        exponent -= peak
        terms = np.exp(exponent, out=exponent)
        terms *= np.sqrt(precision, out=precision)
        result[block] = np.log(terms.sum(axis=0)) + peak
    return np.asarray(result.reshape(z.shape) - np.log(scale))


def _octaves(half_square: float) -> int:
    """Return the smallest m with z²/s² ≤ 4ᵐ; the nodes of the sum over scales are cached for each m."""
    return int(np.ceil(0.5 * np.log2(max(2 * half_square, 1.0))))


@lru_cache(maxsize=64)
def _scales(df: float, octaves: int) -> tuple[Array, Array]:
    """Return ln of Gamma(λ | ν/2, ν/2) dλ/√2π, and 1/λ, each (m,), at nodes even in ln λ, for |z| up to 2^octaves s.

    The mass below λ = 1 falls by FAR nats within √(2 FAR/a) + FAR/a, a = ν/2, and faster above. A large z moves the
    maximum down to (ν + 1)/(ν + z²/s²).
    """
    a = df / 2
    step, reach = 0.75 / np.sqrt(a + 3), np.sqrt(2 * FAR / a) + FAR / a
    low = -np.log1p(4.0**octaves / df) - reach
    y = step * np.arange(np.floor(low / step), np.ceil(np.log1p(reach) / step) + 1)
    log_weight = a * (np.log(a) + y - np.exp(y)) - lgamma(a) + np.log(step) - 0.5 * np.log(2 * np.pi)
    return log_weight, np.exp(-y)
