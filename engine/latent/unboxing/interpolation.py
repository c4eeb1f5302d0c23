"""Interpolation between the nodes of a lattice."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array

F = TypeVar("F", np.float64, np.float32)


def interpolated(axis: Array, values: NDArray[F], x: Array, y: Array) -> NDArray[F]:
    """Interpolate values (m, m) over nodes `axis` (m,) by cubic convolution at positions x (columns,) and y (rows,).

    The interpolation (Keys 1981, a = −½) is exact at the nodes and for parabolas. It has the precision of the values.
    """
    columns, rows = _needed(axis, x), _needed(axis, y)
    across, up = (weights(axis[part], at).astype(values.dtype) for part, at in ((columns, x), (rows, y)))
    return np.asarray(up @ values[rows, columns] @ across.T)


def _needed(axis: Array, positions: Array) -> slice:
    """The slice of the nodes around the positions, with two more nodes on each side."""
    first, last = np.floor((positions[[0, -1]] - axis[0]) / (axis[1] - axis[0])).astype(int)
    low = min(max(int(first) - 2, 0), len(axis) - 2)
    return slice(low, max(min(int(last) + 4, len(axis)), low + 2))


def weights(axis: Array, positions: Array) -> Array:
    """The weights (n, m) of the nodes (m,) in the values interpolated at the positions (n,)."""
    m = len(axis)
    at = (positions - axis[0]) / (axis[1] - axis[0])
    first = np.clip(np.floor(at).astype(int), 0, m - 2)
    t = np.clip(at - first, 0, 1)
    kernel = (
        -0.5 * t + t**2 - 0.5 * t**3,
        1 - 2.5 * t**2 + 1.5 * t**3,
        0.5 * t + 2 * t**2 - 1.5 * t**3,
        -0.5 * t**2 + 0.5 * t**3,
    )
    matrix = np.zeros((len(positions), m))
    rows = np.arange(len(positions))
    for offset, value in zip((-1, 0, 1, 2), kernel, strict=True):
        np.add.at(matrix, (rows, np.clip(first + offset, 0, m - 1)), value)
    return matrix
