"""The nodes of a lattice at three strides: their levels, the neighbours of some, and interpolation between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.posterior.grid_density import STRIDES, widened


def levels(size: int) -> NDArray[np.intp]:
    """The level (size²,) of each node: the position of its coarsest stride in STRIDES."""
    row, column = np.divmod(np.arange(size**2), size)
    level = np.full(size**2, len(STRIDES) - 1)
    for i, stride in reversed(list(enumerate(STRIDES))):
        level[(row % stride == 0) & (column % stride == 0)] = i
    return level


def joint(axis: Array, logs: Array) -> Array:
    """The joint log density (m, m) in nats, but for a constant, from the log likelihood (m, m)."""
    return np.asarray(logs - 0.5 * (axis[:, None] ** 2 + axis**2))


def high(joint: Array, far: float) -> NDArray[np.bool_]:
    """A mask (m, m) of the nodes at most `far` nats below the maximum, and of their neighbours."""
    return widened(joint > joint.max() - far)


def next_to(joint: Array, far: float) -> NDArray[np.bool_]:
    """A mask (2m − 1, 2m − 1) of nodes of half the step, next to nodes at most `far` nats below the maximum (m, m)."""
    near = np.zeros((2 * len(joint) - 1,) * 2, bool)
    near[::2, ::2] = high(joint, far)
    return widened(near)


def between(coarse: Array) -> Array:
    """Interpolate values (m, m) by parabolas to a grid of half the step, (2m − 1, 2m − 1)."""
    return _between(_between(coarse).T).T


def _between(values: Array) -> Array:
    """Interpolate each row. Of the two parabolas at a midpoint the flatter one is used (minmod), because of cliffs."""
    bend = np.pad(np.diff(values, n=2), ((0, 0), (1, 1)), mode="edge")
    left, right = bend[:, :-1], bend[:, 1:]
    flatter = np.where(left * right > 0, np.copysign(np.minimum(abs(left), abs(right)), left), 0.0)
    fine = np.empty((len(values), 2 * values.shape[1] - 1), values.dtype)
    fine[:, ::2] = values
    fine[:, 1::2] = (values[:, :-1] + values[:, 1:]) / 2 - flatter / 8
    return fine
