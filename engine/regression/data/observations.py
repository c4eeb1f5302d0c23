"""Observations: (x, t) pairs as immutable columns with running sufficient statistics."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import Array, absorb, triangle
from engine.regression.data.units import Units
from engine.regression.model.basis import Basis

LIMIT = 1e20  # the largest |x| or |t|: its fifteenth power, the highest of a basis, is still a number
BLOCK = 4096  # rows folded at a time
CROWD = 5000  # more observations than this are drawn by their density
REMEMBERED = 256  # statistics kept for going back and forth among the observations


class Statistics(msgspec.Struct, frozen=True, eq=False):
    """All that Gaussian noise lets a linear model learn from n observations: the triangle (k+1, k+1) of [Φ t]."""

    triangle: Array
    count: int

    @classmethod
    def empty(cls, size: int) -> Statistics:
        """Of no observation, for k = `size` weights."""
        return cls(np.zeros((size + 1, size + 1)), 0)

    def after(self, features: Array, t: Array) -> Statistics:
        """With the rows Φ (n, k), t (n,) added. One row costs O(k²), whatever has been seen before."""
        rows = np.column_stack([features, t])
        if len(rows) == 1:
            return Statistics(absorb(self.triangle, rows[0]), self.count + 1)
        return Statistics(triangle(np.vstack([self.triangle, rows])), self.count + len(rows))


_remembering = threading.Lock()  # scenes and answers are computed in two threads


class _Columns:
    """A buffer that several Observations share: each sees the first n rows, the longest may append."""

    def __init__(self, rows: Array, used: int) -> None:
        self.rows = rows
        self.used = used
        self.known: dict[Basis, dict[int, Statistics]] = {}
        self.scaled: dict[Units, _Columns] = {}

    def through(self, units: Units, n: int) -> _Columns:
        """The same in other units, as far as row n: grown together with these, so that one more costs only itself."""
        with _remembering:
            found = self.scaled.setdefault(units, _Columns(np.empty_like(self.rows), 0))
            fresh = self.rows[found.used : n]
            found.rows[found.used : n, 0] = units.x_of_model(fresh[:, 0])
            found.rows[found.used : n, 1] = units.t_of_model(fresh[:, 1])
            found.used = max(found.used, n)
        return found

    def roomier(self, size: int, n: int) -> _Columns:
        """A buffer of `size` rows with the first n of these, and what is known about them."""
        rows = np.empty((size, 2))
        rows[:n] = self.rows[:n]
        made = _Columns(rows, min(self.used, n))
        for basis, mine in self.known.items():
            made.known[basis] = {m: found for m, found in mine.items() if m <= n}
        made.scaled = {units: columns.roomier(size, n) for units, columns in self.scaled.items()}
        return made

    def remember(self, basis: Basis, found: Statistics) -> Statistics:
        with _remembering:
            mine = self.known.setdefault(basis, {})
            mine[found.count] = found
            while len(mine) > REMEMBERED:
                del mine[next(iter(mine))]
        return found

    def nearest(self, basis: Basis, n: int) -> Statistics:
        """The statistics of the most rows, at most n, that are known already."""
        with _remembering:
            mine = self.known.get(basis, {})
            fewer = max((m for m in mine if m <= n), default=0)
            return mine.get(fewer) or Statistics.empty(basis.size)


class _Moved:
    """What is known of all rows but one that is being moved, for each basis and number of rows."""

    def __init__(self, i: int) -> None:
        self.i = i
        self.rest: dict[tuple[Basis, int], Statistics] = {}


class Observations:
    """An immutable sequence of (x, t). Every change gives another one; appending shares the columns, and moving one
    again and again costs only itself, however many the others are.
    """

    __slots__ = ("_columns", "_count", "_moved")

    def __init__(self, x: ArrayLike = (), t: ArrayLike = ()) -> None:
        x, t = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(t, float))
        if x.shape != t.shape or x.ndim != 1:
            raise ValueError("Observations need as many x as t.")
        rows = np.column_stack([x, t])
        _check(rows)
        self._columns, self._count, self._moved = _Columns(rows, len(rows)), len(rows), None

    _moved: _Moved | None

    @classmethod
    def _of(cls, columns: _Columns, count: int, moved: _Moved | None = None) -> Observations:
        made = cls.__new__(cls)
        made._columns, made._count, made._moved = columns, count, moved
        return made

    def __len__(self) -> int:
        return self._count

    @property
    def x(self) -> Array:
        """(n,), read-only."""
        return self._rows[:, 0]

    @property
    def t(self) -> Array:
        """(n,), read-only."""
        return self._rows[:, 1]

    @property
    def places(self) -> Array:
        """(n, 2), read-only."""
        return self._rows

    @property
    def _rows(self) -> Array:
        rows = self._columns.rows[: self._count]
        rows.setflags(write=False)
        return rows

    def append(self, x: float, t: float) -> Observations:
        """One more at the end, in constant time however many there are."""
        row = np.array([[x, t]], float)
        _check(row)
        columns, n = self._columns, self._count
        if columns.used != n or n == len(columns.rows):
            with _remembering:
                columns = columns.roomier(max(16, 2 * n), n)
        columns.rows[n] = row[0]
        columns.used = n + 1
        return Observations._of(columns, n + 1)

    def insert(self, i: int, x: float, t: float) -> Observations:
        """One more before position `i`; at the end that is `append`."""
        if i == self._count:
            return self.append(x, t)
        return Observations(np.insert(self.x, i, x), np.insert(self.t, i, t))

    def extend(self, x: Iterable[float], t: Iterable[float]) -> Observations:
        """Several more at the end."""
        return Observations(np.concatenate([self.x, np.asarray(x)]), np.concatenate([self.t, np.asarray(t)]))

    def move(self, i: int, x: float, t: float) -> Observations:
        """The observation at `i` somewhere else."""
        rows = self._rows.copy()
        rows[i] = x, t
        _check(rows[i : i + 1])
        moved = self._moved if self._moved is not None and self._moved.i == i else _Moved(i)
        return Observations._of(_Columns(rows, len(rows)), len(rows), moved)

    def remove(self, i: int) -> Observations:
        """Without the observation at `i`."""
        return self.without((i,))

    def without(self, left_out: tuple[int, ...]) -> Observations:
        """Without those at the positions `left_out`."""
        return Observations(np.delete(self.x, left_out), np.delete(self.t, left_out))

    def reorder(self, order: NDArray[np.intp]) -> Observations:
        """Those at the positions `order` (n,), in that order."""
        return Observations(self.x[order], self.t[order])

    def find(self, i: int, before: Observations) -> int | None:
        """Where the observation is that was at `i` before: at `i` too if it was moved itself; None if it is gone."""
        if self is before or i >= len(before):
            return i if self is before else None
        here = np.flatnonzero((self.x == before.x[i]) & (self.t == before.t[i]))
        if len(here):
            return int(here[np.argmin(np.abs(here - i))])
        return i if len(self) == len(before) and np.sum(np.any(self._rows != before._rows, axis=1)) == 1 else None

    def first(self, n: int) -> Observations:
        """The first `n`, sharing the columns."""
        return Observations._of(self._columns, min(n, self._count), self._moved)

    def through(self, units: Units) -> Observations:
        """The same in the units of a model; not to be appended to."""
        return self if units.are_original else Observations._of(self._columns.through(units, self._count), self._count)

    def statistics(self, basis: Basis) -> Statistics:
        """The sufficient statistics under `basis`, from the nearest ones already known."""
        known = self._columns.nearest(basis, self._count)
        if known.count == self._count:
            return known
        if self._moved is not None and self._moved.i < self._count:
            found = _folded(self._rest(basis, self._moved), basis, self._rows[[self._moved.i]])
        elif self._moved is not None:
            found = self._rest(basis, self._moved)
        else:
            found = _folded(known, basis, self._rows[known.count :])
        return self._columns.remember(basis, found)

    def _rest(self, basis: Basis, moved: _Moved) -> Statistics:
        """Of all but the one that is being moved."""
        with _remembering:
            found = moved.rest.get((basis, self._count))
        if found is None:
            found = _folded(Statistics.empty(basis.size), basis, np.delete(self._rows, slice(moved.i, moved.i + 1), 0))
            with _remembering:
                moved.rest[basis, self._count] = found
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Observations):
            return NotImplemented
        same = self._columns is other._columns and self._count == other._count
        return same or bool(np.array_equal(self._rows, other._rows))

    def __hash__(self) -> int:
        return hash((self._count, self._rows[-8:].tobytes()))

    def __repr__(self) -> str:
        return f"Observations({self.x.tolist()}, {self.t.tolist()})"

    def to_plain(self) -> dict[str, list[float]]:
        """For a session file."""
        return {"x": self.x.tolist(), "t": self.t.tolist()}

    @classmethod
    def from_plain(cls, plain: Any) -> Observations:
        """From a session file. Raises ValueError."""
        try:
            columns = msgspec.convert(plain, dict[str, list[float]])
        except msgspec.ValidationError:
            columns = {}
        if set(columns) != {"x", "t"}:
            raise ValueError("Observations are two columns of numbers, x and t.")
        return cls(columns["x"], columns["t"])


def _folded(known: Statistics, basis: Basis, rows: Array) -> Statistics:
    """With these rows (n, 2) added, in blocks: all features of a million rows would fill the memory."""
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        known = known.after(basis.features(block[:, 0]), block[:, 1])
    return known


def _check(rows: Array) -> None:
    if not np.all(np.abs(rows) <= LIMIT):  # also false for NaN
        raise ValueError("An observation needs two finite numbers between −10²⁰ and 10²⁰.")
