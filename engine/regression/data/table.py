"""Tables: observations out of text files of the kinds that people have, and columns into files that anyone can read."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from typing import TextIO

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.regression.data.observations import LIMIT, Observations
from engine.regression.data.table_layout import NO_TEXT, Layout, Text, plain

MOST = 10_000_000  # rows
CHUNK = 2**16  # characters read at a time
LONGEST = 2**20  # characters in a line of a table
LISTED = 200  # bad lines that are kept; the others are counted


class Bad(msgspec.Struct, frozen=True):
    """A line that is no observation, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"Line {self.line:,}: {self.reason}."


class Progress(msgspec.Struct, frozen=True):
    """How far reading has come: the share of the text, and the lines of both kinds so far."""

    share: float
    good: int
    bad: int


class Table(msgspec.Struct, frozen=True, eq=False):
    """What was read: the observations of all good lines, the first of the bad ones, and how many those are."""

    observations: Observations
    bad: tuple[Bad, ...]
    bad_count: int


def reading(source: Text, layout: Layout, x: int, t: int) -> Generator[Progress, None, Table]:
    """Read columns `x` and `t` as observations; what it returns in the end is the table.

    Raises ValueError, in one sentence, if it turns out not to be a table after all.
    """
    found, whole, done = _Found(layout, (x, t)), max(source.characters(), 1), 0
    try:
        with source.open() as text:
            for chunk in _whole_lines(text):
                found.take(plain(chunk))
                done += len(chunk)
                yield Progress(min(done / whole, 1.0), found.count, found.bad_count)
    except UnicodeError:
        raise ValueError(NO_TEXT) from None
    rows = np.concatenate(found.good) if found.good else np.empty((0, 2))
    return Table(Observations(rows[:, 0], rows[:, 1]), tuple(found.bad), found.bad_count)


def _whole_lines(text: TextIO) -> Iterator[str]:
    """The text in chunks of whole lines."""
    rest = ""
    while chunk := text.read(CHUNK):
        lines, newline, after = (rest + chunk).rpartition("\n")
        rest = after
        if len(rest) > LONGEST:
            raise ValueError("It has a line of more than a million characters, which no table has.")
        if newline:
            yield lines + newline
    if rest:
        yield rest


@dataclass
class _Found:
    """What was found so far in two columns of a table."""

    layout: Layout
    columns: tuple[int, int]
    good: list[Array] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    count: int = 0
    bad_count: int = 0
    line: int = 0  # read so far

    def take(self, chunk: str) -> None:
        """Read some more whole lines."""
        lines = chunk.removesuffix("\n").split("\n")
        if self.line < self.layout.header <= self.line + len(lines):
            lines[self.layout.header - self.line - 1] = ""
        rows = self._at_once(lines)
        if rows is None:
            rows = self._one_by_one(lines)
        self.line += len(lines)
        self.count += len(rows)
        self.good.append(rows)
        if self.count > MOST:
            raise ValueError(f"It has more than {MOST:,} rows.")

    def _at_once(self, lines: list[str]) -> Array | None:
        """The rows (n, 2) of lines that are all good and plainly written; None if they have to be looked at singly."""
        layout, text = self.layout, "\n".join(lines)
        comma = layout.decimal == ","
        if "#" in text or (comma and "." in text) or not self._regular(lines):
            return None
        if comma:
            lines = text.replace(",", ".").split("\n")
        between = layout.separator or None
        try:
            rows = np.loadtxt(lines, comments=None, delimiter=between, usecols=self.columns, ndmin=2, quotechar='"')
        except ValueError:
            return None
        measured = bool(np.all(np.abs(rows) <= LIMIT))  # NaN is not below either
        return rows if measured and len(rows) == len(lines) else None

    def _regular(self, lines: list[str]) -> bool:
        """Whether each line has as many cells as the table has columns."""
        separator, width = self.layout.separator, len(self.layout.names)
        if not separator:
            return set(map(len, map(str.split, lines))) == {width}
        return set(map(str.count, lines, repeat(separator))) == {width - 1}

    def _one_by_one(self, lines: list[str]) -> Array:
        """The rows (n, 2) of the good lines; the others are noted."""
        rows = []
        for n, line in enumerate(lines, self.line + 1):
            cells = self.layout.cells(line)
            try:
                x, t = (self.layout.number(cells[column]) for column in self.columns)
            except (ValueError, IndexError):
                x = t = np.nan
            if abs(x) <= LIMIT and abs(t) <= LIMIT and not self._beyond(cells):
                rows.append((x, t))
            elif line.strip() and not line.startswith("#"):
                self._note(n, cells)
        return np.array(rows, float).reshape(-1, 2)

    def _beyond(self, cells: list[str]) -> bool:
        """Whether there are more cells than the table has columns: then who knows which is which."""
        return len(cells) > len(self.layout.names) and any(map(str.strip, cells[len(self.layout.names) :]))

    def _note(self, line: int, cells: list[str]) -> None:
        self.bad_count += 1
        if len(self.bad) < LISTED:
            self.bad.append(Bad(line, self._reason(cells)))

    def _reason(self, cells: list[str]) -> str:
        if self._beyond(cells):
            return f"it has {len(cells)} columns instead of {len(self.layout.names)}"
        for name, column in zip(("x", "t"), self.columns, strict=True):
            cell = cells[column].strip() if column < len(cells) else ""
            if not cell:
                return f"{name} is missing"
            shown = cell if len(cell) <= 20 else f"{cell[:19]}…"
            try:
                value = self.layout.number(cell)
            except ValueError:
                return f"{name} is “{shown}”, which is no number"
            if not np.isfinite(value):
                return f"{name} is “{shown}”, which is not finite"
            if abs(value) > LIMIT:
                return f"{name} is {shown}, beyond ±10²⁰"
        raise AssertionError("This line is good.")


def written(columns: Mapping[str, Iterable[float]]) -> str:
    """A table of these columns under their names, with every number to its last bit."""
    values = [np.asarray(column).tolist() for column in columns.values()]
    rows = [",".join(map(repr, row)) for row in zip(*values, strict=True)]
    return "\n".join([",".join(columns), *rows, ""])
