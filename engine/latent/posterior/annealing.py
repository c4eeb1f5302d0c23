"""Annealed importance sampling: bounds of ln p(x) from both sides, and weighted samples of the posterior.

The densities f_t(z) = q(z)^(1−β) p(x, z)^β lead from q to the posterior, with β from 0 to 1. A forward chain begins
at a sample of q. Its weight w has the mean p(x), so that ln of a mean of weights is a lower bound on ln p(x) in
expectation (Neal 2001). A reverse chain begins at an exact sample of the posterior. The mean of 1/w is then 1/p(x),
so that it gives an upper bound (Grosse, Ghahramani & Adams 2015). An exact sample is known only for an image that the
model has drawn. Each step is one Hamiltonian Monte Carlo move with fixed step sizes, which leaves f_t as it is and is
reversible.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

import msgspec
import numpy as np

from engine.derived import PENDING, Pending
from engine.gaussian import LN_2PI, Array

Slopes = Callable[[Array], tuple[Array, Array]]  # z (n, d) -> ln p(x|z) (n,) in nats, and its gradient (n, d)
LEAPS = 5  # leapfrog steps of a move
STEPS = (0.4, 0.2)  # step sizes in standard deviations of q, in turns; the smaller one is for narrow directions
FEWEST = 1 / 3  # of the chains: with a smaller effective sample size ± 2 standard errors miss ln p(x) twice too often
SHARP = 4.0  # the path moves slowly near both ends: β is a logistic function between −SHARP and SHARP


class Annealed(msgspec.Struct, frozen=True, eq=False):
    """Chains that have ended: their `z` (n, d) and ln w (n,) in nats; `accepted` is the fraction of accepted moves."""

    z: Array
    log_weights: Array
    accepted: float

    @property
    def lower(self) -> float:
        """ln (1/n) Σ w of forward chains: in expectation at most ln p(x)."""
        return _log_mean(self.log_weights)

    @property
    def upper(self) -> float:
        """−ln (1/n) Σ 1/w of reverse chains: in expectation at least ln p(x)."""
        return -_log_mean(-self.log_weights)

    @property
    def error(self) -> float:
        """The standard error of `lower` in nats, by the delta method: that of the mean weight, divided by the mean."""
        return _error(self.log_weights)

    @property
    def reverse_error(self) -> float:
        """The standard error of `upper` in nats."""
        return _error(-self.log_weights)

    @property
    def shares(self) -> Array:
        """The normalised weights (n,)."""
        weights = np.exp(self.log_weights - self.log_weights.max())
        return np.asarray(weights / weights.sum())

    @property
    def effective(self) -> float:
        """The effective sample size (Σ w)²/Σ w², from 1 to n (Kish 1965)."""
        return _effective(self.log_weights)

    @property
    def reverse_effective(self) -> float:
        """The effective sample size of reverse chains, whose weights are 1/w."""
        return _effective(-self.log_weights)


def disagree(effective: float, chains: int) -> bool:
    """Return whether the effective sample size of chains is so small that the standard error is too small.

    The standard error is the scatter of the chains that were run. If ln p(x) depends on rare chains with a large
    weight, most runs have none of these, so that the estimate is too low and the scatter is too small.
    """
    return effective < FEWEST * chains


class _At(NamedTuple):
    """Positions (n, d), with ln q, ln p(x, z), and the gradients of both."""

    z: Array
    log_q: Array
    log_joint: Array
    slope_q: Array
    slope_joint: Array

    def density(self, beta: float) -> Array:
        return np.asarray((1 - beta) * self.log_q + beta * self.log_joint)

    def slope(self, beta: float) -> Array:
        return np.asarray((1 - beta) * self.slope_q + beta * self.slope_joint)

    @property
    def ratio(self) -> Array:
        """ln p(x, z) − ln q(z) (n,)."""
        return np.asarray(self.log_joint - self.log_q)


class Path:
    """The path of densities from q = N(mean, diag(deviation²)), each (d,), to p(x, z) with `temperatures` steps."""

    def __init__(self, slopes: Slopes, mean: Array, deviation: Array, temperatures: int) -> None:
        self._slopes, self._mean, self._deviation = slopes, mean, deviation
        ends = 1 / (1 + np.exp(-SHARP * np.linspace(-1, 1, temperatures + 1)))
        self.betas = (ends - ends[0]) / (ends[-1] - ends[0])

    def forward(self, chains: int, rng: np.random.Generator) -> Generator[Pending, None, Annealed]:
        """Run chains from samples of q to the posterior; yield PENDING after each step."""
        z = self._mean + self._deviation * rng.standard_normal((chains, len(self._mean)))
        at, logs, accepted = self._at(z), np.zeros(chains), 0.0
        for t in range(1, len(self.betas)):
            logs += (self.betas[t] - self.betas[t - 1]) * at.ratio
            at, moved = self._move(at, float(self.betas[t]), t, rng)
            accepted += moved
            yield PENDING
        return Annealed(at.z, logs, accepted / (len(self.betas) - 1))

    def spread_out(self, z: Array, moves: int, rng: np.random.Generator) -> Generator[Pending, None, Array]:
        """Return exact samples z (n, d) of the posterior after a number of moves; yield PENDING after each move.

        The moves leave the posterior as it is, so each result is an exact sample as well. Chains that begin at one z
        become independent of it and of each other, as far as the moves reach the whole posterior.
        """
        at = self._at(z)
        for k in range(moves):
            at, _ = self._move(at, 1.0, k, rng)
            yield PENDING
        return at.z

    def reverse(self, z: Array, rng: np.random.Generator) -> Generator[Pending, None, Annealed]:
        """Run chains from exact samples z (n, d) of the posterior back to q; yield PENDING after each step."""
        at, logs, accepted = self._at(z), np.zeros(len(z)), 0.0
        for t in range(len(self.betas) - 1, 0, -1):
            at, moved = self._move(at, float(self.betas[t]), t, rng)
            logs += (self.betas[t] - self.betas[t - 1]) * at.ratio
            accepted += moved
            yield PENDING
        return Annealed(at.z, logs, accepted / (len(self.betas) - 1))

    def _at(self, z: Array) -> _At:
        likelihood, slope = self._slopes(z)
        away = (z - self._mean) / self._deviation
        constant = 0.5 * z.shape[1] * LN_2PI
        log_q = -0.5 * np.sum(away**2, axis=1) - constant - np.sum(np.log(self._deviation))
        log_joint = likelihood - 0.5 * np.sum(z**2, axis=1) - constant
        return _At(z, log_q, log_joint, -away / self._deviation, slope - z)

    def _move(self, at: _At, beta: float, turn: int, rng: np.random.Generator) -> tuple[_At, float]:
        """Make one Hamiltonian Monte Carlo move that leaves f_t at this β as it is; return also the fraction accepted.

        Neal 2011. Momenta have the precision of q, so that a step is measured in standard deviations of q.
        """
        step = STEPS[turn % len(STEPS)] * self._deviation
        momentum = rng.standard_normal(at.z.shape)
        new, speed = at, momentum + 0.5 * step * at.slope(beta)
        for leap in range(LEAPS):
            new = self._at(new.z + step * speed)
            speed = speed + (0.5 if leap == LEAPS - 1 else 1.0) * step * new.slope(beta)
        change = new.density(beta) - at.density(beta) + 0.5 * np.sum(momentum**2 - speed**2, axis=1)
        accept = np.log(rng.random(len(at.z))) < np.where(np.isnan(change), -np.inf, change)
        kept = (
            np.where(accept[:, None] if own.ndim == 2 else accept, own, old) for own, old in zip(new, at, strict=True)
        )
        return _At(*kept), float(accept.mean())


def _log_mean(logs: Array) -> float:
    peak = float(logs.max())
    return peak + float(np.log(np.mean(np.exp(logs - peak))))


def _effective(logs: Array) -> float:
    """The effective sample size of weights, given their logarithms (n,), in nats."""
    weights = np.exp(logs - logs.max())
    return float(weights.sum() ** 2 / np.sum(weights**2))


def _error(logs: Array) -> float:
    weights = np.exp(logs - logs.max())
    return float(weights.std(ddof=1) / np.sqrt(len(weights)) / weights.mean())
