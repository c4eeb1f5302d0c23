"""Beliefs: densities over the plane of latents on a lattice, and what they become when something is seen."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from engine.gaussian import LN_2PI, Array

REACH = 16.0  # nats below the highest density at which a place still counts
FINE = 4  # so many times finer on each axis, where the lattice is too coarse
ENOUGH = 1e-4  # nats; a smaller error of ln p is not worth a finer look
Score = Callable[[Array], Array]  # ln p(all that was seen | z) (n,) at latents z (n, 2)


class Belief(msgspec.Struct, frozen=True, eq=False):
    """A density over the nodes of a lattice: `axis` (m,) on both axes, `log_density` (m, m), rows z₁ from below.

    `log_likelihood` (m, m) is what turned the belief `before` it into this one, `gain` the ln p(seen now | seen before)
    that this was worth, in nats, and `log_evidence` the sum of all gains: ln p(everything seen).
    """

    axis: Array
    log_density: Array
    log_likelihood: Array | None = None
    before: Belief | None = None
    gain: float = 0.0

    def update(self, log_likelihood: Array) -> Belief:
        """Bayes' rule: prior × likelihood, divided by the evidence, which is their sum over all cells."""
        joint = self.log_density + log_likelihood
        gain = log_sum(joint) + 2 * np.log(self.step)
        return Belief(self.axis, joint - gain, log_likelihood, self, float(gain))

    @property
    def step(self) -> float:
        """How far apart the nodes are."""
        return float(self.axis[1] - self.axis[0])

    @property
    def gains(self) -> tuple[float, ...]:
        """What each sight was worth, in nats, in order."""
        return (*self.before.gains, self.gain) if self.before else ()

    @property
    def log_evidence(self) -> float:
        """ln p(everything seen), in nats."""
        return float(sum(self.gains))

    @property
    def leaves(self) -> bool:
        """Whether some of it lies at the edge of the lattice, and so perhaps beyond."""
        edge = np.concatenate([self.log_density[[0, -1]].ravel(), self.log_density[:, [0, -1]].ravel()])
        return bool(edge.max() > self.log_density.max() - REACH)


class Mass(msgspec.Struct, frozen=True, eq=False):
    """Where the mass is: cells around z (n, 2), `side` (n,) wide, with their `shares` (n,) of it, which sum to 1."""

    z: Array
    side: Array
    shares: Array

    @property
    def mean(self) -> Array:
        """E[z] (2,)."""
        return np.asarray(self.shares @ self.z)

    @property
    def covariance(self) -> Array:
        """Cov[z] (2, 2)."""
        away = self.z - self.mean
        return np.asarray((away * self.shares[:, None]).T @ away)

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """`n` draws (n, 2): a cell by its share, and anywhere in it."""
        chosen = np.searchsorted(np.cumsum(self.shares)[:-1], rng.random(n))
        return np.asarray(self.z[chosen] + (rng.random((n, 2)) - 0.5) * self.side[chosen, None])


def prior(axis: Array) -> Belief:
    """p(z) = N(0, I), before anything is seen."""
    along = -0.5 * axis**2 - 0.5 * LN_2PI
    return Belief(axis, along[:, None] + along)


def log_sum(values: Array) -> float:
    """ln Σ exp."""
    peak = float(values.max())
    return peak + float(np.log(np.sum(np.exp(values - peak))))


def weigh(belief: Belief, score: Score) -> tuple[Mass, float, float]:
    """Where the mass of a belief is, ln p(everything seen), and how far that is off at most, in nats.

    The sum over the lattice is compared with those over each fourth of its nodes. If they differ, the cells with mass
    are summed once more over FINE² places each, where `score` is asked.
    """
    high = belief.log_density > belief.log_density.max() - REACH
    rows, columns = np.nonzero(high)
    z = np.column_stack([belief.axis[columns], belief.axis[rows]])
    inside, whole = belief.log_density[high], belief.log_evidence
    error = _spread(belief.log_density, belief.step)
    if error <= ENOUGH:
        return _mass(z, belief.step, inside), whole, error
    side = belief.step / FINE
    steps = side * (np.arange(FINE) - (FINE - 1) / 2)
    offsets = np.stack(np.meshgrid(steps, steps), axis=-1)
    places = z[:, None, None, :] + offsets
    flat = places.reshape(-1, 2)
    joint = (score(flat) - 0.5 * np.sum(flat**2, axis=1) - LN_2PI).reshape(places.shape[:3])
    rest = belief.log_density[~high] + whole + 2 * np.log(belief.step)
    fine = _with_rest(joint, side, rest)
    quarters = [_with_rest(joint[:, a::2, b::2], 2 * side, rest) for a in (0, 1) for b in (0, 1)]
    error = float(max(abs(quarter - fine) for quarter in quarters)) ** 2
    return _mass(flat, side, joint.ravel()), fine, max(error, ENOUGH**2)


def _spread(log_density: Array, step: float) -> float:
    """How far the sum is off at most: for a Gaussian the error of sums over each fourth is its fourth root."""
    quarters = [log_sum(log_density[a::2, b::2]) + 2 * np.log(2 * step) for a in (0, 1) for b in (0, 1)]
    return float(max(abs(quarter) for quarter in quarters)) ** 2


def _with_rest(joint: Array, side: float, rest: Array) -> float:
    return log_sum(np.concatenate([joint.ravel() + 2 * np.log(side), rest.ravel()]))


def _mass(z: Array, side: float, logs: Array) -> Mass:
    shares = np.exp(logs - logs.max())
    return Mass(z, np.full(len(z), side), shares / shares.sum())
