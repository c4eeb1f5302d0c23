"""The posterior between the nodes of the lattice: its log density and its outline, from the refined cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.posterior.grid_density import NEGLIGIBLE, GridDensity, WeightedCells, widened
from engine.latent.unboxing.interpolation import interpolated, weights
from engine.plane import contour

NEARLY_ALL = 0.999  # the share of the mass in the cells in which the outline is computed
BEYOND = np.array([[-3], [2]])  # cells that are added before the first cell and after the last cell
FINEST = 8  # interpolated values on each side of a cell, at most
MOST = 320  # interpolated values on each side of the square that holds the outline, unless it has more cells
FEWEST = 64  # interpolated values on each side of a quick outline, at least
LARGEST = 800  # cells on each side of this square, at most


class RefinedDensity:
    """A log density in nats: `values` (m, m) at the nodes of `axis` (m,), with the cells of `mass` between the nodes.

    It equals the values of the cells at their centres. Within a cell that is larger than its neighbours it is the cubic
    interpolation of the nodes, shifted to the value of the cell.
    """

    def __init__(self, axis: Array, values: Array, mass: WeightedCells) -> None:
        self.axis, self.values, self.mass = axis, values, mass
        self.step = float(axis[1] - axis[0])
        self.logs = np.log(np.maximum(mass.shares, np.finfo(float).tiny)) - 2 * np.log(mass.side)
        self._small = mass.side < 0.75 * self.step

    @property
    def refined(self) -> bool:
        """Whether any cell of the lattice was divided."""
        return bool(self._small.any())

    def at(self, x: Array, y: Array) -> Array:
        """Interpolate the log density (rows, columns) at evenly spaced positions x (columns,) and y (rows,)."""
        values = interpolated(self.axis, self.values, x, y)
        spacing = max(x[1] - x[0], y[1] - y[0])
        if spacing >= self.step or not self.refined:
            return values
        cells = self.mass.z[self._small]
        low, high = cells.min(axis=0) - self.step, cells.max(axis=0) + self.step
        columns, rows = (np.flatnonzero((along > low[i]) & (along < high[i])) for i, along in enumerate((x, y)))
        if not len(columns) or not len(rows):
            return values
        sides = np.unique(np.append(self.mass.side, self.step))
        side = float(sides[np.searchsorted(sides, 0.5 * spacing).clip(max=len(sides) - 1)])
        inner = slice(columns[0], columns[-1] + 1), slice(rows[0], rows[-1] + 1)
        ends = np.array([x[inner[0]][[0, -1]], y[inner[1]][[0, -1]]])
        first, last = np.floor((ends - self._corner) / side).astype(int).T + BEYOND
        raster = self._raster(side, first, last)
        across, up = self._centres(side, first, last)
        values[inner[1], inner[0]] = weights(up, y[inner[1]]) @ raster @ weights(across, x[inner[0]]).T
        return values

    def outline(self, probability: float) -> Array:
        """Return segments (n, 4) around the smallest region with this probability."""
        squares = [self._square(cells) for cells in self._separate()]
        logs = np.concatenate([values[own] for values, own, _, _ in squares])
        area = np.concatenate([np.full(own.sum(), (x[1] - x[0]) * (y[1] - y[0])) for _, own, x, y in squares])
        order = np.argsort(-logs)
        total = np.cumsum(np.exp(logs[order] - logs[order[0]]) * area[order])
        level = float(logs[order[np.searchsorted(total, probability * total[-1])]])
        parts = []
        for values, own, x, y in squares:
            segments = contour(values, x, y, level)
            column, row = (
                np.rint((segments[:, [i, i + 2]].mean(axis=1) - along[0]) / (along[1] - along[0])).astype(int)
                for i, along in enumerate((x, y))
            )
            parts.append(segments[own[row, column]])
        return np.concatenate(parts)

    @property
    def _corner(self) -> Array:
        """The lower left corner of the lattice's first cell, (2, 1)."""
        return np.full((2, 1), self.axis[0] - self.step / 2)

    def _nodes(self, z: Array) -> NDArray[np.intp]:
        """The column and row (n, 2) of the lattice's cell in which each z (n, 2) lies."""
        return np.asarray(np.clip(np.rint((z - self.axis[0]) / self.step), 0, len(self.axis) - 1).astype(np.intp))

    def _separate(self) -> list[NDArray[np.intp]]:
        """The indices of the cells that hold nearly all of the mass, in groups that do not touch each other."""
        from scipy.ndimage import label

        order = np.argsort(-self.logs)
        kept = order[: int(np.searchsorted(np.cumsum(self.mass.shares[order]), NEARLY_ALL)) + 1]
        column, row = self._nodes(self.mass.z[kept]).T
        mask = np.zeros((len(self.axis),) * 2, bool)
        mask[row, column] = True
        self._groups, count = label(widened(mask))
        group = self._groups[row, column]
        return [kept[group == i] for i in range(1, count + 1) if (group == i).any()]

    def _square(self, cells: NDArray[np.intp]) -> tuple[Array, NDArray[np.bool_], Array, Array]:
        """The log density (rows, columns) around a group of cells, a mask of the group, and the axes x and y."""
        z, side = self.mass.z[cells], float(self.mass.side[cells].min())
        low, high = (z - self.mass.side[cells, None] / 2).min(axis=0), (z + self.mass.side[cells, None] / 2).max(axis=0)
        while (high - low).max() / side > LARGEST:
            side *= 2
        ends = np.column_stack([low, high])
        first, last = np.rint((ends - self._corner) / side).astype(int).T + BEYOND
        raster = self._raster(side, first, last)
        centres = self._centres(side, first, last)
        finer = int(np.clip(MOST / max(raster.shape), 1, FINEST))
        x, y = (np.linspace(along[0], along[-1], finer * (len(along) - 1) + 1) for along in centres)
        values = raster if finer == 1 else weights(centres[1], y) @ raster @ weights(centres[0], x).T
        own = int(self._groups[tuple(self._nodes(z[:1])[0, ::-1])])
        column, row = (self._nodes(along[:, None])[:, 0] for along in (x, y))
        return values, self._groups[np.ix_(row, column)] == own, x, y

    def _centres(self, side: float, first: NDArray[np.intp], last: NDArray[np.intp]) -> tuple[Array, Array]:
        across, up = (self._corner[0, 0] + side * (np.arange(first[i], last[i] + 1) + 0.5) for i in (0, 1))
        return across, up

    def _raster(self, side: float, first: NDArray[np.intp], last: NDArray[np.intp]) -> Array:
        """The log density (rows, columns) of cells of width `side`, from index `first` to `last` (2,) on each axis."""
        across, up = self._centres(side, first, last)
        values = interpolated(self.axis, self.values, across, up)
        for own in np.unique(self.mass.side[self._small]):
            chosen = self._small & (self.mass.side == own)
            parts = max(round(own / side), 1)
            at = np.floor((self.mass.z[chosen] - (own - min(own, side)) / 2 - self._corner.T) / side + 1e-6)
            column, row = (at.astype(int) - first).T
            inside = (column > -parts) & (row > -parts) & (column < len(across)) & (row < len(up))
            column, row, logs = column[inside], row[inside], self.logs[chosen][inside]
            if own < 0.75 * side:
                flat, shares = row * len(across) + column, self.mass.shares[chosen][inside]
                held = np.bincount(flat, shares, values.size).reshape(values.shape)
                values[held > 0] = np.log(held[held > 0]) - 2 * np.log(side)
                continue
            steps = np.arange(parts)
            rows, columns = row[:, None, None] + steps[:, None], column[:, None, None] + steps
            rows, columns = np.broadcast_arrays(np.clip(rows, 0, len(up) - 1), np.clip(columns, 0, len(across) - 1))
            middle = slice((parts - 1) // 2, parts // 2 + 1)
            off = logs - values[rows[:, middle, middle], columns[:, middle, middle]].mean(axis=(1, 2))
            shifted = values[rows, columns] + off[:, None, None]
            values[rows, columns] = shifted
        return values


def quick_outline(grid: GridDensity, probability: float) -> Array:
    """Return segments (n, 4) around the smallest region with this probability, from the nodes of the lattice alone.

    It takes a tenth of the time of the outline of the refined cells, which follows.
    """
    logs = np.sort(grid.log_density[grid.log_density > grid.log_density.max() - NEGLIGIBLE])[::-1]
    total = np.cumsum(np.exp(logs - logs[0]))
    level = float(logs[np.searchsorted(total, probability * total[-1])])
    last = len(grid.axis) - 1
    ends = [(max(int(i.min()) - 2, 0), min(int(i.max()) + 2, last)) for i in np.nonzero(grid.log_density >= level)]
    y, x = (np.linspace(grid.axis[a], grid.axis[b], max(FEWEST, 2 * (b - a)) + 1) for a, b in ends)
    return contour(interpolated(grid.axis, grid.log_density, x, y), x, y, level)
