"""The Regression document: a model, where data come from, and what was observed."""

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

Coordinate = Annotated[float, Meta(ge=-1e20, le=1e20)]
DRAWN_AT_ONCE = 1000


@DOCUMENTS.register
class Regression(Part, Document, frozen=True, tag=True):
    """Regression: Bayesian linear regression, observation by observation.

    Only the first `step` observations are taken into account, without those at the positions `left_out`; the later ones
    wait to be stepped to. Observations, truth and data space are in original units, the model is in `units`.
    """

    model: LinearModel = LinearModel()
    source: Source = Source()
    observations: Observations = Observations()
    step: Annotated[int, Meta(ge=0, le=2**40, title="Step")] = 0
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Decides what is drawn: same seed, same picture.")
    ] = 1
    pins: tuple[tuple[Coordinate, Coordinate], ...] = ()
    units: Units = ORIGINAL
    frame: Frame | None = None
    left_out: tuple[int, ...] = ()
    settings: tuple[Setting, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.step > len(self.observations):
            raise ValueError(f"Step {self.step} lies beyond the {len(self.observations)} observations.")
        within = (-1, *self.left_out, len(self.observations))
        if any(i >= j for i, j in pairwise(within)):
            raise ValueError("What is left out must be positions of observations, in ascending order.")
        force_setattr(self, "settings", canonical(self.settings))

    @property
    def pair(self) -> Pair:
        """The two weights whose plane is shown: those chosen, as far as the model has them."""
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
        """How many observations are taken into account."""
        return self.count_before(self.step)

    def count_before(self, i: int) -> int:
        """How many of those before position `i` are taken into account."""
        return min(i, self.step) - bisect_left(self.left_out, min(i, self.step))

    def is_left_out(self, i: int) -> bool:
        """Whether observation `i` is."""
        at = bisect_left(self.left_out, i)
        return at < len(self.left_out) and self.left_out[at] == i

    @property
    def waiting(self) -> tuple[Array, Array]:
        """x, t (n,) of the observations after the present step that are not left out; of very many the next ones."""
        later = np.arange(self.step, min(len(self.observations), self.step + CROWD))
        later = later[~np.isin(later, self.left_out)]
        return self.observations.x[later], self.observations.t[later]

    @property
    def latest(self) -> int | None:
        """The position of the latest observation that is taken into account, if any is."""
        return next((i for i in range(self.step - 1, -1, -1) if not self.is_left_out(i)), None)

    @property
    def home(self) -> Viewport:
        """What of data space is looked at first."""
        frame = self.frame
        return Viewport(frame.left, frame.right, frame.bottom, frame.top) if frame else self.source.home

    def features(self, x: Array) -> Array:
        """Φ (n, k) at x (n,) in original units."""
        return self.model.basis.features(self.units.x_of_model(x))

    def observe(self, x: float, t: float) -> Regression:
        """With one more observation, placed after the ones taken into account: it becomes the latest."""
        made = self.observations.insert(self.step, x, t)
        return replace(self, observations=made, step=self.step + 1, left_out=_shifted(self.left_out, self.step, 1))

    def move(self, i: int, x: float, t: float) -> Regression:
        """With observation `i` elsewhere."""
        return replace(self, observations=self.observations.move(i, x, t))

    def remove(self, i: int) -> Regression:
        """Without observation `i`."""
        step = self.step - 1 if i < self.step else self.step
        left_out = tuple(j - (j > i) for j in self.left_out if j != i)
        return replace(self, observations=self.observations.remove(i), step=step, left_out=left_out)

    def reorder(self, i: int, to: int) -> Regression:
        """With observation `i` at position `to` of the order."""
        order = np.insert(np.delete(np.arange(len(self.observations)), i), to, i)
        left_out = np.flatnonzero(np.isin(order, self.left_out))
        return replace(self, observations=self.observations.reorder(order), left_out=tuple(left_out.tolist()))

    def leave_out(self, i: int) -> Regression:
        """Without taking observation `i` into account. It keeps its place in the order."""
        return replace(self, left_out=tuple(sorted({*self.left_out, i})))

    def take_in(self, i: int) -> Regression:
        """With observation `i` taken into account again."""
        return replace(self, left_out=tuple(j for j in self.left_out if j != i))

    def clear(self) -> Regression:
        """Without observations and pins."""
        return replace(self, observations=Observations(), step=0, pins=(), left_out=(), units=ORIGINAL, frame=None)

    def imported(self, observations: Observations, *, adding: bool = False) -> Regression:
        """With these observations instead of the present ones, or after them; all of them are taken into account."""
        left_out = self.left_out if adding else ()
        if adding:
            observations = self.observations.extend(observations.x, observations.t)
        made = replace(
            self,
            observations=observations,
            step=len(observations),
            left_out=left_out,
            frame=Frame.around(observations),
        )
        return made if self.units.are_original else made.in_original_units().standardised()

    def standardised(self) -> Regression:
        """With a model of (x − mean)/sd and (t − mean)/sd, over all observations. Raises ValueError if there are none.

        The observations stay as they are, so that the way back is exact.
        """
        if not len(self.observations):
            raise ValueError("There is no observation to standardise by. Click in data space to make one.")
        return replace(self, units=Units.standard(self.observations.x, self.observations.t), pins=())

    def in_original_units(self) -> Regression:
        """With a model of x and t as they are."""
        return replace(self, units=ORIGINAL, pins=())

    def with_drawn_points(self, n: int) -> Regression:
        """With `n` more observations drawn from the truth after the ones taken into account.

        The seed and how many observations there are decide what is drawn. Raises ValueError for an absurd `n`.
        """
        if not 1 <= n <= DRAWN_AT_ONCE:
            raise ValueError(f"Between 1 and {DRAWN_AT_ONCE} points can be drawn at once.")
        have, later = self.observations.first(self.step), len(self.observations)
        drawn = list(islice(_fresh(self, later, 2 * later + n), n))
        if len(drawn) < n:
            raise ValueError("Every x of this source is taken: widen its range.")
        x, t = zip(*drawn, strict=True)
        rest_x, rest_t = self.observations.x[self.step :], self.observations.t[self.step :]
        made = have.extend(x, t).extend(rest_x, rest_t)
        return replace(self, observations=made, step=self.step + n, left_out=_shifted(self.left_out, self.step, n))

    def measure(self, x: float) -> Regression:
        """With one more observation at x, its t drawn from the truth."""
        return self.observe(x, self.source.measure(self.seed, len(self.observations), x))

    def step_to(self, n: int) -> Regression:
        """With the first `n` observations taken into account, as far as there are so many.

        Never up to one that is left out, which would change nothing: it goes on to the next, forwards or backwards.
        """
        last = len(self.observations)
        n, way = min(max(n, 0), last), 1 if n > self.step else -1
        while n != self.step and 0 < n < last and self.is_left_out(n - 1):
            n += way
        return replace(self, step=n)

    def pin(self, w: tuple[float, float]) -> Regression:
        """With the line of weights w kept on the screen."""
        return replace(self, pins=(*self.pins, w))

    def move_pin(self, i: int, w: tuple[float, float]) -> Regression:
        """With pinned line `i` changed."""
        return replace(self, pins=(*self.pins[:i], w, *self.pins[i + 1 :]))

    def unpin(self, i: int) -> Regression:
        """Without pinned line `i`."""
        return replace(self, pins=self.pins[:i] + self.pins[i + 1 :])

    def with_setting(self, part: Setting) -> Regression:
        """With this setting; pins are dropped if it changes the weights that are shown."""
        return _with_pins_of_one_plane(self, super().with_setting(part))

    def with_model(self, model: LinearModel) -> Regression:
        """With another model; pins are dropped if it changes the weights that are shown."""
        return _with_pins_of_one_plane(self, replace(self, model=model))

    def with_prior_preset(self, name: str) -> Regression:
        """With one of the named priors."""
        alpha, shape = PRESETS[name]
        return self.with_model(replace(self.model, prior_precision=alpha, prior_shape=shape))

    def with_precisions(self, alpha: float, beta: float) -> Regression:
        """With these precisions, clipped to what a model allows."""
        noise = GaussianNoise(precision=float(np.clip(beta, LOWEST, HIGHEST)))
        alpha = float(np.clip(alpha, LOWEST, HIGHEST))
        return self.with_model(replace(self.model, prior_precision=alpha, noise=noise))


def _with_pins_of_one_plane(before: Regression, after: Regression) -> Regression:
    """The document after a change, without pins if it shows other weights: a pin is a place in one plane of weights."""
    return after if after.pair == before.pair else replace(after, pins=())


def _shifted(left_out: tuple[int, ...], start: int, n: int) -> tuple[int, ...]:
    """The positions that are left out, after `n` observations were inserted at `start`."""
    return tuple(i + n if i >= start else i for i in left_out)


def _fresh(document: Regression, start: int, stop: int) -> Iterator[tuple[float, float]]:
    """The draws `start` … `stop` from the truth, without those that are observations already."""
    for i in range(start, stop):
        point = document.source.draw(document.seed, i)
        if not np.any(document.observations.x == point[0]):
            yield point


@lru_cache(maxsize=8)
def _without(observations: Observations, left_out: tuple[int, ...]) -> Observations:
    """Made once for all steps, so that these share what is remembered about it."""
    return observations.without(left_out)
