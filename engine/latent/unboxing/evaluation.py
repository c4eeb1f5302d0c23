"""Evaluation: the ELBO decomposition ln p(x) = ELBO + gap of the test images, and the images with the worst values.

64 images are scored at a time against the lattice. Most of them are refined where their posterior is.
An ELBO takes 69 decoded latents. Its error is 0.004 nats on average, and 0.0006 nats in the mean over many images.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, derived, last_of
from engine.gaussian import Array
from engine.latent.datasets.data_set import Images
from engine.latent.document import Latent
from engine.latent.gaussian_q import kl_to_prior
from engine.latent.model import LoadedModel, Pixels8, as_shown
from engine.latent.posterior.grid_density import GridDensity, Score, prior
from engine.latent.posterior.refinement import refine
from engine.latent.unboxing.intractable import too_many
from engine.latent.unboxing.shared_posterior import lattice_of
from engine.memo import remember
from engine.plane import Viewport
from engine.quadrature import normal_grid

if TYPE_CHECKING:
    from engine.latent.posterior.scoring.batch_scores import BatchScores
    from engine.latent.posterior.scoring.lattice import Lattice

AT_ONCE = 64  # images in a batch
WORST = 24  # images in each list
NODES = 0.8, 1e-4  # of an ELBO: the distance of nodes in standard deviations of q, and the smallest weight
ENOUGH = 0.02  # nats; a smaller error of ln p(x) is not refined
WIDE = 201  # nodes on each axis of the larger lattice for a posterior that touches the edge
BINS = 40  # of a histogram
SMALLEST = 1e-2  # nats; smaller gaps are within the error and are shown as this one


class Counts(msgspec.Struct, frozen=True, eq=False):
    """A histogram: the `counts` (k,) between `edges` (k + 1,), and the mean of all values."""

    edges: Array
    counts: NDArray[np.intp]
    mean: float


class Listed(msgspec.Struct, frozen=True, eq=False):
    """Some test images, the worst first: positions (n,), classes, pixels (n, h, w[, 3]), ln p(x) and gap in nats."""

    numbers: NDArray[np.intp]
    classes: tuple[str, ...]
    ink: Pixels8
    log_evidence: Array
    gap: Array


class Tested(msgspec.Struct, frozen=True, eq=False):
    """The values of the first `done` test images, of `wanted` and of `total` in all.

    `part` is the decoded fraction of the lattice. The histograms of `log_evidence` and `elbo` have equal edges, in
    nats; the edges of `gap` are log₁₀ of nats, and its mean is in nats. `error` is the mean and the largest error of
    ln p(x). `promised` is the ELBO in the model's file. Histograms and lists are None before the first batch.
    `unavailable` is the reason if ln p(x) cannot be summed on a grid.
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
    unavailable: str = ""


class Tally:
    """The values of a model's test images that are computed already; of a conditional model, those of its class.

    A cancelled job drops its present batch, and the next job begins with this batch. It is not a Resumable, because an
    unfinished batch refers to the lattice and to 23 MB of scores, which must not live as long as the model.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._vae = model.vae
        images: Images = model.vae.card.test()
        own = images.labels == model.vae.y if model.vae.classes else np.ones(len(images), bool)
        self.numbers = np.flatnonzero(own)  # the positions of the images among all test images
        self.images = Images(images.pixels[own], images.labels[own], images.classes)
        self.log_evidence, self.error, self.elbo = (np.empty(len(self.images)) for _ in range(3))
        self.done = 0

    def lacks(self, wanted: int) -> bool:
        """Whether some of the first `wanted` images are not computed."""
        return self.done < min(wanted, len(self.images))

    def count(self, lattice: Lattice, wanted: int) -> Iterator[Pending]:
        """Compute the first `wanted` images in order; `done` grows with each batch."""
        from engine.latent.posterior.scoring.batch_scores import scored

        while self.lacks(wanted):
            batch = slice(self.done, min(self.done + AT_ONCE, wanted, len(self.images)))
            x = self.images.pixels[batch] / np.float32(255)
            scores = yield from scored(lattice, x)
            for i, (mean, deviation) in enumerate(zip(*self._vae.encode(x), strict=True)):
                score = partial(self._vae.log_likelihood, x[i])
                evidence = yield from _evidence(scores, i, score, mean)
                self.log_evidence[self.done + i], self.error[self.done + i] = evidence
                self.elbo[self.done + i] = _elbo(score, mean, deviation)
                yield PENDING
            self.done = batch.stop

    def told(self, wanted: int, part: float) -> Tested:
        """Summarise the first `wanted` images."""
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
        return Listed(self.numbers[which], classes, ink, self.log_evidence[which], gap[which])


@derived(Tested, last=True)
def evaluation(document: Latent, viewport: Viewport) -> Generator[Tested | Pending, None, None]:
    """Yield summaries of as many test images as the viewport has rows, after each batch."""
    model, wanted = document.loaded_model, viewport.rows
    if document.is_sliced:
        yield Tested(1.0, 0, 0, 0, model.vae.card.test_elbo.total, unavailable=too_many(document.whole_model.latents))
        return
    tally = remember(model, "test images", partial(Tally, model))
    lattice = lattice_of(model)
    yield tally.told(wanted, lattice.part)
    shown = tally.done
    if tally.lacks(wanted):
        for _ in lattice.decode():
            yield tally.told(wanted, lattice.part)
        for _ in tally.count(lattice, wanted):
            if tally.done != shown:
                shown = tally.done
                yield tally.told(wanted, 1.0)
            else:
                yield PENDING
        lattice.shrink()  # one image needs much less
    yield tally.told(wanted, 1.0)


def _evidence(scores: BatchScores, i: int, score: Score, mean: Array) -> Generator[Pending, None, tuple[float, float]]:
    """ln p(x) of image `i` of a batch, refined as far as necessary, and its estimated error, in nats.

    `mean` (2,) is the mean of the encoder's q. The search for modes between the nodes starts from it as well.
    """
    grid = scores.grid(i)
    if grid.touches_edge:
        grid = yield from _wider(score, 2 * grid.axis[-1])
    best = yield from last_of(refine(grid, score, mean[None], enough=ENOUGH))
    return best.log_evidence, best.error


def _wider(score: Score, extent: float) -> Generator[Pending, None, GridDensity]:
    """The posterior of one image over a larger lattice, which is scored row by row."""
    axis = np.linspace(-extent, extent, WIDE)
    rows = np.empty((WIDE, WIDE))
    for row, z1 in zip(rows, axis, strict=True):
        row[:] = score(np.column_stack([axis, np.full(WIDE, z1)]))
        yield PENDING
    return prior(axis).update(rows)


def _elbo(score: Score, mean: Array, deviation: Array) -> float:
    """The ELBO of q = N(mean, diag(deviation²)) in nats, by a sum over an even grid."""
    places, shares = normal_grid(*NODES)
    return float(shares @ score(mean + deviation * places)) - kl_to_prior(mean, deviation)


def _range(values: Array) -> tuple[float, float]:
    """The range of values (n,) without the lowest 0.5 %."""
    low, high = np.quantile(values, [0.005, 1.0])
    return float(low), float(max(high, low + 1e-6))


def _counted(values: Array, ends: tuple[float, float]) -> Counts:
    """A histogram of values (n,); values beyond the ends count in the outermost bins."""
    edges = np.linspace(*ends, BINS + 1)
    counts, _ = np.histogram(np.clip(values, *ends), edges)
    return Counts(edges, counts, float(values.mean()))


def _counted_gaps(gap: Array) -> Counts:
    logs = np.log10(np.maximum(gap, SMALLEST))
    counts = _counted(logs, (float(logs.min()), float(max(logs.max(), logs.min() + 1e-6))))
    return msgspec.structs.replace(counts, mean=float(gap.mean()))
