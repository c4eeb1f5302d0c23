"""The ledger: what each observation was worth, given those before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.gaussian import LN_2PI, Array
from engine.plane import Viewport
from engine.regression.inference import KnownNoisePosterior, Posterior, Prediction, inferred
from engine.regression.noise import StudentTNoise
from engine.regression.pictures import picture
from engine.regression.robust import RobustPosterior

if TYPE_CHECKING:
    from engine.regression.document import Regression

MOST = 300  # rows, the latest
FEW = 30  # where each row is a grid of its own
ROWS = Viewport(0, 1, 0, MOST, 1, MOST)  # a table's viewport is its rows
UNEVEN = 1e2  # predictions whose uncertainties differ by more than this are made one by one


@dataclass(frozen=True, eq=False)
class Ledger:
    """Rows `first` … first + n − 1 of the observations, each column (n,), in nats.

    `surprise` is −ln p(t_n | past), `gained` is ½ ln(1 + β φᵀSφ), by how much the entropy of the weights fell,
    and `evidence` the running sum of −surprise over all observations: ln p(t_1…t_n).
    """

    first: int
    surprise: Array
    gained: Array
    evidence: Array


@picture("ledger")
def latest(document: Regression, _: Viewport) -> Ledger:
    """Of the latest observations that are taken into account."""
    taken = document.taken
    first = max(0, len(taken) - (FEW if isinstance(document.model.noise, StudentTNoise) else MOST))
    return ledger(inferred(document.model, taken.first(first)), taken.x[first:], taken.t[first:])


def ledger(before: Posterior, x: Array, t: Array) -> Ledger:
    """The rows of observations x, t (n,) that come after all that `before` has seen."""
    if isinstance(before, KnownNoisePosterior):
        deviation, misses = _at_once(before, x, t)
        if np.all(deviation * UNEVEN > np.max(deviation, initial=0.0)):
            surprise = 0.5 * (LN_2PI + misses**2) + np.log(deviation)
            gained = np.log(deviation) - 0.5 * np.log(before.predict(x).noise_variance)
            return Ledger(before.count, surprise, gained, before.log_evidence - np.cumsum(surprise))
    return _one_by_one(before, x, t)


def _at_once(before: KnownNoisePosterior, x: Array, t: Array) -> tuple[Array, Array]:
    """The standard deviation with which each is predicted, and by how many of them it misses, each (n,).

    One Cholesky factor L of the joint predictive covariance C = β⁻¹I + ΦSΦᵀ holds both: L_nn and (L⁻¹(t − Φm))_n (PRML
    2.81–2.82, row by row). NaN where rounding leaves C indefinite.
    """
    n, there = len(x), before.predict(x)
    spread = before.model.basis.features(x) @ before.weights.inverse_root
    residual, noise = t - there.mean, there.noise_variance
    joint = np.empty((n + 1, n + 1))
    joint[:n, :n] = spread @ spread.T + np.diag(noise)
    joint[n, :n] = joint[:n, n] = residual
    joint[n, n] = np.sum(residual**2 / noise) + 1  # more than rᵀC⁻¹r, so that the last row of the factor is (L⁻¹r)ᵀ
    try:
        factor = np.linalg.cholesky(joint)
    except np.linalg.LinAlgError:
        return np.full(n, np.nan), np.full(n, np.nan)
    return np.asarray(np.diag(factor)[:n]), np.asarray(factor[n, :n])


def _one_by_one(before: Posterior, x: Array, t: Array) -> Ledger:
    """By updating, which bears precisions of 1e-9 beside 1e9 and any noise, and takes a hundred times as long."""
    first, start, rows = before.count, before.log_evidence, []
    for xn, tn in zip(x.tolist(), t.tolist(), strict=True):
        there, after = before.predict([xn]), before.update(xn, tn)
        rows.append((_surprise(before, after, there, tn), 0.5 * float(np.log1p(_narrowing(there)))))
        before = after
    surprise, gained = np.array(rows, float).reshape(-1, 2).T
    return Ledger(first, surprise, gained, start - np.cumsum(surprise))


def _surprise(before: Posterior, after: Posterior, there: Prediction, t: float) -> float:
    """−ln p(t | past): from the prediction where that is exact, from the evidences where it is not."""
    if isinstance(before, RobustPosterior):
        return before.log_evidence - after.log_evidence
    return -float(there.log_density(t)[0])


def _narrowing(there: Prediction) -> float:
    """β φᵀSφ: how large the weights' part of the uncertainty is beside the noise's."""
    return float(there.epistemic_variance[0] / there.noise_variance[0])
