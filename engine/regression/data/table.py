"""Tables: observations from two columns of a table, and columns into files that every program reads."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from typing import TextIO

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.regression.data.observations import LIMIT, Observations
from engine.regression.data.reading.encoding import plain
from engine.regression.data.reading.sources import LONGEST, TOO_LONG
from engine.regression.data.row_reader import RowReader
from engine.regression.data.table_layout import Layout, Text, turned_text
from engine.regression.data.table_remarks import remarks_about

MOST = 10_000_000  # rows
CHUNK = 2**16  # characters read at a time
BLOCK = 64  # lines that are read at once where a chunk cannot be
LISTED = 200  # bad lines that are kept; the others are counted
DOUBTFUL = re.compile(r"[.,]\d{3}(?!\d)")  # thousands, perhaps
LINE_MARK = re.compile(r"^\s*(?:#|%|//|!)", re.MULTILINE)  # of a comment
TINY = re.compile(r"[eE]-\d{3}")  # which may be below the smallest double


class Bad(msgspec.Struct, frozen=True):
    """A line, or a column of a table whose lines are its variables, that is left out, and why."""

    line: int
    reason: str
    kind: str = "Line"

    def __str__(self) -> str:
        return f"{self.kind} {self.line:,}: {self.reason}."


class Progress(msgspec.Struct, frozen=True):
    """How far reading has come: the share of the text, and the lines of both kinds so far."""

    share: float
    good: int
    bad: int


class Table(msgspec.Struct, frozen=True, eq=False):
    """The observations of all good lines, the first of the bad lines and their number, and remarks.

    A remark is a sentence about numbers that could mean something else, or were not written as plain numbers.
    """

    observations: Observations
    bad: tuple[Bad, ...]
    bad_count: int
    remarks: tuple[str, ...] = ()


def reading(source: Text, layout: Layout, x: int, t: int) -> Generator[Progress, None, Table]:
    """Read columns `x` and `t` as observations; the generator returns the table.

    Raises ValueError, in one sentence, if it turns out to be no table.
    """
    found, whole, done = _Found(layout, (x, t)), max(source.characters(), 1), 0
    with _opened(source, layout) as text:
        for chunk in _whole_lines(text):
            found.take(plain(chunk))
            done += len(chunk)
            yield Progress(min(done / whole, 1.0), found.count, found.bad_count)
    if found.finish():
        yield Progress(1.0, found.count, found.bad_count)
    rows = np.concatenate(found.good) if found.good else np.empty((0, 2))
    remarks = remarks_about(layout, (x, t), rows, found.reader)
    return Table(Observations(rows[:, 0], rows[:, 1]), tuple(found.bad), found.bad_count, remarks)


def _opened(source: Text, layout: Layout) -> TextIO:
    """The text, turned if its lines are its variables."""
    if layout.original is not None:
        return turned_text(source, layout.variant, layout.original).open()
    return source.open(layout.variant)


def _whole_lines(text: TextIO) -> Iterator[str]:
    """The text in chunks of whole lines."""
    rest = ""
    while chunk := text.read(CHUNK):
        lines, newline, after = (rest + chunk).rpartition("\n")
        rest = after
        if len(rest) > LONGEST:
            raise ValueError(TOO_LONG)
        if newline:
            yield lines + newline
    if rest:
        yield rest


@dataclass
class _Found:
    """The rows of two columns of a table that are read so far."""

    layout: Layout
    columns: tuple[int, int]
    good: list[Array] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    count: int = 0
    bad_count: int = 0
    line: int = 0  # read so far
    carried: list[str] = field(default_factory=list)  # the beginning of a row that goes on in the next chunk

    def __post_init__(self) -> None:
        self.reader = RowReader(self.layout, self.columns)
        chosen = [self.layout.columns[i] for i in self.columns]
        self.fast = all(column.kind == "number" and not column.unit for column in chosen)

    def take(self, chunk: str) -> None:
        """Read some more whole lines."""
        lines = [*self.carried, *chunk.removesuffix("\n").split("\n")]
        self.carried = []
        above = max(0, min(self.layout.start - 1 - self.line, len(lines)))
        self.line += above
        self._read(lines[above:], BLOCK)

    def finish(self) -> bool:
        """Read what was carried over; whether there was anything."""
        lines, self.carried = self.carried, []
        self._one_by_one(lines, last=True)
        return bool(lines)

    def _read(self, lines: list[str], block: int) -> None:
        """Read lines at once if they allow it, else in blocks of `block` lines, and then singly."""
        rows = self._at_once(lines)
        if rows is not None:
            self._keep(rows)
            self.line += len(lines)
        elif block < len(lines) and self.fast and self.layout.dialect.quote not in "".join(lines):
            for i in range(0, len(lines), block):
                self._read(lines[i : i + block], len(lines))
        else:
            self._one_by_one(lines)

    def _keep(self, rows: Array) -> None:
        self.count += len(rows)
        self.good.append(rows)
        if self.count > MOST:
            raise ValueError(f"It has more than {MOST:,} rows.")

    def _at_once(self, lines: list[str]) -> Array | None:
        """The rows (n, 2) of lines that are all good and plainly written; None if they have to be read singly."""
        layout, text = self.layout, "\n".join(lines)
        comma = layout.decimal == ","
        if not self.fast or LINE_MARK.search(text) or TINY.search(text) or (comma and "." in text):
            return None
        if not self._is_regular(lines) or not (layout.separator or text.isascii()):
            return None
        if not layout.certain and DOUBTFUL.search(text.replace(layout.separator, " ") if layout.separator else text):
            return None
        if comma:
            lines = text.replace(",", ".").split("\n")
        between = layout.separator or None
        try:
            rows = np.loadtxt(
                lines,
                comments=None,
                delimiter=between,
                usecols=self.columns,
                ndmin=2,
                quotechar=layout.dialect.quote,
            )
        except ValueError:
            return None
        measured = bool(np.all(np.abs(rows) <= LIMIT))  # NaN is not below either
        return rows if measured and len(rows) == len(lines) else None

    def _is_regular(self, lines: list[str]) -> bool:
        """Whether each line has as many cells as the table has columns."""
        separator, width = self.layout.separator, len(self.layout.columns)
        if self.layout.dialect.wrapped:
            return False
        if not separator:
            return set(map(len, map(str.split, lines))) == {width}
        return set(map(str.count, lines, repeat(separator))) == {width - 1}

    def _one_by_one(self, lines: list[str], *, last: bool = False) -> None:
        """Read the good lines; the others are noted."""
        dialect, width, rows = self.layout.dialect, len(self.layout.columns), []
        if not last and (open_from := dialect.open_from(lines)) is not None:
            lines, self.carried = lines[:open_from], lines[open_from:]
        for n, line in dialect.joined(enumerate(lines, self.line + 1), width):
            cells = dialect.row(line, width)
            row, reason = self.reader.row(cells)
            if row is not None:
                rows.append(row)
            elif any(map(str.strip, cells)) and not dialect.is_comment(line, width):
                self._note(n, reason)
        self.line += len(lines)
        self._keep(np.array(rows, float).reshape(-1, 2))

    def _note(self, line: int, reason: str) -> None:
        self.bad_count += 1
        if len(self.bad) < LISTED:
            self.bad.append(Bad(line, reason, "Column" if self.layout.across else "Line"))


def written(columns: Mapping[str, Iterable[float]]) -> str:
    """A table of these columns under their names, with every number to its last bit."""
    values = [np.asarray(column).tolist() for column in columns.values()]
    rows = [",".join(map(repr, row)) for row in zip(*values, strict=True)]
    return "\n".join([",".join(columns), *rows, ""])
