"""Interpolation between the nodes of a lattice."""

from __future__ import annotations

import numpy as np

from engine.gaussian import Array


def interpolated(axis: Array, values: Array, x: Array, y: Array) -> Array:
    """Values (m, m) over nodes `axis` (m,), at places x (columns,) and y (rows,), by cubic convolution.

    Keys 1981, a = −½: exact for parabolas, and at the nodes.
    """
    columns, rows = _needed(axis, x), _needed(axis, y)
    across, up = weights(axis[columns], x), weights(axis[rows], y)
    return np.asarray(up @ values[rows, columns] @ across.T)


def _needed(axis: Array, places: Array) -> slice:
    """The nodes about the places, with two more on each side."""
    first, last = np.floor((places[[0, -1]] - axis[0]) / (axis[1] - axis[0])).astype(int)
    low = min(max(int(first) - 2, 0), len(axis) - 2)
    return slice(low, max(min(int(last) + 4, len(axis)), low + 2))


def weights(axis: Array, places: Array) -> Array:
    """Of each node (m,) at each place (n,), dense (n, m)."""
    m = len(axis)
    at = (places - axis[0]) / (axis[1] - axis[0])
    first = np.clip(np.floor(at).astype(int), 0, m - 2)
    t = np.clip(at - first, 0, 1)
    parts = (
        -0.5 * t + t**2 - 0.5 * t**3,
        1 - 2.5 * t**2 + 1.5 * t**3,
        0.5 * t + 2 * t**2 - 1.5 * t**3,
        -0.5 * t**2 + 0.5 * t**3,
    )
    made = np.zeros((len(places), m))
    rows = np.arange(len(places))
    for offset, part in zip((-1, 0, 1, 2), parts, strict=True):
        np.add.at(made, (rows, np.clip(first + offset, 0, m - 1)), part)
    return made
