"""The bracket of ln p(x) for more than two latents, by annealed importance sampling that begins near q.

The selected image has a lower bound only: an upper bound needs an exact sample of its posterior. So the same chains
also run for an image that the model draws, z* ~ p(z) and x* ~ p(x|z*), of whose posterior z* is an exact sample. Its
two bounds say how accurate the chains are.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable, Sequence
from functools import partial

import msgspec
import numpy as np
from msgspec.structs import replace

from engine.derived import Pending
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.inputs.input import Input, encoded_by
from engine.latent.model import LoadedModel
from engine.latent.observations.full import Full
from engine.latent.observations.measurement import Measurement
from engine.latent.observations.observation import Measurements, Observation
from engine.latent.posterior.annealing import Annealed, Path
from engine.memo import Recent, Resumable

CHAINS = 64  # in one batch of the decoder
MOVES = 20  # from the one exact sample to the start of each chain of the upper bound
LEAST_WIDTH = 0.25  # the least standard deviation of the start for a partly observed image
STREAM = 9  # of the random numbers: those of the drawn image differ from those of the chains


class Bounds(msgspec.Struct, frozen=True):
    """A lower and an upper bound on ln p(x*) in nats, each with its standard error.

    The chains of the upper bound begin at exact samples that come from z* by MOVES moves each. So `upper_error` is the
    scatter of independent chains, if the moves reach the whole posterior. If the posterior has peaks far apart, the
    chains stay in the peak of z*, and the error is too small. `effective` and `upper_effective` are the effective
    sample sizes of the chains of both bounds.
    """

    lower: float
    error: float
    upper: float
    upper_error: float
    effective: float
    upper_effective: float

    @property
    def width(self) -> float:
        """The width of the bracket in nats; random errors can make it negative."""
        return self.upper - self.lower


class Bracket(msgspec.Struct, frozen=True, eq=False):
    """The chains of the selected image, and the bracket of an image that the model has drawn, once it is computed.

    `kl_from_q` and `kl_from_prior` are estimates of KL(p(z|x) ‖ q) and KL(p(z|x) ‖ p(z)) in nats from the weighted ends
    of the chains.
    """

    latents: int
    temperatures: int
    chains: Annealed
    kl_from_q: float
    kl_from_prior: float
    drawn: Bounds | None = None


def whole_measurements(model: LoadedModel, selected: Input, observation: Observation) -> Measurements:
    """Return all measurements of an image. Raises ValueError if the observation cannot be applied to it."""
    return observation.measure(model.vae.scored(encoded_by(model, selected).pixels / np.float32(255)))


def encoders_q(model: LoadedModel, seen: Measurements, step: int) -> tuple[Array, Array]:
    """Return mean and standard deviation (d,) of the encoder's q after `step` measurements; of the prior after 0."""
    if not step:
        return np.zeros(model.latents), np.ones(model.latents)
    mean, deviation = model.vae.encode(seen.pictures[step][None])
    return mean[0], deviation[0]


def start_of(observation: Observation, mean: Array, deviation: Array) -> tuple[Array, Array]:
    """Return the Gaussian (d,) at which the chains begin: q, or a wider one if the encoder sees a part of the image.

    The encoder was trained on whole images, so that its q of a part is too narrow and in a wrong place.
    """
    return (mean, deviation) if isinstance(observation, Full) else (mean, np.maximum(deviation, LEAST_WIDTH))


def chains_of(document: Latent, temperatures: int, seed: int) -> Resumable[Bracket]:
    """Return the bracket of the selected image, computed in steps; cached, so that a cancelled job is continued."""
    step = document.step
    key = document.whole_model, document.input, document.observation.first(step), step
    return _chains(*key, temperatures, seed)


_known: Recent[Hashable, Resumable[Bracket]] = Recent(16)


def _chains(
    model: LoadedModel, selected: Input, observation: Observation, step: int, temperatures: int, seed: int
) -> Resumable[Bracket]:
    def make() -> Resumable[Bracket]:
        seen = whole_measurements(model, selected, observation)
        return Resumable(_bracketed(model, seen, observation, step, temperatures, seed))

    return _known.remember((model, selected, observation, step, temperatures, seed), make)


def _bracketed(
    model: LoadedModel, seen: Measurements, observation: Observation, step: int, temperatures: int, seed: int
) -> Generator[Bracket | Pending, None, None]:
    """Yield the chains of the image, then also the bracket of a drawn image."""
    from engine.latent.vae.networks.sampling import sample

    mean, deviation = encoders_q(model, seen, step)
    path = path_of(model, seen.measurements[:step], *start_of(observation, mean, deviation), temperatures)
    chains = yield from path.forward(CHAINS, np.random.default_rng((seed, STREAM)))
    bracket = _with_divergences(model, seen.measurements[:step], mean, deviation, chains, temperatures)
    yield bracket
    rng = np.random.default_rng((seed, STREAM + 1))
    z = rng.standard_normal((1, model.latents))
    other = observation.measure(np.asarray(sample(model.vae, z, rng)[0], float))
    start = start_of(observation, *encoders_q(model, other, step))
    path = path_of(model, other.measurements[:step], *start, temperatures)
    forward = yield from path.forward(CHAINS, rng)
    starts = yield from path.spread_out(np.repeat(z, CHAINS, axis=0), MOVES, rng)
    reverse = yield from path.reverse(starts, rng)
    upper, upper_error, sizes = reverse.upper, reverse.reverse_error, (forward.effective, reverse.reverse_effective)
    yield replace(bracket, drawn=Bounds(forward.lower, forward.error, upper, upper_error, *sizes))


def path_of(
    model: LoadedModel, measurements: Sequence[Measurement], mean: Array, deviation: Array, temperatures: int
) -> Path:
    """Return the path from q = N(mean, diag(deviation²)) to the posterior of all latents given the measurements."""
    from engine.latent.posterior.scoring.measurement_gradients import log_likelihood_slopes

    return Path(partial(log_likelihood_slopes, model.vae, measurements), mean, deviation, temperatures)


def _with_divergences(
    model: LoadedModel,
    measurements: Sequence[Measurement],
    mean: Array,
    deviation: Array,
    chains: Annealed,
    temperatures: int,
) -> Bracket:
    """Return the bracket with E[ln p(x, z) − ln q(z)] − ln p(x) under the posterior, and the same for the prior."""
    from engine.latent.posterior.scoring.at_latents import log_likelihoods

    z, shares = chains.z, chains.shares
    likelihood = log_likelihoods(model.vae, measurements, z)
    over_q = -0.5 * np.sum(z**2 - ((z - mean) / deviation) ** 2, axis=1) + np.sum(np.log(deviation))
    from_prior = float(shares @ likelihood) - chains.lower
    return Bracket(model.latents, temperatures, chains, from_prior + float(shares @ over_q), from_prior)
