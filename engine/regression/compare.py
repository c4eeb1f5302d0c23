"""Comparison of least squares, MAP and Bayes on the same observations: weights, curves and errors on other data.

The errors need observations that no model was fitted to: the waiting ones, and 1000 draws from the true function with
random numbers that no observation uses. Training errors come from the sufficient statistics, at a cost that does not
depend on the number of observations. Under Gaussian noise, MAP and the posterior mean are the same curve; the mean of
ln p(t | x) distinguishes them.
"""

from __future__ import annotations

import msgspec
import numpy as np

from engine.derived import derived
from engine.gaussian import Array
from engine.plane import Viewport
from engine.regression.data.held_out import Points, new_draws
from engine.regression.data.observations import Statistics
from engine.regression.data_space import PLACES
from engine.regression.document import Regression
from engine.regression.model.linear_model import Posterior, inferred, predicted
from engine.regression.model.log_evidence import NOTHING
from engine.regression.model.noise import Noise, UnknownNoise
from engine.regression.own_data import set_aside, shown_truth

SETS = ("used", "unused", "new")
SETS_OF_OWN_DATA = ("used", "set aside", "new")


class Comparison(msgspec.Struct, frozen=True, eq=False):
    """Three estimators (least squares, MAP, Bayes) on three sets of observations (taken, waiting, new draws).

    * `weights` (3, k), for Bayes the posterior means, with standard deviations `deviations` (k,), both in the units of
      the model; all other fields are in original units.
    * `curves` (3, n) over `x` (n,); `band`, the lower and the upper edge (n,) of the predictive band ±1σ of Bayes;
      `truth` (n,), the true function, None if it is hidden.
    * `counts` (3,), the size of each set; `sets` (3,), the name of each set.
    * `errors` (3, 3), the mean squared error on each set (rows) of each estimator; NaN for an empty set.
    * `log_densities` (2, 3), the mean of ln p(t) in nats on the waiting and the new observations: for least squares and
      MAP under the noise alone, for Bayes with the uncertainty of the weights. NaN for an empty set or unknown noise.
    * `density_errors` (2,), the stated errors of the latter for Bayes in nats: 0 unless they are sampled, infinite if
      they are by Laplace's approximation.
    * `rank`, the number of directions of weight space that the data determine.
    * `coincide`, whether MAP is the posterior mean.
    """

    x: Array
    weights: Array
    deviations: Array
    curves: Array
    band: tuple[Array, Array]
    truth: Array | None
    counts: tuple[int, ...]
    sets: tuple[str, ...]
    errors: Array
    log_densities: Array
    density_errors: Array
    rank: int
    coincide: bool


@derived(Comparison)
def comparison(document: Regression, view: Viewport) -> Comparison:
    """The three estimators from the observations that are taken into account, over the x of the viewport."""
    posterior, basis = inferred(document.model, document.taken), document.model.basis
    statistics, x = document.taken.statistics(basis), np.linspace(view.left, view.right, PLACES)
    by_least_squares, rank = least_squares(statistics)
    mean, deviations = posterior.moments
    weights = np.array([by_least_squares, posterior.mode, mean])
    units, prediction = document.units, predicted(posterior, document.units, x)
    half, square = np.sqrt(prediction.variance), document.units.t_scale**2
    others = document.waiting, new_draws(document.source, document.seed)
    points = [(units.x_of_model(x), units.t_of_model(t)) for x, t in others]
    scores = [_scores(posterior, weights, *each) for each in points]
    doubts = [posterior.score_error(*each) for each in points]
    counts = statistics.count, *(len(t) for _, t in others)
    if set_aside(document):
        counts = statistics.count, len(set_aside(document)), 0
        scores[0], doubts[0] = _set_aside(document)
    return Comparison(
        x,
        weights,
        deviations,
        np.array([*units.t_back(weights[:2] @ document.features(x).T), prediction.mean]),
        (prediction.mean - half, prediction.mean + half),
        shown_truth(document, x),
        counts,
        SETS_OF_OWN_DATA if set_aside(document) else SETS,
        square * np.array([training_errors(statistics, weights), *(errors for errors, _ in scores)]),
        np.array([densities for _, densities in scores]) - np.log(units.t_scale),
        np.array(doubts),
        rank,
        bool(np.allclose(weights[1], weights[2], rtol=1e-9, atol=1e-12)),
    )


def _set_aside(document: Regression) -> tuple[Points, float]:
    """Errors (3,), log densities (3,) and the error of the last of them on the observations that are set aside.

    The models are fitted without these observations.
    """
    taken, basis = document.taken, document.model.basis
    rest, rows = taken.without(set_aside(document)), list(set_aside(document))
    posterior = inferred(document.model, rest)
    best, _ = least_squares(rest.statistics(basis))
    weights = np.array([best, posterior.mode, posterior.weights.mean])
    points = taken.x[rows], taken.t[rows]
    return _scores(posterior, weights, *points), posterior.score_error(*points)


def least_squares(statistics: Statistics) -> tuple[Array, int]:
    """The weights w (k,) that minimise ‖t − Φw‖² (PRML eq. 3.15), and the rank of Φ.

    If several w minimise it, the result is the one with minimum norm.
    """
    k = len(statistics.triangle) - 1
    w, _, rank, _ = np.linalg.lstsq(statistics.triangle[:k, :k], statistics.triangle[:k, k], rcond=NOTHING)
    return np.asarray(w), int(rank)


def training_errors(statistics: Statistics, weights: Array) -> Array:
    """The mean squared error ‖t − Φw‖²/n (m,) of each of `weights` (m, k), in O(k²) for any n; NaN if n is 0."""
    if not statistics.count:
        return np.full(len(weights), np.nan)
    residuals = statistics.triangle[:, -1:] - statistics.triangle[:, :-1] @ weights.T
    return np.asarray(np.sum(residuals**2, axis=0) / statistics.count)


def _scores(posterior: Posterior, weights: Array, x: Array, t: Array) -> Points:
    """Mean squared errors (3,) and mean log densities (3,), in nats, of the three estimators at x, t (n,)."""
    if not len(t):
        return np.full(3, np.nan), np.full(3, np.nan)
    prediction, f = posterior.predict(x), weights[:2] @ posterior.model.basis.features(x).T
    errors = np.mean((np.array([*f, prediction.mean]) - t) ** 2, axis=1)
    return errors, np.array([*_under_noise_alone(posterior.model.noise, f, t), np.mean(prediction.log_density(t))])


def _under_noise_alone(noise: Noise, f: Array, t: Array) -> Array:
    """The mean of ln p(t | f) over t (n,), in nats, for each f (m, n) -> (m,); NaN if the noise is unknown."""
    if isinstance(noise, UnknownNoise):
        return np.full(len(f), np.nan)
    return np.asarray(np.mean(noise.log_likelihood(t, f), axis=1))
