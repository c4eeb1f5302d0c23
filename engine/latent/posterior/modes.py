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
    cells, owner = _divided(mass)
    height = np.log(np.maximum(cells.shares, np.finfo(float).tiny)) - 2 * np.log(cells.side)
    neighbours = _neighbours(cells)
    top = _ascended(height, neighbours)
    label = _merged(height, neighbours, top, depth)
    shares = np.bincount(label, cells.shares)
    kept = [i for i in np.unique(label) if shares[i] >= least]
    of_mass = np.empty(len(mass.z), np.intp)
    of_mass[owner] = label  # all parts of a divided cell have one label
    result = [_mode(mass, np.flatnonzero(of_mass == i), cells.z[i]) for i in kept]
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


def _divided(mass: WeightedCells) -> tuple[WeightedCells, Indices]:
    """Divide all cells to the size of the smallest one; also return the position of each part's cell (n,)."""
    side = float(mass.side.min())
    times = np.rint(mass.side / side).astype(np.intp)
    owner = np.arange(len(times))
    if (times == 1).all():
        return mass, owner
    owner = np.repeat(owner, times**2)
    first = np.repeat(np.cumsum(times**2) - times**2, times**2)
    across, up = np.divmod(np.arange(len(owner)) - first, times[owner])
    corner = mass.z[owner] - mass.side[owner, None] / 2
    z = corner + side * (np.column_stack([across, up]) + 0.5)
    return WeightedCells(z, np.full(len(z), side), mass.shares[owner] / times[owner] ** 2), owner


def _neighbours(cells: WeightedCells) -> list[Indices]:
    """The positions (n,) of the neighbours in each direction of AROUND; n where there is no neighbour."""
    x, y = (np.rint((along - along.min()) / cells.side[0]).astype(np.intp) + 1 for along in cells.z.T)
    columns = int(x.max()) + 2
    number = np.full(columns * (int(y.max()) + 2), len(x))
    at = y * columns + x
    number[at] = np.arange(len(x))
    return [number[at + up * columns + across] for across, up in AROUND]


def _ascended(height: Array, neighbours: list[Indices]) -> Indices:
    """The maximum (n,) that each cell ascends to; of equally high cells the later one counts as higher."""
    heights = np.append(height, -np.inf)
    best, goal = height.copy(), np.arange(len(height))
    for neighbour in neighbours:
        h = heights[neighbour]
        higher = (h > best) | ((h == best) & (neighbour > goal))
        np.copyto(best, h, where=higher)
        np.copyto(goal, neighbour, where=higher)
    while not np.array_equal(further := goal[goal], goal):
        goal = further
    return goal


def _merged(height: Array, neighbours: list[Indices], top: Indices, depth: float) -> Indices:
    """The maximum (n,) of each cell after shallow maxima were merged.

    Saddles are processed from the highest to the lowest. At a saddle two regions meet, and the region of the lower
    maximum ends; this maximum stays a mode if it is at least `depth` above the saddle.
    """
    region, mode = {}, {int(peak): int(peak) for peak in np.unique(top)}
    region.update(mode)
    for saddle, a, b in _saddles(height, neighbours, top):
        one, other = sorted((_root(region, a), _root(region, b)), key=lambda peak: (height[peak], peak))
        if one == other:
            continue
        if height[one] - saddle < depth:
            mode[one] = _root(mode, b if _root(region, a) == one else a)
        region[one] = other
    peaks = np.array(sorted(mode))
    ends = np.array([_root(mode, int(peak)) for peak in peaks])
    return np.asarray(ends[np.searchsorted(peaks, top)])


def _saddles(height: Array, neighbours: list[Indices], top: Indices) -> list[tuple[float, int, int]]:
    """The height of the saddle between each two adjacent maxima, with both maxima, the highest saddle first."""
    tops, pairs_by_direction = np.append(top, -1), []
    for neighbour in neighbours[: len(AROUND) // 2]:  # the other half are the same pairs
        border = np.flatnonzero((tops[neighbour] != top) & (neighbour < len(top)))
        pairs_by_direction.append(np.column_stack([border, neighbour[border]]))
    pairs = np.concatenate(pairs_by_direction)
    saddles: dict[tuple[int, int], float] = {}
    low = height[pairs].min(axis=1)
    for (a, b), saddle in zip(np.sort(top[pairs], axis=1).tolist(), low.tolist(), strict=True):
        saddles[a, b] = max(saddle, saddles.get((a, b), -np.inf))
    return sorted(((saddle, a, b) for (a, b), saddle in saddles.items()), reverse=True)


def _root(tree: dict[int, int], peak: int) -> int:
    while tree[peak] != peak:
        tree[peak] = tree[tree[peak]]
        peak = tree[peak]
    return peak
