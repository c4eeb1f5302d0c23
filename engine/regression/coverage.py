"""Coverage: how often the bands keep their promise, counted over many repeats of the draw of data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.part import Part
from engine.plane import Viewport
from engine.quadrature import uniform
from engine.regression.data.observations import LIMIT
from engine.regression.data.truths import Source
from engine.regression.data.units import Units
from engine.regression.document import Regression
from engine.regression.model.linear_model import LinearModel, Prediction
from engine.regression.model.noise import GaussianNoise, StudentTNoise, UnknownNoise
from engine.regression.model.student_t_prediction import GridPrediction
from engine.regression.model.unknown_noise import StudentPrediction

BANDS = ("weights ±1σ", "weights ±2σ", "with noise ±1σ", "with noise ±2σ")  # the rows of all arrays below
NORMAL = np.array([0.6826894921370859, 0.9544997361036416])  # what ±1σ and ±2σ of a normal hold
PLACES = 61  # over the source's range
MOST = 1000  # observations in a repeat
PATIENCE, REST = 0.002, 0.001  # seconds until it lets others have the interpreter or abandon it, and for how long
SHOWN = 0.08  # seconds until it says how far it is
SURE = 3.0  # standard errors: what is off by more is not put down to chance


@SETTINGS.register
class CoverageSettings(Part, Setting, frozen=True, tag=True):
    """Coverage: what is drawn in each repeat."""

    truth: Annotated[
        Literal["from the prior", "this truth"],
        Meta(
            title="Each truth",
            description="Drawn from the model's prior, with the model's noise; or the one in Truth and data, with its.",
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
            description="In each repeat. 0 stands for as many as are taken into account now, at least 1.",
        ),
    ] = 0


class Coverage(msgspec.Struct, frozen=True, eq=False):
    """What so many `repeats`, of `wanted`, with `observations` each, have shown; rows are BANDS.

    Over `x` (p,), in original units: the share of repeats that were `held` by each band (4, p), the share that was
    `promised`, and the standard error of such a share if the promise is kept. Over all x: the share that was `counted`
    (4,), its standard `error` (4,), and the one that was `expected` (4,).
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
        """By how many standard errors the count differs from the promise: above 0 is too wide."""
        return float((self.counted[band] - self.expected[band]) / self.error[band])

    def verdict(self, band: int) -> str:
        """In words."""
        if abs(self.off(band)) <= SURE:
            return "keeps its promise within its error"
        way = "wide" if self.off(band) > 0 else "narrow"
        return f"is too {way}: {100 * self.counted[band]:.1f} % instead of {100 * self.expected[band]:.2f} %"


class Tally(msgspec.Struct, frozen=True, eq=False):
    """Sums over `repeats`: of hits and promises (4, p), and of the share of places that were hit, and its square (4,).

    Places of one repeat hang together, and so only whole repeats say how much a share over all x scatters.
    """

    repeats: int
    hits: Array
    promises: Array
    shares: Array
    squares: Array

    @classmethod
    def empty(cls, places: int) -> Tally:
        """Before the first repeat."""
        return cls(0, *(np.zeros((len(BANDS), places)) for _ in range(2)), *(np.zeros(len(BANDS)) for _ in range(2)))

    def after(self, hits: Array, promises: Array) -> Tally:
        """With one more repeat."""
        share = hits.mean(axis=1)
        sums = (self.hits + hits, self.promises + promises, self.shares + share, self.squares + share**2)
        return Tally(self.repeats + 1, *sums)

    def scatter(self, expected: Array) -> Array:
        """The standard error (4,) of the mean share; if all repeats agreed, that of single places instead."""
        n, chance = self.repeats, expected * (1 - expected)
        variance = (self.squares - self.shares**2 / n) / max(n - 1, 1)
        return np.sqrt(np.where(variance > 1e-12, variance, chance) / n)


Function = Callable[[Array], Array]
Scatter = Callable[[int], Array]


class Experiment:
    """The repeats of one document, as far as they were asked for. What is abandoned goes on where it was left.

    The seed and the number of a repeat decide all that is drawn in it.
    """

    def __init__(
        self, model: LinearModel, settings: CoverageSettings, source: Source, units: Units, seed: int, n: int
    ) -> None:
        self.model, self.settings, self.source, self.units, self.seed, self.n = model, settings, source, units, seed, n
        self.prior = model.prior
        x = np.linspace(source.low, source.high, PLACES)
        self.x = x if settings.truth != "this truth" else x[np.abs(source.truth.at(x)) <= LIMIT]
        self.places = units.x_of_model(self.x)
        self.tally = Tally.empty(len(self.x))  # replaced and never changed, so that two threads may count at once
        self.last: Coverage | None = None

    def unfold(self) -> Iterator[Coverage | Pending]:
        """How far it has come, again and again, and at last the whole."""
        while self.tally.repeats < self.settings.repeats:
            if self.tally.repeats:
                yield self.found()
            yield from self._count_for_a_while()
        if self.last is None:
            self.last = self.found()
        yield self.last

    def _count_for_a_while(self) -> Iterator[Pending]:
        start = rested = time.perf_counter()
        while self.tally.repeats < self.settings.repeats and rested < start + SHOWN:
            tally = self.tally
            self.tally = tally.after(*self._repeat(tally.repeats))
            now = time.perf_counter()
            if now > rested + PATIENCE:
                time.sleep(REST)
                rested = time.perf_counter()
                yield PENDING

    def found(self) -> Coverage:
        """What has been counted so far."""
        tally, n = self.tally, self.tally.repeats
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
        """Whether each band holds what it should at each place, and the chance that it claims, each (4, p).

        All in units of the model, in which every band holds the same.
        """
        rng = np.random.default_rng([self.seed, i, 2])  # beside what Source draws with [seed, i] and [seed, i, 1]
        f, scatter = self._world(rng)
        x = rng.uniform(self.source.low, self.source.high, self.n)
        t, truth = f(x) + scatter(self.n), f(self.x)
        sound = np.abs(t) <= LIMIT  # false for NaN
        there = self.model.condition(self.units.x_of_model(x[sound]), t[sound]).predict(self.places)
        fresh = truth + scatter(len(truth))
        missed = np.abs(np.array([truth, truth, fresh, fresh]) - there.mean)
        one, all_ = np.sqrt(there.epistemic_variance), np.sqrt(there.variance)
        return (missed <= np.array([one, 2 * one, all_, 2 * all_])).astype(float), promised(there)

    def _world(self, rng: np.random.Generator) -> tuple[Function, Scatter]:
        """A truth, from x (n,) in original units to the model's t (n,), and `n` draws of its noise."""
        if self.settings.truth == "this truth":
            spread = self.source.noise / self.units.t_scale
            return self._truth, lambda n: spread * rng.standard_normal(n)
        spread, noise = _spread(self.model, rng), self.model.noise
        away = self.prior.sample(rng, 1)[0] - self.prior.mean
        w = self.prior.mean + (spread if isinstance(noise, UnknownNoise) else 1.0) * away
        if isinstance(noise, StudentTNoise):
            return self._of_weights(w), lambda n: spread * rng.standard_t(noise.df, n)
        return self._of_weights(w), lambda n: spread * rng.standard_normal(n)

    def _truth(self, x: Array) -> Array:
        return self.units.t_of_model(self.source.truth.at(x))

    def _of_weights(self, w: Array) -> Function:
        return lambda x: self.model.basis.features(self.units.x_of_model(x)) @ w


def _spread(model: LinearModel, rng: np.random.Generator) -> float:
    """The scale of the noise, drawn if it is unknown. Raises TypeError for a noise that cannot be drawn."""
    match model.noise:
        case GaussianNoise(precision=precision):
            return float(precision**-0.5)
        case UnknownNoise(shape=shape, rate=rate):
            return float(rng.gamma(shape, 1 / rate) ** -0.5)
        case StudentTNoise(scale=scale):
            return float(scale)
    raise TypeError(f"{type(model.noise).__name__} cannot be drawn from.")


def promised(there: Prediction) -> Array:
    """The probability (4, n) that a prediction itself gives to its bands.

    The function is Student's t under unknown noise, what its grid says under Student's t noise, and else taken to be
    normal. What else is no normal is integrated.
    """
    held = _held_by_student(there.df) if isinstance(there, StudentPrediction) else NORMAL
    rows = np.repeat(np.tile(held, 2)[:, None], len(there.mean), axis=1)
    if not isinstance(there, StudentPrediction) and type(there) is not Prediction:
        for row, times in enumerate((1, 2), start=2):
            rows[row] = _integrated(there, times * np.sqrt(there.variance))
    if isinstance(there, GridPrediction):
        rows[:2] = there.held(np.array([1.0, 2.0]))
    return rows


def _integrated(there: Prediction, half: Array) -> Array:
    """∫ p(t | x) dt over mean ± half, by Gauss–Legendre quadrature."""
    places, masses = uniform(24)
    steps = half * places[:, None]
    return np.asarray(masses @ np.exp(there.log_density(there.mean + steps)) * half)


@lru_cache(maxsize=64)
def _held_by_student(df: float) -> Array:
    """What ±1σ and ±2σ of Student's t hold, (2,): its σ is √(ν/(ν − 2)) of its scales."""
    from scipy.special import stdtr  # which takes too long for the start

    return np.asarray(1 - 2 * stdtr(df, -np.array([1.0, 2.0]) * np.sqrt(df / (df - 2))))


@lru_cache(maxsize=8)
def experiment(
    model: LinearModel, settings: CoverageSettings, source: Source, units: Units, seed: int, n: int
) -> Experiment:
    """The experiment with these settings, which is continued where it was abandoned."""
    return Experiment(model, settings, source, units, seed, n)


def observed(document: Regression) -> int:
    """N, the number of observations in each repeat."""
    return document[CoverageSettings].observations or min(max(document.step, 1), MOST)


@derived(Coverage, last=True)
def coverage(document: Regression, _: Viewport) -> Iterator[Coverage | Pending | None]:
    """The counts of ever more repeats; None if the truth has no finite value in the source's range."""
    settings = document[CoverageSettings]
    known = experiment(document.model, settings, document.source, document.units, document.seed, observed(document))
    if len(known.x):
        yield from known.unfold()
    else:
        yield None
