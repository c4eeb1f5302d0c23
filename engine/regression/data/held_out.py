"""Held-out observations: what a model is judged by that it has not seen."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.regression.data.observations import LIMIT
from engine.regression.data.truths import Source
from engine.regression.model.linear_model import Posterior

FRESH = 1000  # draws from the truth
Points = tuple[Array, Array]  # x and t, each (n,), in original units


class HeldOut(msgspec.Struct, frozen=True, eq=False):
    """x, t (n,) in the units of the model, and `source`, in words where they come from."""

    x: Array
    t: Array
    source: str

    def mean_square(self, known: Posterior) -> float:
        """Of t − mean, in units of t²; NaN without observations."""
        return float(np.mean((self.t - known.predict(self.x).mean) ** 2)) if len(self.x) else float("nan")

    def log_density(self, known: Posterior) -> float:
        """The mean of ln p(t | x, data) an observation, in nats; NaN without observations."""
        return float(np.mean(known.predict(self.x).log_density(self.t))) if len(self.x) else float("nan")


@lru_cache(maxsize=4)
def fresh(source: Source, seed: int) -> Points:
    """Draws (n,) that are no observation and never will be; without those where the truth has no value."""
    rng = np.random.default_rng([seed, 0, 2])
    x = rng.uniform(source.low, source.high, FRESH)
    t = source.truth.at(x) + source.noise * rng.standard_normal(FRESH)
    finite = np.abs(t) <= LIMIT  # also false for NaN
    return x[finite], t[finite]
