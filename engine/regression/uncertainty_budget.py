"""The uncertainty budget: what is noise, what are the weights, and what one more observation would buy."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.derived import derived
from engine.gaussian import Array
from engine.plane import Viewport
from engine.regression.data_space import PLACES
from engine.regression.document import Regression
from engine.regression.model.linear_model import inferred, predicted

REACH = 4.0  # standard deviations of the prediction that are shown


class Gains(msgspec.Struct, frozen=True, eq=False):
    """Over `x` (n,), all of the source's range: the nats that one more observation there would buy, and the best x."""

    x: Array
    gain: Array
    best: float


class Slice(msgspec.Struct, frozen=True, eq=False):
    """The prediction at one x: its deviations, the gain I(t; w) of observing there in nats, p(t | x) over t (n,)."""

    x: float
    mean: float
    epistemic: float
    noise: float
    gain: float
    t: Array
    density: Array


@derived(Gains)
def gains(document: Regression, _: Viewport) -> Gains:
    """The gain of one more observation, over the range that observations are drawn from."""
    source = document.source
    x = np.linspace(source.low, source.high, PLACES)
    gain = inferred(document.model, document.taken).information_gain(document.units.x_of_model(x))
    return Gains(x, gain, most_informative(x, gain))


def most_informative(x: Array, gain: Array) -> float:
    """The x (n,) of the largest gain (n,); of equal gains the one nearest to the middle."""
    equal = np.flatnonzero(gain >= gain.max() * (1 - 1e-9))
    middle = (x[0] + x[-1]) / 2
    return float(x[equal[np.argmin(np.abs(x[equal] - middle))]])


def observe_where_it_helps_most(document: Regression) -> Regression:
    """With one more observation, drawn from the truth at the most informative x."""
    found: Gains = gains(document)
    return document.measure(found.best)


def sliced(document: Regression, x: float) -> Slice:
    """The prediction at x."""
    known = inferred(document.model, document.taken)
    there, gain = predicted(known, document.units, [x]), known.information_gain(document.units.x_of_model([x]))
    mean, half = float(there.mean[0]), REACH * float(np.sqrt(there.variance[0]))
    t = np.linspace(mean - half, mean + half, PLACES)
    epistemic, noise = (float(np.sqrt(v[0])) for v in (there.epistemic_variance, there.noise_variance))
    return Slice(x, mean, epistemic, noise, float(gain[0]), t, np.exp(there.log_density(t)))
