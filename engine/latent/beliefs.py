"""Beliefs: densities over the plane of latents on a lattice, and what they become when something is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import LN_2PI, Array

STRIDES = (4, 2, 1)  # every so manieth node of a row is looked at first
REACH = 16.0  # nats below the highest density down to which cells are divided
NEGLIGIBLE = 30.0  # nats below it at which nothing counts any more
DOUBT = 3.0  # times as far off as its parts a sum over the lattice may be: they can be off the same way by chance
FINE = 4  # so many times finer on each axis, where the lattice is too coarse
DEEPEST = 3  # how often
ENOUGH = 3e-3  # nats; a smaller error of ln p is not worth a finer look
LEAST = 1e-5  # nats; what single precision and half precision leave undecided
MOST_CELLS = 1500  # that are divided once more
AT_ONCE = 256  # places asked between two looks at whether they are still wanted, about 10 ms
Score = Callable[[Array], Array]  # ln p(all that was seen | z) (n,) at latents z (n, 2)


class Belief(msgspec.Struct, frozen=True, eq=False, weakref=True):
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


class Weighed(msgspec.Struct, frozen=True, eq=False):
    """Where the mass of a belief is, ln p(everything seen), and how far that is off, in nats."""

    mass: Mass
    log_evidence: float
    error: float


def coarsely(belief: Belief) -> Weighed:
    """By the sum over the lattice alone, with those over each fourth of its nodes to tell how far it is off."""
    high = belief.log_density > belief.log_density.max() - NEGLIGIBLE
    rows, columns = np.nonzero(high)
    z = np.column_stack([belief.axis[columns], belief.axis[rows]])
    logs = belief.log_density
    quarters = [log_sum(logs[a::2, b::2]) + 2 * np.log(2 * belief.step) for a in (0, 1) for b in (0, 1)]
    return Weighed(_mass(z, belief.step, logs[high]), belief.log_evidence, DOUBT * _error(quarters, 0.0))


def weighing(belief: Belief, score: Score) -> Iterator[Weighed | None]:
    """First coarsely; then, while that is off, the cells with mass divided into FINE² each, where `score` is asked.

    Yields None wherever it may be abandoned.
    """
    found = coarsely(belief)
    yield found
    if found.error <= ENOUGH or not belief.gains:
        return
    held = widened(belief.log_density > belief.log_density.max() - REACH)
    rows, columns = np.nonzero(held)
    z, side = np.column_stack([belief.axis[columns], belief.axis[rows]]), belief.step
    rest = belief.log_density[~held] + belief.log_evidence + 2 * np.log(side)
    for _ in range(DEEPEST):
        side /= FINE
        steps = side * (np.arange(FINE) - (FINE - 1) / 2)
        z = (z[:, None, None, :] + np.stack(np.meshgrid(steps, steps), axis=-1)).reshape(-1, 2)
        joint = np.empty(len(z))
        for start in range(0, len(z), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            joint[part] = score(z[part]) - 0.5 * np.sum(z[part] ** 2, axis=1) - LN_2PI
            yield None
        found = _finely(z, joint, side, rest)
        yield found
        kept = joint > joint.max() - REACH
        if found.error <= ENOUGH or kept.sum() > MOST_CELLS:
            return
        rest = np.concatenate([rest, joint[~kept] + 2 * np.log(side)])
        z = z[kept]


def weigh(belief: Belief, score: Score) -> tuple[Mass, float, float]:
    """The same at once, as fine as need be: mass, ln p(everything seen) and its error."""
    *_, found = (known for known in weighing(belief, score) if known is not None)
    return found.mass, found.log_evidence, found.error


def _finely(z: Array, joint: Array, side: float, rest: Array) -> Weighed:
    """By the sum over cells that were divided, in blocks of FINE², and over all others."""
    total = log_sum(np.append(joint + 2 * np.log(side), rest))
    blocks = joint.reshape(-1, FINE, FINE)
    quarters = [log_sum(np.append(blocks[:, a::2, b::2] + 2 * np.log(2 * side), rest)) for a in (0, 1) for b in (0, 1)]
    high = joint > joint.max() - REACH
    return Weighed(_mass(z[high], side, joint[high]), total, max(_error(quarters, total), LEAST))


def _error(quarters: list[float], whole: float) -> float:
    """How far the sums over each fourth are off: the whole is off by less, for a Gaussian by the fourth power of it."""
    return float(max(abs(quarter - whole) for quarter in quarters))


def widened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With all neighbours."""
    padded = np.pad(mask, 1)
    rows, columns = mask.shape
    shifted = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    return np.asarray(np.logical_or.reduce(shifted))


def _mass(z: Array, side: float, logs: Array) -> Mass:
    shares = np.exp(logs - logs.max())
    return Mass(z, np.full(len(z), side), shares / shares.sum())
