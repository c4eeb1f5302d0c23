"""Grid densities: densities over the latent plane on a lattice, Bayes' rule for them, and their integrals.

The error of an integral is the largest difference between the sums over the four interleaved sub-grids and the full
sum. See docs/decisions/022.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import LN_2PI, Array

STRIDES = (4, 2, 1)  # between the nodes of a row that are computed first, second and last
REACH = 16.0  # nats below the maximum; a density that is higher at the edge needs a larger lattice
NEGLIGIBLE = 30.0  # nats below the maximum at which cells are left out
DOUBT = 3.0  # factor on the error of a sum over the lattice: all sub-grids may err in the same direction by chance
LEAST = 1e-3  # nats; the rounding of outputs, and what the sub-grids do not show (calibrated, see the decision)
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

    def corrected(self, log_likelihood: Array, joint: Array) -> GridDensity:
        """Like `update`, but with a more accurate ln p(all measurements, z) (m, m) than by this density."""
        total = float(log_sum(joint) + 2 * np.log(self.step))
        return GridDensity(self.axis, joint - total, log_likelihood, self, total - self.log_evidence)

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
    least = LEAST if grid.log_evidence_terms else 0.0
    return Integral(_mass(z, grid.step, logs[high]), grid.log_evidence, DOUBT * deviation(quarters, 0.0) + least)


def deviation(quarters: list[float], whole: float) -> float:
    """Return the largest difference of the four sub-grid sums from the full sum, which is more accurate."""
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
