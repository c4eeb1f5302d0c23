"""q*: the Gaussian with independent axes that has the highest ELBO for one image, and the two parts of the gap.

BFGS ascends in (μ, ln σ), in units of q's own standard deviations, from the encoder's q and from each mode with enough
of the mass; three to eight steps are usual. The ELBO of the ascent is a sum over an even grid that moves with q: with
325 nodes it errs by 0.001 nats, where 12² Gauss–Hermite nodes err by 0.02. See docs/decisions/024.
"""

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

Slopes = Callable[[Array], tuple[Array, Array]]  # z (n, 2) -> ln p(y|z) (n,) and its gradient (n, 2)
Bounds = Callable[[Array, Array], Generator[Bound | Pending, None, None]]  # mean, deviation (2,) -> ELBOs
LEAST_SHARE = 0.02  # of the mass: a mode with less is not a start
MODES = 4  # starts at modes, at most
ROUGH, EXACT = (0.75, 1e-3), (0.5, 2e-5)  # q's deviations between two nodes; nats that end the ascent
WORTH = 1e-3  # nats by which another q must be better than q* to start a new ascent
MOST_STEPS = 60
FARTHEST = 2.0  # the length of a step, at most, in standard deviations of the mean and in units of ln σ
SHORTEST = 1e-2  # the smallest fraction of a step; the gain of a shorter step is lost in rounding
RISE = 1e-4  # the fraction of the predicted rise at which a step is accepted (Armijo 1966)
LN_NARROWEST, LN_WIDEST = np.log([1e-4, 1e2])  # the range of ln σ
AT_ONCE = 128  # latents scored between two yields


class GapParts(msgspec.Struct, frozen=True, eq=False):
    """The approximation gap and the amortisation gap of a q, in nats, given the `best` q* of its family.

    ln p(x) − ELBO(q) = (ln p(x) − ELBO(q*)) + (ELBO(q*) − ELBO(q)) (Cremer, Li & Duvenaud 2018, eq. 5). The family of
    Gaussians with independent axes causes the first part. The encoder, one network for all images, causes the second.
    """

    best: Bound
    approximation: float
    amortisation: float


def gap_parts(unboxing: Unboxing, best: Bound) -> GapParts:
    """Divide the gap of the q of an Unboxing, given the best q of its family.

    The first part is a divergence. If it is below 0, within the errors of its terms, it is 0.
    """
    return GapParts(best, max(unboxing.log_evidence - best.elbo, 0.0), best.elbo - unboxing.elbo)


class Ascent:
    """BFGS ascent of the ELBO of q = N(μ, diag σ²) in (μ₀, μ₁, ln σ₀, ln σ₁).

    It ends when the predicted gain of a step is at most `enough` nats. E_q[ln p(y|z)] is a sum over nodes that move
    with q, so that its gradient is exactly that of the sum: ∇_μ = E[∇ ln p], ∇_ln σ = σ ⊙ E[∇ ln p ⊙ ε].
    """

    def __init__(self, slopes: Slopes, mean: Array, deviation: Array, step: float, enough: float) -> None:
        self._slopes, self._enough = slopes, enough
        self._places, self._shares = normal_grid(step)
        self._at = np.concatenate([mean, np.log(deviation)])
        self.elbo, self._gradient = -np.inf, np.zeros(4)
        self._inverse = _natural(deviation)

    @property
    def q(self) -> tuple[Array, Array]:
        """The present mean and standard deviation, each (2,)."""
        return self._at[:2], np.exp(self._at[2:])

    def go(self) -> Generator[Pending, None, None]:
        """Climb to the maximum."""
        self.elbo, self._gradient = yield from self._evaluate(self._at)
        for _ in range(MOST_STEPS):
            if not (yield from self._step()):
                return

    def _step(self) -> Generator[Pending, None, bool]:
        """Take one step uphill; return False if there is no step that is worth it."""
        direction = self._direction()
        predicted, length = float(direction @ self._gradient), 1.0
        while predicted > self._enough and length > SHORTEST:
            tried = self._at + length * direction
            elbo, gradient = yield from self._evaluate(tried)
            if elbo >= self.elbo + RISE * length * predicted:
                self._update(tried - self._at, gradient - self._gradient)
                self._at, self.elbo, self._gradient = tried, elbo, gradient
                return True
            length *= 0.4
        return False

    def _direction(self) -> Array:
        """The quasi-Newton step (4,), shortened to FARTHEST and clipped to the range of ln σ."""
        step = self._inverse @ self._gradient
        reach = np.abs(step / np.append(np.exp(self._at[2:]), [1, 1])).max()
        step = np.asarray(step * min(1.0, FARTHEST / max(reach, 1e-300)))
        step[2:] = np.clip(step[2:], LN_NARROWEST - self._at[2:], LN_WIDEST - self._at[2:])
        return step

    def _update(self, moved: Array, turned: Array) -> None:
        """Update the inverse Hessian of −ELBO by BFGS (Nocedal & Wright 2006, eq. 6.17); reset it where not convex."""
        curved = -float(moved @ turned)
        if curved <= 0:
            self._inverse = _natural(np.exp(self._at[2:] + moved[2:]))
            return
        share = np.eye(4) + np.outer(moved, turned) / curved
        self._inverse = share @ self._inverse @ share.T + np.outer(moved, moved) / curved

    def _evaluate(self, at: Array) -> Generator[Pending, None, tuple[float, Array]]:
        """Return the ELBO in nats and its gradient (4,)."""
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
    """The inverse (4, 4) of q's Fisher information, which is the inverse Hessian if the posterior equals q."""
    return np.diag(np.append(deviation**2, [0.5, 0.5]))


class MultiStart:
    """A Resumable search for q* by ascents from several starts in turn; further starts may be added later.

    `bounds` measures the ELBO of the result and of the encoder's q, which is the result if it is no worse.
    """

    def __init__(self, slopes: Slopes, bounds: Bounds, encoder: Bound, starts: Sequence[tuple[Array, Array]]) -> None:
        self._slopes, self._bounds = slopes, bounds
        self._best, self._top = encoder, Ascent(slopes, encoder.mean, encoder.deviation, *EXACT)
        self._work = Resumable(self._search(starts))

    @property
    def best(self) -> Bound | None:
        """The best q and its ELBO; None as long as the search is not complete."""
        return self._work.best

    @property
    def has_failed(self) -> bool:
        """Whether the search has failed."""
        return self._work.has_failed

    def consider(self, other: Bound) -> None:
        """Search from another q as well if its ELBO is higher than that of the best q."""
        if self.best is not None and other.elbo > self.best.elbo + WORTH:
            self._work = Resumable(self._search([(other.mean, other.deviation)]))

    def go(self) -> Generator[Bound | Pending, None, None]:
        """Continue the search; yield the best q at the end, and PENDING before."""
        return self._work.go()

    def _search(self, starts: Sequence[tuple[Array, Array]]) -> Generator[Bound | Pending, None, None]:
        """Ascend roughly from each start, then exactly from the highest of these maxima."""
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
    """Return mean and deviation (2,) of each start: the encoder's q, and a Gaussian at each large mode.

    `peaks` (m, 2) are the local maxima; each cell of the mass belongs to the nearest one.
    The ELBO of a Gaussian around a mode with the share w of the posterior is at most ln p(y) + ln w.
    """
    away = np.sum((mass.z[:, None] - peaks) ** 2, axis=2)
    nearest = np.argmin(away, axis=1)
    shares = np.bincount(nearest, weights=mass.shares, minlength=len(peaks))
    chosen = [int(i) for i in np.argsort(-shares)[:MODES] if shares[i] > LEAST_SHARE]
    return [encoder, *(_fitted(mass, nearest == i) for i in chosen)]


def _fitted(mass: WeightedCells, own: Array) -> tuple[Array, Array]:
    """The mean and the deviations 1/√Λᵢᵢ of the q* of a Gaussian posterior with precision Λ (PRML eq. 10.12–10.15)."""
    cells = WeightedCells(mass.z[own], mass.side[own], mass.shares[own] / mass.shares[own].sum())
    within_cells = np.diag(cells.side[:1] ** 2 / 12).repeat(2)[:2] * np.eye(2)
    precision = np.linalg.inv(cells.covariance + within_cells)
    return cells.mean, np.asarray(1 / np.sqrt(np.diag(precision)))
