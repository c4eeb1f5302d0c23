"""Sets of images with labels, and the family of data sets that provide them."""

from __future__ import annotations

from collections.abc import Generator

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import Pending
from engine.part import Family


class Images(msgspec.Struct, frozen=True, eq=False):
    """n images with their labels.

    `pixels` is (n, h, w) for grey or (n, h, w, 3) for colour, from 0 to 255. `labels` (n,) are indices into `classes`.
    Generated images have the `factors` (n, f) from which they were drawn, with their names; other images have none.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    classes: tuple[str, ...]
    factors: NDArray[np.float64] = msgspec.field(default_factory=lambda: np.empty((0, 0)))
    factor_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pixels)

    def first(self, n: int) -> Images:
        """Return at most the first n images, which share the memory of this set."""
        return Images(self.pixels[:n], self.labels[:n], self.classes, self.factors[:n], self.factor_names)


class DataSet:
    """A source of training and test images, with its licence. Abstract: register a final `Part` in its own file."""

    __slots__ = ()

    licence: str
    attribution: str

    @property
    def light(self) -> bool:
        """Whether pixels are light, from 0 (black) to 255 (white) in every theme.

        Otherwise pixels are ink, from 0 (paper) to 255, in the colours of the theme.
        """
        return False

    @property
    def image_shape(self) -> tuple[int, ...]:
        """The shape (h, w) of grey images, or (h, w, 3) of colour images. Raises ValueError if they cannot be read."""
        return self.test().pixels.shape[1:]

    def train(self) -> Images:
        """Return the training images. Raises ValueError, in one sentence, if they cannot be read."""
        raise NotImplementedError

    def train_in_steps(self) -> Generator[Pending, None, Images]:
        """Return the training images like `train`, and yield Pending where a slow computation may be cancelled."""
        yield from ()
        return self.train()

    def test(self) -> Images:
        """Return the test images. Raises ValueError, in one sentence, if they cannot be read."""
        raise NotImplementedError


DATASETS = Family(DataSet, home="engine.latent.datasets")
