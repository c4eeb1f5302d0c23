"""Held-out observations: what a model is judged by that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.gaussian import Array
from engine.regression.inference import Posterior
from engine.regression.observations import LIMIT

if TYPE_CHECKING:
    from engine.regression.document import Regression

FRESH = 500


@dataclass(frozen=True, eq=False)
class HeldOut:
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
    later = document.observations
    if len(later) > document.step:
        x, t = later.x[document.step :], later.t[document.step :]
        return HeldOut(*_of_model(document, x, t), f"the {len(x):,} observations that wait")
    source, rng = document.source, np.random.default_rng([document.seed, FRESH])
    x = rng.uniform(source.low, source.high, FRESH)
    t = source.truth.at(x) + source.noise * rng.standard_normal(FRESH)
    sound = np.abs(t) <= LIMIT
    return HeldOut(*_of_model(document, x[sound], t[sound]), f"{FRESH} fresh draws from the truth")


def _of_model(document: Regression, x: Array, t: Array) -> tuple[Array, Array]:
    return document.units.x_of_model(x), document.units.t_of_model(t)
