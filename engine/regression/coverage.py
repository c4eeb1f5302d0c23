"""Coverage: the fraction of repeats in which a band contains the true value.

Each repeat draws new x and new data, fits the model, and tests the credible and the predictive band at 61 values of x.
The values of one repeat are correlated, so the standard error of a fraction over all x comes from its scatter over
repeats; at a single x it is binomial. The nominal coverage is that of the prediction itself: under unknown noise and
under Student's t noise it is not 68.27 % and 95.45 %. With true functions from the prior the coverage of an exact
posterior equals the nominal coverage; for one fixed function it need not. The verdict uses three standard errors, so
that a well-specified model is rarely rejected. See docs/decisions/030.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Hashable
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.memo import Recent, Resumable
from engine.part import Part
from engine.plane import Viewport
from engine.quadrature import uniform
from engine.regression.data.observations import LIMIT
from engine.regression.data.truths import Source
from engine.regression.data.units import Units
from engine.regression.document import Regression
from engine.regression.model.linear_model import LinearModel, Prediction
from engine.regression.model.noise import GaussianNoise, StudentTNoise, UnknownNoise
from engine.regression.model.student_t_prediction import AveragedPrediction
from engine.regression.model.unknown_noise import StudentPrediction

BANDS = ("credible ±1σ", "credible ±2σ", "predictive ±1σ", "predictive ±2σ")  # the rows of the arrays below
NORMAL = np.array([0.6826894921370859, 0.9544997361036416])  # the probability within ±1σ and ±2σ of a Gaussian
PLACES = 61  # values of x, over the range of the source
MOST = 1000  # observations in a repeat
PATIENCE = 0.002  # seconds between two points where the count may be cancelled
SHOWN = 0.08  # seconds between two intermediate results
AGREES = "agrees with its nominal coverage"
SURE = 3.0  # standard errors: a larger deviation from the nominal coverage is not attributed to chance


@SETTINGS.register
class CoverageSettings(Part, Setting, frozen=True, tag=True):
    """Coverage: the true function and the number of observations of each repeat, and the number of repeats."""

    truth: Annotated[
        Literal["from the prior", "this truth"],
        Meta(
            title="True function",
            description="Drawn from the prior, with the noise of the model; or the true function and the noise of "
            "panel Truth and data.",
        ),
    ] = "from the prior"
    repeats: Annotated[
        int, Meta(ge=10, le=100_000, title="Repeats", description="How often data are drawn and the model is fitted.")
    ] = 1000
    observations: Annotated[
        int,
        Meta(
            ge=0,
            le=MOST,
            title="Observations N",
            description="Observations in each repeat. 0 uses the current number of observations.",
        ),
    ] = 0


class Coverage(msgspec.Struct, frozen=True, eq=False):
    """The coverage after `repeats` of `wanted` repeats with `observations` each. The rows of all arrays are BANDS.

    At each `x` (p,), in original units: `held` (4, p), the empirical coverage; `promised` (4, p), the nominal coverage;
    `binomial` (4, p), the standard error of the empirical coverage if the nominal coverage is right.
    Over all x: `counted` (4,), the empirical coverage; `error` (4,), its standard error; `expected` (4,), the nominal
    coverage.
    """

    x: Array
    repeats: int
    wanted: int
    observations: int
    held: Array
    promised: Array
    binomial: Array
    counted: Array
    expected: Array
    error: Array

    def off(self, band: int) -> float:
        """The empirical minus the nominal coverage of a band, in standard errors. Positive: the band is too wide."""
        return float((self.counted[band] - self.expected[band]) / self.error[band])

    def verdict(self, band: int) -> str:
        """The result for a band in words, as the predicate of a sentence."""
        if abs(self.off(band)) <= SURE:
            return AGREES
        way = "wide" if self.off(band) > 0 else "narrow"
        return f"is too {way}: {100 * self.counted[band]:.1f} % instead of {100 * self.expected[band]:.2f} %"


class Tally(msgspec.Struct, frozen=True, eq=False):
    """Sums over `repeats`: hits and nominal coverages (4, p); fractions of x that were hit, and their squares (4,).

    The x of one repeat are correlated, so the standard error of a fraction over all x comes from whole repeats.
    """

    repeats: int
    hits: Array
    promises: Array
    shares: Array
    squares: Array

    @classmethod
    def empty(cls, places: int) -> Tally:
        """The sums before the first repeat, for `places` values of x."""
        return cls(0, *(np.zeros((len(BANDS), places)) for _ in range(2)), *(np.zeros(len(BANDS)) for _ in range(2)))

    def after(self, hits: Array, promises: Array) -> Tally:
        """With one more repeat: its hits (4, p), 0 or 1, and its nominal coverages (4, p)."""
        fraction = hits.mean(axis=1)
        sums = (self.hits + hits, self.promises + promises, self.shares + fraction, self.squares + fraction**2)
        return Tally(self.repeats + 1, *sums)

    def scatter(self, expected: Array) -> Array:
        """The standard error (4,) of the mean fraction, from its scatter over repeats.

        If all repeats agree, this scatter is 0 and the binomial standard error for `expected` (4,) replaces it.
        """
        n, binomial = self.repeats, expected * (1 - expected)
        variance = (self.squares - self.shares**2 / n) / max(n - 1, 1)
        return np.sqrt(np.where(variance > 1e-12, variance, binomial) / n)


Function = Callable[[Array], Array]
DrawNoise = Callable[[int], Array]


class Experiment:
    """The repeats for one document, and `work`, which counts them step by step.

    The seed and the number of a repeat decide all random numbers of the repeat, so a resumed count ends with the same
    result.
    """

    def __init__(
        self, model: LinearModel, settings: CoverageSettings, source: Source, units: Units, seed: int, n: int
    ) -> None:
        self.model, self.settings, self.source, self.units, self.seed, self.n = model, settings, source, units, seed, n
        self.prior = model.prior
        x = np.linspace(source.low, source.high, PLACES)
        self.x = x if settings.truth != "this truth" else x[np.abs(source.truth.at(x)) <= LIMIT]
        self.places = units.x_of_model(self.x)
        self.work = Resumable(self._counted())

    @property
    def has_failed(self) -> bool:
        """Whether a repeat has failed."""
        return self.work.has_failed

    def _counted(self) -> Generator[Coverage | Pending, None, None]:
        """Yield intermediate results, then the complete one; PENDING where the count may be cancelled."""
        tally = Tally.empty(len(self.x))
        shown = yielded = time.perf_counter()
        while tally.repeats < self.settings.repeats:
            tally = tally.after(*self._repeat(tally.repeats))
            now = time.perf_counter()
            if now > shown + SHOWN and tally.repeats < self.settings.repeats:
                shown = yielded = now
                yield self._coverage(tally)
            elif now > yielded + PATIENCE:
                yielded = now
                yield PENDING
        yield self._coverage(tally)

    def _coverage(self, tally: Tally) -> Coverage:
        """The coverage after at least one repeat."""
        n = tally.repeats
        promised = tally.promises / n
        expected = promised.mean(axis=1)
        return Coverage(
            self.x,
            n,
            self.settings.repeats,
            self.n,
            tally.hits / n,
            promised,
            np.sqrt(promised * (1 - promised) / n),
            tally.shares / n,
            expected,
            tally.scatter(expected),
        )

    def _repeat(self, i: int) -> tuple[Array, Array]:
        """For repeat `i`: 1 where a band contains the true value, else 0, and the nominal coverage, each (4, p).

        Computed in the units of the model; the units do not change which values a band contains.
        """
        rng = np.random.default_rng([self.seed, i, 2])  # `Source` draws with [seed, i] and [seed, i, 1]
        f, draw_noise = self._world(rng)
        x = rng.uniform(self.source.low, self.source.high, self.n)
        t, truth = f(x) + draw_noise(self.n), f(self.x)
        finite = np.abs(t) <= LIMIT  # false for NaN
        prediction = self.model.condition(self.units.x_of_model(x[finite]), t[finite]).predict(self.places)
        new = truth + draw_noise(len(truth))
        distance = np.abs(np.array([truth, truth, new, new]) - prediction.mean)
        epistemic, total = np.sqrt(prediction.epistemic_variance), np.sqrt(prediction.variance)
        half = np.array([epistemic, 2 * epistemic, total, 2 * total])
        return (distance <= half).astype(float), promised(prediction)

    def _world(self, rng: np.random.Generator) -> tuple[Function, DrawNoise]:
        """A true function, from original x (n,) to t (n,) of the model, and a function that draws noise (n,) for it."""
        if self.settings.truth == "this truth":
            scale = self.source.noise / self.units.t_scale
            return self._truth, lambda n: scale * rng.standard_normal(n)
        scale, noise = _noise_scale(self.model, rng), self.model.noise
        deviation = self.prior.sample(rng, 1)[0] - self.prior.mean
        w = self.prior.mean + (scale if isinstance(noise, UnknownNoise) else 1.0) * deviation
        if isinstance(noise, StudentTNoise):
            return self._of_weights(w), lambda n: scale * rng.standard_t(noise.df, n)
        return self._of_weights(w), lambda n: scale * rng.standard_normal(n)

    def _truth(self, x: Array) -> Array:
        return self.units.t_of_model(self.source.truth.at(x))

    def _of_weights(self, w: Array) -> Function:
        return lambda x: self.model.basis.features(self.units.x_of_model(x)) @ w


def _noise_scale(model: LinearModel, rng: np.random.Generator) -> float:
    """The scale of the noise, drawn from its prior if it is unknown.

    Raises TypeError for a kind of noise that this module cannot draw from.
    """
    match model.noise:
        case GaussianNoise(precision=precision):
            return float(precision**-0.5)
        case UnknownNoise(shape=shape, rate=rate):
            return float(rng.gamma(shape, 1 / rate) ** -0.5)
        case StudentTNoise(scale=scale):
            return float(scale)
    raise TypeError(f"Coverage cannot draw from {type(model.noise).__name__}.")


def promised(prediction: Prediction) -> Array:
    """The nominal coverage (4, n): the probability that the prediction itself assigns to each band at each of n x.

    Under unknown noise, the function is Student's t. Under Student's t noise its distribution is that of the grid or
    of the mixture.
    Otherwise it is taken as Gaussian. The probability of a band that is not Gaussian is integrated numerically.
    """
    within = _within_student(prediction.df) if isinstance(prediction, StudentPrediction) else NORMAL
    rows = np.repeat(np.tile(within, 2)[:, None], len(prediction.mean), axis=1)
    if not isinstance(prediction, StudentPrediction) and type(prediction) is not Prediction:
        for row, times in enumerate((1, 2), start=2):
            rows[row] = _integrated(prediction, times * np.sqrt(prediction.variance))
    if isinstance(prediction, AveragedPrediction):
        rows[:2] = prediction.held(np.array([1.0, 2.0]))
    return rows


def _integrated(prediction: Prediction, half: Array) -> Array:
    """∫ p(t | x) dt over mean ± `half` (n,), by Gauss–Legendre quadrature -> (n,)."""
    nodes, masses = uniform(24)
    steps = half * nodes[:, None]
    return np.asarray(masses @ np.exp(prediction.log_density(prediction.mean + steps)) * half)


@lru_cache(maxsize=64)
def _within_student(df: float) -> Array:
    """The probability (2,) within ±1σ and ±2σ of Student's t with ν = `df`; σ is √(ν/(ν − 2)) times the scale."""
    from scipy.special import stdtr  # imported here because scipy delays the start

    return np.asarray(1 - 2 * stdtr(df, -np.array([1.0, 2.0]) * np.sqrt(df / (df - 2))))


def observed(document: Regression) -> int:
    """The number N of observations in each repeat, at most MOST."""
    return document[CoverageSettings].observations or min(max(document.step, 1), MOST)


_known: Recent[Hashable, Experiment] = Recent(8)  # so that a cancelled count is resumed


@derived(Coverage, last=True)
def coverage(document: Regression, _: Viewport) -> Generator[Coverage | Pending | None, None, None]:
    """Yield the coverage after more and more repeats; None if the true function has no finite value in its range."""
    settings, n = document[CoverageSettings], observed(document)
    asked = document.model, settings, document.source, document.units, document.seed, n
    repeats = _known.remember(asked, lambda: Experiment(*asked))
    if len(repeats.x):
        yield from repeats.work.go()
    else:
        yield None
