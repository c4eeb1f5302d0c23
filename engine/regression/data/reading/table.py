"""Tables: observations are read from two columns of a table, and columns are written to a file."""

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
from engine.regression.data.reading.row_reader import RowReader
from engine.regression.data.reading.sources import LONGEST, TOO_LONG
from engine.regression.data.reading.table_layout import Layout, Text, turned_text
from engine.regression.data.reading.table_remarks import remarks_about

MOST = 10_000_000  # rows
CHUNK = 2**16  # characters read at a time
BLOCK = 64  # lines that are read together where a whole chunk cannot be
LISTED = 200  # bad lines that are listed; further ones are only counted
DOUBTFUL = re.compile(r"[.,]\d{3}(?!\d)")  # possibly a separator between thousands
LINE_MARK = re.compile(r"^\s*(?:#|%|//|!)", re.MULTILINE)  # the beginning of a comment
TINY = re.compile(r"[eE]-\d{3}")  # a number that may be below the smallest double


class Bad(msgspec.Struct, frozen=True):
    """A line that is left out, and the reason; a column if each line of the table is a variable."""

    line: int
    reason: str
    kind: str = "Line"

    def __str__(self) -> str:
        return f"{self.kind} {self.line:,}: {self.reason}."


class Progress(msgspec.Struct, frozen=True):
    """The progress of reading: the fraction of the text, and the numbers of good and bad lines so far."""

    share: float
    good: int
    bad: int


class Table(msgspec.Struct, frozen=True, eq=False):
    """The observations of all good lines, the first bad lines and their number, and remarks.

    A remark is a sentence about numbers that are ambiguous or not written plainly.
    """

    observations: Observations
    bad: tuple[Bad, ...]
    bad_count: int
    remarks: tuple[str, ...] = ()


def reading(source: Text, layout: Layout, x: int, t: int) -> Generator[Progress, None, Table]:
    """Read columns `x` and `t` as observations. The generator yields the progress and returns the table.

    Raises ValueError, in one sentence, if the text is not a table.
    """
    rows_so_far, whole, done = _Rows(layout, (x, t)), max(source.characters(), 1), 0
    with _opened(source, layout) as text:
        for chunk in _whole_lines(text):
            rows_so_far.take(plain(chunk))
            done += len(chunk)
            yield Progress(min(done / whole, 1.0), rows_so_far.count, rows_so_far.bad_count)
    if rows_so_far.finish():
        yield Progress(1.0, rows_so_far.count, rows_so_far.bad_count)
    rows = np.concatenate(rows_so_far.good) if rows_so_far.good else np.empty((0, 2))
    remarks = remarks_about(layout, (x, t), rows, rows_so_far.reader)
    return Table(Observations(rows[:, 0], rows[:, 1]), tuple(rows_so_far.bad), rows_so_far.bad_count, remarks)


def _opened(source: Text, layout: Layout) -> TextIO:
    """Return the text, transposed if each line is a variable."""
    if layout.original is not None:
        return turned_text(source, layout.variant, layout.original).open()
    return source.open(layout.variant)


def _whole_lines(text: TextIO) -> Iterator[str]:
    """Yield the text in chunks of whole lines."""
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
class _Rows:
    """The rows of two columns of a table that have been read so far."""

    layout: Layout
    columns: tuple[int, int]
    good: list[Array] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    count: int = 0
    bad_count: int = 0
    line: int = 0  # the number of lines read so far
    carried: list[str] = field(default_factory=list)  # the beginning of a row that continues in the next chunk

    def __post_init__(self) -> None:
        self.reader = RowReader(self.layout, self.columns)
        chosen = [self.layout.columns[i] for i in self.columns]
        self.fast = all(column.kind == "number" and not column.unit for column in chosen)

    def take(self, chunk: str) -> None:
        """Read more whole lines."""
        lines = [*self.carried, *chunk.removesuffix("\n").split("\n")]
        self.carried = []
        above = max(0, min(self.layout.start - 1 - self.line, len(lines)))
        self.line += above
        self._read(lines[above:], BLOCK)

    def finish(self) -> bool:
        """Read the lines carried over, and return whether there were any."""
        lines, self.carried = self.carried, []
        self._one_by_one(lines, last=True)
        return bool(lines)

    def _read(self, lines: list[str], block: int) -> None:
        """Read lines together if possible, else in blocks of `block` lines, and then one by one."""
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
        """Return the rows (n, 2) of lines that are all good and plain; None if they must be read one by one."""
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
        delimiter = layout.separator or None
        try:
            rows = np.loadtxt(
                lines,
                comments=None,
                delimiter=delimiter,
                usecols=self.columns,
                ndmin=2,
                quotechar=layout.dialect.quote,
            )
        except ValueError:
            return None
        within_limit = bool(np.all(np.abs(rows) <= LIMIT))  # also false for NaN
        return rows if within_limit and len(rows) == len(lines) else None

    def _is_regular(self, lines: list[str]) -> bool:
        """Return whether each line has as many cells as the table has columns."""
        separator, width = self.layout.separator, len(self.layout.columns)
        if self.layout.dialect.wrapped:
            return False
        if not separator:
            return set(map(len, map(str.split, lines))) == {width}
        return set(map(str.count, lines, repeat(separator))) == {width - 1}

    def _one_by_one(self, lines: list[str], *, last: bool = False) -> None:
        """Read the good lines, and list the others."""
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
    """Return a table of the columns under their names; every number is written with full precision."""
    values = [np.asarray(column).tolist() for column in columns.values()]
    rows = [",".join(map(repr, row)) for row in zip(*values, strict=True)]
    return "\n".join([",".join(columns), *rows, ""])
