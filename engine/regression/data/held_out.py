"""Held-out observations: what a model is judged by that it has not seen."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.regression.data.observations import CROWD, LIMIT
from engine.regression.data.truths import Source
from engine.regression.model.linear_model import Posterior

if TYPE_CHECKING:
    from engine.regression.document import Regression

FRESH = 1000  # draws from the truth
ENOUGH = 500  # of them, where many models are judged by them
Points = tuple[Array, Array]  # x and t, each (n,), in original units


class HeldOut(msgspec.Struct, frozen=True, eq=False):
    """x, t (n,) in the units of the model, and in words where they come from."""

    x: Array
    t: Array
    whence: str

    def mean_square(self, known: Posterior) -> float:
        """Of t − mean, in units of t²; NaN without observations."""
        return float(np.mean((self.t - known.predict(self.x).mean) ** 2)) if len(self.x) else float("nan")

    def log_density(self, known: Posterior) -> float:
        """The mean of ln p(t | x, data) an observation, in nats; NaN without observations."""
        return float(np.mean(known.predict(self.x).log_density(self.t))) if len(self.x) else float("nan")


def held_out(document: Regression) -> HeldOut:
    """The observations that wait for a later step, or if none does, fresh draws from the truth."""
    (x, t), whence = waiting(document), "the {:,} observations that wait"
    if not len(x):
        x, t = (column[:ENOUGH] for column in fresh(document.source, document.seed))
        whence = "{:,} fresh draws from the truth"
    return HeldOut(document.units.x_of_model(x), document.units.t_of_model(t), whence.format(len(x)))


def waiting(document: Regression) -> Points:
    """The observations after the present step, without those left out; of very many the next ones."""
    later = np.arange(document.step, min(len(document.observations), document.step + CROWD))
    later = later[~np.isin(later, document.left_out)]
    return document.observations.x[later], document.observations.t[later]


@lru_cache(maxsize=4)
def fresh(source: Source, seed: int) -> Points:
    """Draws (n,) that are no observation and never will be; without those where the truth has no value."""
    rng = np.random.default_rng([seed, 0, 2])
    x = rng.uniform(source.low, source.high, FRESH)
    t = source.truth.at(x) + source.noise * rng.standard_normal(FRESH)
    there = np.abs(t) <= LIMIT  # also false for NaN
    return x[there], t[there]
