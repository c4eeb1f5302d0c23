"""The log evidence ln p(t | α, β) and where it is largest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.gaussian import LN_2PI
from engine.regression.basis import Basis

RUNAWAY = 1e12  # an α above this, times the scale of the data, is on its way to infinity
STEPS = 20_000


@dataclass(frozen=True)
class FixedPoint:
    """Where re-estimation of α and β came to rest: γ is the number of well-determined weights.

    `runaway` means that α grows without bound: the data prefer no function at all. Then alpha is inf, gamma 0 and
    `log_evidence` the limit.
    """

    alpha: float
    beta: float
    gamma: float
    log_evidence: float
    runaway: bool


def maximise(basis: Basis, x: ArrayLike, t: ArrayLike, starts: Sequence[tuple[float, float]]) -> list[FixedPoint]:
    """Maximise the evidence by α = γ/m_Nᵀm_N, 1/β = ‖t − Φm_N‖²/(N − γ) (PRML 3.91–3.95), from each start (α, β).

    One singular value decomposition of Φ (N, k) serves every step: λ_i = β s_i² are the eigenvalues of βΦᵀΦ.
    """
    t = np.atleast_1d(np.asarray(t, float))
    left, s, _ = np.linalg.svd(basis.features(x), full_matrices=False)
    projected = left.T @ t
    outside = max(float(t @ t - projected @ projected), 0.0)
    return [_climb(s, projected, outside, len(t), basis.size, start) for start in starts]


def _climb(s: np.ndarray, c: np.ndarray, outside: float, n: int, k: int, start: tuple[float, float]) -> FixedPoint:
    alpha, beta = start
    for _ in range(STEPS):
        shrink = beta * s**2 / (alpha + beta * s**2)
        gamma = float(np.sum(shrink))
        mean_square = float(np.sum((shrink * c / s) ** 2))
        misfit = outside + float(np.sum(((1 - shrink) * c) ** 2))
        alpha_next, beta_next = gamma / mean_square, (n - gamma) / misfit
        if alpha_next > RUNAWAY * beta_next * float(s[0] ** 2):
            return _no_function(outside + float(c @ c), n)
        at_rest = abs(alpha_next - alpha) <= 1e-14 * alpha and abs(beta_next - beta) <= 1e-14 * beta
        alpha, beta = alpha_next, beta_next
        if at_rest:
            break
    return FixedPoint(alpha, beta, gamma, _log_evidence(s, c, outside, n, k, alpha, beta), False)


def _log_evidence(s: np.ndarray, c: np.ndarray, outside: float, n: int, k: int, alpha: float, beta: float) -> float:
    shrink = beta * s**2 / (alpha + beta * s**2)
    twice_energy = beta * (outside + np.sum((1 - shrink) * c**2))
    log_det = np.sum(np.log(alpha + beta * s**2)) + (k - len(s)) * np.log(alpha)
    return float(0.5 * (k * np.log(alpha) + n * (np.log(beta) - LN_2PI) - twice_energy - log_det))


def _no_function(total: float, n: int) -> FixedPoint:
    """α → ∞: every weight is zero, and all of t is noise of precision n/Σt²."""
    beta = n / total
    return FixedPoint(float("inf"), beta, 0.0, 0.5 * n * (np.log(beta) - LN_2PI - 1), True)
