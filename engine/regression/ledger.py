"""The ledger: the log evidence as a sum of one term for each observation, in their order.

The terms come from one Cholesky factor of the joint predictive covariance, or from updates one by one if this matrix is
too ill-conditioned. The row of an observation that is left out is NaN.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec
import numpy as np
from msgspec.structs import replace

from engine.derived import derived
from engine.gaussian import LN_2PI, Array
from engine.plane import Viewport
from engine.regression.data.observations import Observations
from engine.regression.document import Regression
from engine.regression.model.linear_model import (
    KnownNoisePosterior,
    LinearModel,
    Posterior,
    Prediction,
    inferred,
    posterior,
    predicted,
)
from engine.regression.model.noise import StudentTNoise
from engine.regression.model.student_t_noise import RobustPosterior

MOST = 300  # the most rows, of the latest observations
FEW = 30  # the most rows under Student's t noise, where each row needs a grid of its own
UNEVEN = 1e2  # the largest ratio of predictive standard deviations for which one Cholesky factor is exact enough


class Ledger(msgspec.Struct, frozen=True, eq=False):
    """The rows of observations `first` … first + n − 1. Each column is (n,), in nats; NaN for observations left out.

    * `surprise`: −ln p(t_n | t_1 … t_{n−1}).
    * `gained`: I(t_n; w | t_1 … t_{n−1}), the expected information gain; under known noise ½ ln(1 + β φᵀSφ).
    * `evidence`: ln p(t_1 … t_n), the running sum of −surprise over all observations.
    * `error`: the stated error of the last evidence, one number in nats; 0 unless it is sampled.
    """

    first: int
    surprise: Array
    gained: Array
    evidence: Array
    error: float = 0.0


Standing = Literal["taken", "waits", "left out"]


class Entry(msgspec.Struct, frozen=True):
    """Observation `n`, and its prediction from the earlier observations that are taken into account.

    `mean` and `deviation` of the prediction are in original units. `surprise` is −ln p(t_n | t_1 … t_{n−1}) in nats,
    for t in the units of the model, also if the observation waits or is left out.
    """

    n: int
    x: float
    t: float
    standing: Standing
    mean: float
    deviation: float
    surprise: float


def entry(document: Regression, n: int) -> Entry | None:
    """Observation `n` with its prediction; None if it has been removed."""
    if n >= len(document.observations):
        return None
    x, t = float(document.observations.x[n]), float(document.observations.t[n])
    before = _before(document.model, document.taken.first(document.count_before(n)))
    units = document.units
    prediction, (own_x,), (own_t,) = predicted(before, units, [x]), units.x_of_model([x]), units.t_of_model([t])
    surprise = _surprise(before, before.predict([own_x]), float(own_x), float(own_t))
    standing: Standing = "left out" if document.is_left_out(n) else "taken" if n < document.step else "waits"
    return Entry(n, x, t, standing, float(prediction.mean[0]), float(np.sqrt(prediction.variance[0])), surprise)


@lru_cache(maxsize=16)
def _before(model: LinearModel, observations: Observations) -> Posterior:
    """The posterior of `observations`, in a cache of its own: probes would evict the posteriors of the scene."""
    return posterior(model, observations)


@derived(Ledger)
def ledger(document: Regression, _: Viewport) -> Ledger:
    """The rows of the latest observations up to the present step."""
    first = max(0, document.step - (FEW if isinstance(document.model.noise, StudentTNoise) else MOST))
    taken, before = document.taken, document.count_before(first)
    after = inferred(document.model, taken)
    if isinstance(after, KnownNoisePosterior) and after.is_uneven:
        surprise, gained = after.precise_rows
        rows = Ledger(before, surprise[before:], gained[before:], -np.cumsum(surprise)[before:])
    else:
        rows = ledger_of(inferred(document.model, taken.first(before)), taken.x[before:], taken.t[before:])
    rows = replace(rows, error=after.log_evidence_error)
    return _with_gaps(rows, document, first) if document.left_out else rows


def _with_gaps(rows: Ledger, document: Regression, first: int) -> Ledger:
    """With NaN rows inserted for the observations from `first` that are left out."""
    taken = np.array([not document.is_left_out(i) for i in range(first, document.step)], bool)

    def spread(column: Array) -> Array:
        filled = np.full(len(taken), np.nan)
        filled[taken] = column
        return filled

    return replace(
        rows, first=first, surprise=spread(rows.surprise), gained=spread(rows.gained), evidence=spread(rows.evidence)
    )


def ledger_of(before: Posterior, x: Array, t: Array) -> Ledger:
    """The rows of observations x, t (n,), in units of the model, after the observations of the posterior `before`."""
    if isinstance(before, KnownNoisePosterior):
        deviation, residual = _at_once(before, x, t)
        if np.all(deviation * UNEVEN > np.max(deviation, initial=0.0)):
            surprise = 0.5 * (LN_2PI + residual**2) + np.log(deviation)
            gained = np.log(deviation) - 0.5 * np.log(before.predict(x).noise_variance)
            return Ledger(before.count, surprise, gained, before.log_evidence - np.cumsum(surprise))
    return _one_by_one(before, x, t)


def _at_once(before: KnownNoisePosterior, x: Array, t: Array) -> tuple[Array, Array]:
    """The predictive standard deviation of each observation given the earlier ones, and its standardised residual (n,).

    They are L_nn and (L⁻¹(t − Φm))_n of the Cholesky factor L of the joint predictive covariance C = β⁻¹I + ΦSΦᵀ (PRML
    eq. 2.81–2.82, row by row). Both are NaN if C is not positive definite because of rounding.
    """
    n, prediction = len(x), before.predict(x)
    spread = before.model.basis.features(x) @ before.weights.inverse_root
    residual, noise = t - prediction.mean, prediction.noise_variance
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
    """The rows by updates one by one: exact for α = 10⁻⁹ with β = 10⁹ and for any noise, but 100 times as slow."""
    first, start, rows = before.count, before.log_evidence, []
    for xn, tn in zip(x.tolist(), t.tolist(), strict=True):
        prediction, after = before.predict([xn]), before.update(xn, tn)
        rows.append((_surprise(before, prediction, xn, tn, after), float(before.information_gain([xn])[0])))
        before = after
    surprise, gained = np.array(rows, float).reshape(-1, 2).T
    return Ledger(first, surprise, gained, start - np.cumsum(surprise))


def _surprise(before: Posterior, prediction: Prediction, x: float, t: float, after: Posterior | None = None) -> float:
    """−ln p(t | past) in nats: from the prediction if it is exact, otherwise from the log evidence before and after."""
    if isinstance(before, RobustPosterior) or (isinstance(before, KnownNoisePosterior) and before.is_uneven):
        return before.log_evidence - (after or before.update(x, t)).log_evidence
    return -float(prediction.log_density(t)[0])
