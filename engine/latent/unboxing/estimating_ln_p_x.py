"""Estimators of ln p(x): plain Monte Carlo from the prior, importance sampling from q, and how they scatter."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from typing import Annotated, Any

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
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.unboxing.shared_posterior import q_of, seen_of, unboxing_of
from engine.part import Part
from engine.plane import Viewport

POOL = 2**15  # draws from each proposal, of which all estimates are made
AT_ONCE = 64  # of them, between two looks at whether they are still wanted, about 5 ms
FIRST = 2**11  # so many are shown first, and then twice as many each time
REPEATS = 8  # estimates that a band needs at least
MOST = 2**12  # draws in one estimate
LOW, HIGH = 0.1, 0.9  # the quantiles of the band
NOTHING_SEEN = "Nothing of the image is seen yet: ln p of nothing is 0."


@SETTINGS.register
class EstimatingSettings(Part, Setting, frozen=True, tag=True):
    """Estimating: from how many draws each estimate of ln p(x) is made."""

    samples: Annotated[
        int, Meta(ge=1, le=MOST, title="Draws K", description="How many z one estimate of ln p(x) averages over.")
    ] = 64
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Same seed, same draws of z.")] = 1

    def fresh(self) -> EstimatingSettings:
        """With other draws."""
        return replace(self, seed=(self.seed + 1) % 2**31)


def estimate_again(document: Latent) -> Latent:
    """Return the document with ln p(x) estimated from other draws."""
    return document.with_setting(document[EstimatingSettings].fresh())


class Scatter(msgspec.Struct, frozen=True, eq=False):
    """One estimator, again and again, in nats: `repeats` (r,) estimates with the chosen number of draws.

    `low`, `median`, `high` (m,) are the quantiles of estimates from so many draws each, `counts` (m,). Of the draws in
    one estimate `effective` count, and the best has `best` of the weight, both as a median over the repeats. To come
    near ln p(x) takes some `needed` draws.
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
    """What the panel draws: ln p(x) by the grid with its error, the ELBO of q, and the two estimators.

    `pool` draws were made of each so far. `unavailable` says why there is nothing else.
    """

    unavailable: str = ""
    name: str = ""
    by_hand: bool = False
    samples: int = 1
    log_evidence: float = 0.0
    error: float = 0.0
    elbo: float = 0.0
    pool: int = 0
    prior: Scatter | None = None
    q: Scatter | None = None


class Pool:
    """Draws z_k from N(mean, diag(deviation²)), and the logs of their weights p(x, z_k)/q(z_k). It grows.

    The proposal may be the prior itself: the weights are then p(x|z_k). It belongs to one thread.
    """

    def __init__(self, score: Any, mean: Array, deviation: Array, stream: tuple[int, ...]) -> None:
        self._score, self._mean, self._deviation = score, mean, deviation
        self._rng = np.random.default_rng(stream)
        self._logs = np.empty(POOL)
        self.size = 0

    @property
    def log_weights(self) -> Array:
        """ln p(x, z_k) − ln q(z_k) (size,), in nats."""
        return self._logs[: self.size]

    def grow(self) -> None:
        """Draw AT_ONCE more."""
        epsilon = self._rng.standard_normal((AT_ONCE, 2))
        made = log_weights(self._score, self._mean, self._deviation, epsilon)
        self._logs[self.size : self.size + AT_ONCE] = made
        self.size += AT_ONCE


def log_weights(score: Any, mean: Array, deviation: Array, epsilon: Array) -> Array:
    """ln p(x|z) + ln p(z) − ln q(z) (n,) at z = mean + deviation ⊙ ε (n, 2), given `score`, ln p(x|z)."""
    z = mean + deviation * epsilon
    log_q = -0.5 * np.sum(epsilon**2, axis=1) - LN_2PI - np.sum(np.log(deviation))
    log_prior = -0.5 * np.sum(z**2, axis=1) - LN_2PI
    return np.asarray(score(z) + log_prior - log_q)


def estimates(logs: Array, samples: int) -> Array:
    """ln (1/K) Σ w (n // K,) over groups of K `samples` of the weights whose logs (n,) are given; none overlap.

    E[(1/K) Σ w] = p(x), so that its log is on average at most ln p(x), and rises with K; for K = 1 its mean is the
    ELBO. Burda, Grosse & Salakhutdinov 2016, eq. 8.
    """
    groups = grouped(logs, samples)
    peak = np.maximum(groups.max(axis=1), -1e300)  # of no weight at all the log is −∞, not undefined
    with np.errstate(divide="ignore"):
        return np.asarray(peak + np.log(np.mean(np.exp(groups - peak[:, None]), axis=1)))


def shares(logs: Array, samples: int) -> Array:
    """The part (n // K, K) that each weight has in its group's sum."""
    groups = grouped(logs, samples)
    made = np.exp(groups - np.maximum(groups.max(axis=1, keepdims=True), -1e300))
    return np.asarray(made / np.maximum(made.sum(axis=1, keepdims=True), 1e-300))


def effective_size(shares: Array) -> Array:
    """(Σ w)² / Σ w² (r,), from 1 to K: how many equal weights would scatter as much (Kish 1965)."""
    return np.asarray(1 / np.maximum(np.sum(shares**2, axis=1), 1e-300))


def grouped(values: Array, size: int) -> Array:
    """The first n // size whole groups of consecutive values, (n // size, size)."""
    whole = len(values) // size
    return values[: whole * size].reshape(whole, size)


def scatter(logs: Array, samples: int, divergence: float) -> Scatter:
    """How estimates from weights scatter; `divergence` is KL(p(z|x) ‖ proposal) in nats.

    exp of it is how many draws it takes: Chatterjee & Diaconis 2018, theorem 1.1.
    """
    counts = 2 ** np.arange(int(np.log2(max(len(logs) // REPEATS, 1))) + 1)
    counts = counts[counts <= MOST]
    low, median, high = np.transpose([np.quantile(estimates(logs, int(k)), (LOW, 0.5, HIGH)) for k in counts])
    parts = shares(logs, samples)
    effective, best = np.median(effective_size(parts)), np.median(parts.max(axis=1))
    needed = float(np.exp(min(max(divergence, 0.0), 700.0)))
    return Scatter(estimates(logs, samples), counts, low, median, high, float(effective), float(best), needed)


@derived(Estimated, last=True)
def evidence_estimates(document: Latent, _: Viewport) -> Generator[Estimated | Pending, None, None]:
    """The grid's value first, then estimates from ever more draws."""
    unavailable = why_not(document)
    if unavailable:
        yield Estimated(unavailable)
        return
    found = yield from unboxing_of(document)
    assert found is not None
    subject, samples = encoded_by(document.loaded_model, document.input), document[EstimatingSettings].samples
    by_hand = document.q is not None
    known = Estimated("", subject.name, by_hand, samples, found.log_evidence, found.error, found.elbo)
    yield known
    for pool in _growing(document):
        if isinstance(pool, Pending):
            yield pool
        else:
            yield _with_scatters(known, pool, found)


def why_not(document: Latent) -> str:
    """Why there is nothing to estimate; empty if there is."""
    try:
        seen = seen_of(document)
    except ValueError as refusal:
        return str(refusal)
    if seen is None:
        return NO_IMAGE
    return "" if document.step else NOTHING_SEEN


def _with_scatters(known: Estimated, pools: tuple[Array, Array], found: Unboxing) -> Estimated:
    prior, q = pools
    to_prior = found.mass_log_density + float(found.mass.shares @ (0.5 * np.sum(found.mass.z**2, axis=1) + LN_2PI))
    return replace(
        known,
        pool=len(prior),
        prior=scatter(prior, known.samples, to_prior),
        q=scatter(q, known.samples, found.reverse),
    )


def _growing(document: Latent) -> Generator[tuple[Array, Array] | Pending, None, None]:
    """The log weights of both pools, from the prior and from q, whenever there are twice as many, FIRST to POOL."""
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
    what = (
        document.loaded_model,
        document.input,
        document.observation.first(step),
        step,
        document[EstimatingSettings].seed,
    )
    mean, deviation = q_of(document, seen)
    return _pool(*what, 0, (0.0, 0.0), (1.0, 1.0)), _pool(
        *what, 1, tuple(map(float, mean)), tuple(map(float, deviation))
    )


@lru_cache(maxsize=16)
def _pool(
    model: LoadedModel,
    subject: Input,
    observation: Observation,
    step: int,
    seed: int,
    stream: int,
    mean: tuple[float, ...],
    deviation: tuple[float, ...],
) -> Pool:
    """As far as it was drawn: what is abandoned goes on where it was."""
    from engine.latent.posterior.scoring.lattice import log_likelihoods

    x = model.vae.scored(encoded_by(model, subject).pixels / np.float32(255))
    measurements = observation.measure(x).measurements[:step]

    def score(z: Array) -> Array:
        return log_likelihoods(model.vae, measurements, z)

    return Pool(score, np.array(mean), np.array(deviation), (seed, stream))
