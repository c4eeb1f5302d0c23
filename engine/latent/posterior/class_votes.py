"""Classes: p(class | z) by where the held-out images lie, and with it those of a posterior and of its modes."""

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
from engine.latent.model import Embedding, Manifold
from engine.latent.posterior.grid_density import WeightedCells
from engine.latent.posterior.modes import LETTERS, Mode, modes
from engine.latent.posterior.unboxing import Unboxing
from engine.memo import Resumable, remember

NOTHING = 1e-6  # images in a cell: with fewer, nothing lies there


class Votes(msgspec.Struct, frozen=True, eq=False):
    """How many of the held-out images of each class lie in each cell of a lattice.

    `counts`, (m, m) for each class, are sums of the images' q(z|xₙ) at its nodes `axis` (m,), rows z₁ from below, times
    the area of a cell. No q counts as narrower than the lattice's step, so that none falls between two nodes.
    """

    axis: Array
    counts: tuple[NDArray[np.float32], ...]
    embedding: Embedding

    def shares(self, z: Array, without: int | None = None) -> Array:
        """p(class | z) (n, classes) at z (n, 2), each taken for the nearest node.

        Where nothing lies it is the class of the nearest image. The image of number `without` does not vote.
        """
        column, row = self._nodes(z)
        found = np.column_stack([count[row, column] for count in self.counts]).astype(float)
        if without is not None and without < len(self.embedding.mean):
            across, up = kernels(self.axis, self.embedding, np.array([without]))
            label = self.embedding.labels[without]
            found[:, label] = np.maximum(found[:, label] - up[row, 0] * across[column, 0], 0)
        total = found.sum(axis=1)
        empty = total < NOTHING
        if empty.any():
            found[empty] = np.eye(len(found.T))[self._nearest(z[empty], without)]
            total[empty] = 1
        return np.asarray(found / total[:, None])

    def _nodes(self, z: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        first, last = self.axis[0], len(self.axis) - 1
        column, row = np.clip(np.rint((z - first) / (self.axis[1] - first)), 0, last).astype(np.intp).T
        return column, row

    def _nearest(self, z: Array, without: int | None) -> NDArray[np.uint8]:
        """The classes (n,) of the images whose means lie nearest."""
        from scipy.spatial import cKDTree

        others = np.delete(np.arange(len(self.embedding.mean)), [] if without is None else [without])
        nearest = cKDTree(self.embedding.mean[others]).query(z)[1]
        return np.asarray(self.embedding.labels[others[nearest]])


def kernels(axis: Array, embedding: Embedding, which: NDArray[np.intp]) -> tuple[Array, Array]:
    """What some images have around each node along z₀ and along z₁, (m, n) each; their products are what they have."""
    step = axis[1] - axis[0]
    mean, deviation = embedding.mean[which], np.maximum(embedding.deviation[which], step)
    away = (axis[:, None, None] - mean) / deviation
    found = np.exp(-0.5 * away**2) * (step / np.sqrt(2 * np.pi)) / deviation
    return found[..., 0], found[..., 1]


def votes(manifold: Manifold, axis: Array) -> Generator[Pending, None, Votes]:
    """Return the votes over a lattice, which are counted once for each model and lattice."""
    key = "votes", len(axis), float(axis[-1])
    return (yield from remember(manifold, key, lambda: Resumable(_votes(axis, manifold.embedding))).result())


def _votes(axis: Array, embedding: Embedding) -> Generator[Pending, None, Votes]:
    counts = []
    for label in range(len(embedding.classes)):
        counts.append(_counted(axis, embedding, label))
        yield PENDING
    return Votes(axis, tuple(counts), embedding)


def _counted(axis: Array, embedding: Embedding, label: int) -> NDArray[np.float32]:
    across, up = kernels(axis, embedding, np.flatnonzero(embedding.labels == label))
    return np.asarray(up.astype(np.float32) @ across.T.astype(np.float32))


class Divided(msgspec.Struct, frozen=True, eq=False):
    """What the mass of a posterior is divided into: its modes, and `classes`, of which it has `probabilities` (k,).

    `images` is how many held-out images have voted on that.
    """

    modes: tuple[Mode, ...]
    classes: tuple[str, ...]
    probabilities: Array
    images: int

    @property
    def words(self) -> str:
        """The modes, with their letters."""
        if len(self.modes) < 2:
            return "one peak"
        parts = (f"{letter} {self.mode_words(mode)}" for letter, mode in zip(LETTERS, self.modes, strict=False))
        return f"{len(self.modes)} peaks: {', '.join(parts)}"

    def mode_words(self, mode: Mode) -> str:
        """Its share, and the class it is most likely of."""
        share = f"{100 * mode.share:.0f} %"
        return f"{share} a “{self.classes[int(mode.classes.argmax())]}”" if len(self.classes) > 1 else share


def divided(document: Latent, unboxing: Unboxing) -> Generator[Pending, None, Divided]:
    """The modes of p(z | seen), and p(class | seen) = Σ p(z | seen) p(class | z), exact on its mass."""
    found = yield from votes(document.manifold, unboxing.axis)
    return _divided(found, unboxing.mass, held_out_number(document))


@lru_cache(maxsize=8)
def _divided(found: Votes, mass: WeightedCells, without: int | None) -> Divided:
    embedding = found.embedding
    each = mass.shares[:, None] * found.shares(mass.z, without)
    known = tuple(replace(mode, classes=each[mode.cells].sum(axis=0) / mode.share) for mode in modes(mass))
    voted = len(embedding.mean) - (without is not None and without < len(embedding.mean))
    return Divided(known, embedding.classes, each.sum(axis=0), voted)


def held_out_number(document: Latent) -> int | None:
    """Which of the held-out images the subject is, if it is one: it must not vote for itself."""
    subject = document.input
    return subject.index if isinstance(subject, FromData) and subject.held_out else None
