"""Observations: how an image is looked at: whole, in part, coarsened, blurred or with noise."""

from __future__ import annotations

from typing import ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.sights import Pixels, Sight
from engine.part import Family, Part

Shape = tuple[int, ...]


class Seen(msgspec.Struct, frozen=True, eq=False):
    """What was seen, one sight a step, and after each step the picture that it makes.

    `pictures` (steps + 1, h, w[, 3]) run from 0 to 1, and `known` (steps + 1, h, w) says which of their pixels were seen
    at all; the others are 0. The first of both is before anything is seen.
    """

    sights: tuple[Sight, ...]
    pictures: Array
    known: NDArray[np.bool_]


class Observation:
    """A way to look at an image x. Abstract: register a final `Part`."""

    __slots__ = ()

    symbol: ClassVar[str] = "y"  # of what is seen

    @property
    def steps(self) -> int:
        """How many sights it is made of."""
        return 1

    def first(self, n: int) -> Observation:
        """The same with at most its first n sights, n > 0, if one after the other is what they are."""
        return self

    def see(self, x: Array) -> Seen:
        """Look at x (h, w[, 3]), of what the likelihood scores. Raises ValueError, in one sentence, if it cannot."""
        raise NotImplementedError


OBSERVATIONS = Family(Observation)


@OBSERVATIONS.register
class Full(Part, Observation, frozen=True, tag=True):
    """The whole image: every pixel as it is."""

    symbol = "x"

    def see(self, x: Array) -> Seen:
        nothing = np.zeros((1, *x.shape))
        known = np.stack([np.zeros(x.shape[:2], bool), np.ones(x.shape[:2], bool)])
        return Seen((Pixels(np.arange(x.size), x.ravel()),), np.concatenate([nothing, x[None]]), known)
