"""The log evidence ln p(t | α, β): over both precisions, where it is largest, and how it chooses a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import ArrayLike

from engine.derived import PENDING, Pending, derived, whole
from engine.gaussian import LN_2PI, Array
from engine.plane import Viewport
from engine.regression.data.held_out import HeldOut, held_out
from engine.regression.data.observations import CROWD, Observations, Statistics
from engine.regression.model.basis import Basis
from engine.regression.model.linear_model import LinearModel, posterior
from engine.regression.model.noise import GaussianNoise, StudentTNoise
from engine.regression.model.unknown_noise import UnknownNoisePosterior

if TYPE_CHECKING:
    from engine.regression.document import Regression

RUNAWAY = 1e12  # an α above this, times the scale of the data, is on its way to infinity
STEPS = 20_000
AT_ONCE = 5  # orders, before it may be abandoned
FEW = 100  # observations, where every order is a matter of many steps
SHOWN = 400  # steps of a path that are kept
NOTHING = 1e-14  # a singular value below this, relative to the largest, is a direction the data say nothing of


@dataclass(frozen=True)
class FixedPoint:
    """Where re-estimation of α and β came to rest: γ is the number of well-determined weights.

    `runaway` means that α grows without bound: the data prefer no function at all. Then alpha is inf, gamma 0 and
    `log_evidence` the limit. `path` (n, 2) are α and β on the way.
    """

    alpha: float
    beta: float
    gamma: float
    log_evidence: float
    runaway: bool
    path: Array = field(compare=False, repr=False)


class Spectrum(msgspec.Struct, frozen=True, eq=False):
    """All that the evidence needs of n observations under k weights.

    Singular values s of Φ that are not 0, the components c of t along their directions, and the square of what is left
    of t. λ_i = β s_i² are the eigenvalues of βΦᵀΦ, so that α and β can change without another decomposition.
    """

    s: Array
    c: Array
    outside: float
    n: int
    k: int

    @classmethod
    def of(cls, statistics: Statistics) -> Spectrum:
        """From sufficient statistics: its cost does not depend on n."""
        k = len(statistics.triangle) - 1
        left, s, _ = np.linalg.svd(statistics.triangle[:k, :k])
        kept = s > NOTHING * s[0]
        c, corner = left.T @ statistics.triangle[:k, k], statistics.triangle[k, k]
        return cls(s[kept], c[kept], float(corner**2 + np.sum(c[~kept] ** 2)), statistics.count, k)

    def shrink(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """λ_i/(α + λ_i), (…, i): how much of each direction the data decide (PRML 3.91 sums them to γ)."""
        scaled = np.asarray(beta, float)[..., None] * self.s**2
        return np.asarray(scaled / (np.asarray(alpha, float)[..., None] + scaled))

    def log_evidence(self, alpha: ArrayLike, beta: ArrayLike) -> Array:
        """ln p(t | α, β) (…), broadcast over both, in nats (PRML 3.86 in the eigenbasis)."""
        alpha, beta = np.broadcast_arrays(np.asarray(alpha, float), np.asarray(beta, float))
        left_out = 1 - self.shrink(alpha, beta)
        twice_energy = beta * (self.outside + np.sum(left_out * self.c**2, axis=-1))
        log_det = np.sum(np.log1p(beta[..., None] / alpha[..., None] * self.s**2), axis=-1)
        return np.asarray(0.5 * (self.n * (np.log(beta) - LN_2PI) - twice_energy - log_det))

    def climb(self, alpha: float, beta: float) -> FixedPoint:
        """α = γ/m_Nᵀm_N, 1/β = ‖t − Φm_N‖²/(N − γ), again and again (PRML 3.92, 3.95), from a start."""
        path = [(alpha, beta)]
        for _ in range(STEPS):
            shrink = self.shrink(alpha, beta)
            gamma = float(np.sum(shrink))
            mean_square = float(np.sum((shrink * self.c / self.s) ** 2))
            misfit = self.outside + float(np.sum(((1 - shrink) * self.c) ** 2))
            if mean_square == 0 or misfit == 0:
                break
            known, alpha, beta = (alpha, beta), gamma / mean_square, (self.n - gamma) / misfit
            path.append((alpha, beta))
            if alpha > RUNAWAY * beta * float(self.s[0] ** 2):
                return self._no_function(np.array(path))
            if abs(alpha - known[0]) <= 1e-14 * alpha and abs(beta - known[1]) <= 1e-14 * beta:
                break
        gamma = float(np.sum(self.shrink(alpha, beta)))
        return FixedPoint(alpha, beta, gamma, float(self.log_evidence(alpha, beta)), False, np.array(path[:SHOWN]))

    def _no_function(self, path: Array) -> FixedPoint:
        """α → ∞: every weight is zero, and all of t is noise of precision n/Σt²."""
        beta = self.n / (self.outside + float(self.c @ self.c))
        log_evidence = 0.5 * self.n * (np.log(beta) - LN_2PI - 1)
        return FixedPoint(float("inf"), beta, 0.0, float(log_evidence), True, path[:SHOWN])


def maximise(basis: Basis, x: ArrayLike, t: ArrayLike, starts: Sequence[tuple[float, float]]) -> list[FixedPoint]:
    """Maximise the evidence over α and β from each start (α, β): one fixed point a start (PRML 3.91–3.95)."""
    t = np.atleast_1d(np.asarray(t, float))
    spectrum = Spectrum.of(Statistics.empty(basis.size).after(basis.features(x), t))
    return [spectrum.climb(alpha, beta) for alpha, beta in starts]


class Orders(msgspec.Struct, frozen=True, eq=False):
    """The same data under every order of a basis: ln evidence = fit + Occam factor, each (m,), in nats.

    The fit is ln p(t | m_N), how well the best weights explain the data; the Occam factor, never above 0, is what it
    costs that the prior did not know them. Beside them the mean square of t − mean on these data and on held-out ones,
    and the mean log predictive density of the held-out ones in nats; `whence` says which those are.
    """

    orders: Array
    log_evidence: Array
    fit: Array
    mean_square: Array
    held_out: Array
    log_density: Array
    whence: str

    @property
    def occam(self) -> Array:
        """ln evidence − fit."""
        return self.log_evidence - self.fit


@derived(Orders)
def orders_of(document: Regression, _: Viewport) -> Iterator[Orders | Pending | None]:
    """Of the observations that are taken into account, unless there are none or too many."""
    taken = document.taken
    if 0 < len(taken) <= most_ordered(document.model):
        yield from _one_by_one(document.model, taken, held_out(document))
    else:
        yield None


def most_ordered(model: LinearModel) -> int:
    """How many observations the orders are compared on: each is a model of its own."""
    return FEW if isinstance(model.noise, StudentTNoise) else CROWD


def by_order(model: LinearModel, observations: Observations, others: HeldOut) -> Orders:
    """Of every order that the model's basis can have."""
    return whole(_one_by_one(model, observations, others))


def _one_by_one(model: LinearModel, observations: Observations, others: HeldOut) -> Iterator[Orders | Pending]:
    rows = []
    for order in model.basis.orders:
        rows.append(_judged(replace(model, basis=model.basis.of_order(order)), observations, others))
        if len(rows) % AT_ONCE == 0:
            yield PENDING
    evidence, fit, own, held, density = np.array(rows).T
    yield Orders(np.array(model.basis.orders), evidence, fit, own, held, density, others.whence)


def _judged(model: LinearModel, observations: Observations, others: HeldOut) -> tuple[float, ...]:
    found, noise = posterior(model, observations), model.noise
    if isinstance(found, UnknownNoisePosterior):
        noise = GaussianNoise(found.shape / found.rate)
    best = model.basis.features(observations.x) @ found.weights.mean
    fit = float(np.sum(noise.log_likelihood(observations.t, best)))
    own = HeldOut(observations.x, observations.t, "these")
    return found.log_evidence, fit, own.mean_square(found), others.mean_square(found), others.log_density(found)
