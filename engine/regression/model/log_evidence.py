"""The log evidence ln p(t | α, β): over both precisions, and where it is largest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from engine.gaussian import LN_2PI, Array
from engine.regression.data.observations import Statistics
from engine.regression.model.basis import Basis

RUNAWAY = 1e12  # a ratio of α and λ above this is on its way to infinity
STEPS = 20_000
SHOWN = 400  # steps of a path that are kept
NOTHING = 1e-14  # a singular value below this, relative to the largest, is a direction the data say nothing of
ROUNDING = 8 * float(np.finfo(float).eps)  # a misfit below this, relative to what is subtracted, is none
STARTS = ((1.0, 1.0), (1e-5, 1e-5), (1e-2, 10.0), (10.0, 100.0))  # α, β of data of unit scale

Kind = Literal["maximum", "no function", "no noise", "unbounded"]


@dataclass(frozen=True)
class FixedPoint:
    """Where re-estimation of α and β came to rest: γ is the number of well-determined weights.

    A `kind` other than "maximum" is a limit, and `log_evidence` that of the limit. "no function": α → ∞, every weight
    is zero and all of t is noise. "no noise": β → ∞, as many weights as observations explain each of them.
    "unbounded": β → ∞ and the evidence with it, because fewer weights explain the observations exactly; α → ∞ as well
    if every t is zero. `path` (n, 2) are α and β on the way.
    """

    alpha: float
    beta: float
    gamma: float
    log_evidence: float
    kind: Kind
    path: Array = field(compare=False, repr=False)

    @property
    def runaway(self) -> bool:
        """Whether α grows without bound: the limit is no function at all."""
        return self.kind == "no function"


class Spectrum(msgspec.Struct, frozen=True, eq=False):
    """All that the evidence needs of n observations under k weights.

    Singular values s of Φ that are not 0, the components c of t along their directions, and the square of what is left
    of t. λ_i = β s_i² are the eigenvalues of βΦᵀΦ, so that α and β can change without another decomposition.
    """

    s: Array
    c: Array
    outside: float
    n: int
    k: int

    @classmethod
    def of(cls, statistics: Statistics) -> Spectrum:
        """From sufficient statistics: its cost does not depend on n."""
        k = len(statistics.triangle) - 1
        left, s, _ = np.linalg.svd(statistics.triangle[:k, :k])
        kept = s > NOTHING * s[0]
        c, corner = left.T @ statistics.triangle[:k, k], statistics.triangle[k, k]
        s, outside = s[kept], float(np.hypot(corner, np.hypot.reduce(c[~kept], initial=0.0)))
        subtracted = np.hypot.reduce(c) + np.max(s, initial=0.0) * np.hypot.reduce(c[kept] / s, initial=0.0)
        explained = len(s) >= statistics.count or outside <= ROUNDING * subtracted
        return cls(s, c[kept], 0.0 if explained else outside**2, statistics.count, k)

    @property
    def total(self) -> float:
        """‖t‖²."""
        return self.outside + float(self.c @ self.c)

    def shrink(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """λ_i/(α + λ_i), (…, i): how much of each direction the data decide (PRML 3.91 sums them to γ)."""
        scaled = np.asarray(beta, float)[..., None] * self.s**2
        return np.asarray(scaled / (np.asarray(alpha, float)[..., None] + scaled))

    def left_out(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """α/(α + λ_i), (…, i): 1 − shrink, which would cancel where λ_i is far above α."""
        alpha = np.asarray(alpha, float)[..., None]
        return np.asarray(alpha / (alpha + np.asarray(beta, float)[..., None] * self.s**2))

    def log_evidence(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """ln p(t | α, β) (…), broadcast over both, in nats (PRML 3.86 in the eigenbasis)."""
        alpha, beta = np.broadcast_arrays(np.asarray(alpha, float), np.asarray(beta, float))
        twice_energy = beta * (self.outside + np.sum(self.left_out(alpha, beta) * self.c**2, axis=-1))
        log_det = np.sum(np.log1p(beta[..., None] / alpha[..., None] * self.s**2), axis=-1)
        return np.asarray(0.5 * (self.n * (np.log(beta) - LN_2PI) - twice_energy - log_det))

    def climb(self, alpha: float, beta: float) -> FixedPoint:
        """α = γ/m_Nᵀm_N, 1/β = ‖t − Φm_N‖²/(N − γ), repeatedly (PRML 3.92, 3.95), from a start."""
        path = [(alpha, beta)]
        if self.is_unbounded:
            return self._unbounded(np.array(path))
        for _ in range(STEPS if self.n else 0):
            shrink, left_out = self.shrink(alpha, beta), self.left_out(alpha, beta)
            mean_square = float(np.sum((shrink * self.c / self.s) ** 2))
            misfit = self.outside + float(np.sum((left_out * self.c) ** 2))
            if mean_square == 0 or alpha > RUNAWAY * beta * float(self.s[0] ** 2):
                return self._no_function(np.array(path))
            if len(self.s) == self.n and beta * float(self.s[-1] ** 2) > RUNAWAY * alpha:
                return self._no_noise(np.array(path))
            known, alpha = (alpha, beta), float(np.sum(shrink)) / mean_square
            beta = (self.n - len(self.s) + float(np.sum(left_out))) / misfit
            path.append((alpha, beta))
            if abs(alpha - known[0]) <= 1e-14 * alpha and abs(beta - known[1]) <= 1e-14 * beta:
                break
        gamma, height = float(np.sum(self.shrink(alpha, beta))), float(self.log_evidence(alpha, beta))
        return FixedPoint(alpha, beta, gamma, height, "maximum", np.array(path[:SHOWN]))

    def starts(self) -> list[tuple[float, float]]:
        """α and β to climb from, in the data's own scale: t or Φ times a constant changes the starts accordingly.

        STARTS where the unit of β is n/‖t‖² and that of α is s₀²/‖t‖²; and least squares, α = r/‖w‖², β = n/misfit.
        """
        if not self.n or self.is_unbounded or not len(self.s):
            return []
        units = float(self.s[0] ** 2) / self.total, self.n / self.total
        misfit = max(self.outside, ROUNDING * self.total)
        square = float(np.sum((self.c / self.s) ** 2))
        least_squares = [(len(self.s) / square, self.n / misfit)] if square > 0 else []
        return [(a * units[0], b * units[1]) for a, b in STARTS] + least_squares

    def limits(self) -> list[FixedPoint]:
        """The limits of α → ∞ and β → ∞ that are higher than what is near to them, without a path."""
        none = np.empty((0, 2))
        if not self.n:
            return []
        if self.is_unbounded:
            return [self._unbounded(none)]
        found, beta = [], self.n / self.total
        if beta * float(np.sum((self.s * self.c) ** 2)) <= float(np.sum(self.s**2)):  # it falls with 1/α
            found.append(self._no_function(none))
        if len(self.s) == self.n:
            limit, squares = self._no_noise(none), (self.c / self.s) ** 2
            if limit.alpha * float(np.sum(squares / self.s**2)) <= float(np.sum(1 / self.s**2)):  # it falls with 1/β
                found.append(limit)
        return found

    @property
    def is_unbounded(self) -> bool:
        """Whether fewer weights than observations explain all of t, so that β → ∞ has no price; or t is zero."""
        return bool(self.n) and self.outside == 0 and (self.n > len(self.s) or self.total == 0)

    def _unbounded(self, path: Array) -> FixedPoint:
        square = float(np.sum((self.c / self.s) ** 2))
        alpha = len(self.s) / square if square > 0 else float("inf")
        return FixedPoint(alpha, float("inf"), float(len(self.s)), float("inf"), "unbounded", path[:SHOWN])

    def _no_function(self, path: Array) -> FixedPoint:
        """α → ∞: every weight is zero, and all of t is noise of precision n/Σt²."""
        beta = self.n / self.total
        height = 0.5 * self.n * (np.log(beta) - LN_2PI - 1)
        return FixedPoint(float("inf"), beta, 0.0, float(height), "no function", path[:SHOWN])

    def _no_noise(self, path: Array) -> FixedPoint:
        """β → ∞ with n = rank Φ: t ~ N(0, ΦΦᵀ/α), highest at α = n/Σ(c_i/s_i)²."""
        alpha = self.n / float(np.sum((self.c / self.s) ** 2))
        height = 0.5 * float(np.sum(np.log(alpha) - 2 * np.log(self.s)) - self.n * (LN_2PI + 1))
        return FixedPoint(alpha, float("inf"), float(self.n), height, "no noise", path[:SHOWN])


def maximise(basis: Basis, x: ArrayLike, t: ArrayLike, starts: Sequence[tuple[float, float]]) -> list[FixedPoint]:
    """Maximise the evidence over α and β from each start (α, β): one fixed point a start (PRML 3.91–3.95)."""
    t = np.atleast_1d(np.asarray(t, float))
    spectrum = Spectrum.of(Statistics.empty(basis.size).after(basis.features(x), t))
    return [spectrum.climb(alpha, beta) for alpha, beta in starts]
