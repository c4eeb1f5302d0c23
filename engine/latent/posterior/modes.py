"""Modes: the peaks of a posterior over the plane of latents, with what of its mass lies about each."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.posterior.grid_density import REACH, GridDensity, WeightedCells

DEPTH = 1.0  # nats: between two modes the density falls at least so far below the lower one
LEAST = 0.01  # of the mass: what holds less is not called a mode
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AROUND = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
Indices = NDArray[np.intp]


class Mode(msgspec.Struct, frozen=True, eq=False):
    """A peak at z (2,), its share of the mass, and mean (2,) and covariance (2, 2) of that share.

    `classes` (k,) is how likely each class is within it, and empty as long as nobody has asked.
    """

    z: Array
    share: float
    mean: Array
    covariance: Array
    cells: Indices  # of the mass, those that are its own
    classes: Array = msgspec.field(default_factory=lambda: np.empty(0))


def modes(density: WeightedCells | GridDensity, depth: float = DEPTH, least: float = LEAST) -> tuple[Mode, ...]:
    """The peaks of a density, that with the most mass first.

    Each cell belongs to the peak that is reached from it by steps to the highest neighbour. A peak over which the
    saddle towards a higher one lies less than `depth` nats down belongs to what is beyond that saddle; one that holds
    less than `least` of the mass is left out.
    """
    mass = whole(density) if isinstance(density, GridDensity) else density
    if not len(mass.z):
        return ()
    cells, owner = _divided(mass)
    height = np.log(np.maximum(cells.shares, np.finfo(float).tiny)) - 2 * np.log(cells.side)
    beside = _neighbours(cells)
    top = _climbed(height, beside)
    label = _merged(height, beside, top, depth)
    held = np.bincount(label, cells.shares)
    kept = [i for i in np.unique(label) if held[i] >= least]
    of_mass = np.empty(len(mass.z), np.intp)
    of_mass[owner] = label  # cells that were divided go as one
    found = [_mode(mass, np.flatnonzero(of_mass == i), cells.z[i]) for i in kept]
    return tuple(sorted(found, key=lambda mode: -mode.share))


def whole(grid: GridDensity) -> WeightedCells:
    """The cells of a density with their weights, by the nodes of its lattice alone."""
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
    """Cells that are all as small as the smallest, and which cell each is of (n,)."""
    side = float(mass.side.min())
    parts = np.rint(mass.side / side).astype(np.intp)
    owner = np.arange(len(parts))
    if (parts == 1).all():
        return mass, owner
    owner = np.repeat(owner, parts**2)
    first = np.repeat(np.cumsum(parts**2) - parts**2, parts**2)
    across, up = np.divmod(np.arange(len(owner)) - first, parts[owner])
    corner = mass.z[owner] - mass.side[owner, None] / 2
    z = corner + side * (np.column_stack([across, up]) + 0.5)
    return WeightedCells(z, np.full(len(z), side), mass.shares[owner] / parts[owner] ** 2), owner


def _neighbours(cells: WeightedCells) -> list[Indices]:
    """The number of the cell (n,) in each direction of AROUND, n where there is none."""
    x, y = (np.rint((along - along.min()) / cells.side[0]).astype(np.intp) + 1 for along in cells.z.T)
    columns = int(x.max()) + 2
    number = np.full(columns * (int(y.max()) + 2), len(x))
    at = y * columns + x
    number[at] = np.arange(len(x))
    return [number[at + up * columns + across] for across, up in AROUND]


def _climbed(height: Array, beside: list[Indices]) -> Indices:
    """The peak (n,) that is reached from each cell; of equally high cells the later one counts as higher."""
    heights = np.append(height, -np.inf)
    best, goal = height.copy(), np.arange(len(height))
    for there in beside:
        h = heights[there]
        higher = (h > best) | ((h == best) & (there > goal))
        np.copyto(best, h, where=higher)
        np.copyto(goal, there, where=higher)
    while not np.array_equal(further := goal[goal], goal):
        goal = further
    return goal


def _merged(height: Array, beside: list[Indices], top: Indices, depth: float) -> Indices:
    """The peak (n,) that each cell belongs to once those that are not deep enough apart are joined.

    Saddles are taken from above. Where two regions meet, the lower peak ends: it stays one of its own if it is `depth`
    above the saddle.
    """
    region, mode = {}, {int(peak): int(peak) for peak in np.unique(top)}
    region.update(mode)
    for saddle, a, b in _saddles(height, beside, top):
        one, other = sorted((_root(region, a), _root(region, b)), key=lambda peak: (height[peak], peak))
        if one == other:
            continue
        if height[one] - saddle < depth:
            mode[one] = _root(mode, b if _root(region, a) == one else a)
        region[one] = other
    peaks = np.array(sorted(mode))
    ends = np.array([_root(mode, int(peak)) for peak in peaks])
    return np.asarray(ends[np.searchsorted(peaks, top)])


def _saddles(height: Array, beside: list[Indices], top: Indices) -> list[tuple[float, int, int]]:
    """The highest place at which the slopes of two peaks meet, of each pair, highest first."""
    tops, parts = np.append(top, -1), []
    for there in beside[: len(AROUND) // 2]:  # the other half are the same pairs
        here = np.flatnonzero((tops[there] != top) & (there < len(top)))
        parts.append(np.column_stack([here, there[here]]))
    pairs = np.concatenate(parts)
    found: dict[tuple[int, int], float] = {}
    low = height[pairs].min(axis=1)
    for (a, b), saddle in zip(np.sort(top[pairs], axis=1).tolist(), low.tolist(), strict=True):
        found[a, b] = max(saddle, found.get((a, b), -np.inf))
    return sorted(((saddle, a, b) for (a, b), saddle in found.items()), reverse=True)


def _root(tree: dict[int, int], peak: int) -> int:
    while tree[peak] != peak:
        tree[peak] = tree[tree[peak]]
        peak = tree[peak]
    return peak
