"""Basis functions φ(x): what a linear model is linear in."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from engine.gaussian import Array
from engine.part import Family, Part


class Basis:
    """k functions of x. Abstract: register a final `Part` below."""

    __slots__ = ()

    @property
    def size(self) -> int:
        """k, the number of weights."""
        raise NotImplementedError

    def features(self, x: ArrayLike) -> Array:
        """The design matrix Φ (n, k) of x (n,), Φ_nj = φ_j(x_n) (PRML 3.16)."""
        raise NotImplementedError


BASES = Family(Basis)


@BASES.register
class Polynomial(Part, Basis, frozen=True, tag=True):
    """Polynomial: 1, x, x², … Degree 1 is the line of the lecture."""

    degree: Annotated[int, Meta(ge=0, le=15, title="Degree", description="The highest power of x.")] = 1

    @property
    def size(self) -> int:
        return self.degree + 1

    def features(self, x: ArrayLike) -> Array:
        return np.vander(np.atleast_1d(np.asarray(x, float)), self.size, increasing=True)
