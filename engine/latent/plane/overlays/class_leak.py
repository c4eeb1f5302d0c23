"""The overlay of the class leak: how well the class of a test image is read from z alone.

q̄(z|y) is the mean of the encoder's q over the test images of the class y; a conditional VAE encodes each image given
its own class. By Bayes' rule p(y|z) ∝ q̄(z|y) p(y), with the shares of the test images as p(y). If the class does not
leak into z, all q̄(z|y) are equal, and p(y|z) is p(y) everywhere. Each q is smoothed: otherwise narrow q's would tell
the class of the images that they belong to. The number beside the colours leaves out the image itself (see `leak_of`).
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.model import Embedding, LoadedModel
from engine.latent.plane.cell_grid import Grid
from engine.latent.plane.classes import leak_of
from engine.latent.plane.overlays.aggregate_posterior import Aggregate
from engine.latent.plane.overlays.overlay import OVERLAYS, Finding, Laid, Laying, Overlay, Smoothing, shaded
from engine.memo import Resumable, remember
from engine.part import Part

NO_CLASSES = "These images have no classes. Open a model of digits."
FEWEST = 1.0  # images per unit area, below which nothing is shown


@OVERLAYS.register(order=6)
class ClassLeak(Part, Overlay, frozen=True, tag=True):
    """Class leak: the probability of the most frequent class at z, from the encoded test images of all classes."""

    quantity = "p(most frequent class | z)"
    meaning = (
        "Bright: z alone tells the class. Dark: images of many classes are encoded there. In a model that is given the "
        "class the whole plane should be dark."
    )

    smoothing: Smoothing = 0.2

    def lay(self, model: LoadedModel, grid: Grid, factors: tuple[int, ...]) -> Laying:
        embedding = model.embedding
        if len(embedding.classes) < 2:
            yield Laid(self, unavailable=NO_CLASSES)
            return
        work = remember(model, (self, grid), lambda: Resumable(highest(embedding, grid, self.smoothing)))
        laid = shaded(self, (yield from work.result()), grid, (0.0, 1.0))
        yield laid
        leak = remember(model, "leak", lambda: leak_of(embedding))
        read = Finding("test images whose class is read from z", 100 * leak.read, "%")
        yield replace(laid, findings=(read, Finding("without a leak", 100 * leak.largest, "%")))


def highest(embedding: Embedding, grid: Grid, smoothing: float) -> Generator[Pending, None, Array]:
    """Return max p(y|z) (rows, columns) on a grid, NaN where fewer than FEWEST images are encoded.

    Each q is convolved with a Gaussian of the standard deviation `smoothing`.
    """
    across, up = grid.edges
    deviation = np.hypot(embedding.deviation, smoothing)
    total = most = np.zeros((len(up) - 1, len(across) - 1))
    for y in range(len(embedding.classes)):
        own = embedding.labels == y
        if own.any():
            images = Aggregate(embedding.mean[own], deviation[own]).masses(across, up) * own.sum()
            total, most = total + images, np.maximum(most, images)
        yield PENDING
    with np.errstate(divide="ignore", invalid="ignore"):
        dense = total / (np.diff(up)[:, None] * np.diff(across)) >= FEWEST
        return np.where(dense, most / total, np.nan)
