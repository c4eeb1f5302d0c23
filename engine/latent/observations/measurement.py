"""Measurements of an image, as they enter a likelihood; `measurement_densities` computes ln p(measurement | z)."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array


class Pixels(msgspec.Struct, frozen=True, eq=False):
    """Some pixels as they are: their places (k,) in the flat image and what the likelihood scores there, (k,).

    p(measurement | z) = ∏ p_θ(x_i | z) over them.
    """

    index: NDArray[np.intp]
    values: Array


class NoisyPixels(msgspec.Struct, frozen=True, eq=False):
    """All pixels, each through noise of its own: values y (pixels,).

    "gaussian": y = x + ε, ε ~ N(0, amount²). "impulse": with probability `amount` a pixel is replaced, by a fair coin
    if the likelihood's pixels are 0 or 1, otherwise by a value spread evenly over 0 to 1.
    """

    values: Array
    noise: Literal["gaussian", "impulse"]
    amount: float


class Projection(msgspec.Struct, frozen=True, eq=False):
    """Weighted sums of pixels: y = A x + ε, ε ~ N(0, deviation² I), values y (m,).

    A (m, pixels) is given row by row, flat: `weights` (n,), the pixels they belong to, `columns` (n,), and `rows` (n,),
    in order. `disjoint` says whether each pixel is in one row at most. Where A is the same on all rows, all columns and
    all channels of the image, A = A₁ ⊗ A₂ ⊗ I, `factors` are A₁ (h′, h) and A₂ (w′, w), by which it is quicker applied.
    """

    values: Array
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    weights: Array
    deviation: float
    disjoint: bool
    factors: tuple[Array, ...] = ()


Measurement = Pixels | NoisyPixels | Projection
