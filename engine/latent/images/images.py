"""Images: a set of grey pictures with labels, and the family of data sets they come from."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.part import Family


class Images(msgspec.Struct, frozen=True, eq=False):
    """n grey pictures: `pixels` (n, h, w) from 0 (paper) to 255 (ink), `labels` (n,), the `classes` they index."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pixels)


class DataSet:
    """Where images come from, and to whom they are owed. Abstract: register a final `Part` in a file of its own."""

    __slots__ = ()

    licence: str
    attribution: str

    def train(self) -> Images:
        """The images to learn from."""
        raise NotImplementedError

    def test(self) -> Images:
        """The images held out."""
        raise NotImplementedError


DATASETS = Family(DataSet)
