"""Estimators of ln p(x): Monte Carlo with samples from the prior, and importance sampling with samples from q.

All estimates come from one pool of samples from each density, in groups that do not overlap. So another K needs no new
samples, and the scatter of the groups is unbiased. The number of samples that an estimator needs is about exp(KL) of
the posterior from the sampled density (Chatterjee & Diaconis 2018), which is known from the grid.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import lru_cache
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import LN_2PI, Array
from engine.latent.document import Latent
from engine.latent.inputs.input import Input, encoded_by
from engine.latent.model import LoadedModel
from engine.latent.observations.observation import Observation
from engine.latent.posterior.unboxing import Unboxing
from engine.latent.unboxing.bracket import Bracket, chains_of, encoders_q
from engine.latent.unboxing.latent_space import NO_IMAGE, nothing_observed
from engine.latent.unboxing.shared_posterior import q_of, seen_of, unboxing_of
from engine.part import Part
from engine.plane import Viewport

POOL = 2**15  # samples from each density
AT_ONCE = 64  # samples drawn between two yields, about 5 ms
FIRST = 2**11  # samples in the first result; each further result has twice as many
REPEATS = 8  # estimates behind each point of a band, at least
MOST = 2**12  # samples of one estimate, at most
LOW, HIGH = 0.1, 0.9  # the quantiles of the band
FEW = 8  # temperatures of the chains that come before those with the chosen number
V = TypeVar("V")


@SETTINGS.register
class EstimatingSettings(Part, Setting, frozen=True, tag=True):
    """Estimating: the number of samples of each estimate of ln p(x), and the random seed."""

    samples: Annotated[
        int,
        Meta(ge=1, le=MOST, title="Samples K", description="The number of z that one estimate of ln p(x) averages."),
    ] = 64
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1, title="Seed", description="The same seed draws the same z.")] = 1
    temperatures: Annotated[
        int,
        Meta(
            ge=4,
            le=2000,
            title="Temperatures T",
            description="Steps of annealed importance sampling, for models with more than two latents.",
        ),
    ] = 64

    def fresh(self) -> EstimatingSettings:
        """With new samples."""
        return replace(self, seed=(self.seed + 1) % 2**31)


def estimate_again(document: Latent) -> Latent:
    """Return the document with ln p(x) estimated from new samples."""
    return document.with_setting(document[EstimatingSettings].fresh())


class Scatter(msgspec.Struct, frozen=True, eq=False):
    """Repeated estimates by one estimator: `repeats` (r,) with the chosen K, in nats.

    `low`, `median` and `high` (m,) are quantiles of estimates with `counts` (m,) samples each, in nats. `effective` is
    the effective sample size, and `best` the largest normalised weight, both as medians over the repeats. `needed` is
    the approximate number of samples for an accurate estimate.
    """

    repeats: Array
    counts: NDArray[np.int_]
    low: Array
    median: Array
    high: Array
    effective: float
    best: float
    needed: float


class Estimated(msgspec.Struct, frozen=True, eq=False):
    """ln p(x) from the grid with its error, the ELBO of q, and the two estimators with `pool` samples each, in nats.

    `unavailable` is the reason if there are no estimates. `by_hand` says whether the user has set q. `symbol` is that
    of the measurements: x for the whole image, else y or s. For more than two latents there is no grid: `bracket` holds
    the bounds by annealed importance sampling, of which `log_evidence` is the lower one.
    """

    unavailable: str = ""
    name: str = ""
    by_hand: bool = False
    symbol: str = "x"
    samples: int = 1
    log_evidence: float = 0.0
    error: float = 0.0
    elbo: float = 0.0
    pool: int = 0
    prior: Scatter | None = None
    q: Scatter | None = None
    bracket: Bracket | None = None


class Pool:
    """A growing pool of samples z_k from q = N(mean, diag(deviation²)), and the logs of their weights p(x, z_k)/q(z_k).

    If q is the prior, the weights are p(x|z_k). A pool belongs to one thread. It is not a Resumable: the two pools of a
    document grow in turns, and the pool of the prior is shared by all q.
    """

    def __init__(self, score: Any, mean: Array, deviation: Array, stream: tuple[int, ...]) -> None:
        self._score, self._mean, self._deviation = score, mean, deviation
        self._rng = np.random.default_rng(stream)
        self._logs = np.empty(FIRST)
        self.size = 0

    @property
    def log_weights(self) -> Array:
        """ln p(x, z_k) − ln q(z_k) (size,), in nats."""
        return self._logs[: self.size]

    def grow(self) -> None:
        """Draw AT_ONCE more samples."""
        epsilon = self._rng.standard_normal((AT_ONCE, len(self._mean)))
        logs = log_weights(self._score, self._mean, self._deviation, epsilon)
        if self.size + AT_ONCE > len(self._logs):
            self._logs = np.concatenate([self._logs, np.empty_like(self._logs)])
        self._logs[self.size : self.size + AT_ONCE] = logs
        self.size += AT_ONCE


def log_weights(score: Any, mean: Array, deviation: Array, epsilon: Array) -> Array:
    """Return ln p(x|z) + ln p(z) − ln q(z) (n,) in nats at z = mean + deviation ⊙ ε (n, d); `score` is ln p(x|z)."""
    z, constant = mean + deviation * epsilon, 0.5 * epsilon.shape[1] * LN_2PI
    log_q = -0.5 * np.sum(epsilon**2, axis=1) - constant - np.sum(np.log(deviation))
    log_prior = -0.5 * np.sum(z**2, axis=1) - constant
    return np.asarray(score(z) + log_prior - log_q)


def estimates(logs: Array, samples: int) -> Array:
    """Return estimates ln (1/K) Σ w (n // K,) in nats over consecutive groups of K = `samples` of the log weights (n,).

    E[(1/K) Σ w] = p(x), so that the mean of the logarithm is at most ln p(x) and increases with K. For K = 1 it is the
    ELBO (Burda, Grosse & Salakhutdinov 2016, eq. 8).
    """
    groups = grouped(logs, samples)
    peak = np.maximum(groups.max(axis=1), -1e300)  # if all weights are 0, the estimate is −∞ and not undefined
    with np.errstate(divide="ignore"):
        return np.asarray(peak + np.log(np.mean(np.exp(groups - peak[:, None]), axis=1)))


def shares(logs: Array, samples: int) -> Array:
    """Return the weights of each group, normalised to sum 1, (n // K, K), given log weights (n,)."""
    groups = grouped(logs, samples)
    weights = np.exp(groups - np.maximum(groups.max(axis=1, keepdims=True), -1e300))
    return np.asarray(weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300))


def effective_size(shares: Array) -> Array:
    """Return the effective sample size (Σ w)² / Σ w² (r,) of normalised weights (r, K), from 1 to K (Kish 1965)."""
    return np.asarray(1 / np.maximum(np.sum(shares**2, axis=1), 1e-300))


def grouped(values: Array, size: int) -> Array:
    """Return values (n,) as complete groups of consecutive values, (n // size, size)."""
    whole = len(values) // size
    return values[: whole * size].reshape(whole, size)


def scatter(logs: Array, samples: int, divergence: float) -> Scatter:
    """Return the scatter of estimates with K = `samples` from log weights (n,).

    `divergence` is KL(p(z|x) ‖ q) in nats for the sampled density q. An accurate estimate needs about exp(divergence)
    samples (Chatterjee & Diaconis 2018, theorem 1.1).
    """
    counts = 2 ** np.arange(int(np.log2(max(len(logs) // REPEATS, 1))) + 1)
    counts = counts[counts <= MOST]
    low, median, high = np.transpose([np.quantile(estimates(logs, int(k)), (LOW, 0.5, HIGH)) for k in counts])
    weights = shares(logs, samples)
    effective, best = np.median(effective_size(weights)), np.median(weights.max(axis=1))
    needed = float(np.exp(min(max(divergence, 0.0), 700.0)))
    return Scatter(estimates(logs, samples), counts, low, median, high, float(effective), float(best), needed)


@derived(Estimated, last=True)
def evidence_estimates(document: Latent, _: Viewport) -> Generator[Estimated | Pending, None, None]:
    """Yield the value of the grid first, then also estimates from more and more samples.

    For more than two latents the reference is the lower bound by annealed importance sampling instead of the grid.
    """
    unavailable = why_not(document)
    if unavailable:
        yield Estimated(unavailable)
        return
    if document.is_sliced:
        yield from _without_grid(document)
        return
    unboxing = yield from unboxing_of(document)
    assert unboxing is not None
    image, samples = encoded_by(document.loaded_model, document.input), document[EstimatingSettings].samples
    by_hand = document.q is not None
    symbol = document.observation.symbol
    by_grid = Estimated("", image.name, by_hand, symbol, samples, unboxing.log_evidence, unboxing.error, unboxing.elbo)
    yield by_grid
    for pool in _growing(document):
        if isinstance(pool, Pending):
            yield pool
        else:
            yield _with_scatters(by_grid, pool, unboxing)


def _without_grid(document: Latent) -> Generator[Estimated | Pending, None, None]:
    """Yield the estimates of all latents from the two pools, with the bounds by annealed importance sampling.

    The first bounds are those of chains with FEW temperatures, which take a tenth of a second. They are bounds in
    expectation as well, but less accurate.
    """
    chosen = document[EstimatingSettings]
    chains, growing = chains_of(document, chosen.temperatures, chosen.seed), _growing(document)
    bracket = chains.best
    if bracket is None:
        bracket = yield from _first_of(chains_of(document, min(FEW, chosen.temperatures), chosen.seed).go())
    pools = yield from _first_of(growing)
    yield _by_annealing(document, bracket, pools)
    for better in chains.go():
        bracket = bracket if isinstance(better, Pending) else better
        yield better if isinstance(better, Pending) else _by_annealing(document, bracket, pools)
    for larger in growing:
        yield larger if isinstance(larger, Pending) else _by_annealing(document, bracket, larger)


def _first_of(values: Iterator[V | Pending]) -> Generator[Pending, None, V]:
    """Return the first value of an iterator; yield PENDING until it is computed."""
    for value in values:
        if not isinstance(value, Pending):
            return value
        yield value
    raise ValueError("There is no value.")


def _by_annealing(document: Latent, bracket: Bracket, pools: tuple[Array, Array]) -> Estimated:
    ends, samples, (from_prior, from_q) = bracket.chains, document[EstimatingSettings].samples, pools
    return Estimated(
        "",
        encoded_by(document.whole_model, document.input).name,
        symbol=document.observation.symbol,
        samples=samples,
        log_evidence=ends.lower,
        error=ends.error,
        elbo=float(from_q.mean()),
        pool=len(from_prior),
        prior=scatter(from_prior, samples, bracket.kl_from_prior),
        q=scatter(from_q, samples, bracket.kl_from_q),
        bracket=bracket,
    )


def why_not(document: Latent) -> str:
    """Return why ln p(x) cannot be estimated; "" if it can."""
    try:
        seen = seen_of(document)
    except ValueError as refusal:
        return str(refusal)
    if seen is None:
        return NO_IMAGE
    return nothing_observed(document)


def _with_scatters(by_grid: Estimated, pools: tuple[Array, Array], unboxing: Unboxing) -> Estimated:
    prior, q = pools
    mass = unboxing.mass
    to_prior = unboxing.mass_log_density + float(mass.shares @ (0.5 * np.sum(mass.z**2, axis=1) + LN_2PI))
    return replace(
        by_grid,
        pool=len(prior),
        prior=scatter(prior, by_grid.samples, to_prior),
        q=scatter(q, by_grid.samples, unboxing.reverse),
    )


def _growing(document: Latent) -> Generator[tuple[Array, Array] | Pending, None, None]:
    """Yield the log weights of both pools (prior, q): FIRST, then twice as many each time, up to POOL."""
    pools = _pools(document)
    shown = FIRST
    while shown <= POOL:
        while (pool := min(pools, key=_size)).size < shown:
            pool.grow()
            yield PENDING
        shown = 2 ** int(np.log2(min(map(_size, pools))))
        if shown >= 2 * document[EstimatingSettings].samples:
            yield pools[0].log_weights[:shown], pools[1].log_weights[:shown]
        shown *= 2


def _size(pool: Pool) -> int:
    return pool.size


def _pools(document: Latent) -> tuple[Pool, Pool]:
    seen, step = seen_of(document), document.step
    assert seen is not None
    model = document.whole_model
    key = (
        model,
        document.input,
        document.observation.first(step),
        step,
        document[EstimatingSettings].seed,
    )
    mean, deviation = encoders_q(model, seen, step) if document.is_sliced else q_of(document)
    prior = _pool(*key, 0, (0.0,) * model.latents, (1.0,) * model.latents)
    return prior, _pool(*key, 1, tuple(map(float, mean)), tuple(map(float, deviation)))


@lru_cache(maxsize=16)
def _pool(
    model: LoadedModel,
    selected: Input,
    observation: Observation,
    step: int,
    seed: int,
    stream: int,
    mean: tuple[float, ...],
    deviation: tuple[float, ...],
) -> Pool:
    """The pool of one proposal, cached, so that a cancelled computation is continued."""
    from engine.latent.posterior.scoring.at_latents import log_likelihoods

    x = model.vae.scored(encoded_by(model, selected).pixels / np.float32(255))
    measurements = observation.measure(x).measurements[:step]

    def score(z: Array) -> Array:
        return log_likelihoods(model.vae, measurements, z)

    return Pool(score, np.array(mean), np.array(deviation), (seed, stream))
