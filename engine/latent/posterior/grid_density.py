"""Grid densities: densities over the latent plane on a lattice, Bayes' rule for them, and their integrals.

Cells that hold mass are divided into 16, up to three times, because images of the shipped models have posteriors with
a σ of 0.01 against lattice steps of 0.04. The error of an integral is the largest difference between the sums over the
four interleaved sub-grids and the full sum. See docs/decisions/022.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, whole
from engine.gaussian import LN_2PI, Array

STRIDES = (4, 2, 1)  # between the nodes of a row that are computed first, second and last
REACH = 16.0  # nats below the maximum; a density that is higher at the edge needs a larger lattice
LEFT = 1e-4  # the share of the mass that need not be refined
NEGLIGIBLE = 30.0  # nats below the maximum at which cells are left out
DOUBT = 3.0  # factor on the error of a sum over the lattice: all sub-grids may err in the same direction by chance
FINE = 4  # parts of a cell on each axis, where the lattice is too coarse
DEEPEST = 3  # times that a cell is divided, at most
ENOUGH = 3e-3  # nats; a smaller error of the log evidence is not refined
LEAST = 1e-5  # nats; the error of single and half precision
MOST_CELLS = 1200  # cells that are divided at a time
AT_ONCE = 256  # latents scored between two yields, about 10 ms
Score = Callable[[Array], Array]  # latents z (n, 2) -> ln p(all measurements | z) (n,)


class GridDensity(msgspec.Struct, frozen=True, eq=False, weakref=True):
    """A density over the nodes of a lattice: `axis` (m,) on both axes, `log_density` (m, m), rows z₁ from below.

    It is the density `before`, multiplied by `log_likelihood` (m, m) of one measurement and normalised.
    `log_evidence_term` is ln p(this measurement | the measurements before it), in nats.
    """

    axis: Array
    log_density: Array
    log_likelihood: Array | None = None
    before: GridDensity | None = None
    log_evidence_term: float = 0.0

    def update(self, log_likelihood: Array) -> GridDensity:
        """Apply Bayes' rule with the log likelihood (m, m), in nats, of one more measurement.

        prior × likelihood is divided by the evidence, which is its sum over all cells.
        """
        joint = self.log_density + log_likelihood
        term = log_sum(joint) + 2 * np.log(self.step)
        return GridDensity(self.axis, joint - term, log_likelihood, self, float(term))

    @property
    def step(self) -> float:
        """The distance between adjacent nodes of an axis."""
        return float(self.axis[1] - self.axis[0])

    @property
    def log_evidence_terms(self) -> tuple[float, ...]:
        """ln p(measurement | the measurements before it) of each measurement, in nats."""
        return (*self.before.log_evidence_terms, self.log_evidence_term) if self.before else ()

    @property
    def log_evidence(self) -> float:
        """ln p(all measurements), in nats."""
        return float(sum(self.log_evidence_terms))

    @property
    def touches_edge(self) -> bool:
        """Whether the density at the edge is within REACH nats of the maximum, so that mass may lie beyond the edge."""
        edge = np.concatenate([self.log_density[[0, -1]].ravel(), self.log_density[:, [0, -1]].ravel()])
        return bool(edge.max() > self.log_density.max() - REACH)


class WeightedCells(msgspec.Struct, frozen=True, eq=False):
    """A density as square cells: centres z (n, 2), sides (n,), and the `shares` (n,) of the mass, which sum to 1."""

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
        """Draw samples (n, 2): a cell by its share, and a uniform position in the cell."""
        chosen = np.searchsorted(np.cumsum(self.shares)[:-1], rng.random(n))
        return np.asarray(self.z[chosen] + (rng.random((n, 2)) - 0.5) * self.side[chosen, None])


def prior(axis: Array) -> GridDensity:
    """The prior p(z) = N(0, I) over axis × axis."""
    along = -0.5 * axis**2 - 0.5 * LN_2PI
    return GridDensity(axis, along[:, None] + along)


def log_sum(values: Array) -> float:
    """ln Σ exp(values) over all values of an array."""
    peak = float(values.max())
    return peak + float(np.log(np.sum(np.exp(values - peak))))


class Integral(msgspec.Struct, frozen=True, eq=False):
    """The integral over an unnormalised density: its mass as cells, ln p(all measurements) and its error, in nats."""

    mass: WeightedCells
    log_evidence: float
    error: float


def integrate_on_grid(grid: GridDensity) -> Integral:
    """Integrate by the sum over the lattice; the sums over its four sub-grids give the error."""
    high = grid.log_density > grid.log_density.max() - NEGLIGIBLE
    rows, columns = np.nonzero(high)
    z = np.column_stack([grid.axis[columns], grid.axis[rows]])
    logs = grid.log_density
    quarters = [log_sum(logs[a::2, b::2]) + 2 * np.log(2 * grid.step) for a in (0, 1) for b in (0, 1)]
    return Integral(_mass(z, grid.step, logs[high]), grid.log_evidence, DOUBT * _error(quarters, 0.0))


def refine(grid: GridDensity, score: Score) -> Generator[Integral | Pending, None, None]:
    """Yield the sum over the lattice; as long as the error is large, also sums in which the largest cells are divided.

    Each of these cells is divided into FINE² cells, which `score` evaluates. Yields PENDING where the job may be
    cancelled. A density over more than MOST_CELLS is not refined, because there the errors of single cells average out.
    """
    integral = integrate_on_grid(grid)
    yield integral
    size = len(grid.axis)
    logs = grid.log_density.ravel() + grid.log_evidence + 2 * np.log(grid.step)  # the log of the mass of each cell
    held = widened(_most(logs).reshape(size, size)).ravel()
    if integral.error <= ENOUGH or not grid.log_evidence_terms or held.sum() > MOST_CELLS:
        return
    rows, columns = np.divmod(np.arange(size**2), size)
    cells, side = Cells(np.column_stack([grid.axis[columns], grid.axis[rows]]), grid.step, logs), grid.step
    rest = [cells.only(~held)]
    cells = cells.only(held)
    for _ in range(DEEPEST):
        side /= FINE
        steps = side * (np.arange(FINE) - (FINE - 1) / 2)
        z = (cells.z[:, None, None, :] + np.stack(np.meshgrid(steps, steps), axis=-1)).reshape(-1, 2)
        logs = np.empty(len(z))
        for start in range(0, len(z), AT_ONCE):
            chunk = slice(start, start + AT_ONCE)
            logs[chunk] = score(z[chunk]) - 0.5 * np.sum(z[chunk] ** 2, axis=1) - LN_2PI + 2 * np.log(side)
            yield PENDING
        cells = Cells(z, side, logs)
        integral = _integrate_cells(cells, rest)
        yield integral
        held = _most(logs)
        if integral.error <= ENOUGH or held.sum() > MOST_CELLS:
            return
        rest.append(cells.only(~held))
        cells = cells.only(held)


class Cells(msgspec.Struct, frozen=True, eq=False):
    """Squares of one size around z (n, 2), with the logarithms (n,) of their unnormalised masses."""

    z: Array
    side: float
    logs: Array

    def only(self, kept: NDArray[np.bool_]) -> Cells:
        """The cells that are selected by a mask (n,)."""
        return Cells(self.z[kept], self.side, self.logs[kept])


def _most(logs: Array) -> NDArray[np.bool_]:
    """A mask (n,) of the fewest cells that together hold all but LEFT of the mass, given its logarithms (n,)."""
    order = np.argsort(-logs)
    shares = np.exp(logs[order] - logs[order[0]])
    total = np.cumsum(shares)
    kept = np.zeros(len(logs), bool)
    kept[order[: int(np.searchsorted(total, (1 - LEFT) * total[-1])) + 1]] = True
    return kept


def integrate(grid: GridDensity, score: Score) -> tuple[WeightedCells, float, float]:
    """Return the final result of `refine`: the mass, ln p(all measurements) and its error in nats."""
    integral = whole(refine(grid, score))
    return integral.mass, integral.log_evidence, integral.error


def _integrate_cells(cells: Cells, rest: list[Cells]) -> Integral:
    """Integrate over divided cells, in blocks of FINE², and over all other cells, whose error is taken as one half."""
    others = np.concatenate([other.logs for other in rest])
    total = log_sum(np.append(cells.logs, others))
    blocks = cells.logs.reshape(-1, FINE, FINE) + np.log(4)
    quarters = [log_sum(np.append(blocks[:, a::2, b::2], others)) for a in (0, 1) for b in (0, 1)]
    left = 0.5 * float(np.exp(log_sum(others) - total))
    error = max(_error(quarters, total) + left, LEAST)
    every = [cells, *rest]
    z, logs = np.concatenate([each.z for each in every]), np.concatenate([each.logs for each in every])
    side = np.concatenate([np.full(len(each.z), each.side) for each in every])
    high = logs - 2 * np.log(side) > (cells.logs - 2 * np.log(cells.side)).max() - NEGLIGIBLE
    shares = np.exp(logs[high] - total)
    return Integral(WeightedCells(z[high], side[high], shares / shares.sum()), total, error)


def _error(quarters: list[float], whole: float) -> float:
    """The largest deviation of the four sub-grid sums from the full sum, which is more accurate than they are."""
    return float(max(abs(quarter - whole) for quarter in quarters))


def widened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Dilate a mask (rows, columns) by one cell in all eight directions."""
    padded = np.pad(mask, 1)
    rows, columns = mask.shape
    shifted = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    return np.asarray(np.logical_or.reduce(shifted))


def _mass(z: Array, side: float, logs: Array) -> WeightedCells:
    shares = np.exp(logs - logs.max())
    return WeightedCells(z, np.full(len(z), side), shares / shares.sum())
