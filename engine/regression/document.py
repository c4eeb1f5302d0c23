"""The Regression document: a model, the source of the data, the observations, pins and settings.

An observation that is left out stays in its place, and `left_out` holds its position. So the positions of the others do
not change, and the columns stay shared. `step` is a position in the order; it skips observations that are left out. All
computations use `taken`, `count` or `latest`. If no observation is left out, `taken` shares the original columns;
otherwise one copy serves all steps.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise
from typing import Annotated

import numpy as np
from msgspec import Meta
from msgspec.structs import force_setattr, replace

from engine.document import DOCUMENTS, Document, Setting, canonical
from engine.gaussian import Array
from engine.part import Part
from engine.plane import Viewport
from engine.regression.data.observations import CROWD, Observations
from engine.regression.data.truths import Source
from engine.regression.data.units import ORIGINAL, Units
from engine.regression.display import Display, Frame, Pair
from engine.regression.model.linear_model import LinearModel
from engine.regression.model.noise import HIGHEST, LOWEST, GaussianNoise
from engine.regression.model.prior import PRESETS

Coordinate = Annotated[float, Meta(ge=-1e20, le=1e20)]  # as LIMIT in `observations`
ColumnName = Annotated[str, Meta(min_length=1, max_length=40)]
NAMES = ("x", "t")
DRAWN_AT_ONCE = 1000  # the most points that one command draws


@DOCUMENTS.register
class Regression(Part, Document, frozen=True, tag=True):
    """Regression: Bayesian linear regression, observation by observation.

    The first `step` observations are taken into account, except those at the positions `left_out`; all later ones wait.
    Observations, true function and data space are in original units, the model is in `units`.
    """

    model: LinearModel = LinearModel()
    source: Source = Source()
    observations: Observations = Observations()
    step: Annotated[int, Meta(ge=0, le=2**40, title="Step")] = 0
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Random seed", description="The same seed gives the same random draws.")
    ] = 1
    pins: tuple[tuple[Coordinate, Coordinate], ...] = ()
    units: Units = ORIGINAL
    frame: Frame | None = None
    names: tuple[ColumnName, ColumnName] = NAMES  # of x and t, on the axes
    left_out: tuple[int, ...] = ()
    settings: tuple[Setting, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.step > len(self.observations):
            raise ValueError(f"Step {self.step} is beyond the last of the {len(self.observations)} observations.")
        within = (-1, *self.left_out, len(self.observations))
        if any(i >= j for i, j in pairwise(within)):
            raise ValueError("Observations that are left out must be positions of observations, in ascending order.")
        force_setattr(self, "settings", canonical(self.settings))

    @property
    def pair(self) -> Pair:
        """The two weights on the axes of the planes: the chosen pair, or another one if the model lacks a weight."""
        display, last = self[Display], max(self.model.basis.size - 1, 1)
        across, up = min(display.across, last), min(display.up, last)
        return (across, up) if across != up else (across - 1 if across else 1, up)

    @property
    def taken(self) -> Observations:
        """The observations that are taken into account, in order, in the units of the model."""
        if not self.left_out:
            return self.observations.first(self.step).through(self.units)
        return _without(self.observations, self.left_out).first(self.count).through(self.units)

    @property
    def count(self) -> int:
        """The number of observations that are taken into account."""
        return self.count_before(self.step)

    def count_before(self, i: int) -> int:
        """The number of observations before position `i` that are taken into account."""
        return min(i, self.step) - bisect_left(self.left_out, min(i, self.step))

    def is_left_out(self, i: int) -> bool:
        """Whether observation `i` is left out."""
        rank = bisect_left(self.left_out, i)
        return rank < len(self.left_out) and self.left_out[rank] == i

    @property
    def waiting(self) -> tuple[Array, Array]:
        """x, t (n,) of the observations after the present step that are not left out, from the next CROWD positions."""
        later = np.arange(self.step, min(len(self.observations), self.step + CROWD))
        later = later[~np.isin(later, self.left_out)]
        return self.observations.x[later], self.observations.t[later]

    @property
    def latest(self) -> int | None:
        """The position of the latest observation that is taken into account; None if there is none."""
        return next((i for i in range(self.step - 1, -1, -1) if not self.is_left_out(i)), None)

    @property
    def home(self) -> Viewport:
        """The first viewport of data space."""
        frame = self.frame
        return Viewport(frame.left, frame.right, frame.bottom, frame.top) if frame else self.source.home

    def features(self, x: Array) -> Array:
        """The features Φ (n, k) at x (n,) in original units."""
        return self.model.basis.features(self.units.x_of_model(x))

    def observe(self, x: float, t: float) -> Regression:
        """With one more observation at the present step; it becomes the latest."""
        observations = self.observations.insert(self.step, x, t)
        left_out = _shifted(self.left_out, self.step, 1)
        return replace(self, observations=observations, step=self.step + 1, left_out=left_out)

    def move(self, i: int, x: float, t: float) -> Regression:
        """With observation `i` moved to (x, t)."""
        return replace(self, observations=self.observations.move(i, x, t))

    def remove(self, i: int) -> Regression:
        """Without observation `i`."""
        step = self.step - 1 if i < self.step else self.step
        left_out = tuple(j - (j > i) for j in self.left_out if j != i)
        return replace(self, observations=self.observations.remove(i), step=step, left_out=left_out)

    def reorder(self, i: int, to: int) -> Regression:
        """With observation `i` moved to position `to` of the order."""
        order = np.insert(np.delete(np.arange(len(self.observations)), i), to, i)
        left_out = np.flatnonzero(np.isin(order, self.left_out))
        return replace(self, observations=self.observations.reorder(order), left_out=tuple(left_out.tolist()))

    def leave_out(self, i: int) -> Regression:
        """With observation `i` left out. It stays in its place in the order."""
        return replace(self, left_out=tuple(sorted({*self.left_out, i})))

    def take_in(self, i: int) -> Regression:
        """With observation `i` taken into account again."""
        return replace(self, left_out=tuple(j for j in self.left_out if j != i))

    def clear(self) -> Regression:
        """Without observations and pins; the unknown function of own data gives way to the lecture's line."""
        source = self.source if self.source.knows_truth else Source()
        return replace(
            self,
            observations=Observations(),
            step=0,
            pins=(),
            left_out=(),
            units=ORIGINAL,
            frame=None,
            names=NAMES,
            source=source,
        )

    def imported(
        self, observations: Observations, *, adding: bool = False, names: tuple[str, str] = NAMES
    ) -> Regression:
        """With `observations` in place of the present ones, or after them if `adding`; all are taken into account.

        The true function of the user's own data is unknown. `names` are those of the columns of x and t.
        """
        left_out = self.left_out if adding else ()
        if adding:
            observations = self.observations.extend(observations.x, observations.t)
        document = replace(
            self,
            observations=observations,
            step=len(observations),
            left_out=left_out,
            frame=Frame.around(observations),
            source=self.source if adding and self.source.knows_truth else Source.of_own_data(observations.x),
            names=self.names if adding else (_short(names[0]) or NAMES[0], _short(names[1]) or NAMES[1]),
        )
        return document if self.units.are_original else document.in_original_units().standardised()

    def standardised(self) -> Regression:
        """With a model of (x − mean)/σ and (t − mean)/σ, with mean and σ of all observations.

        The observations do not change, so that `in_original_units` is an exact inverse. Raises ValueError without
        observations.
        """
        if not len(self.observations):
            raise ValueError("No observations to standardise. Click in data space or draw points to add some.")
        return replace(self, units=Units.standard(self.observations.x, self.observations.t), pins=())

    def in_original_units(self) -> Regression:
        """With a model of x and t in original units."""
        return replace(self, units=ORIGINAL, pins=())

    def with_drawn_points(self, n: int) -> Regression:
        """With `n` more observations, drawn from the true function, at the present step.

        The seed and the number of observations decide the draws. Raises ValueError if `n` is not from 1 to
        DRAWN_AT_ONCE, or if the source cannot give so many new values of x.
        """
        if not 1 <= n <= DRAWN_AT_ONCE:
            raise ValueError(f"The number of points to draw at once must be from 1 to {DRAWN_AT_ONCE}.")
        before, total = self.observations.first(self.step), len(self.observations)
        drawn = list(islice(_new_draws(self, total, 2 * total + n), n))
        if len(drawn) < n:
            raise ValueError("This range has no more values of x without an observation. Widen the range of x.")
        x, t = zip(*drawn, strict=True)
        rest_x, rest_t = self.observations.x[self.step :], self.observations.t[self.step :]
        observations = before.extend(x, t).extend(rest_x, rest_t)
        left_out = _shifted(self.left_out, self.step, n)
        return replace(self, observations=observations, step=self.step + n, left_out=left_out)

    def measure(self, x: float) -> Regression:
        """With one more observation at x, its t drawn from the true function with noise."""
        return self.observe(x, self.source.measure(self.seed, len(self.observations), x))

    def step_to(self, n: int) -> Regression:
        """With the first `n` observations taken into account, or all if they are fewer.

        A step to an observation that is left out would change nothing, so it is skipped, forwards or backwards.
        """
        last = len(self.observations)
        n, direction = min(max(n, 0), last), 1 if n > self.step else -1
        while n != self.step and 0 < n < last and self.is_left_out(n - 1):
            n += direction
        return replace(self, step=n)

    def pin(self, w: tuple[float, float]) -> Regression:
        """With a pin at the weights w of the shown pair."""
        return replace(self, pins=(*self.pins, w))

    def move_pin(self, i: int, w: tuple[float, float]) -> Regression:
        """With pin `i` moved to w."""
        return replace(self, pins=(*self.pins[:i], w, *self.pins[i + 1 :]))

    def unpin(self, i: int) -> Regression:
        """Without pin `i`."""
        return replace(self, pins=self.pins[:i] + self.pins[i + 1 :])

    def with_setting(self, setting: Setting) -> Regression:
        """With this setting. Pins are removed if the pair of weights changes."""
        return _with_pins_of_one_plane(self, super().with_setting(setting))

    def with_model(self, model: LinearModel) -> Regression:
        """With another model. Pins are removed if the pair of weights changes."""
        return _with_pins_of_one_plane(self, replace(self, model=model))

    def with_prior_preset(self, name: str) -> Regression:
        """With one of the named priors."""
        alpha, shape = PRESETS[name]
        return self.with_model(replace(self.model, prior_precision=alpha, prior_shape=shape))

    def with_precisions(self, alpha: float, beta: float) -> Regression:
        """With these precisions, clipped to the allowed range."""
        noise = GaussianNoise(precision=float(np.clip(beta, LOWEST, HIGHEST)))
        alpha = float(np.clip(alpha, LOWEST, HIGHEST))
        return self.with_model(replace(self.model, prior_precision=alpha, noise=noise))


def _with_pins_of_one_plane(before: Regression, after: Regression) -> Regression:
    """Return `after`, without pins if its pair of weights differs: a pin is a position in one plane of weights."""
    return after if after.pair == before.pair else replace(after, pins=())


def _short(name: str) -> str:
    """The name of a column on one line of at most 40 characters."""
    name = " ".join(name.split())
    return name if len(name) <= 40 else f"{name[:39]}…"


def _shifted(left_out: tuple[int, ...], start: int, n: int) -> tuple[int, ...]:
    """The positions that are left out, after the insertion of `n` observations at `start`."""
    return tuple(i + n if i >= start else i for i in left_out)


def _new_draws(document: Regression, start: int, stop: int) -> Iterator[tuple[float, float]]:
    """Yield the draws `start` … `stop` − 1 from the true function, except those whose x has an observation."""
    for i in range(start, stop):
        point = document.source.draw(document.seed, i)
        if not np.any(document.observations.x == point[0]):
            yield point


@lru_cache(maxsize=8)
def _without(observations: Observations, left_out: tuple[int, ...]) -> Observations:
    """The observations without those at `left_out`, cached so that all steps share columns and statistics."""
    return observations.without(left_out)
