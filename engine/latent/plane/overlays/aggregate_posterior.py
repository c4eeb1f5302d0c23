"""The overlay of the aggregate posterior q̄(z) = (1/n) Σ q_φ(z|xᵢ), and what q̄ leaves out of the prior."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import PENDING, Pending
from engine.gaussian import LN_2PI, Array
from engine.latent.model import Manifold
from engine.latent.plane.cell_grid import Grid
from engine.latent.plane.overlays.overlay import OVERLAYS, Finding, Laying, Overlay, shaded
from engine.memo import Resumable, remember
from engine.part import Part

AT_ONCE = 64  # places at which all components are summed between two places to stop at
PER_CELL = 8  # images that a cell holds on average, at least, so that few are empty by chance
MOST_CELLS = 32  # on a side
SIGNED_SPAN = 3.0  # nats: colours end where one is 20 times the other
DIVERGENCE_SAMPLES = 2000


@OVERLAYS.register(order=2)
class AggregatePosterior(Part, Overlay, frozen=True, tag=True):
    """Aggregate posterior: the mean q̄(z) of q(z|x) over the test images, against the prior."""

    quantity = "ln q̄(z) − ln p(z) in nats, cell by cell"
    meaning = (
        "Purple: more test images are encoded there than the prior expects. Blue: a hole, where the prior has samples "
        "but no images were encoded in training."
    )
    signed = True

    threshold: Annotated[
        float,
        Meta(
            gt=0,
            lt=1,
            title="Hole below",
            description="A hole is a cell in which the mass of q̄ is less than this times the mass of the prior.",
        ),
    ] = 0.1

    def lay(self, manifold: Manifold, grid: Grid, factors: tuple[int, ...]) -> Laying:
        embedding = manifold.embedding
        aggregate = Aggregate(embedding.mean, embedding.deviation)
        yield PENDING
        values = remember(manifold, ("ratio", grid), lambda: log_ratio(aggregate, *grid.edges))
        laid = shaded(self, values, grid, (-SIGNED_SPAN, SIGNED_SPAN))
        yield laid
        holes = remember(manifold, ("holes", self.threshold), lambda: aggregate.holes(self.threshold))
        samples = min(DIVERGENCE_SAMPLES, len(aggregate.mean))
        work = remember(manifold, "divergence", lambda: Resumable(aggregate.divergence(samples, seed=0)))
        kl, error = yield from work.result()
        cells = f"prior mass in holes, of {aggregate.cells**2:,} cells of equal mass"
        findings = Finding(cells, 100 * holes, "%"), Finding("KL(q̄‖p)", kl, "nats", error)
        yield replace(laid, findings=(*findings, Finding("test images in q̄", len(embedding.mean))))


class Aggregate(msgspec.Struct, frozen=True, eq=False):
    """A mixture of n Gaussians with equal weights: means and standard deviations along the axes, each (n, 2)."""

    mean: Array
    deviation: Array

    def masses(self, across: Array, up: Array) -> Array:
        """The probability (rows, columns) of each cell between edges `across` (columns + 1,) and `up` (rows + 1,)."""
        columns, rows = self._between(across, 0), self._between(up, 1)
        return np.asarray(rows.T @ columns / len(self.mean))

    def _between(self, edges: Array, axis: int) -> Array:
        """What each component (n, cells) has between the edges along one axis."""
        return mass_between((edges - self.mean[:, axis, None]) / self.deviation[:, axis, None])

    def log_density(self, z: Array) -> Array:
        """ln q̄ (m,) at z (m, 2)."""
        away = (z[:, None, :] - self.mean) / self.deviation
        logs = -0.5 * np.sum(away**2, axis=2) - LN_2PI - np.sum(np.log(self.deviation), axis=1)
        peak = logs.max(axis=1)
        return np.asarray(peak + np.log(np.mean(np.exp(logs - peak[:, None]), axis=1)))

    def holes(self, threshold: float) -> float:
        """The prior mass of the cells in which q̄ has less than `threshold` times what the prior has."""
        return float(np.mean(self._lacking(threshold)))

    def in_hole(self, z: Array, threshold: float) -> NDArray[np.bool_]:
        """Which of z (n, 2) lie in such cells, (n,)."""
        from scipy.special import ndtr

        column, row = np.minimum((ndtr(z) * self.cells).astype(int), self.cells - 1).T
        return np.asarray(self._lacking(threshold)[row, column])

    def _lacking(self, threshold: float) -> NDArray[np.bool_]:
        """Which of the cells (rows, columns) lack so much.

        They all have the same prior mass, and are so few that each would hold PER_CELL images.
        """
        from scipy.special import ndtri

        edges = ndtri(np.linspace(0, 1, self.cells + 1))
        return np.asarray(self.masses(edges, edges) < threshold / self.cells**2)

    @property
    def cells(self) -> int:
        """On a side of the square of equal prior masses."""
        return int(np.clip(np.sqrt(len(self.mean) / PER_CELL), 1, MOST_CELLS))

    def divergence(self, samples: int, seed: int) -> Generator[Pending, None, tuple[float, float]]:
        """KL(q̄‖p) in nats and its standard error, from samples of q̄, one from each of evenly spread components.

        KL(q̄‖p) = E_q̄[ln q̄(z) − ln p(z)]; Hoffman & Johnson 2016, "ELBO surgery".
        """
        rng = np.random.default_rng(seed)
        chosen = np.arange(samples) * len(self.mean) // samples
        z = self.mean[chosen] + self.deviation[chosen] * rng.standard_normal((samples, 2))
        found = []
        for part in np.array_split(z, -(-samples // AT_ONCE)):
            found.append(self.log_density(part) - log_prior(part))
            yield PENDING
        gains = np.concatenate(found)
        return float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(samples))


def log_prior(z: Array) -> Array:
    """ln p (m,) at z (m, 2) of p = N(0, I)."""
    return np.asarray(-0.5 * np.sum(z**2, axis=1) - LN_2PI)


def mass_between(edges: Array) -> Array:
    """The probability (…, cells) of a standard normal between consecutive edges (…, cells + 1), to full precision."""
    from scipy.special import ndtr

    low, high = edges[..., :-1], edges[..., 1:]
    upper = low > 0  # there the differences of the upper tail keep their digits
    return np.asarray(ndtr(np.where(upper, -low, high)) - ndtr(np.where(upper, -high, low)))


def log_ratio(aggregate: Aggregate, across: Array, up: Array) -> Array:
    """ln of how many times the prior's mass q̄ has in each cell (rows, columns); −∞ where it has none, NaN beyond."""
    prior = mass_between(up)[:, None] * mass_between(across)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(aggregate.masses(across, up)) - np.log(prior))
