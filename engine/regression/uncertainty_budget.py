"""The uncertainty budget: the predictive variance as noise plus weights, and the expected information gain.

The information gain ½ ln(1 + β φᵀSφ) is the mutual information of t and w, and does not depend on the observed t.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable

import msgspec
import numpy as np

from engine.derived import PENDING, Pending, derived
from engine.gaussian import Array
from engine.memo import Recent, Resumable
from engine.plane import Viewport
from engine.regression.data.units import Units
from engine.regression.data_space import PLACES
from engine.regression.document import Regression
from engine.regression.model.linear_model import inferred, predicted
from engine.regression.model.student_t_noise import RobustPosterior
from engine.regression.model.student_t_prediction import AveragedPrediction

REACH = 4.0  # half-width of p(t | x), in standard deviations of the prediction


class Gains(msgspec.Struct, frozen=True, eq=False):
    """The expected information gain (n,), in nats, of one more observation at `x` (n,), and the `best` x."""

    x: Array
    gain: Array
    best: float


class Slice(msgspec.Struct, frozen=True, eq=False):
    """The prediction at one x, in original units.

    `mean`; the standard deviations `epistemic` of the function and `noise`; `gain`, the expected information gain
    I(t; w) in nats; `density` (n,), p(t | x) over `t` (n,); `error`, the stated error of ln p(t | x) in nats, 0
    unless it is sampled.
    """

    x: float
    mean: float
    epistemic: float
    noise: float
    gain: float
    t: Array
    density: Array
    error: float = 0.0


@derived(Gains)
def gains(document: Regression, _: Viewport) -> Gains | Generator[Gains | Pending, None, None]:
    """The expected information gain of one more observation, over the range of the source.

    Under Student's t noise it takes up to a second, so it is computed in steps.
    """
    source, posterior = document.source, inferred(document.model, document.taken)
    if isinstance(posterior, RobustPosterior) and isinstance(posterior.predict([]), AveragedPrediction):
        return _by_steps(posterior, document.units, source.low, source.high).go()
    x = np.linspace(source.low, source.high, PLACES)
    gain = posterior.information_gain(document.units.x_of_model(x))
    return Gains(x, gain, most_informative(x, gain))


_known: Recent[Hashable, Resumable[Gains]] = Recent(4)


def _by_steps(posterior: RobustPosterior, units: Units, low: float, high: float) -> Resumable[Gains]:
    """The computation from this posterior, from the cache, so that a cancelled job resumes it."""
    key = (posterior, units, low, high)
    return _known.remember(key, lambda: Resumable(_steps(posterior, units, low, high)))


def _steps(posterior: RobustPosterior, units: Units, low: float, high: float) -> Generator[Gains | Pending, None, None]:
    x = np.linspace(low, high, PLACES)
    prediction = posterior.predict(units.x_of_model(x))
    assert isinstance(prediction, AveragedPrediction)
    steps = prediction.information_gain_by_steps()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            yield Gains(x, end.value, most_informative(x, end.value))
            return
        yield PENDING


def most_informative(x: Array, gain: Array) -> float:
    """The value of x (n,) with the largest gain (n,); if several are equal, the one nearest to the middle."""
    equal = np.flatnonzero(gain >= gain.max() * (1 - 1e-9))
    middle = (x[0] + x[-1]) / 2
    return float(x[equal[np.argmin(np.abs(x[equal] - middle))]])


def sliced(document: Regression, x: float) -> Slice:
    """The prediction at x."""
    posterior = inferred(document.model, document.taken)
    prediction = predicted(posterior, document.units, [x])
    at = document.units.x_of_model([x])
    gain, error = posterior.information_gain(at), posterior.prediction_error(at)
    mean, half = float(prediction.mean[0]), REACH * float(np.sqrt(prediction.variance[0]))
    t = np.linspace(mean - half, mean + half, PLACES)
    epistemic, noise = (float(np.sqrt(v[0])) for v in (prediction.epistemic_variance, prediction.noise_variance))
    density = np.exp(prediction.log_density(t))
    return Slice(x, mean, epistemic, noise, float(gain[0]), t, density, error)
