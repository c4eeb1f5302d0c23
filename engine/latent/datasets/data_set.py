"""Images: a set of pictures with labels, and the family of data sets they come from."""

from __future__ import annotations

from collections.abc import Generator

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import Pending
from engine.part import Family


class Images(msgspec.Struct, frozen=True, eq=False):
    """n pictures: `pixels` (n, h, w) grey or (n, h, w, 3) colour, 0–255; `labels` (n,), the `classes` they index.

    Pictures that were generated know the `factors` (n, f) they were made from, by name; others have none.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    classes: tuple[str, ...]
    factors: NDArray[np.float64] = msgspec.field(default_factory=lambda: np.empty((0, 0)))
    factor_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pixels)

    def first(self, n: int) -> Images:
        """At most the first n, sharing their memory."""
        return Images(self.pixels[:n], self.labels[:n], self.classes, self.factors[:n], self.factor_names)


class DataSet:
    """Where images come from, and to whom they are owed. Abstract: register a final `Part` in a file of its own."""

    __slots__ = ()

    licence: str
    attribution: str

    @property
    def light(self) -> bool:
        """Whether pixels are light from 0 (black) to 255, and look so in every theme, and not ink from 0 (paper)."""
        return False

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(h, w) of grey pictures, (h, w, 3) of coloured ones. Raises ValueError if they cannot be read."""
        return self.test().pixels.shape[1:]

    def train(self) -> Images:
        """The images to learn from."""
        raise NotImplementedError

    def train_in_steps(self) -> Generator[Pending, None, Images]:
        """What `train` returns, with places to stop at where it takes long."""
        yield from ()
        return self.train()

    def test(self) -> Images:
        """The images held out."""
        raise NotImplementedError


DATASETS = Family(DataSet, home="engine.latent.datasets")
