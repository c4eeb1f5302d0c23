"""The ledger: what each observation was worth, given those before it."""

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

MOST = 300  # rows, the latest
FEW = 30  # where each row is a grid of its own
UNEVEN = 1e2  # predictions whose uncertainties differ by more than this are made one by one


class Ledger(msgspec.Struct, frozen=True, eq=False):
    """Rows `first` … first + n − 1 of the observations, each column (n,), in nats; NaN for those left out.

    `surprise` is −ln p(t_n | past), `gained` is I(t_n; w | past), under known noise ½ ln(1 + β φᵀSφ),
    and `evidence` the running sum of −surprise over all observations: ln p(t_1…t_n).
    """

    first: int
    surprise: Array
    gained: Array
    evidence: Array


Standing = Literal["taken", "waits", "left out"]


class Entry(msgspec.Struct, frozen=True):
    """One observation, and how it is predicted by those before it that are taken into account.

    `surprise` is −ln p(t_n | past) in nats, in the units of the model, whether or not it is taken into account itself.
    """

    n: int
    x: float
    t: float
    standing: Standing
    mean: float
    deviation: float
    surprise: float


def entry(document: Regression, n: int) -> Entry | None:
    """Observation `n`; None if there is no such one any more."""
    if n >= len(document.observations):
        return None
    x, t = float(document.observations.x[n]), float(document.observations.t[n])
    before = _before(document.model, document.taken.first(document.count_before(n)))
    units = document.units
    there, (own_x,), (own_t,) = predicted(before, units, [x]), units.x_of_model([x]), units.t_of_model([t])
    surprise = _surprise(before, before.predict([own_x]), float(own_x), float(own_t))
    standing: Standing = "left out" if document.is_left_out(n) else "taken" if n < document.step else "waits"
    return Entry(n, x, t, standing, float(there.mean[0]), float(np.sqrt(there.variance[0])), surprise)


@lru_cache(maxsize=16)
def _before(model: LinearModel, observations: Observations) -> Posterior:
    """A cache apart from that of the scene, whose posteriors would be evicted by many observations under the cursor."""
    return posterior(model, observations)


@derived(Ledger)
def ledger(document: Regression, _: Viewport) -> Ledger:
    """The rows of the latest observations up to the present step."""
    first = max(0, document.step - (FEW if isinstance(document.model.noise, StudentTNoise) else MOST))
    taken, before = document.taken, document.count_before(first)
    rows = ledger_of(inferred(document.model, taken.first(before)), taken.x[before:], taken.t[before:])
    return _with_gaps(rows, document, first) if document.left_out else rows


def _with_gaps(rows: Ledger, document: Regression, first: int) -> Ledger:
    """A row for each observation from `first`, instead of one for each that is taken into account."""
    counted = np.array([not document.is_left_out(i) for i in range(first, document.step)], bool)

    def spread(column: Array) -> Array:
        made = np.full(len(counted), np.nan)
        made[counted] = column
        return made

    return replace(
        rows, first=first, surprise=spread(rows.surprise), gained=spread(rows.gained), evidence=spread(rows.evidence)
    )


def ledger_of(before: Posterior, x: Array, t: Array) -> Ledger:
    """The rows of observations x, t (n,) that come after those of which `before` is the posterior."""
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
        rows.append((_surprise(before, there, xn, tn, after), float(before.information_gain([xn])[0])))
        before = after
    surprise, gained = np.array(rows, float).reshape(-1, 2).T
    return Ledger(first, surprise, gained, start - np.cumsum(surprise))


def _surprise(before: Posterior, there: Prediction, x: float, t: float, after: Posterior | None = None) -> float:
    """−ln p(t | past): from the prediction where that is exact, from the evidences where it is not."""
    if isinstance(before, RobustPosterior):
        return before.log_evidence - (after or before.update(x, t)).log_evidence
    return -float(there.log_density(t)[0])
