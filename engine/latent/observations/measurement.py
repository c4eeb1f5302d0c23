"""Measurements of an image, as the likelihood uses them; `measurement_densities` computes ln p(measurement | z)."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array


class Pixels(msgspec.Struct, frozen=True, eq=False):
    """Exact values of some pixels: positions (k,) in the flat image and values (k,), in the units of the likelihood.

    p(measurement | z) = ∏ p_θ(x_i | z) over these pixels.
    """

    index: NDArray[np.intp]
    values: Array


class NoisyPixels(msgspec.Struct, frozen=True, eq=False):
    """All pixels, each with independent noise: values y (pixels,).

    "gaussian": y = x + ε, ε ~ N(0, amount²). "impulse": with probability `amount` a pixel is replaced, by a fair coin
    if the likelihood's pixels are 0 or 1, otherwise by a uniform value from 0 to 1.
    """

    values: Array
    noise: Literal["gaussian", "impulse"]
    amount: float


class Projection(msgspec.Struct, frozen=True, eq=False):
    """Weighted sums of pixels with noise: y = A x + ε, ε ~ N(0, deviation² I), values y (m,).

    A (m, pixels) is sparse: its non-zero entries are `weights` (n,), at `rows` (n,), in ascending order, and `columns`
    (n,), the pixels. `disjoint` says whether each pixel occurs in at most one row. If A = A₁ ⊗ A₂ ⊗ I acts alike on all
    rows, columns and channels of the image, `factors` are A₁ (h′, h) and A₂ (w′, w), which are faster to apply.
    """

    values: Array
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    weights: Array
    deviation: float
    disjoint: bool
    factors: tuple[Array, ...] = ()


Measurement = Pixels | NoisyPixels | Projection
