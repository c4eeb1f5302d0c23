"""Held-out observations, which the model is not fitted to, for errors and predictive densities.

They are the observations that wait for a later step, or new draws from the true function.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.regression.data.observations import LIMIT
from engine.regression.data.truths import Source
from engine.regression.model.linear_model import Posterior

NEW_DRAWS = 1000  # draws from the true function
Points = tuple[Array, Array]  # x and t, each (n,), in original units


class HeldOut(msgspec.Struct, frozen=True, eq=False):
    """Held-out observations x, t (n,) in the units of the model; `source` names their origin for the user."""

    x: Array
    t: Array
    source: str

    def mean_square(self, posterior: Posterior) -> float:
        """The mean square of t − predictive mean, in units of t²; NaN without observations."""
        return float(np.mean((self.t - posterior.predict(self.x).mean) ** 2)) if len(self.x) else float("nan")

    def log_density(self, posterior: Posterior) -> float:
        """The mean of ln p(t | x, data) over the observations, in nats; NaN without observations."""
        return float(np.mean(posterior.predict(self.x).log_density(self.t))) if len(self.x) else float("nan")


@lru_cache(maxsize=4)
def new_draws(source: Source, seed: int) -> Points:
    """Draws from the true function, (n,), with random numbers that no observation uses.

    Draws at which the true function has no finite value are left out.
    """
    rng = np.random.default_rng([seed, 0, 2])
    x = rng.uniform(source.low, source.high, NEW_DRAWS)
    t = source.truth.at(x) + source.noise * rng.standard_normal(NEW_DRAWS)
    finite = np.abs(t) <= LIMIT  # also false for NaN
    return x[finite], t[finite]
