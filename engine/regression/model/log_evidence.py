"""The log evidence ln p(t | α, β) for all precisions, and its maxima.

One singular value decomposition of the observations gives the log evidence for every α and β. Where double precision
would lose digits of the singular values, they come from `precise_factor`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import ArrayLike

from engine.gaussian import LN_2PI, Array
from engine.regression.data.observations import Observations, Statistics
from engine.regression.model.basis import Basis
from engine.regression.model.precise_factor import factor, is_affordable

RUNAWAY = 1e12  # a ratio of α and λ above this counts as infinite
STEPS = 20_000
SHOWN = 400  # steps of a path that are returned
NOTHING = 1e-14  # singular values below this fraction of the largest count as 0
ROUNDING = 8 * float(np.finfo(float).eps)  # a misfit below this fraction of the subtracted terms is no noise
EVEN = 1e5  # the largest ratio of singular values for which double precision suffices
NEAR = 1e-5  # a misfit below this fraction of the subtracted terms needs more than double precision
LARGEST_LOG = 700.0  # e to this power is finite
STARTS = ((1.0, 1.0), (1e-5, 1e-5), (1e-2, 10.0), (10.0, 100.0))  # α, β of data of unit scale

Kind = Literal["maximum", "no function", "no noise", "unbounded"]


@dataclass(frozen=True)
class FixedPoint:
    """A fixed point of the re-estimation of α and β; γ is the number of well-determined weights.

    A `kind` other than "maximum" is a limit, and `log_evidence` is the value of the limit. "no function": α → ∞, every
    weight is zero and all of t is noise. "no noise": β → ∞, as many weights as observations fit each of them.
    "unbounded": β → ∞ and the evidence grows without bound, because fewer weights fit all observations exactly; α → ∞
    as well if every t is zero. `path` (n, 2) are α and β of the iterations.
    """

    alpha: float
    beta: float
    gamma: float
    log_evidence: float
    kind: Kind
    path: Array = field(compare=False, repr=False)

    @property
    def runaway(self) -> bool:
        """Whether α grows without bound, so that the limit has no function."""
        return self.kind == "no function"


class Spectrum(msgspec.Struct, frozen=True, eq=False):
    """The statistics of n observations under k weights from which the evidence is computed for all α and β.

    `s` are the non-zero singular values of Φ, `c` the components of t along their left singular vectors, and `outside`
    the squared norm of the rest of t. λ_i = β s_i² are the eigenvalues of βΦᵀΦ, so that other α and β need no new
    decomposition. `rank` of the singular values do not come from the rounding of x. `is_explained` if the weights fit
    every observation, except for rounding.
    """

    s: Array
    c: Array
    outside: float
    n: int
    k: int
    rank: int
    is_explained: bool

    @classmethod
    def of(cls, observations: Observations, basis: Basis) -> Spectrum:
        """Return the spectrum of the observations.

        Every singular value has a relative error near 10⁻¹⁵, unless the observations are too many for it; then it has
        an error of 10⁻¹⁶ of the largest one.
        """
        rough, n = cls.of_statistics(observations.statistics(basis)), len(observations)
        full = len(rough.s) == min(n, basis.size)
        if not n or not is_affordable(n, basis.size) or (full and rough._is_precise()):
            return rough
        exact = factor(basis, observations.x, observations.t)
        misfit = float(np.hypot(exact.outside, np.hypot.reduce(exact.c[exact.rank :], initial=0.0)))
        explained = exact.rank >= n or misfit <= ROUNDING * float(np.hypot.reduce(observations.t))
        outside = 0.0 if len(exact.s) >= n else exact.outside**2
        return cls(exact.s, exact.c, outside, n, basis.size, exact.rank, explained)

    @classmethod
    def of_statistics(cls, statistics: Statistics) -> Spectrum:
        """Return the spectrum of sufficient statistics, in double precision; the cost does not depend on n."""
        k = len(statistics.triangle) - 1
        left, s, _ = np.linalg.svd(statistics.triangle[:k, :k])
        kept = (s > NOTHING * s[0]) & (np.arange(k) < statistics.count)
        c, corner = left.T @ statistics.triangle[:k, k], statistics.triangle[k, k]
        s, outside = s[kept], float(np.hypot(corner, np.hypot.reduce(c[~kept], initial=0.0)))
        spectrum = cls(s, c[kept], outside**2, statistics.count, k, len(s), False)
        if len(s) >= statistics.count or outside <= ROUNDING * spectrum._subtracted:
            return replace(spectrum, outside=0.0, is_explained=True)
        return spectrum

    @property
    def _subtracted(self) -> float:
        """‖t‖ + ‖Φ‖‖w‖ of least squares: a misfit in double precision has an error of 10⁻¹⁶ of it."""
        weights = np.hypot.reduce(self.c / self.s, initial=0.0)
        return float(np.sqrt(self.total) + np.max(self.s, initial=0.0) * weights)

    def _is_precise(self) -> bool:
        """Return whether double precision knows all singular values and the misfit to 10⁻¹⁰ of their values."""
        known_misfit = len(self.s) >= self.n or np.sqrt(self.outside) > NEAR * self._subtracted
        return bool(known_misfit and np.max(self.s, initial=0.0) <= EVEN * np.min(self.s, initial=np.inf))

    @property
    def total(self) -> float:
        """The squared norm ‖t‖²."""
        return self.outside + float(self.c @ self.c)

    def _ratio(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """Return ln λ_i/α, (…, i), without overflow."""
        precisions = np.log(np.asarray(beta, float)) - np.log(np.asarray(alpha, float))
        return np.asarray(precisions[..., None] + 2 * np.log(self.s))

    def shrink(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """Return λ_i/(α + λ_i), (…, i): how far the data determine each direction; γ is the sum (PRML 3.91)."""
        return np.asarray(1 / (1 + np.exp(np.minimum(-self._ratio(alpha, beta), LARGEST_LOG))))

    def left_out(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """Return α/(α + λ_i), (…, i).

        It is 1 − shrink, which would lose its digits where λ_i is much larger than α.
        """
        return np.asarray(1 / (1 + np.exp(np.minimum(self._ratio(alpha, beta), LARGEST_LOG))))

    def log_evidence(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """Return ln p(t | α, β) (…), broadcast over both, in nats (PRML 3.86 in the eigenbasis)."""
        alpha, beta = np.broadcast_arrays(np.asarray(alpha, float), np.asarray(beta, float))
        twice_energy = beta * (self.outside + np.sum(self.left_out(alpha, beta) * self.c**2, axis=-1))
        log_det = np.sum(np.logaddexp(0, self._ratio(alpha, beta)), axis=-1)
        return np.asarray(0.5 * (self.n * (np.log(beta) - LN_2PI) - twice_energy - log_det))

    def climb(self, alpha: float, beta: float) -> FixedPoint:
        """Return the limit of re-estimation from a start (PRML 3.92, 3.95).

        Each step sets α = γ/m_Nᵀm_N and 1/β = ‖t − Φm_N‖²/(N − γ).
        """
        path = [(alpha, beta)]
        if self.is_unbounded:
            return self._unbounded(np.array(path))
        for _ in range(STEPS if self.n else 0):
            shrink, left_out = self.shrink(alpha, beta), self.left_out(alpha, beta)
            mean_square = float(np.sum((shrink * self.c / self.s) ** 2))
            misfit = self.outside + float(np.sum((left_out * self.c) ** 2))
            if mean_square == 0 or alpha > RUNAWAY * beta * float(self.s[0] ** 2):
                return self._no_function(np.array(path))
            if self.rank == self.n and beta * float(self.s[-1] ** 2) > RUNAWAY * alpha:
                return self._no_noise(np.array(path))
            previous, alpha = (alpha, beta), float(np.sum(shrink)) / mean_square
            beta = (self.n - len(self.s) + float(np.sum(left_out))) / misfit
            path.append((alpha, beta))
            if abs(alpha - previous[0]) <= 1e-14 * alpha and abs(beta - previous[1]) <= 1e-14 * beta:
                break
        gamma, height = float(np.sum(self.shrink(alpha, beta))), float(self.log_evidence(alpha, beta))
        return FixedPoint(alpha, beta, gamma, height, "maximum", np.array(path[:SHOWN]))

    def starts(self) -> list[tuple[float, float]]:
        """Return starts (α, β) of re-estimation in units of the data, so that scaling t or Φ scales the starts too.

        They are STARTS with the unit n/‖t‖² of β and s₀²/‖t‖² of α, and least squares, α = r/‖w‖², β = n/misfit.
        """
        if not self.n or self.is_unbounded or not len(self.s):
            return []
        units = float(self.s[0] ** 2) / self.total, self.n / self.total
        misfit = max(self.outside + float(np.sum(self.c[self.rank :] ** 2)), ROUNDING * self.total)
        square = float(np.sum((self.c / self.s)[: self.rank] ** 2))
        least_squares = [(self.rank / square, self.n / misfit)] if square > 0 else []
        return [(a * units[0], b * units[1]) for a, b in STARTS] + least_squares

    def limits(self) -> list[FixedPoint]:
        """Return the limits of α → ∞ and β → ∞ that are higher than the evidence nearby, without a path."""
        none = np.empty((0, 2))
        if not self.n:
            return []
        if self.is_unbounded:
            return [self._unbounded(none)]
        limits, beta = [], self.n / self.total
        if beta * float(np.sum((self.s * self.c) ** 2)) <= float(np.sum(self.s**2)):  # the evidence falls with 1/α
            limits.append(self._no_function(none))
        if self.rank == self.n:
            limit, squares, near = self._no_noise(none), (self.c / self.s) ** 2, (self.s[-1] / self.s) ** 2
            # the evidence falls with 1/β
            if limit.alpha * float(np.sum(squares * near)) <= float(np.sum(near)):
                limits.append(limit)
        return limits

    @property
    def is_unbounded(self) -> bool:
        """Whether fewer weights than observations fit all of t exactly, so that the evidence grows with β; or t is
        zero.
        """
        return bool(self.n) and self.is_explained and (self.n > self.rank or self.total == 0)

    def _unbounded(self, path: Array) -> FixedPoint:
        square = float(np.sum((self.c / self.s)[: self.rank] ** 2))
        alpha = self.rank / square if square > 0 else float("inf")
        return FixedPoint(alpha, float("inf"), float(self.rank), float("inf"), "unbounded", path[:SHOWN])

    def _no_function(self, path: Array) -> FixedPoint:
        """Return the limit α → ∞: every weight is zero, and all of t is noise of precision n/Σt²."""
        beta = self.n / self.total
        height = 0.5 * self.n * (np.log(beta) - LN_2PI - 1)
        return FixedPoint(float("inf"), beta, 0.0, float(height), "no function", path[:SHOWN])

    def _no_noise(self, path: Array) -> FixedPoint:
        """Return the limit β → ∞ with n = rank Φ: t ~ N(0, ΦΦᵀ/α), highest at α = n/Σ(c_i/s_i)²."""
        alpha = self.n / float(np.sum((self.c / self.s) ** 2))
        height = 0.5 * float(np.sum(np.log(alpha) - 2 * np.log(self.s)) - self.n * (LN_2PI + 1))
        return FixedPoint(alpha, float("inf"), float(self.n), height, "no noise", path[:SHOWN])


def maximise(basis: Basis, x: ArrayLike, t: ArrayLike, starts: Sequence[tuple[float, float]]) -> list[FixedPoint]:
    """Return a maximum of the evidence over α and β from each start (α, β) (PRML 3.91–3.95)."""
    spectrum = Spectrum.of(Observations(x, t), basis)
    return [spectrum.climb(alpha, beta) for alpha, beta in starts]
