"""Refinement: the integral over a grid density, with the cells divided that hold mass and that are uneven.

Cells are divided into 16 or 4, up to four times, because images of the shipped models have posteriors with a σ of 0.01
against lattice steps of 0.04. See docs/decisions/022.
"""

from __future__ import annotations

import math
from collections.abc import Generator

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, whole
from engine.gaussian import LN_2PI, Array
from engine.latent.posterior.grid_density import (
    AT_ONCE,
    DOUBT,
    LEAST,
    NEGLIGIBLE,
    GridDensity,
    Integral,
    Score,
    WeightedCells,
    deviation,
    integrate_on_grid,
    log_sum,
    widened,
)
from engine.latent.posterior.lost_modes import MOST_STARTS, below, climb, peaks

LEFT = 1e-4  # the share of the mass that need not be refined
FINE = 4  # parts of a cell on each axis, where the lattice is too coarse
MANY = 150  # cells; if more are divided at a time, each is divided into 4, because the posterior is wide
DEEPEST = 4  # times that a cell is divided, at most
CAUTION = 2.0  # factor on the deviation of sub-grids: all of them may err alike (calibrated, see the decision)
CHANGED = {2: 0.2, FINE: 0.03}  # of the last change, by the parts of a cell: sub-grids may also agree by chance
EMPTY = 20.0  # nats; with a larger error of the lattice, one of its sub-grids shows nothing of the mass
CHANGED_FROM_EMPTY = 0.2  # of the change from such a lattice: the mass is narrower than the first cells as well
ENOUGH = 5e-3  # nats; a smaller error of the log evidence is not refined
MOST_CELLS = 1200  # cells that are divided at a time, if they hold nearly all of the mass
FEW_CELLS = 300  # the most uneven cells of a wider posterior, which are divided at a time
HIGHEST = 12  # the highest cells, whose neighbours may hide a mode between the nodes
SHOWN = 0.5  # nats; if the nearest cell is farther below a mode, the cells do not show the mass around the mode


def refine(
    grid: GridDensity, score: Score, starts: Array | None = None, *, everywhere: bool = False, enough: float = ENOUGH
) -> Generator[Integral | Pending, None, None]:
    """Yield the sum over the lattice; while the error is above `enough` nats, also sums with the largest cells divided.

    Each of these cells is divided into FINE² cells, which `score` evaluates, or into 4 if they are many. Yields PENDING
    where the job may be cancelled. If the density covers more than MOST_CELLS, only the FEW_CELLS most uneven cells are
    divided, because the errors of the other cells average out.

    Cells around modes between the nodes are divided as well. The search for these modes starts from the local maxima
    of the lattice and from `starts` (k, 2). It leaves out starts in cells that are divided anyway, unless `everywhere`.
    """
    integral = integrate_on_grid(grid)
    yield integral
    if not grid.log_evidence_terms:
        return
    size, side = len(grid.axis), grid.step
    logs = grid.log_density.ravel() + grid.log_evidence + 2 * np.log(side)  # the log of the mass of each cell
    bends = _bends(np.exp(logs - grid.log_evidence).reshape(size, size))
    held = widened(_most(logs).reshape(size, size))
    if integral.error <= enough:
        held = np.zeros_like(held)
    elif held.sum() > MOST_CELLS:
        held = _most_bent(bends)
    held = held.ravel()
    lost = yield from _lost(grid, score, starts, None if everywhere else held)
    rows, columns = np.divmod(np.arange(size**2), size)
    cells = Cells(np.column_stack([grid.axis[columns], grid.axis[rows]]), side, logs)
    held |= lost.around(cells, grid.log_evidence)
    if not held.any():
        return
    parts = FINE if held.sum() <= MANY else 2
    fine = yield from _divided(score, cells.only(held), parts)
    while (more := _beside(fine, parts, cells, held)).any() and held.sum() + more.sum() <= MOST_CELLS:
        further = yield from _divided(score, cells.only(more), parts)
        fine = Cells(np.concatenate([fine.z, further.z]), fine.side, np.concatenate([fine.logs, further.logs]))
        held |= more
    done = _Done([cells.only(~held & (logs > logs.max() - NEGLIGIBLE))], float(np.sum(bends.ravel()[~held] ** 2)))
    for level in range(DEEPEST):
        if level:
            parts = FINE if held.sum() <= MANY else 2
            fine = yield from _divided(score, fine.only(held), parts)
        changed = CHANGED[parts] if level or integral.error < EMPTY else CHANGED_FROM_EMPTY
        integral = _integrate_cells(fine, done, parts, integral.log_evidence, changed)
        yield integral
        off = _unevenness(fine.logs, integral.log_evidence, parts)
        around = lost.around(fine, integral.log_evidence)
        held = _most(fine.logs) | _next_to_peaks(fine)
        if held.sum() > MOST_CELLS:
            held &= _most_uneven(off, held)
        held = around if integral.error <= enough else _with_neighbours(fine, held | around)
        if not held.any():
            return
        ended = ~held.reshape(len(off), -1).any(axis=1)
        done = _Done([*done.cells, fine.only(~held)], done.square + float(np.sum(off[ended] ** 2)))


def _divided(score: Score, cells: Cells, parts: int) -> Generator[Pending, None, Cells]:
    """Return the parts² cells of each cell, in blocks."""
    side = cells.side / parts
    steps = side * (np.arange(parts) - (parts - 1) / 2)
    z = (cells.z[:, None, None, :] + np.stack(np.meshgrid(steps, steps), axis=-1)).reshape(-1, 2)
    logs = np.empty(len(z))
    for start in range(0, len(z), AT_ONCE):
        chunk = slice(start, start + AT_ONCE)
        logs[chunk] = score(z[chunk]) - 0.5 * np.sum(z[chunk] ** 2, axis=1) - LN_2PI + 2 * np.log(side)
        yield PENDING
    return Cells(z, side, logs)


def _beside(fine: Cells, parts: int, lattice: Cells, held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask (m²,) of the cells of the lattice into which a ridge between the nodes continues.

    The divided cells `fine`, of the cells `held` (m²,), have more mass at their common side than the node shows.
    """
    size, total = math.isqrt(len(held)), log_sum(fine.logs)
    shares = np.exp(fine.logs - total).reshape(-1, parts, parts)
    middles = fine.z.reshape(-1, parts**2, 2).mean(axis=1)
    column, row = np.rint((middles - lattice.z[0]) / lattice.side).astype(int).T + 1
    expected = np.zeros((size + 2, size + 2))
    sides = ((0, -1, shares[:, :, 0]), (0, 1, shares[:, :, -1]), (-1, 0, shares[:, 0]), (1, 0, shares[:, -1]))
    for up, across, side in sides:
        np.add.at(expected, (row + up, column + across), side.sum(axis=1))
    mass = expected[1:-1, 1:-1].ravel()
    return np.asarray(~held & (mass > np.maximum(LEFT, np.exp(lattice.logs - total))))


class _Done(msgspec.Struct, frozen=True, eq=False):
    """The cells that are not divided further, and the sum of the `square`s of their errors, as shares of the mass.

    The most uneven cells are divided first, so that the signs of these errors are nearly random.
    """

    cells: list[Cells]
    square: float


class _Modes(msgspec.Struct, frozen=True, eq=False):
    """Modes between the nodes: the maxima z (k, 2), and `height` (k,), ln p(all measurements, z) at each."""

    z: Array
    height: Array

    def around(self, cells: Cells, log_evidence: float) -> NDArray[np.bool_]:
        """A mask (n,) of the cells next to each mode that is not negligible and whose mass the cells do not show."""
        mask = np.zeros(len(cells.z), bool)
        for z, height in zip(self.z, self.height, strict=True):
            area = 2 * np.log(cells.side)
            if height + area < log_evidence + np.log(LEFT):
                continue
            near = np.abs(cells.z - z).max(axis=1) < 1.5 * cells.side
            if near.any() and height - (cells.logs[near].max() - area) > SHOWN:
                mask |= near
        return mask


def _bends(shares: Array) -> Array:
    """The estimated errors (m, m) of the shares of cells: a quarter of the difference from the mean of four neighbours.

    For a density that is a parabola within a cell, the error is a sixth of this difference.
    """
    padded = np.pad(shares, 1)
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return np.asarray(np.abs(shares - around / 4) / 4)


def _most_bent(bends: Array) -> NDArray[np.bool_]:
    """A mask (m, m) of at most FEW_CELLS cells with the largest errors, and their neighbours."""
    count = FEW_CELLS // 9
    return widened(bends > max(LEFT / 4, float(np.partition(bends.ravel(), -count)[-count])))


def _unevenness(logs: Array, log_evidence: float, parts: int) -> Array:
    """The errors (blocks,) of blocks of parts² cells as shares of the mass, from their four interleaved sub-grids."""
    shares = np.exp(logs - log_evidence).reshape(-1, parts, parts)
    quarters = [4 * shares[:, a::2, b::2].sum(axis=(1, 2)) for a in (0, 1) for b in (0, 1)]
    return np.asarray(np.max(np.abs(np.array(quarters) - shares.sum(axis=(1, 2))), axis=0))


def _most_uneven(off: Array, held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask (n,) of the blocks with the largest errors `off`, with at most FEW_CELLS cells of `held` (n,)."""
    order = np.argsort(-off)
    few = np.cumsum(held.reshape(len(off), -1).sum(axis=1)[order]) <= FEW_CELLS
    mask = np.zeros((len(off), len(held) // len(off)), bool)
    mask[order[few & (off[order] > LEFT)]] = True
    return mask.ravel()


def _next_to_peaks(cells: Cells) -> NDArray[np.bool_]:
    """A mask (n,) of the highest local maxima and their neighbours: the maximum of a mode may lie between them."""
    mask = np.zeros(len(cells.z), bool)
    for i in np.argsort(-cells.logs)[:HIGHEST]:
        near = np.abs(cells.z - cells.z[i]).max(axis=1) < 1.5 * cells.side
        if not mask[i] and cells.logs[near].max() <= cells.logs[i]:
            mask |= near
    return mask


def _with_neighbours(cells: Cells, held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Dilate a mask (n,) of cells by one cell: beside a narrow mode, a cell with a low centre may hold mass."""
    column, row = np.rint((cells.z - cells.z[0]) / cells.side).astype(np.intp).T
    number = column + row * (span := int(np.ptp(column)) + 3)
    chosen = number[held]
    return np.isin(number, np.concatenate([chosen + i + j * span for i in (-1, 0, 1) for j in (-1, 0, 1)]))


def _lost(
    grid: GridDensity, score: Score, starts: Array | None, held: NDArray[np.bool_] | None
) -> Generator[Pending, None, _Modes]:
    """Return the modes between the nodes; a search does not start in the cells of the mask `held` (m²,)."""
    places = peaks(grid.axis, grid.log_density, below(grid.step))[:MOST_STARTS]
    if starts is not None:
        inside = np.abs(starts).max(axis=1, initial=0.0) <= grid.axis[-1]
        places = np.concatenate([starts[inside], places])
    if held is not None:
        column, row = np.rint((places - grid.axis[0]) / grid.step).astype(int).T
        places = places[~held[row * len(grid.axis) + column]]
    if not len(places):
        return _Modes(places, np.empty(0))
    z, height = yield from climb(score, places, grid.step / 2)
    return _Modes(z, height)


class Cells(msgspec.Struct, frozen=True, eq=False):
    """Squares of one size around z (n, 2), with the logarithms (n,) of their unnormalised masses."""

    z: Array
    side: float
    logs: Array

    def only(self, kept: NDArray[np.bool_]) -> Cells:
        """The cells that are selected by a mask (n,)."""
        return Cells(self.z[kept], self.side, self.logs[kept])


def _most(logs: Array) -> NDArray[np.bool_]:
    """A mask (n,) of the fewest cells that together hold all but LEFT of the mass, given its logarithms (n,)."""
    high = np.flatnonzero(logs > logs.max() - NEGLIGIBLE)
    order = high[np.argsort(-logs[high])]
    total = np.cumsum(np.exp(logs[order] - logs[order[0]]))
    kept = np.zeros(len(logs), bool)
    kept[order[: int(np.searchsorted(total, (1 - LEFT) * total[-1])) + 1]] = True
    return kept


def integrate(grid: GridDensity, score: Score, starts: Array | None = None) -> tuple[WeightedCells, float, float]:
    """Return the final result of `refine`: the mass, ln p(all measurements) and its error in nats."""
    integral = whole(version for version in refine(grid, score, starts) if not isinstance(version, Pending))
    return integral.mass, integral.log_evidence, integral.error


def _integrate_cells(cells: Cells, done: _Done, parts: int, before: float, changed: float) -> Integral:
    """Integrate over divided cells, in blocks of parts², and over all other cells.

    The last result was `before`; the part `changed` of the change is an error.
    """
    others = np.concatenate([other.logs for other in done.cells])
    total = log_sum(np.append(cells.logs, others))
    blocks = cells.logs.reshape(-1, parts, parts) + np.log(4)
    quarters = [log_sum(np.append(blocks[:, a::2, b::2], others)) for a in (0, 1) for b in (0, 1)]
    left = min(0.5 * float(np.sum(np.exp(others - total))), LEFT)  # of the smallest cells
    uneven = max(CAUTION * deviation(quarters, total), changed * abs(total - before))
    error = uneven + DOUBT * np.sqrt(done.square) + left + LEAST
    every = [cells, *done.cells]
    z, logs = np.concatenate([each.z for each in every]), np.concatenate([each.logs for each in every])
    side = np.concatenate([np.full(len(each.z), each.side) for each in every])
    high = logs - 2 * np.log(side) > (cells.logs - 2 * np.log(cells.side)).max() - NEGLIGIBLE
    shares = np.exp(logs[high] - total)
    return Integral(WeightedCells(z[high], side[high], shares / shares.sum()), total, error)
