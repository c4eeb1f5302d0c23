"""Modes: the local maxima of a posterior over the latent plane, each with its share of the mass.

Each cell belongs to the maximum to which it ascends, as in a watershed transform. The saddles between maxima decide
which of them are merged: the depth of a saddle is the persistence of the lower maximum (Edelsbrunner, Letscher &
Zomorodian 2002). This runs on refined cells, because a ridge that is narrower than the lattice step looks like a chain
of modes on the lattice.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.posterior.grid_density import REACH, GridDensity, WeightedCells

DEPTH = 1.0  # nats that the density falls, at least, between a mode and any higher one
LEAST = 0.01  # the smallest share of the mass of a mode
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AROUND = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
Indices = NDArray[np.intp]


class Mode(msgspec.Struct, frozen=True, eq=False):
    """A local maximum at z (2,), its share of the mass, and the mean (2,) and covariance (2, 2) of this share.

    `classes` (k,) are the class probabilities within the mode; they are empty if they were not computed.
    """

    z: Array
    share: float
    mean: Array
    covariance: Array
    cells: Indices  # the positions of its cells among the cells of the mass
    classes: Array = msgspec.field(default_factory=lambda: np.empty(0))


def modes(density: WeightedCells | GridDensity, depth: float = DEPTH, least: float = LEAST) -> tuple[Mode, ...]:
    """Return the modes of a density, the mode with the largest share first.

    Each cell belongs to the maximum that steps to the highest neighbour reach from it. A maximum is merged with the
    higher maximum beyond a saddle if it is less than `depth` nats above the saddle. Modes with less than `least` of
    the mass are left out.
    """
    mass = whole(density) if isinstance(density, GridDensity) else density
    if not len(mass.z):
        return ()
    height = np.log(np.maximum(mass.shares, np.finfo(float).tiny)) - 2 * np.log(mass.side)
    pairs = _adjacent(mass)
    top = _ascended(height, pairs)
    label = _merged(height, pairs, top, depth)
    shares = np.bincount(label, mass.shares)
    result = [_mode(mass, np.flatnonzero(label == i), mass.z[i]) for i in np.unique(label) if shares[i] >= least]
    return tuple(sorted(result, key=lambda mode: -mode.share))


def whole(grid: GridDensity) -> WeightedCells:
    """Return the cells of a density around the nodes of its lattice, without those REACH nats below the maximum."""
    rows, columns = np.nonzero(grid.log_density > grid.log_density.max() - REACH)
    logs = grid.log_density[rows, columns]
    shares = np.exp(logs - logs.max())
    z = np.column_stack([grid.axis[columns], grid.axis[rows]])
    return WeightedCells(z, np.full(len(z), grid.step), shares / shares.sum())


def _mode(mass: WeightedCells, cells: Indices, z: Array) -> Mode:
    share = float(mass.shares[cells].sum())
    own = WeightedCells(mass.z[cells], mass.side[cells], mass.shares[cells] / share)
    return Mode(z, share, own.mean, own.covariance, cells)


def _adjacent(mass: WeightedCells) -> Indices:
    """The pairs (n, 2) of cells that touch each other, at a side or at a corner; some pairs occur more than once.

    The cells are those of an adaptive lattice: the side of each cell is a whole multiple of the sides of all smaller
    cells, and cells of one size lie on one lattice. A cell looks for neighbours of its own size, and then of each
    larger size, so that no cell is divided.
    """
    finest = float(mass.side.min())
    times = np.rint(mass.side / finest).astype(np.int64)
    corner = mass.z - mass.side[:, None] / 2
    origin = corner[np.argmax(times)]
    at = np.rint((corner - origin) / finest).astype(np.int64)
    at += times.max() * (2 - at.min(axis=0) // times.max())  # positive, and as far from the lattice lines as before
    columns = int(at[:, 0].max()) + 2 * int(times.max())
    sizes = np.unique(times)
    groups = {size: _Group(at, size, columns, np.flatnonzero(times == size)) for size in sizes.tolist()}
    found = []
    for size, group in groups.items():
        for i, direction in enumerate(AROUND):
            lacking = group.members
            for larger in sizes[sizes >= size].tolist():
                if larger == size and i >= len(AROUND) // 2:  # the neighbour itself finds this pair
                    lacking = lacking[groups[size].at(at[lacking] + size * np.array(direction)) < 0]
                    continue
                neighbour = groups[larger].at(at[lacking] + size * np.array(direction))
                found.append(np.column_stack([lacking, neighbour])[neighbour >= 0])
                lacking = lacking[neighbour < 0]
    return np.concatenate(found)


class _Group:
    """The cells of one size, which are found by a position in units of the finest cell."""

    def __init__(self, at: Indices, size: int, columns: int, members: Indices) -> None:
        self.members, self._size, self._columns = members, size, columns
        keys = self._keys(at[members])
        order = np.argsort(keys)
        self._sorted, self._members = keys[order], members[order]

    def at(self, positions: Indices) -> Indices:
        """The cells (n,) that contain the positions (n, 2); −1 where there is no cell of this size."""
        keys = self._keys(positions)
        place = np.minimum(np.searchsorted(self._sorted, keys), len(self._sorted) - 1)
        return np.asarray(np.where(self._sorted[place] == keys, self._members[place], -1))

    def _keys(self, positions: Indices) -> Indices:
        column, row = (positions // self._size).T
        return np.asarray(row * self._columns + column)


def _ascended(height: Array, pairs: Indices) -> Indices:
    """The maximum (n,) that each cell ascends to; of equally high cells the later one counts as higher."""
    order = np.argsort(height, kind="stable")
    rank = np.empty(len(height), np.intp)
    rank[order] = np.arange(len(height))
    ranks = rank[pairs]
    low, high = ranks.min(axis=1), ranks.max(axis=1)
    upwards = np.argsort(high, kind="stable")
    goal = np.arange(len(height))
    goal[low[upwards]] = high[upwards]  # of several neighbours, the last and highest one stays
    while not np.array_equal(further := goal[goal], goal):
        goal = further
    return np.asarray(order[goal[rank]])


def _merged(height: Array, pairs: Indices, top: Indices, depth: float) -> Indices:
    """The maximum (n,) of each cell after shallow maxima were merged.

    Saddles are processed from the highest to the lowest. At a saddle two regions meet, and the region of the lower
    maximum ends; this maximum stays a mode if it is at least `depth` above the saddle.
    """
    region, mode = {}, {int(peak): int(peak) for peak in np.unique(top)}
    region.update(mode)
    for saddle, a, b in _saddles(height, pairs, top):
        one, other = sorted((_root(region, a), _root(region, b)), key=lambda peak: (height[peak], peak))
        if one == other:
            continue
        if height[one] - saddle < depth:
            mode[one] = _root(mode, b if _root(region, a) == one else a)
        region[one] = other
    peaks = np.array(sorted(mode))
    ends = np.array([_root(mode, int(peak)) for peak in peaks])
    return np.asarray(ends[np.searchsorted(peaks, top)])


def _saddles(height: Array, pairs: Indices, top: Indices) -> list[tuple[float, int, int]]:
    """The height of the saddle between each two adjacent maxima, with both maxima, the highest saddle first."""
    maxima = np.sort(top[pairs], axis=1)
    border = maxima[:, 0] != maxima[:, 1]
    low = height[pairs[border]].min(axis=1)
    order = np.argsort(low, kind="stable")
    ascending = zip(maxima[border][order].tolist(), low[order].tolist(), strict=True)
    highest = {(a, b): saddle for (a, b), saddle in ascending}
    return sorted(((saddle, a, b) for (a, b), saddle in highest.items()), reverse=True)


def _root(tree: dict[int, int], peak: int) -> int:
    while tree[peak] != peak:
        tree[peak] = tree[tree[peak]]
        peak = tree[peak]
    return peak
