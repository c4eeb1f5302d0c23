"""Model size: the evidence, its two parts and the errors of every order of a basis."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived, whole
from engine.gaussian import Array
from engine.plane import Viewport
from engine.regression.data.held_out import HeldOut, new_draws
from engine.regression.data.observations import CROWD, Observations
from engine.regression.document import Regression
from engine.regression.model.linear_model import LinearModel, posterior
from engine.regression.model.noise import GaussianNoise, StudentTNoise
from engine.regression.model.unknown_noise import UnknownNoisePosterior
from engine.regression.own_data import set_aside

AT_ONCE = 5  # orders between two points at which the computation may be cancelled
FEW = 100  # the most observations under Student's t noise, where every order is slow
SET_ASIDE = "{:,} of your observations (every fifth), predicted by models that were fitted without them"
ENOUGH = 500  # new draws, if no observations wait


class ModelSizes(msgspec.Struct, frozen=True, eq=False):
    """One set of observations under every order of a basis: ln evidence = fit + Occam factor, each (m,), in nats.

    The fit is ln p(t | w_MAP), the log likelihood of the most probable weights. The Occam factor penalises flexibility
    that the data do not need. `mean_square` and `held_out` (m,) are the mean squares of t − mean on these data and on
    held-out data; `log_density` (m,) is the mean log predictive density of the held-out data, in nats. `source` names
    the held-out data for the user. `error` and `density_error` (m,) are the stated errors of a sampled ln evidence and
    of a sampled `log_density`, else 0. All is in the units of the model.
    """

    orders: Array
    log_evidence: Array
    fit: Array
    mean_square: Array
    held_out: Array
    log_density: Array
    source: str
    error: Array
    density_error: Array

    @property
    def occam(self) -> Array:
        """The Occam factor, ln evidence − fit, (m,), in nats."""
        return self.log_evidence - self.fit


@derived(ModelSizes)
def model_sizes(document: Regression, _: Viewport) -> Iterator[ModelSizes | Pending | None]:
    """The model with every order of its basis; None without observations, or with too many."""
    taken = document.taken
    if 0 < len(taken) <= most_observations(document.model):
        others = held_out(document)
        judged = taken.without(set_aside(document)) if set_aside(document) else taken
        yield from _one_by_one(document.model, taken, others, judged)
    else:
        yield None


def held_out(document: Regression) -> HeldOut:
    """The observations that wait for a later step; if none waits, new draws from the true function.

    If the true function is unknown, every fifth of the user's own observations: the models that are judged by them are
    fitted without them.
    """
    (x, t), source = document.waiting, "{:,} unused observations"
    if set_aside(document):
        rows, taken = list(set_aside(document)), document.taken
        return HeldOut(taken.x[rows], taken.t[rows], SET_ASIDE.format(len(rows)))
    if not len(x):
        x, t = (column[:ENOUGH] for column in new_draws(document.source, document.seed))
        source = "{:,} new draws from the true function"
    return HeldOut(document.units.x_of_model(x), document.units.t_of_model(t), source.format(len(x)))


def most_observations(model: LinearModel) -> int:
    """The most observations for which the orders are compared, because each order is a model of its own."""
    return FEW if isinstance(model.noise, StudentTNoise) else CROWD


def by_order(model: LinearModel, observations: Observations, others: HeldOut) -> ModelSizes:
    """The model with every order of its basis."""
    return whole(_one_by_one(model, observations, others, observations))


def _one_by_one(
    model: LinearModel, observations: Observations, others: HeldOut, judged: Observations
) -> Iterator[ModelSizes | Pending]:
    rows = []
    for order in model.basis.orders:
        rows.append(_scored(replace(model, basis=model.basis.of_order(order)), observations, others, judged))
        if len(rows) % AT_ONCE == 0 or isinstance(model.noise, StudentTNoise):
            yield PENDING
    evidence, fit, own, held, density, error, doubt = np.array(rows).T
    yield ModelSizes(np.array(model.basis.orders), evidence, fit, own, held, density, others.source, error, doubt)


def _scored(model: LinearModel, observations: Observations, others: HeldOut, judged: Observations) -> tuple[float, ...]:
    """The log evidence, the fit, both mean squares, the log predictive density and both errors of one model.

    What concerns the `others` is from the posterior given the observations `judged`, which has none of the others.
    """
    after, noise = posterior(model, observations), model.noise
    predicting = after if judged is observations else posterior(model, judged)
    if isinstance(after, UnknownNoisePosterior):
        noise = GaussianNoise(after.shape / after.rate)
    best = model.basis.features(observations.x) @ after.mode
    fit = float(np.sum(noise.log_likelihood(observations.t, best)))
    own = HeldOut(observations.x, observations.t, "these")
    errors = own.mean_square(after), others.mean_square(predicting)
    density, doubt = others.log_density(predicting), predicting.score_error(others.x, others.t)
    return after.log_evidence, fit, *errors, density, after.log_evidence_error, doubt
