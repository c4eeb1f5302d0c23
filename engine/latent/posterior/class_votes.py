"""Class probabilities from the test images near each z, and those of a posterior and its modes.

p(class | z) is the share of a class in the aggregate posterior of the test images at z: a kernel classifier (Parzen
1962) whose kernels are q(z|xₙ), at least as wide as the lattice step. Nothing is trained for it, and the selected
image is not used. Over a plane of more than two latents each image counts by the density of its other latents at the
plane.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.model import Embedding, LoadedModel
from engine.latent.posterior.grid_density import WeightedCells
from engine.latent.posterior.modes import LETTERS, Mode, modes
from engine.latent.posterior.unboxing import Unboxing
from engine.memo import Resumable, remember

EVEN = 0.75  # a class with more than this fraction of the probability of the first one is named as well
NOTHING = 1e-6  # images in a cell; a cell with fewer counts as empty


class Votes(msgspec.Struct, frozen=True, eq=False):
    """The number of test images of each class in each cell of a lattice.

    `counts`, (m, m) for each class, are sums of q(z|xₙ) at the nodes `axis` (m,), rows z₁ from below, times the area of
    a cell. Each q is at least as wide as the lattice step, so that none falls between two nodes.
    """

    axis: Array
    counts: tuple[NDArray[np.float32], ...]
    embedding: Embedding

    def shares(self, z: Array, without: int | None = None) -> Array:
        """p(class | z) (n, classes) at z (n, 2), by the nearest nodes.

        In an empty cell it is the class of the nearest image. The image at position `without` is not used.
        """
        column, row = self._nodes(z)
        votes = np.column_stack([count[row, column] for count in self.counts]).astype(float)
        if without is not None and without < len(self.embedding.mean):
            across, up = kernels(self.axis, self.embedding, np.array([without]))
            label = self.embedding.labels[without]
            own = up[row, 0] * across[column, 0]
            own = own if self.embedding.nearness is None else own * self.embedding.nearness[without]
            votes[:, label] = np.maximum(votes[:, label] - own, 0)
        total = votes.sum(axis=1)
        empty = total < NOTHING
        if empty.any():
            votes[empty] = np.eye(len(votes.T))[self._nearest(z[empty], without)]
            total[empty] = 1
        return np.asarray(votes / total[:, None])

    def _nodes(self, z: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        first, last = self.axis[0], len(self.axis) - 1
        column, row = np.clip(np.rint((z - first) / (self.axis[1] - first)), 0, last).astype(np.intp).T
        return column, row

    def _nearest(self, z: Array, without: int | None) -> NDArray[np.uint8]:
        """The classes (n,) of the images with the nearest encoder means."""
        from scipy.spatial import cKDTree

        others = np.delete(np.arange(len(self.embedding.mean)), [] if without is None else [without])
        nearest = cKDTree(self.embedding.mean[others]).query(z)[1]
        return np.asarray(self.embedding.labels[others[nearest]])


def kernels(axis: Array, embedding: Embedding, which: NDArray[np.intp]) -> tuple[Array, Array]:
    """The masses (m, n) of some images' q around each node along z₀, and along z₁; cells have their products."""
    step = axis[1] - axis[0]
    mean, deviation = embedding.mean[which], np.maximum(embedding.deviation[which], step)
    away = (axis[:, None, None] - mean) / deviation
    masses = np.exp(-0.5 * away**2) * (step / np.sqrt(2 * np.pi)) / deviation
    return masses[..., 0], masses[..., 1]


def votes(model: LoadedModel, axis: Array) -> Generator[Pending, None, Votes]:
    """Return the votes on a lattice, which are counted once for each model and lattice."""
    key = "votes", len(axis), float(axis[-1])
    return (yield from remember(model, key, lambda: Resumable(_votes(axis, model.embedding))).result())


def _votes(axis: Array, embedding: Embedding) -> Generator[Pending, None, Votes]:
    counts = []
    for label in range(len(embedding.classes)):
        counts.append(_counted(axis, embedding, label))
        yield PENDING
    return Votes(axis, tuple(counts), embedding)


def _counted(axis: Array, embedding: Embedding, label: int) -> NDArray[np.float32]:
    which = np.flatnonzero(embedding.labels == label)
    across, up = kernels(axis, embedding, which)
    across = across if embedding.nearness is None else across * embedding.nearness[which]
    return np.asarray(up.astype(np.float32) @ across.T.astype(np.float32))


class Divided(msgspec.Struct, frozen=True, eq=False):
    """The modes of a posterior, and its `probabilities` (k,) of the `classes`, from so many test `images`."""

    modes: tuple[Mode, ...]
    classes: tuple[str, ...]
    probabilities: Array
    images: int

    @property
    def words(self) -> str:
        """A description of the modes, with their letters."""
        if len(self.modes) < 2:
            return "one mode"
        modes = (f"{letter} {self.mode_words(mode)}" for letter, mode in zip(LETTERS, self.modes, strict=False))
        return f"{len(self.modes)} modes: {', '.join(modes)}"

    def mode_words(self, mode: Mode) -> str:
        """A description of a mode: its share of the mass, and its most probable class, or two that are about even."""
        share = f"{100 * mode.share:.0f} %"
        if len(self.classes) < 2:
            return share
        second, first = np.argsort(mode.classes)[-2:]
        other = f" or “{self.classes[second]}”" if mode.classes[second] > EVEN * mode.classes[first] else ""
        return f"{share} a “{self.classes[first]}”{other}"


def divided(document: Latent, unboxing: Unboxing) -> Generator[Pending, None, Divided]:
    """Return the modes and the class probabilities of the posterior p(z | y) of an Unboxing.

    p(class | y) = Σ p(z | y) p(class | z), over all cells of the posterior's mass.
    """
    counted = yield from votes(document.loaded_model, unboxing.axis)
    return _divided(counted, unboxing.mass, held_out_number(document))


@lru_cache(maxsize=8)
def _divided(counted: Votes, mass: WeightedCells, without: int | None) -> Divided:
    embedding = counted.embedding
    each = mass.shares[:, None] * counted.shares(mass.z, without)
    with_classes = tuple(replace(mode, classes=each[mode.cells].sum(axis=0) / mode.share) for mode in modes(mass))
    images = len(embedding.mean) - (without is not None and without < len(embedding.mean))
    return Divided(with_classes, embedding.classes, each.sum(axis=0), images)


def held_out_number(document: Latent) -> int | None:
    """The position of the selected image among the test images, if it is one of them: it must not vote for itself."""
    selected = document.input
    return selected.index if isinstance(selected, FromData) and selected.held_out else None
