"""The overlay of the aggregate posterior q̄(z) = (1/n) Σ q_φ(z|xᵢ), compared with the prior.

The mass of each cell is exact: a mixture of Gaussians with independent axes gives a product of two thin matrices, in
every chart that maps each axis on its own. Samples of the density would hit or miss narrow q's. Holes are counted in
cells of equal prior mass, which are so few that a cell is rarely empty by chance. The aggregate posterior: Makhzani et
al. 2015; Tomczak & Welling 2018.
"""

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
from engine.latent.model import LoadedModel
from engine.latent.plane.cell_grid import Grid
from engine.latent.plane.overlays.overlay import OVERLAYS, Finding, Laying, Overlay, shaded
from engine.memo import Resumable, remember
from engine.part import Part

AT_ONCE = 64  # latents at which all components are summed between two yields
PER_CELL = 8  # the mean number of images in a cell, at least, so that few cells are empty by chance
MOST_CELLS = 32  # on a side of the grid in which holes are counted
SIGNED_SPAN = 3.0  # nats at the ends of the colours, where one density is 20 times the other
DIVERGENCE_SAMPLES = 2000  # for the estimate of KL(q̄‖p)


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

    def lay(self, model: LoadedModel, grid: Grid, factors: tuple[int, ...]) -> Laying:
        embedding = model.embedding
        aggregate = Aggregate(embedding.mean, embedding.deviation)
        yield PENDING
        values = remember(model, ("ratio", grid), lambda: log_ratio(aggregate, *grid.edges))
        laid = shaded(self, values, grid, (-SIGNED_SPAN, SIGNED_SPAN))
        yield laid
        holes = remember(model, ("holes", self.threshold), lambda: aggregate.holes(self.threshold))
        samples = min(DIVERGENCE_SAMPLES, len(aggregate.mean))
        work = remember(model, "divergence", lambda: Resumable(aggregate.divergence(samples, seed=0)))
        kl, error = yield from work.result()
        cells = f"prior mass in holes, of {aggregate.cells**2:,} cells of equal mass"
        findings = Finding(cells, 100 * holes, "%"), Finding("KL(q̄‖p)", kl, "nats", error)
        yield replace(laid, findings=(*findings, Finding("test images in q̄", len(embedding.mean))))


class Aggregate(msgspec.Struct, frozen=True, eq=False):
    """A mixture of n Gaussians with equal weights: means and standard deviations along the axes, each (n, 2)."""

    mean: Array
    deviation: Array

    def masses(self, across: Array, up: Array) -> Array:
        """Return the mass (rows, columns) of each cell between edges `across` (columns + 1,) and `up` (rows + 1,)."""
        columns, rows = self._between(across, 0), self._between(up, 1)
        return np.asarray(rows.T @ columns / len(self.mean))

    def _between(self, edges: Array, axis: int) -> Array:
        """The mass (n, cells) of each component between the edges on one axis."""
        return mass_between((edges - self.mean[:, axis, None]) / self.deviation[:, axis, None])

    def log_density(self, z: Array) -> Array:
        """Return ln q̄(z) (m,) at latents z (m, 2)."""
        away = (z[:, None, :] - self.mean) / self.deviation
        logs = -0.5 * np.sum(away**2, axis=2) - LN_2PI - np.sum(np.log(self.deviation), axis=1)
        peak = logs.max(axis=1)
        return np.asarray(peak + np.log(np.mean(np.exp(logs - peak[:, None]), axis=1)))

    def holes(self, threshold: float) -> float:
        """Return the prior mass of all holes: cells in which q̄ has less than `threshold` times the prior mass."""
        return float(np.mean(self._is_hole(threshold)))

    def in_hole(self, z: Array, threshold: float) -> NDArray[np.bool_]:
        """Return a mask (n,) of the latents z (n, 2) that lie in holes."""
        from scipy.special import ndtr

        column, row = np.minimum((ndtr(z) * self.cells).astype(int), self.cells - 1).T
        return np.asarray(self._is_hole(threshold)[row, column])

    def _is_hole(self, threshold: float) -> NDArray[np.bool_]:
        """A mask (rows, columns) of the cells of equal prior mass that are holes."""
        from scipy.special import ndtri

        edges = ndtri(np.linspace(0, 1, self.cells + 1))
        return np.asarray(self.masses(edges, edges) < threshold / self.cells**2)

    @property
    def cells(self) -> int:
        """The number of cells of equal prior mass on a side, so few that each would hold PER_CELL images."""
        return int(np.clip(np.sqrt(len(self.mean) / PER_CELL), 1, MOST_CELLS))

    def divergence(self, samples: int, seed: int) -> Generator[Pending, None, tuple[float, float]]:
        """Return KL(q̄‖p) = E_q̄[ln q̄(z) − ln p(z)] in nats and its standard error, from samples of q̄.

        One sample comes from each of evenly spaced components. See Hoffman & Johnson 2016, "ELBO surgery".
        """
        rng = np.random.default_rng(seed)
        chosen = np.arange(samples) * len(self.mean) // samples
        z = self.mean[chosen] + self.deviation[chosen] * rng.standard_normal((samples, 2))
        ratios = []
        for chunk in np.array_split(z, -(-samples // AT_ONCE)):
            ratios.append(self.log_density(chunk) - log_prior(chunk))
            yield PENDING
        logs = np.concatenate(ratios)
        return float(logs.mean()), float(logs.std(ddof=1) / np.sqrt(samples))


def log_prior(z: Array) -> Array:
    """Return ln N(z; 0, I) (m,) at latents z (m, 2)."""
    return np.asarray(-0.5 * np.sum(z**2, axis=1) - LN_2PI)


def mass_between(edges: Array) -> Array:
    """Return the mass (…, cells) of a standard Gaussian between consecutive edges (…, cells + 1), to full precision."""
    from scipy.special import ndtr

    low, high = edges[..., :-1], edges[..., 1:]
    upper = low > 0  # differences of upper tails keep their digits
    return np.asarray(ndtr(np.where(upper, -low, high)) - ndtr(np.where(upper, -high, low)))


def log_ratio(aggregate: Aggregate, across: Array, up: Array) -> Array:
    """Return ln(mass of q̄ / mass of the prior) (rows, columns) of each cell; −∞ for no mass, NaN beyond the chart."""
    prior = mass_between(up)[:, None] * mass_between(across)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(aggregate.masses(across, up)) - np.log(prior))
