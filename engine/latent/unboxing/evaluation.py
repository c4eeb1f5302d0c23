"""The identity ln p(x) = ELBO + gap of one test image after the other, and on which of them the model does worst."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, derived, last_of
from engine.gaussian import LN_2PI, Array
from engine.latent.datasets.data_set import Images
from engine.latent.document import Latent
from engine.latent.gaussian_q import kl_to_prior
from engine.latent.model import LoadedModel, Pixels8, as_shown
from engine.latent.posterior.grid_density import GridDensity, Score, log_sum, prior, refine
from engine.latent.unboxing.shared_posterior import lattice_of
from engine.memo import remember
from engine.plane import Viewport
from engine.quadrature import normal_grid

if TYPE_CHECKING:
    from engine.latent.posterior.scoring.batch_scores import BatchScores
    from engine.latent.posterior.scoring.lattice import Lattice

AT_ONCE = 64  # images that are scored together
WORST = 24  # images of each list
NODES = 1.0, 1e-4  # of an ELBO: standard deviations of q between them, and the least share of one
ENOUGH, MUCH = (
    0.01,
    0.7,
)  # nats; a larger error of ln p(x) is refined; above the second value, the first of LOOKS is left out
LOOKS = ((6.0, 2), (12.0, 4), (16.0, 8))  # nats below the highest that are looked at, so many times finer on each axis
DOUBTFUL = 0.02  # nats; if the error is still larger, the largest cells are divided as for a selected image
WIDE = 201  # nodes on each axis of the larger lattice for a posterior that touches the edge
BINS = 40
SMALLEST = 1e-2  # nats of a gap that are shown; less is within the error


class Counts(msgspec.Struct, frozen=True, eq=False):
    """A histogram: how many (k,) lie between each two `edges` (k + 1,), and the mean of all."""

    edges: Array
    counts: NDArray[np.intp]
    mean: float


class Listed(msgspec.Struct, frozen=True, eq=False):
    """Some images, the worst first: their `numbers` (n,) among the test images, classes, pictures, and nats."""

    numbers: NDArray[np.intp]
    classes: tuple[str, ...]
    ink: Pixels8
    log_evidence: Array
    gap: Array


class Tested(msgspec.Struct, frozen=True, eq=False):
    """Of the first `done` test images, of the `wanted` ones, of `total` in all; `part` of the lattice is decoded.

    `log_evidence` and `elbo` have the same edges; those of `gap` are log₁₀ of nats, its mean is in nats. `error` is
    the mean and the largest error of ln p(x), `promised` the ELBO that the model's file says. Lists are None at first.
    """

    part: float
    done: int
    wanted: int
    total: int
    promised: float
    log_evidence: Counts | None = None
    elbo: Counts | None = None
    gap: Counts | None = None
    error: tuple[float, float] = (0.0, 0.0)
    least_likely: Listed | None = None
    largest_gap: Listed | None = None


class Tally:
    """What has been counted of a model's test images. It goes on where it was abandoned.

    Not a Resumable: a batch under way holds the lattice and 23 MB of scores, which must not live as long as the model.
    A cancelled job drops its batch; those that are counted stay.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._vae = model.vae
        self.images: Images = model.vae.card.recipe.data.test()
        self.log_evidence, self.error, self.elbo = (np.empty(len(self.images)) for _ in range(3))
        self.done = 0

    def count(self, lattice: Lattice, wanted: int) -> Iterator[Pending]:
        """As many as wanted, in order; `done` grows with each batch."""
        from engine.latent.posterior.scoring.batch_scores import scored

        while self.done < min(wanted, len(self.images)):
            batch = slice(self.done, min(self.done + AT_ONCE, wanted, len(self.images)))
            x = self.images.pixels[batch] / np.float32(255)
            scores = yield from scored(lattice, x)
            for i, (mean, deviation) in enumerate(zip(*self._vae.encode(x), strict=True)):
                score = partial(self._vae.log_likelihood, x[i])
                found = yield from _evidence(scores, i, score, mean)
                self.log_evidence[self.done + i], self.error[self.done + i] = found
                self.elbo[self.done + i] = _elbo(score, mean, deviation)
                yield PENDING
            self.done = batch.stop

    def told(self, wanted: int, part: float) -> Tested:
        """What there is to tell of the first ones."""
        n, total, card = min(self.done, wanted), len(self.images), self._vae.card
        tested = Tested(part, n, min(wanted, total), total, card.test_elbo.total)
        if not n:
            return tested
        log_evidence, elbo, error = self.log_evidence[:n], self.elbo[:n], self.error[:n]
        gap = log_evidence - elbo
        ends = _range(np.concatenate([log_evidence, elbo]))
        return msgspec.structs.replace(
            tested,
            log_evidence=_counted(log_evidence, ends),
            elbo=_counted(elbo, ends),
            gap=_counted_gaps(gap),
            error=(float(error.mean()), float(error.max())),
            least_likely=self._listed(np.argsort(log_evidence, kind="stable")[:WORST], gap),
            largest_gap=self._listed(np.argsort(-gap, kind="stable")[:WORST], gap),
        )

    def _listed(self, which: NDArray[np.intp], gap: Array) -> Listed:
        images = self.images
        ink = as_shown(images.pixels[which] / np.float32(255), self._vae.light)
        classes = tuple(images.classes[label] for label in images.labels[which])
        return Listed(which, classes, ink, self.log_evidence[which], gap[which])


@derived(Tested, last=True)
def evaluation(document: Latent, viewport: Viewport) -> Generator[Tested | Pending, None, None]:
    """Of as many test images as the viewport has rows, batch by batch."""
    model, wanted = document.loaded_model, viewport.rows
    tally = remember(model, "test images", partial(Tally, model))
    lattice = lattice_of(model)
    yield tally.told(wanted, lattice.part)
    for _ in lattice.decode():
        yield tally.told(wanted, lattice.part)
    shown = tally.done
    for _ in tally.count(lattice, wanted):
        if tally.done != shown:
            shown = tally.done
            yield tally.told(wanted, 1.0)
        else:
            yield PENDING
    yield tally.told(wanted, 1.0)


def _evidence(scores: BatchScores, i: int, score: Score, mean: Array) -> Generator[Pending, None, tuple[float, float]]:
    """Return ln p(x) of one image of the batch, refined until its error is small, and the estimated error, in nats.

    `mean` (2,) is the mean of the encoder's q. The search for modes between the nodes starts from it as well.
    """
    found, grid = (float(scores.log_evidence[i]), float(scores.error[i])), scores.grid(i)
    if grid.touches_edge:
        grid = yield from _wider(score, 2 * grid.axis[-1])
        found = grid.log_evidence, np.inf
    for reach, fine in () if np.isinf(found[1]) else LOOKS[int(found[1] > MUCH) :]:
        if found[1] <= ENOUGH:
            break
        found = finer(grid, score, reach, fine)
        yield PENDING
    if found[1] > DOUBTFUL:
        best = yield from last_of(refine(grid, score, mean[None]))
        found = best.log_evidence, best.error
    return found


def _wider(score: Score, extent: float) -> Generator[Pending, None, GridDensity]:
    """Return the posterior of one image over a larger lattice, which is scored row by row."""
    axis = np.linspace(-extent, extent, WIDE)
    rows = np.empty((WIDE, WIDE))
    for row, z1 in zip(rows, axis, strict=True):
        row[:] = score(np.column_stack([axis, np.full(WIDE, z1)]))
        yield PENDING
    return prior(axis).update(rows)


def finer(grid: GridDensity, score: Score, reach: float, fine: int) -> tuple[float, float]:
    """Return ln p(x) and its estimated error; each cell up to `reach` nats below the maximum is divided into fine²."""
    high = grid.log_density > grid.log_density.max() - reach
    rows, columns = np.nonzero(high)
    side = grid.step / fine
    along = side * (np.arange(fine) - (fine - 1) / 2)
    z = np.stack([grid.axis[columns], grid.axis[rows]], axis=-1)[:, None, None]
    places = z + np.stack(np.meshgrid(along, along), axis=-1)
    flat = places.reshape(-1, 2)
    joint = (score(flat) - 0.5 * np.sum(flat**2, axis=1) - LN_2PI).reshape(places.shape[:3])
    rest = grid.log_density[~high] + grid.log_evidence + 2 * np.log(grid.step)
    quarters = [joint[:, a::2, b::2].ravel() + 2 * np.log(2 * side) for a in (0, 1) for b in (0, 1)]
    sums = np.array([log_sum(np.append(quarter, rest)) for quarter in quarters])
    whole = log_sum(sums) - np.log(4)
    return whole, float(np.abs(sums - whole).max())


def _elbo(score: Score, mean: Array, deviation: Array) -> float:
    places, shares = normal_grid(*NODES)
    return float(shares @ score(mean + deviation * places)) - kl_to_prior(mean, deviation)


def _range(values: Array) -> tuple[float, float]:
    """Where all but the outermost few lie."""
    low, high = np.quantile(values, [0.005, 1.0])
    return float(low), float(max(high, low + 1e-6))


def _counted(values: Array, ends: tuple[float, float]) -> Counts:
    """Those beyond the ends stand in the outermost bins."""
    edges = np.linspace(*ends, BINS + 1)
    counts, _ = np.histogram(np.clip(values, *ends), edges)
    return Counts(edges, counts, float(values.mean()))


def _counted_gaps(gap: Array) -> Counts:
    logs = np.log10(np.maximum(gap, SMALLEST))
    found = _counted(logs, (float(logs.min()), float(max(logs.max(), logs.min() + 1e-6))))
    return msgspec.structs.replace(found, mean=float(gap.mean()))
