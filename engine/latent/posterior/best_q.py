"""Bounds: the best Gaussian of the encoder's family for one image, and how far any other q falls short of it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import msgspec
import numpy as np

from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.gaussian_q import kl_to_prior
from engine.latent.posterior.grid_density import WeightedCells
from engine.latent.posterior.unboxing import Bound, Unboxing
from engine.memo import Resumable
from engine.quadrature import normal_grid

Slopes = Callable[[Array], tuple[Array, Array]]  # z (n, 2) -> ln p(seen|z) (n,) and its gradient (n, 2)
Bounds = Callable[[Array, Array], Generator[Bound | Pending, None, None]]  # mean, deviation (2,) -> ever better ELBOs
LEAST_SHARE = 0.02  # of the posterior that a mode has to hold for q to be tried there
MODES = 4  # that are tried at most
ROUGH, EXACT = (0.75, 1e-3), (0.5, 2e-5)  # q's deviations between places, nats that are not worth another step
WORTH = 1e-3  # nats by which a q that was found elsewhere has to be better
MOST_STEPS = 60
FARTHEST = 2.0  # standard deviations, or e-foldings of them, that one step goes at most
SHORTEST = 1e-2  # of a step; rounding hides what less would gain
RISE = 1e-4  # the share of the rise that the slope promises with which a step is content
LN_NARROWEST, LN_WIDEST = np.log([1e-4, 1e2])  # standard deviations of a q
AT_ONCE = 128  # latents scored between two looks at whether they are still wanted


class GapParts(msgspec.Struct, frozen=True, eq=False):
    """The gap of a q in two (Cremer, Li & Duvenaud 2018, eq. 5), in nats, for the `best` q* of the same family.

    ln p(x) − ELBO(q) = (ln p(x) − ELBO(q*)) + (ELBO(q*) − ELBO(q)). The first part is the family's: no independent
    Gaussian has the posterior's shape. The second is the encoder's: one network for all images.
    """

    best: Bound
    approximation: float
    amortisation: float


def gap_parts(unboxing: Unboxing, best: Bound) -> GapParts:
    """The gap of an unboxing's q, given the best q of its family."""
    return GapParts(best, unboxing.log_evidence - best.elbo, best.elbo - unboxing.elbo)


class Ascent:
    """q = N(μ, diag σ²) on its way up the ELBO: BFGS in (μ₀, μ₁, ln σ₀, ln σ₁), until a step promises `enough` nats.

    E_q[ln p(seen|z)] is a sum over places that move with q, so that its gradient is that of the sum itself:
    ∇_μ = E[∇ ln p], ∇_ln σ = σ ⊙ E[∇ ln p ⊙ ε].
    """

    def __init__(self, slopes: Slopes, mean: Array, deviation: Array, step: float, enough: float) -> None:
        self._slopes, self._enough = slopes, enough
        self._places, self._shares = normal_grid(step)
        self._at = np.concatenate([mean, np.log(deviation)])
        self.elbo, self._gradient = -np.inf, np.zeros(4)
        self._inverse = _natural(deviation)

    @property
    def q(self) -> tuple[Array, Array]:
        """Mean and deviation (2,), as far as it has come."""
        return self._at[:2], np.exp(self._at[2:])

    def go(self) -> Generator[Pending, None, None]:
        """Climb to the maximum."""
        self.elbo, self._gradient = yield from self._look(self._at)
        for _ in range(MOST_STEPS):
            if not (yield from self._step()):
                return

    def _step(self) -> Generator[Pending, None, bool]:
        """Take one step uphill; return whether there was one."""
        direction = self._direction()
        promised, length = float(direction @ self._gradient), 1.0
        while promised > self._enough and length > SHORTEST:
            tried = self._at + length * direction
            elbo, gradient = yield from self._look(tried)
            if elbo >= self.elbo + RISE * length * promised:
                self._learn(tried - self._at, gradient - self._gradient)
                self._at, self.elbo, self._gradient = tried, elbo, gradient
                return True
            length *= 0.4
        return False

    def _direction(self) -> Array:
        found = self._inverse @ self._gradient
        reach = np.abs(found / np.append(np.exp(self._at[2:]), [1, 1])).max()
        found = np.asarray(found * min(1.0, FARTHEST / max(reach, 1e-300)))
        found[2:] = np.clip(found[2:], LN_NARROWEST - self._at[2:], LN_WIDEST - self._at[2:])
        return found

    def _learn(self, moved: Array, turned: Array) -> None:
        """BFGS (Nocedal & Wright 2006, eq. 6.17), of −ELBO; where that is not convex, from the start."""
        curved = -float(moved @ turned)
        if curved <= 0:
            self._inverse = _natural(np.exp(self._at[2:] + moved[2:]))
            return
        share = np.eye(4) + np.outer(moved, turned) / curved
        self._inverse = share @ self._inverse @ share.T + np.outer(moved, moved) / curved

    def _look(self, at: Array) -> Generator[Pending, None, tuple[float, Array]]:
        """The ELBO and its gradient (4,)."""
        mean, deviation = at[:2], np.exp(at[2:])
        z, parts = mean + deviation * self._places, []
        for start in range(0, len(z), AT_ONCE):
            parts.append(self._slopes(z[start : start + AT_ONCE]))
            yield PENDING
        values, slopes = (np.concatenate(both) for both in zip(*parts, strict=True))
        of_mean = self._shares @ slopes - mean
        of_log = deviation * (self._shares @ (slopes * self._places)) - deviation**2 + 1
        return float(self._shares @ values) - kl_to_prior(mean, deviation), np.concatenate([of_mean, of_log])


def _natural(deviation: Array) -> Array:
    """The inverse of q's Fisher information (4, 4): that of the Hessian, if the posterior is a q itself."""
    return np.diag(np.append(deviation**2, [0.5, 0.5]))


class MultiStart:
    """The best q of a Resumable search that ascends from several starts in turn; more starts may be added later.

    The encoder's q is the result if no better one is found, as measured by `bounds`.
    """

    def __init__(self, slopes: Slopes, bounds: Bounds, encoder: Bound, starts: Sequence[tuple[Array, Array]]) -> None:
        self._slopes, self._bounds = slopes, bounds
        self._best, self._top = encoder, Ascent(slopes, encoder.mean, encoder.deviation, *EXACT)
        self._work = Resumable(self._search(starts))

    @property
    def best(self) -> Bound | None:
        """The best q and its ELBO; None as long as the search is not complete."""
        return self._work.best

    def consider(self, found: Bound) -> None:
        """Search from another q as well, if it is better than the best one."""
        if self.best is not None and found.elbo > self.best.elbo + WORTH:
            self._work = Resumable(self._search([(found.mean, found.deviation)]))

    def go(self) -> Generator[Bound | Pending, None, None]:
        """Continue the search until the best q is known, which is yielded last."""
        return self._work.go()

    def _search(self, starts: Sequence[tuple[Array, Array]]) -> Generator[Bound | Pending, None, None]:
        """Ascend roughly from each start, and from the highest of these maxima exactly."""
        for start in starts:
            ascent = Ascent(self._slopes, *start, *ROUGH)
            yield from ascent.go()
            if ascent.elbo > self._top.elbo:
                self._top = Ascent(self._slopes, *ascent.q, *EXACT)
                self._top.elbo = ascent.elbo
        yield from self._top.go()
        for bound in self._bounds(*self._top.q):
            if not isinstance(bound, Pending) and bound.elbo > self._best.elbo:
                self._best = bound
            yield PENDING
        yield self._best


def starts(mass: WeightedCells, peaks: Array, encoder: tuple[Array, Array]) -> list[tuple[Array, Array]]:
    """Means and deviations (2,) to ascent from: the encoder's q, and a Gaussian at each peak (m, 2) that holds enough.

    A Gaussian about a mode that holds the share w of the posterior cannot come nearer than ln w to ln p.
    """
    away = np.sum((mass.z[:, None] - peaks) ** 2, axis=2)
    nearest = np.argmin(away, axis=1)
    shares = np.bincount(nearest, weights=mass.shares, minlength=len(peaks))
    chosen = [int(i) for i in np.argsort(-shares)[:MODES] if shares[i] > LEAST_SHARE]
    return [encoder, *(_fitted(mass, nearest == i) for i in chosen)]


def _fitted(mass: WeightedCells, own: Array) -> tuple[Array, Array]:
    """Mean, and the deviations of the precision's diagonal: the best q of a Gaussian posterior (Bishop, eq. 10.15)."""
    part = WeightedCells(mass.z[own], mass.side[own], mass.shares[own] / mass.shares[own].sum())
    grain = np.diag(part.side[:1] ** 2 / 12).repeat(2)[:2] * np.eye(2)
    precision = np.linalg.inv(part.covariance + grain)
    return part.mean, np.asarray(1 / np.sqrt(np.diag(precision)))
