"""Observations: (x, t) pairs as immutable columns with cached sufficient statistics."""

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

LIMIT = 1e20  # the largest |x| or |t|; its fifteenth power, the highest of a basis, does not overflow
BLOCK = 4096  # rows added to statistics at a time
CROWD = 5000  # more observations than this are drawn as counts per cell
REMEMBERED = 256  # cached statistics for stepping back and forth among the observations


class Statistics(msgspec.Struct, frozen=True, eq=False):
    """Sufficient statistics of n observations for a linear model under Gaussian noise: the triangle (k+1, k+1) of [Φ
    t].
    """

    triangle: Array
    count: int

    @classmethod
    def empty(cls, size: int) -> Statistics:
        """Return the statistics of zero observations, for k = `size` weights."""
        return cls(np.zeros((size + 1, size + 1)), 0)

    def after(self, features: Array, t: Array) -> Statistics:
        """Return the statistics with the rows Φ (n, k), t (n,) added.

        One row costs O(k²) for any number of earlier rows.
        """
        rows = np.column_stack([features, t])
        if len(rows) == 1:
            return Statistics(absorb(self.triangle, rows[0]), self.count + 1)
        return Statistics(triangle(np.vstack([self.triangle, rows])), self.count + len(rows))


_remembering = threading.Lock()  # scenes and answers are computed in two threads


class _Columns:
    """A buffer that several Observations share: each uses the first n rows, and the longest may append.

    Rows in the units of a model follow those in original units, so that nobody appends to them.
    """

    def __init__(self, rows: Array, used: int, *, follows: bool = False) -> None:
        self.rows = rows
        self.used = used
        self.follows = follows
        self.known: dict[Basis, dict[int, Statistics]] = {}
        self.scaled: dict[Units, _Columns] = {}

    def through(self, units: Units, n: int) -> _Columns:
        """Return the columns in other units, up to row n. They are cached, so that one more row costs only itself."""
        with _remembering:
            columns = self.scaled.setdefault(units, _Columns(np.empty_like(self.rows), 0, follows=True))
            added = self.rows[columns.used : n]
            columns.rows[columns.used : n, 0] = units.x_of_model(added[:, 0])
            columns.rows[columns.used : n, 1] = units.t_of_model(added[:, 1])
            columns.used = max(columns.used, n)
        return columns

    def roomier(self, size: int, n: int) -> _Columns:
        """Return a buffer of `size` rows with the first n of these rows and their cached statistics."""
        rows = np.empty((size, 2))
        rows[:n] = self.rows[:n]
        larger = _Columns(rows, min(self.used, n), follows=self.follows)
        for basis, cached in self.known.items():
            larger.known[basis] = {m: statistics for m, statistics in cached.items() if m <= n}
        larger.scaled = {units: columns.roomier(size, n) for units, columns in self.scaled.items()}
        return larger

    def remember(self, basis: Basis, statistics: Statistics) -> Statistics:
        with _remembering:
            cached = self.known.setdefault(basis, {})
            cached[statistics.count] = statistics
            while len(cached) > REMEMBERED:
                del cached[next(iter(cached))]
        return statistics

    def nearest(self, basis: Basis, n: int) -> Statistics:
        """Return the cached statistics of the most rows, at most n."""
        with _remembering:
            cached = self.known.get(basis, {})
            fewer = max((m for m in cached if m <= n), default=0)
            return cached.get(fewer) or Statistics.empty(basis.size)


class _Moved:
    """Cached statistics of all rows except the moved row `i`, for each basis and number of rows."""

    def __init__(self, i: int) -> None:
        self.i = i
        self.rest: dict[tuple[Basis, int], Statistics] = {}


class Observations:
    """An immutable sequence of (x, t). Every change returns a new one.

    Appending shares the columns. Moving one observation repeatedly does not compute the others again.
    """

    __slots__ = ("_columns", "_count", "_moved")

    def __init__(self, x: ArrayLike = (), t: ArrayLike = ()) -> None:
        x, t = np.atleast_1d(np.asarray(x, float)), np.atleast_1d(np.asarray(t, float))
        if x.shape != t.shape or x.ndim != 1:
            raise ValueError("Observations need equally many x and t.")
        rows = np.column_stack([x, t])
        _check(rows)
        self._columns, self._count, self._moved = _Columns(rows, len(rows)), len(rows), None

    _moved: _Moved | None

    @classmethod
    def _of(cls, columns: _Columns, count: int, moved: _Moved | None = None) -> Observations:
        observations = cls.__new__(cls)
        observations._columns, observations._count, observations._moved = columns, count, moved
        return observations

    def __len__(self) -> int:
        return self._count

    @property
    def x(self) -> Array:
        """The values x (n,), read-only."""
        return self._rows[:, 0]

    @property
    def t(self) -> Array:
        """The values t (n,), read-only."""
        return self._rows[:, 1]

    @property
    def places(self) -> Array:
        """The pairs (x, t), (n, 2), read-only."""
        return self._rows

    @property
    def _rows(self) -> Array:
        rows = self._columns.rows[: self._count]
        rows.setflags(write=False)
        return rows

    def append(self, x: float, t: float) -> Observations:
        """Return the observations with one more at the end, in constant time.

        Raises ValueError for a number that is not finite or too large.
        """
        row = np.array([[x, t]], float)
        _check(row)
        columns, n = self._columns, self._count
        with _remembering:  # or an answer under the cursor and an edit would write into the same row
            if columns.follows or columns.used != n or n == len(columns.rows):
                columns = columns.roomier(max(16, 2 * n), n)
                columns.follows = False
            columns.rows[n] = row[0]
            columns.used = n + 1
        return Observations._of(columns, n + 1)

    def insert(self, i: int, x: float, t: float) -> Observations:
        """Return the observations with one more before position `i`. At the end, it is `append`."""
        if i == self._count:
            return self.append(x, t)
        return Observations(np.insert(self.x, i, x), np.insert(self.t, i, t))

    def extend(self, x: Iterable[float], t: Iterable[float]) -> Observations:
        """Return the observations with several more at the end."""
        return Observations(np.concatenate([self.x, np.asarray(x)]), np.concatenate([self.t, np.asarray(t)]))

    def move(self, i: int, x: float, t: float) -> Observations:
        """Return the observations with number `i` moved to (x, t)."""
        rows = self._rows.copy()
        rows[i] = x, t
        _check(rows[i : i + 1])
        moved = self._moved if self._moved is not None and self._moved.i == i else _Moved(i)
        return Observations._of(_Columns(rows, len(rows)), len(rows), moved)

    def remove(self, i: int) -> Observations:
        """Return the observations without number `i`."""
        return self.without((i,))

    def without(self, left_out: tuple[int, ...]) -> Observations:
        """Return the observations without the positions `left_out`."""
        return Observations(np.delete(self.x, left_out), np.delete(self.t, left_out))

    def reorder(self, order: NDArray[np.intp]) -> Observations:
        """Return the observations at the positions `order` (n,), in that order."""
        return Observations(self.x[order], self.t[order])

    def find(self, i: int, before: Observations) -> int | None:
        """Return the new position of observation `i` of `before`; None if it was removed.

        If that observation alone was moved, the position is `i`.
        """
        if self is before or i >= len(before):
            return i if self is before else None
        matches = np.flatnonzero((self.x == before.x[i]) & (self.t == before.t[i]))
        if len(matches):
            return int(matches[np.argmin(np.abs(matches - i))])
        return i if len(self) == len(before) and np.sum(np.any(self._rows != before._rows, axis=1)) == 1 else None

    def first(self, n: int) -> Observations:
        """Return the first `n` observations; they share the columns."""
        return Observations._of(self._columns, min(n, self._count), self._moved)

    def through(self, units: Units) -> Observations:
        """Return the observations in the units of a model."""
        return self if units.are_original else Observations._of(self._columns.through(units, self._count), self._count)

    def statistics(self, basis: Basis) -> Statistics:
        """Return the sufficient statistics under `basis`, from the nearest cached ones."""
        cached = self._columns.nearest(basis, self._count)
        if cached.count == self._count:
            return cached
        if self._moved is not None and self._moved.i < self._count:
            result = _folded(self._rest(basis, self._moved), basis, self._rows[[self._moved.i]])
        elif self._moved is not None:
            result = self._rest(basis, self._moved)
        else:
            result = _folded(cached, basis, self._rows[cached.count :])
        return self._columns.remember(basis, result)

    def _rest(self, basis: Basis, moved: _Moved) -> Statistics:
        """Return the statistics of all observations except the moved one."""
        with _remembering:
            rest = moved.rest.get((basis, self._count))
        if rest is None:
            rest = _folded(Statistics.empty(basis.size), basis, np.delete(self._rows, slice(moved.i, moved.i + 1), 0))
            with _remembering:
                moved.rest[basis, self._count] = rest
        return rest

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Observations):
            return NotImplemented
        if self._count != other._count:
            return False
        return self._columns is other._columns or bool(np.array_equal(self._rows, other._rows))

    def __hash__(self) -> int:
        return hash((self._count, self._rows[-8:].tobytes()))

    def __repr__(self) -> str:
        return f"Observations({self.x.tolist()}, {self.t.tolist()})"

    def to_plain(self) -> dict[str, list[float]]:
        """Return the columns for a session file."""
        return {"x": self.x.tolist(), "t": self.t.tolist()}

    @classmethod
    def from_plain(cls, plain: Any) -> Observations:
        """Return observations from a session file. Raises ValueError."""
        try:
            columns = msgspec.convert(plain, dict[str, list[float]])
        except msgspec.ValidationError:
            columns = {}
        if set(columns) != {"x", "t"}:
            raise ValueError("Observations need two columns of numbers, x and t.")
        return cls(columns["x"], columns["t"])


def _folded(statistics: Statistics, basis: Basis, rows: Array) -> Statistics:
    """Return the statistics with the rows (n, 2) added in blocks.

    The features of a million rows at once would need too much memory.
    """
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        statistics = statistics.after(basis.features(block[:, 0]), block[:, 1])
    return statistics


def _check(rows: Array) -> None:
    if not np.all(np.abs(rows) <= LIMIT):  # also false for NaN
        raise ValueError("An observation needs two finite numbers between −10²⁰ and 10²⁰.")
