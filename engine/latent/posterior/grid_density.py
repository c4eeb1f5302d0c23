"""Grid densities: densities over the plane of latents on a lattice, Bayes' rule for them, and their integrals."""

from __future__ import annotations

from collections.abc import Callable, Generator

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, whole
from engine.gaussian import LN_2PI, Array
from engine.latent.posterior.lost_modes import MOST_STARTS, below, climb, peaks

STRIDES = (4, 2, 1)  # every so manieth node of a row is looked at first
REACH = 16.0  # nats below the highest density at the edge of a lattice that are no reason for a larger one
LEFT = 1e-4  # of the mass that need not be looked at more finely
NEGLIGIBLE = 30.0  # nats below it at which nothing counts any more
DOUBT = 3.0  # times as far off as its parts a sum over the lattice may be: they can be off the same way by chance
FINE = 4  # so many times finer on each axis, where the lattice is too coarse
DEEPEST = 3  # how often
ENOUGH = 3e-3  # nats; a smaller error of ln p is not worth a finer look
LEAST = 1e-5  # nats; what single precision and half precision leave undecided
MOST_CELLS = 1200  # that are divided
HIGHEST = 12  # cells that are looked at in search of a peak
SHOWN = 0.5  # nats; if the next cell's centre is farther below a summit, the cells do not show the mass around it
AT_ONCE = 256  # places asked between two looks at whether they are still wanted, about 10 ms
Score = Callable[[Array], Array]  # ln p(all that was seen | z) (n,) at latents z (n, 2)


class GridDensity(msgspec.Struct, frozen=True, eq=False, weakref=True):
    """A density over the nodes of a lattice: `axis` (m,) on both axes, `log_density` (m, m), rows z₁ from below.

    `log_likelihood` (m, m) is the factor that turned the density `before` it into this one, and `log_evidence_term` is
    ln p(the measurement of this factor | those before), in nats. `log_evidence`, ln p(all measurements), is the sum of
    the terms.
    """

    axis: Array
    log_density: Array
    log_likelihood: Array | None = None
    before: GridDensity | None = None
    log_evidence_term: float = 0.0

    def update(self, log_likelihood: Array) -> GridDensity:
        """Bayes' rule: prior × likelihood, divided by the evidence, which is their sum over all cells."""
        joint = self.log_density + log_likelihood
        gain = log_sum(joint) + 2 * np.log(self.step)
        return GridDensity(self.axis, joint - gain, log_likelihood, self, float(gain))

    @property
    def step(self) -> float:
        """How far apart the nodes are."""
        return float(self.axis[1] - self.axis[0])

    @property
    def log_evidence_terms(self) -> tuple[float, ...]:
        """What each measurement was worth, in nats, in order."""
        return (*self.before.log_evidence_terms, self.log_evidence_term) if self.before else ()

    @property
    def log_evidence(self) -> float:
        """ln p(everything seen), in nats."""
        return float(sum(self.log_evidence_terms))

    @property
    def touches_edge(self) -> bool:
        """Whether some of it lies at the edge of the lattice, and so perhaps beyond."""
        edge = np.concatenate([self.log_density[[0, -1]].ravel(), self.log_density[:, [0, -1]].ravel()])
        return bool(edge.max() > self.log_density.max() - REACH)


class WeightedCells(msgspec.Struct, frozen=True, eq=False):
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


def prior(axis: Array) -> GridDensity:
    """p(z) = N(0, I), before anything is seen."""
    along = -0.5 * axis**2 - 0.5 * LN_2PI
    return GridDensity(axis, along[:, None] + along)


def log_sum(values: Array) -> float:
    """ln Σ exp."""
    peak = float(values.max())
    return peak + float(np.log(np.sum(np.exp(values - peak))))


class Integral(msgspec.Struct, frozen=True, eq=False):
    """An integral over a density: weighted cells, ln p(everything seen), and the error of it, in nats."""

    mass: WeightedCells
    log_evidence: float
    error: float


def integrate_on_grid(grid: GridDensity) -> Integral:
    """By the sum over the lattice alone, with those over each fourth of its nodes to tell how far it is off."""
    high = grid.log_density > grid.log_density.max() - NEGLIGIBLE
    rows, columns = np.nonzero(high)
    z = np.column_stack([grid.axis[columns], grid.axis[rows]])
    logs = grid.log_density
    quarters = [log_sum(logs[a::2, b::2]) + 2 * np.log(2 * grid.step) for a in (0, 1) for b in (0, 1)]
    return Integral(_mass(z, grid.step, logs[high]), grid.log_evidence, DOUBT * _error(quarters, 0.0))


def refine(
    grid: GridDensity, score: Score, starts: Array | None = None, *, everywhere: bool = False
) -> Generator[Integral | Pending, None, None]:
    """Yield the sum over the lattice; while its error is large, then sums in which the largest cells are divided.

    Each cell is divided into FINE², scored by `score`. Yields PENDING where the job may be cancelled. A density
    that is spread over more than MOST_CELLS is not refined: there the errors of single cells even out.

    Cells around modes between the nodes are divided as well. These modes are searched from the peaks of the lattice and
    from `starts` (k, 2), which lie outside the cells that are divided anyway or, if so wanted, `everywhere`.
    """
    found = integrate_on_grid(grid)
    yield found
    size = len(grid.axis)
    logs = grid.log_density.ravel() + grid.log_evidence + 2 * np.log(grid.step)  # of the mass of each cell
    held = widened(_most(logs).reshape(size, size)).ravel()
    if not grid.log_evidence_terms:
        return
    if found.error <= ENOUGH:
        held = np.zeros_like(held)
    elif held.sum() > MOST_CELLS:
        held = _abrupt(np.exp(logs - log_sum(logs)).reshape(size, size)).ravel()
    lost = yield from _lost(grid, score, starts, None if everywhere else held)
    rows, columns = np.divmod(np.arange(size**2), size)
    cells, side = Cells(np.column_stack([grid.axis[columns], grid.axis[rows]]), grid.step, logs), grid.step
    held |= lost.around(cells, log_sum(logs))
    if not held.any():
        return
    rest = [cells.only(~held)]
    cells = cells.only(held)
    for _ in range(DEEPEST):
        side /= FINE
        steps = side * (np.arange(FINE) - (FINE - 1) / 2)
        z = (cells.z[:, None, None, :] + np.stack(np.meshgrid(steps, steps), axis=-1)).reshape(-1, 2)
        logs = np.empty(len(z))
        for start in range(0, len(z), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            logs[part] = score(z[part]) - 0.5 * np.sum(z[part] ** 2, axis=1) - LN_2PI + 2 * np.log(side)
            yield PENDING
        cells = Cells(z, side, logs)
        found = _finely(cells, rest)
        yield found
        around = lost.around(cells, found.log_evidence)
        held = _most(logs) | _next_to_peaks(cells)
        if found.error <= ENOUGH:
            held = np.zeros_like(held)
        elif held.sum() > MOST_CELLS:
            held &= _uneven(logs, held, found.log_evidence)
        held |= around
        if not held.any():
            return
        rest.append(cells.only(~held))
        cells = cells.only(held)


class _Summits(msgspec.Struct, frozen=True, eq=False):
    """Modes between the nodes: their summits z (k, 2), and ln p(seen, z) (k,) at each."""

    z: Array
    height: Array

    def around(self, cells: Cells, log_evidence: float) -> NDArray[np.bool_]:
        """A mask (n,): the cells next to a summit whose mass their centres do not show, though it may matter."""
        found = np.zeros(len(cells.z), bool)
        for z, height in zip(self.z, self.height, strict=True):
            area = 2 * np.log(cells.side)
            if height + area < log_evidence + np.log(LEFT):
                continue
            near = np.abs(cells.z - z).max(axis=1) < 1.5 * cells.side
            if near.any() and height - (cells.logs[near].max() - area) > SHOWN:
                found |= near
        return found


def _abrupt(shares: Array) -> NDArray[np.bool_]:
    """A mask (m, m): the cells around those whose shares differ most from the mean of their four neighbours'."""
    padded = np.pad(shares, 1)
    off = np.abs(shares - (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4)
    least = max(LEFT, float(np.partition(off.ravel(), -MOST_CELLS // 9)[-MOST_CELLS // 9]))
    return widened(off > least)


def _uneven(logs: Array, held: NDArray[np.bool_], log_evidence: float) -> NDArray[np.bool_]:
    """A mask (n,): the blocks of FINE² cells over which the sums of each fourth differ most, up to MOST_CELLS held."""
    shares = np.exp(logs - log_evidence).reshape(-1, FINE, FINE)
    quarters = [4 * shares[:, a::2, b::2].sum(axis=(1, 2)) for a in (0, 1) for b in (0, 1)]
    off = np.max(np.abs(np.array(quarters) - shares.sum(axis=(1, 2))), axis=0)
    order = np.argsort(-off)
    few = np.cumsum(held.reshape(len(off), -1).sum(axis=1)[order]) <= MOST_CELLS
    chosen = order[few & (off[order] > LEFT)]
    found = np.zeros((len(off), FINE**2), bool)
    found[chosen] = True
    return found.ravel()


def _next_to_peaks(cells: Cells) -> NDArray[np.bool_]:
    """A mask (n,): the neighbours of the cells that are higher than all of theirs, between which a summit may lie."""
    found = np.zeros(len(cells.z), bool)
    for i in np.argsort(-cells.logs)[:HIGHEST]:
        near = np.abs(cells.z - cells.z[i]).max(axis=1) < 1.5 * cells.side
        if not found[i] and cells.logs[near].max() <= cells.logs[i]:
            found |= near
    return found


def _lost(
    grid: GridDensity, score: Score, starts: Array | None, held: NDArray[np.bool_] | None
) -> Generator[Pending, None, _Summits]:
    """Return the summits between the nodes, searched from places that do not lie in cells `held` (m²,) already."""
    places = peaks(grid.axis, grid.log_density, below(grid.step))[:MOST_STARTS]
    if starts is not None:
        inside = np.abs(starts).max(axis=1, initial=0.0) <= grid.axis[-1]
        places = np.concatenate([starts[inside], places])
    if held is not None:
        column, row = np.rint((places - grid.axis[0]) / grid.step).astype(int).T
        places = places[~held[row * len(grid.axis) + column]]
    if not len(places):
        return _Summits(places, np.empty(0))
    z, height = yield from climb(score, places, grid.step / 2)
    return _Summits(z, height)


class Cells(msgspec.Struct, frozen=True, eq=False):
    """Squares around z (n, 2), all `side` wide, and the logarithm (n,) of the mass of each, not normalised."""

    z: Array
    side: float
    logs: Array

    def only(self, kept: NDArray[np.bool_]) -> Cells:
        """Those of a mask (n,)."""
        return Cells(self.z[kept], self.side, self.logs[kept])


def _most(logs: Array) -> NDArray[np.bool_]:
    """The fewest cells that hold all but LEFT of the mass."""
    order = np.argsort(-logs)
    shares = np.exp(logs[order] - logs[order[0]])
    total = np.cumsum(shares)
    kept = np.zeros(len(logs), bool)
    kept[order[: int(np.searchsorted(total, (1 - LEFT) * total[-1])) + 1]] = True
    return kept


def integrate(grid: GridDensity, score: Score, starts: Array | None = None) -> tuple[WeightedCells, float, float]:
    """The same at once, as fine as need be: mass, ln p(everything seen) and its error."""
    found = whole(refine(grid, score, starts))
    return found.mass, found.log_evidence, found.error


def _finely(cells: Cells, rest: list[Cells]) -> Integral:
    """By the sum over cells that were divided, in blocks of FINE², and over all others, which may be off by half."""
    others = np.concatenate([part.logs for part in rest])
    total = log_sum(np.append(cells.logs, others))
    blocks = cells.logs.reshape(-1, FINE, FINE) + np.log(4)
    quarters = [log_sum(np.append(blocks[:, a::2, b::2], others)) for a in (0, 1) for b in (0, 1)]
    left = 0.5 * float(np.exp(log_sum(others) - total))
    error = max(_error(quarters, total) + left, LEAST)
    every = [cells, *rest]
    z, logs = np.concatenate([part.z for part in every]), np.concatenate([part.logs for part in every])
    side = np.concatenate([np.full(len(part.z), part.side) for part in every])
    high = logs - 2 * np.log(side) > (cells.logs - 2 * np.log(cells.side)).max() - NEGLIGIBLE
    shares = np.exp(logs[high] - total)
    return Integral(WeightedCells(z[high], side[high], shares / shares.sum()), total, error)


def _error(quarters: list[float], whole: float) -> float:
    """How far the sums over each fourth are off: the whole is off by less, for a Gaussian by the fourth power of it."""
    return float(max(abs(quarter - whole) for quarter in quarters))


def widened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With all neighbours."""
    padded = np.pad(mask, 1)
    rows, columns = mask.shape
    shifted = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    return np.asarray(np.logical_or.reduce(shifted))


def _mass(z: Array, side: float, logs: Array) -> WeightedCells:
    shares = np.exp(logs - logs.max())
    return WeightedCells(z, np.full(len(z), side), shares / shares.sum())
