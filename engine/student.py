"""Student's t distribution: what a Gaussian becomes when its scale has to be learnt as well."""

from __future__ import annotations

from math import lgamma

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import CIRCLE, Array, Gaussian


class StudentT(msgspec.Struct, frozen=True, eq=False):
    """St(w | m, S, ν) over w (k,) with `df` ν degrees of freedom (PRML 2.162).

    `shape` is the Gaussian N(m, S): S is the scale matrix, and the covariance is S ν/(ν − 2).
    """

    shape: Gaussian
    df: float

    def log_density(self, w: ArrayLike) -> Array:
        """ln St(w | m, S, ν) at w (…, k) -> (…), in nats."""
        k, volume = self.shape.size, float(np.linalg.slogdet(self.shape.inverse_root)[1])
        constant = lgamma((self.df + k) / 2) - lgamma(self.df / 2) - k / 2 * np.log(np.pi * self.df) - volume
        return np.asarray(constant - (self.df + k) / 2 * np.log1p(-2 * self.shape.log_kernel(w) / self.df))

    def log_kernel_over(self, x: Array, y: Array, work: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """The log density without its constant at every (x, y) of a grid, for two variables, in single precision."""
        kernel = self.shape.log_kernel_over(x, y, work)
        kernel *= np.float32(-2 / self.df)
        np.log1p(kernel, out=kernel)
        kernel *= np.float32(-(self.df + 2) / 2)
        return kernel

    def gradient(self, w: ArrayLike) -> Array:
        """∇ ln St(w | m, S, ν) at w (…, k) -> (…, k)."""
        stretch = (self.df + self.shape.size) / (self.df - 2 * self.shape.log_kernel(w))
        return np.asarray(stretch[..., None] * self.shape.gradient(w))

    def laplace(self) -> Gaussian:
        """The Gaussian that bends like this density at m: N(m, S ν/(ν + k))."""
        bend = np.sqrt((self.df + self.shape.size) / self.df)
        return Gaussian(self.shape.root * bend, self.shape.target * bend)

    def marginal(self, keep: list[int]) -> StudentT:
        """The density of the variables in `keep`, in that order."""
        return StudentT(self.shape.marginal(keep), self.df)

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """`n` draws (n, k)."""
        about = self.shape.sample(rng, n) - self.shape.mean
        stretch = np.sqrt(self.df / rng.chisquare(self.df, n))
        return np.asarray(self.shape.mean + about * stretch[:, None])

    def ellipse(self, probability: float = 0.95) -> Array:
        """The contour (49, 2) of a density of two variables that encloses `probability`: δ²/2 ~ F(2, ν)."""
        square = self.df * ((1 - probability) ** (-2 / self.df) - 1)
        return np.asarray(self.shape.mean + np.sqrt(square) * CIRCLE @ self.shape.inverse_root.T)


def log_student(z: ArrayLike, df: float) -> Array:
    """ln St(z | 0, 1, ν) of one variable, at z (…) -> (…), in nats."""
    constant = lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * np.log(np.pi * df)
    return np.asarray(constant - (df + 1) / 2 * np.log1p(np.square(z) / df))
