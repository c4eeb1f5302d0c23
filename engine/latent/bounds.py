"""Bounds: the best Gaussian of the encoder's family for one image, and how far any other q falls short of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.latent.beliefs import Mass
from engine.latent.encoded_image import kl_to_prior
from engine.latent.unboxing import NODES, Bound, Unboxing
from engine.quadrature import normal_square

Slopes = Callable[[Array], tuple[Array, Array]]  # z (n, 2) -> ln p(seen|z) (n,) and its gradient (n, 2)
LEAST_SHARE = 0.02  # of the posterior that a mode has to hold for q to be tried there
MODES = 4  # that are tried at most
STILL = 1e-3  # length of the gradient, in nats per standard deviation of q, at which the climb is over
MOST_STEPS = 60
FARTHEST = 2.0  # standard deviations, or e-foldings of them, that one step goes at most
RISE = 1e-4  # the share of the rise that the slope promises with which a step is content
NARROW = np.log(1e-4)  # ln σ below which no q is looked for


class Split(msgspec.Struct, frozen=True, eq=False):
    """The gap of a q in two (Cremer, Li & Duvenaud 2018, eq. 5), in nats, for the `best` q* of the same family.

    ln p(x) − ELBO(q) = (ln p(x) − ELBO(q*)) + (ELBO(q*) − ELBO(q)). The first part is the family's: no independent
    Gaussian has the posterior's shape. The second is the encoder's: one network for all images.
    """

    best: Bound
    approximation: float
    amortisation: float


def split(unboxing: Unboxing, best: Bound) -> Split:
    """The gap of an unboxing's q, given the best q of its family."""
    return Split(best, unboxing.log_evidence - best.elbo, best.elbo - unboxing.elbo)


class Climb:
    """q = N(μ, diag σ²) on its way up the ELBO, step by step: BFGS in (μ₀, μ₁, ln σ₀, ln σ₁).

    E_q[ln p(seen|z)] is a Gauss–Hermite sum over nodes that move with q, so that its gradient is that of the sum
    itself: ∇_μ = E[∇ ln p], ∇_ln σ = σ ⊙ E[∇ ln p ⊙ ε].
    """

    def __init__(self, slopes: Slopes, mean: Array, deviation: Array) -> None:
        self._slopes = slopes
        self._at = np.concatenate([mean, np.log(deviation)])
        self.bound, self._gradient = self._look(self._at)
        self._inverse = self._natural()
        self.steps, self.done = 0, False

    def step(self) -> Iterator[None]:
        """One step up; it may be abandoned between two looks at the ELBO only if the climb is."""
        direction = self._direction()
        promised = float(direction @ self._gradient)
        length = 1.0
        while not self.done:
            tried = self._at + length * direction
            bound, gradient = self._look(tried)
            yield
            if bound.elbo >= self.bound.elbo + RISE * length * promised:
                self._learn(tried - self._at, gradient - self._gradient)
                self._at, self.bound, self._gradient = tried, bound, gradient
                break
            length *= 0.4
            self.done = length < 1e-6  # rounding hides what is left
        self.steps += 1
        self.done = self.done or self._is_still() or self.steps >= MOST_STEPS

    def _is_still(self) -> bool:
        stretched = self._gradient * np.append(self.bound.deviation, [1, 1])
        return bool(np.linalg.norm(stretched) < STILL)

    def _direction(self) -> Array:
        found = self._inverse @ self._gradient
        if found @ self._gradient <= 0:
            self._inverse = self._natural()
            found = self._inverse @ self._gradient
        reach = np.abs(found / np.append(self.bound.deviation, [1, 1])).max()
        found = np.asarray(found * min(1.0, FARTHEST / max(reach, 1e-300)))
        found[2:] = np.maximum(found[2:], NARROW - self._at[2:])
        return found

    def _natural(self) -> Array:
        """The inverse of q's Fisher information, which is the Hessian if the posterior is a q."""
        return np.diag(np.append(self.bound.deviation**2, [0.5, 0.5]))

    def _learn(self, moved: Array, turned: Array) -> None:
        """BFGS (Nocedal & Wright 2006, eq. 6.17), of −ELBO."""
        curved = -float(moved @ turned)
        if curved <= 1e-12:
            return
        share = np.eye(4) + np.outer(moved, turned) / curved
        self._inverse = share @ self._inverse @ share.T + np.outer(moved, moved) / curved

    def _look(self, at: Array) -> tuple[Bound, Array]:
        mean, deviation = at[:2], np.exp(at[2:])
        places, shares = normal_square(NODES)
        values, slopes = self._slopes(mean + deviation * places)
        of_mean = shares @ slopes - mean
        of_log = deviation * (shares @ (slopes * places)) - deviation**2 + 1
        bound = Bound(mean, deviation, float(shares @ values), kl_to_prior(mean, deviation))
        return bound, np.concatenate([of_mean, of_log])


class Search:
    """The best q, sought from several starts in turn. It may be abandoned at each step and goes on there."""

    def __init__(self, slopes: Slopes, starts: Iterable[tuple[Array, Array]]) -> None:
        self._slopes = slopes
        self._waiting = list(starts)
        self._climb: Climb | None = None
        self.best: Bound | None = None

    def consider(self, bound: Bound) -> None:
        """Climb from a q that was found elsewhere, if it is better than the best."""
        if self.best is not None and bound.elbo > self.best.elbo + STILL:
            self._waiting.append((bound.mean, bound.deviation))

    def go(self) -> Iterator[None]:
        """Until the best of all starts is known."""
        while self._climb is not None or self._waiting:
            if self._climb is None:
                self._climb = Climb(self._slopes, *self._waiting.pop(0))
                self._keep(self._climb.bound)
                yield
            while not self._climb.done:
                yield from self._climb.step()
            self._keep(self._climb.bound)
            self._climb = None

    def _keep(self, bound: Bound) -> None:
        if self.best is None or bound.elbo > self.best.elbo:
            self.best = bound


def starts(mass: Mass, peaks: Array, encoder: tuple[Array, Array]) -> list[tuple[Array, Array]]:
    """Means and deviations (2,) to climb from: the encoder's q, and a Gaussian at each peak (m, 2) that holds enough.

    A Gaussian about a mode that holds the share w of the posterior cannot come nearer than ln w to ln p.
    """
    away = np.sum((mass.z[:, None] - peaks) ** 2, axis=2)
    nearest = np.argmin(away, axis=1)
    shares = np.bincount(nearest, weights=mass.shares, minlength=len(peaks))
    chosen = [int(i) for i in np.argsort(-shares)[:MODES] if shares[i] > LEAST_SHARE]
    return [encoder, *(_fitted(mass, nearest == i) for i in chosen)]


def _fitted(mass: Mass, own: Array) -> tuple[Array, Array]:
    """Mean, and the deviations of the precision's diagonal: the best q of a Gaussian posterior (Bishop, eq. 10.15)."""
    part = Mass(mass.z[own], mass.side[own], mass.shares[own] / mass.shares[own].sum())
    grain = np.diag(part.side[:1] ** 2 / 12).repeat(2)[:2] * np.eye(2)
    precision = np.linalg.inv(part.covariance + grain)
    return part.mean, np.asarray(1 / np.sqrt(np.diag(precision)))


def peaks(axis: Array, log_density: Array, depth: float = 12.0) -> Array:
    """Where a density over axis × axis is higher than at all eight neighbours, (m, 2), the highest first.

    Those `depth` nats below the highest are left out.
    """
    around = np.pad(log_density, 1, constant_values=-np.inf)
    inner = log_density > log_density.max() - depth
    n = len(axis)
    for down in range(3):
        for across in range(3):
            if (down, across) != (1, 1):
                inner &= log_density >= around[down : down + n, across : across + n]
    rows, columns = np.nonzero(inner)
    order = np.argsort(-log_density[rows, columns])
    return np.column_stack([axis[columns], axis[rows]])[order]
