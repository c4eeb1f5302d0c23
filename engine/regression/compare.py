"""Least squares and MAP beside Bayes: what each makes of the same observations, and how well it predicts others."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.derived import derived
from engine.gaussian import Array
from engine.plane import Viewport
from engine.regression.data.held_out import Points, fresh
from engine.regression.data.observations import Statistics
from engine.regression.data_space import PLACES
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.linear_model import Posterior, inferred, predicted
from engine.regression.model.log_evidence import NOTHING
from engine.regression.model.noise import Noise, UnknownNoise


class Comparison(msgspec.Struct, frozen=True, eq=False):
    """Three estimators, in the order least squares, MAP, Bayes; and three sets: taken, waiting, fresh draws.

    `weights` (3, k), for Bayes the posterior's means, whose standard deviations are `deviations` (k,). `curves` (3, n)
    over `x` (n,), with Bayes' `band` of one standard deviation, noise included; `truth` (n,) if it is shown.
    `counts` (3,) says how many observations each set has, `errors` (3, 3) the mean squared error on each set (rows) of
    each estimator, `log_densities` (2, 3) the mean of ln p(t) in nats on the sets that were not learnt from: of least
    squares and MAP under the noise alone, of Bayes with the uncertainty of the weights. NaN where there is none. Only
    the weights are in the units of the model.
    `rank` is how many directions of weight space the observations decide; `coincide` whether MAP is Bayes' mean.
    """

    x: Array
    weights: Array
    deviations: Array
    curves: Array
    band: tuple[Array, Array]
    truth: Array | None
    counts: tuple[int, ...]
    errors: Array
    log_densities: Array
    rank: int
    coincide: bool


@derived(Comparison)
def comparison(document: Regression, view: Viewport) -> Comparison:
    """The three estimators from the observations that are taken into account, over the x of the viewport."""
    known, basis = inferred(document.model, document.taken), document.model.basis
    statistics, x = document.taken.statistics(basis), np.linspace(view.left, view.right, PLACES)
    by_least_squares, rank = least_squares(statistics)
    weights = np.array([by_least_squares, known.mode, known.weights.mean])
    units, there = document.units, predicted(known, document.units, x)
    half, square = np.sqrt(there.variance), document.units.t_scale**2
    others = document.waiting, fresh(document.source, document.seed)
    scores = [_scores(known, weights, units.x_of_model(x), units.t_of_model(t)) for x, t in others]
    return Comparison(
        x,
        weights,
        np.sqrt(np.diag(known.weights.covariance)),
        np.array([*units.t_back(weights[:2] @ document.features(x).T), there.mean]),
        (there.mean - half, there.mean + half),
        document.source.truth.at(x) if document[Display].show_truth else None,
        (statistics.count, *(len(t) for _, t in others)),
        square * np.array([training_errors(statistics, weights), *(errors for errors, _ in scores)]),
        np.array([densities for _, densities in scores]) - np.log(units.t_scale),
        rank,
        bool(np.allclose(weights[1], weights[2], rtol=1e-9, atol=1e-12)),
    )


def least_squares(statistics: Statistics) -> tuple[Array, int]:
    """w (k,) that minimises ‖t − Φw‖², of all such the shortest (PRML 3.15), and the rank of Φ."""
    k = len(statistics.triangle) - 1
    w, _, rank, _ = np.linalg.lstsq(statistics.triangle[:k, :k], statistics.triangle[:k, k], rcond=NOTHING)
    return np.asarray(w), int(rank)


def training_errors(statistics: Statistics, weights: Array) -> Array:
    """‖t − Φw‖²/n of each of `weights` (m, k) -> (m,), whatever n is; NaN for none."""
    if not statistics.count:
        return np.full(len(weights), np.nan)
    misses = statistics.triangle[:, -1:] - statistics.triangle[:, :-1] @ weights.T
    return np.asarray(np.sum(misses**2, axis=0) / statistics.count)


def _scores(known: Posterior, weights: Array, x: Array, t: Array) -> Points:
    """Mean squared errors and mean log densities (3,) of the three estimators at x, t (n,)."""
    if not len(t):
        return np.full(3, np.nan), np.full(3, np.nan)
    there, f = known.predict(x), weights[:2] @ known.model.basis.features(x).T
    errors = np.mean((np.array([*f, there.mean]) - t) ** 2, axis=1)
    return errors, np.array([*_under_noise_alone(known.model.noise, f, t), np.mean(there.log_density(t))])


def _under_noise_alone(noise: Noise, f: Array, t: Array) -> Array:
    """The mean of ln p(t | f) over t (n,), for each f (m, n); NaN if no estimator knows the noise."""
    if isinstance(noise, UnknownNoise):
        return np.full(len(f), np.nan)
    return np.asarray(np.mean(noise.log_likelihood(t, f), axis=1))
