"""The log evidence ln p(t | α, β): over both precisions, and where it is largest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from engine.gaussian import LN_2PI, Array
from engine.regression.data.observations import Statistics
from engine.regression.model.basis import Basis

RUNAWAY = 1e12  # an α above this, times the scale of the data, is on its way to infinity
STEPS = 20_000
SHOWN = 400  # steps of a path that are kept
NOTHING = 1e-14  # a singular value below this, relative to the largest, is a direction the data say nothing of


@dataclass(frozen=True)
class FixedPoint:
    """Where re-estimation of α and β came to rest: γ is the number of well-determined weights.

    `runaway` means that α grows without bound: the data prefer no function at all. Then alpha is inf, gamma 0 and
    `log_evidence` the limit. `path` (n, 2) are α and β on the way.
    """

    alpha: float
    beta: float
    gamma: float
    log_evidence: float
    runaway: bool
    path: Array = field(compare=False, repr=False)


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
        return cls(s[kept], c[kept], float(corner**2 + np.sum(c[~kept] ** 2)), statistics.count, k)

    def shrink(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """λ_i/(α + λ_i), (…, i): how much of each direction the data decide (PRML 3.91 sums them to γ)."""
        scaled = np.asarray(beta, float)[..., None] * self.s**2
        return np.asarray(scaled / (np.asarray(alpha, float)[..., None] + scaled))

    def log_evidence(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """ln p(t | α, β) (…), broadcast over both, in nats (PRML 3.86 in the eigenbasis)."""
        alpha, beta = np.broadcast_arrays(np.asarray(alpha, float), np.asarray(beta, float))
        left_out = 1 - self.shrink(alpha, beta)
        twice_energy = beta * (self.outside + np.sum(left_out * self.c**2, axis=-1))
        log_det = np.sum(np.log1p(beta[..., None] / alpha[..., None] * self.s**2), axis=-1)
        return np.asarray(0.5 * (self.n * (np.log(beta) - LN_2PI) - twice_energy - log_det))

    def climb(self, alpha: float, beta: float) -> FixedPoint:
        """α = γ/m_Nᵀm_N, 1/β = ‖t − Φm_N‖²/(N − γ), repeatedly (PRML 3.92, 3.95), from a start."""
        path = [(alpha, beta)]
        for _ in range(STEPS):
            shrink = self.shrink(alpha, beta)
            gamma = float(np.sum(shrink))
            mean_square = float(np.sum((shrink * self.c / self.s) ** 2))
            misfit = self.outside + float(np.sum(((1 - shrink) * self.c) ** 2))
            if mean_square == 0 or misfit == 0:
                break
            known, alpha, beta = (alpha, beta), gamma / mean_square, (self.n - gamma) / misfit
            path.append((alpha, beta))
            if alpha > RUNAWAY * beta * float(self.s[0] ** 2):
                return self._no_function(np.array(path))
            if abs(alpha - known[0]) <= 1e-14 * alpha and abs(beta - known[1]) <= 1e-14 * beta:
                break
        gamma = float(np.sum(self.shrink(alpha, beta)))
        return FixedPoint(alpha, beta, gamma, float(self.log_evidence(alpha, beta)), False, np.array(path[:SHOWN]))

    def _no_function(self, path: Array) -> FixedPoint:
        """α → ∞: every weight is zero, and all of t is noise of precision n/Σt²."""
        beta = self.n / (self.outside + float(self.c @ self.c))
        log_evidence = 0.5 * self.n * (np.log(beta) - LN_2PI - 1)
        return FixedPoint(float("inf"), beta, 0.0, float(log_evidence), True, path[:SHOWN])


def maximise(basis: Basis, x: ArrayLike, t: ArrayLike, starts: Sequence[tuple[float, float]]) -> list[FixedPoint]:
    """Maximise the evidence over α and β from each start (α, β): one fixed point a start (PRML 3.91–3.95)."""
    t = np.atleast_1d(np.asarray(t, float))
    spectrum = Spectrum.of(Statistics.empty(basis.size).after(basis.features(x), t))
    return [spectrum.climb(alpha, beta) for alpha, beta in starts]
