"""Model size: how the evidence chooses among richer and poorer models of the same kind."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived, whole
from engine.gaussian import Array
from engine.plane import Viewport
from engine.regression.data.held_out import HeldOut, fresh
from engine.regression.data.observations import CROWD, Observations
from engine.regression.document import Regression
from engine.regression.model.linear_model import LinearModel, posterior
from engine.regression.model.noise import GaussianNoise, StudentTNoise
from engine.regression.model.unknown_noise import UnknownNoisePosterior

AT_ONCE = 5  # orders, before the computation may be cancelled
FEW = 100  # observations, where every order takes many steps
ENOUGH = 500  # fresh draws, by which many models are judged


class ModelSizes(msgspec.Struct, frozen=True, eq=False):
    """The same data under every order of a basis: ln evidence = fit + Occam factor, each (m,), in nats.

    The fit is ln p(t | w_MAP), how well the most probable weights explain the data; the Occam factor is what it costs
    that the prior did not know them. Beside them the mean square of t − mean on these data and on held-out ones, and
    the mean log predictive density of the held-out ones in nats; `source` says which observations are held out. `error`
    is the standard error of the ln evidence where it is sampled, else 0. All is in the units of the model.
    """

    orders: Array
    log_evidence: Array
    fit: Array
    mean_square: Array
    held_out: Array
    log_density: Array
    source: str
    error: Array

    @property
    def occam(self) -> Array:
        """ln evidence − fit."""
        return self.log_evidence - self.fit


@derived(ModelSizes)
def model_sizes(document: Regression, _: Viewport) -> Iterator[ModelSizes | Pending | None]:
    """The model under every order of its basis; None if there are no observations or too many."""
    taken = document.taken
    if 0 < len(taken) <= most_observations(document.model):
        yield from _one_by_one(document.model, taken, held_out(document))
    else:
        yield None


def held_out(document: Regression) -> HeldOut:
    """The observations that wait for a later step, or if none does, fresh draws from the truth."""
    (x, t), source = document.waiting, "the {:,} observations that wait"
    if not len(x):
        x, t = (column[:ENOUGH] for column in fresh(document.source, document.seed))
        source = "{:,} fresh draws from the truth"
    return HeldOut(document.units.x_of_model(x), document.units.t_of_model(t), source.format(len(x)))


def most_observations(model: LinearModel) -> int:
    """How many observations the orders are compared on at most: each order is a model of its own."""
    return FEW if isinstance(model.noise, StudentTNoise) else CROWD


def by_order(model: LinearModel, observations: Observations, others: HeldOut) -> ModelSizes:
    """The model under every order that its basis can have."""
    return whole(_one_by_one(model, observations, others))


def _one_by_one(model: LinearModel, observations: Observations, others: HeldOut) -> Iterator[ModelSizes | Pending]:
    rows = []
    for order in model.basis.orders:
        rows.append(_judged(replace(model, basis=model.basis.of_order(order)), observations, others))
        if len(rows) % AT_ONCE == 0:
            yield PENDING
    evidence, fit, own, held, density, error = np.array(rows).T
    yield ModelSizes(np.array(model.basis.orders), evidence, fit, own, held, density, others.source, error)


def _judged(model: LinearModel, observations: Observations, others: HeldOut) -> tuple[float, ...]:
    found, noise = posterior(model, observations), model.noise
    if isinstance(found, UnknownNoisePosterior):
        noise = GaussianNoise(found.shape / found.rate)
    best = model.basis.features(observations.x) @ found.mode
    fit = float(np.sum(noise.log_likelihood(observations.t, best)))
    own = HeldOut(observations.x, observations.t, "these")
    errors, density = (own.mean_square(found), others.mean_square(found)), others.log_density(found)
    return found.log_evidence, fit, *errors, density, found.log_evidence_error
