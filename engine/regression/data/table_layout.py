"""Layouts: how a table is written, guessed or set by hand: encoding, dialect, decimal mark, header and columns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

import msgspec

from engine.regression.data.reading.columns import Column, choose_columns, choose_decimal, columns_of, with_names
from engine.regression.data.reading.dates import Order
from engine.regression.data.reading.dialect import (
    SEPARATORS,
    Dialect,
    declared_separator,
    guess_dialect,
    is_quantity,
    share_of_quantities,
    usual_width,
)
from engine.regression.data.reading.encoding import ENCODINGS
from engine.regression.data.reading.header import Header, find_header
from engine.regression.data.reading.numbers import Number
from engine.regression.data.reading.sources import Pasted, Text, TextFile, numbered_lines, sample

__all__ = ["AUTOMATIC", "ByHand", "Layout", "Pasted", "Text", "TextFile", "sniffed"]

SHOWN = 8  # rows of the preview
JUDGED = 400  # rows from which separators and columns are guessed, at each end
CELLS = 200_000  # that are looked at to guess the columns
ACROSS = 50  # lines of a table whose variables are its lines
LARGEST_ACROSS = 2**22  # characters of such a table


class ByHand(msgspec.Struct, frozen=True):
    """What the user has chosen about a table; None stands for a guess. `header` is a line number, 0 for no names."""

    variant: str | None = None
    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    header: int | None = None
    across: bool | None = None
    order: Order | None = None


AUTOMATIC = ByHand()


class Layout(msgspec.Struct, frozen=True):
    """How a table is written, and what its columns hold.

    `variant` is the encoding or the sheet; `certain` says whether the decimal mark is. If each line of the table is a
    variable, `original` is its dialect, and the rest is about the turned table. `header` is the number of the line with
    the names, 0 if there is none, and `start` that of the first row; `x` and `t` are the columns that are chosen first;
    `rows` are the cells of the first rows as they are written; `remarks` are sentences about what could be otherwise.
    """

    variant: str
    dialect: Dialect
    decimal: str
    certain: bool
    original: Dialect | None
    header: int
    start: int
    columns: tuple[Column, ...]
    x: int
    t: int
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(column.name for column in self.columns)

    @property
    def numeric(self) -> tuple[int, ...]:
        """The columns that are not text."""
        return tuple(i for i, column in enumerate(self.columns) if column.kind != "text")

    @property
    def across(self) -> bool:
        """Whether each line is a variable."""
        return self.original is not None

    @property
    def separator(self) -> str:
        """What is between the cells of a row as it is read; "" for blanks."""
        return self.dialect.separator

    def cells(self, line: str) -> list[str]:
        """The cells of a line."""
        return self.dialect.row(line, len(self.columns))

    def number(self, cell: str, column: int) -> Number:
        """The number that a cell of a column stands for. Raises ValueError."""
        return self.columns[column].number(cell, self.decimal)

    def __str__(self) -> str:
        names = "with names" if self.header else "without names"
        words = [f"{len(self.columns)} columns {names}"]
        separator = (self.original or self.dialect).separator
        words.append(f"separated by {SEPARATORS.get(separator, f'“{separator}”')}")
        words += ["each line in quotes"] if self.dialect.wrapped else []
        words += ["decimal comma"] if self.decimal == "," else []
        words += ["each line is a variable"] if self.across else []
        words += [ENCODINGS[self.variant]] if self.variant in ENCODINGS and self.variant != "utf-8" else []
        return ", ".join(words)


def sniffed(source: Text, by_hand: ByHand = AUTOMATIC) -> Layout:
    """The layout of a table. Raises ValueError, in one sentence, if it is none."""
    variant = source.variant() if by_hand.variant is None else by_hand.variant
    lines = sample(source, variant)
    filled = _distinct_ends([line for line in lines if line.strip()])
    if not filled:
        raise ValueError("There is nothing in it.")
    declared = next((sep for line in filled[:1] if (sep := declared_separator(line))), None)
    separator = next((s for s in (by_hand.separator, source.separator, declared) if s is not None), None)
    dialect = guess_dialect(filled, separator)
    if dialect is None:
        raise ValueError(_why_none(filled, separator))
    across = _is_across(lines, dialect) if by_hand.across is None else by_hand.across
    if across:
        turned = turned_text(source, variant, dialect)
        inner = sniffed(turned, msgspec.structs.replace(by_hand, variant="", separator="\t", across=False))
        remarks = (*inner.remarks, "Each line is one variable.")
        return msgspec.structs.replace(inner, variant=variant, original=dialect, remarks=remarks)
    return _layout(source, variant, dialect, filled, by_hand)


def _distinct_ends(lines: list[str]) -> list[str]:
    """The first and the last lines of a table, fewer of very wide ones."""
    count = max(4, min(JUDGED, CELLS // max(1, len(max(lines, key=len, default="")) // 4)))
    return lines if len(lines) <= 2 * count else lines[:count] + lines[-count:]


def _layout(source: Text, variant: str, dialect: Dialect, lines: Sequence[str], by_hand: ByHand) -> Layout:
    rows, width = _rows(dialect, lines)
    decimal, certain, both = choose_decimal([cell for row in rows for cell in row], dialect.separator)
    if by_hand.decimal is not None:
        decimal, certain, both = by_hand.decimal, True, False
    guess: Order = "day first" if decimal == "," or dialect.separator == ";" else "month first"
    kinds = columns_of(rows, decimal, by_hand.order, guess)
    numeric = {i for i, column in enumerate(kinds) if column.kind != "text"}
    header = find_header(
        dialect.joined(numbered_lines(source, variant), width), dialect, width, numeric, by_hand.header
    )
    columns = with_names(kinds, header.names, rows, decimal, short=header.is_short)
    try:
        x, t = choose_columns(columns, named=bool(header.names))
    except ValueError:
        raise ValueError(_why_none(lines, dialect.separator)) from None
    return Layout(
        variant,
        dialect,
        decimal,
        certain,
        None,
        header.line,
        header.start,
        columns,
        x,
        t,
        _first_rows(source, variant, dialect, width, header),
        tuple(_remarks(dialect, header, both, columns[0].is_index and 0 not in (x, t))),
    )


def _rows(dialect: Dialect, lines: Sequence[str]) -> tuple[list[list[str]], int]:
    """The rows of numbers among these lines, and how many cells they have, without a last column that is empty."""
    width = usual_width(dialect, lines)
    numbered = dialect.joined(enumerate(lines), width)
    rows = [cells for _, line in numbered if share_of_quantities(cells := dialect.row(line, width))]
    rows = [cells for cells in rows if len(cells) == width]
    while width > 2 and not any(row[width - 1].strip() for row in rows):
        width -= 1
    return [row[:width] for row in rows], width


def _first_rows(
    source: Text, variant: str, dialect: Dialect, width: int, header: Header
) -> tuple[tuple[str, ...], ...]:
    """The cells of the first rows, for the preview."""
    lines = dialect.joined(numbered_lines(source, variant), width)
    rows = (
        tuple(dialect.row(line, width))
        for n, line in lines
        if n >= header.start and line.strip() and not dialect.is_comment(line, width)
    )
    return tuple(itertools.islice(rows, SHOWN))


def _remarks(dialect: Dialect, header: Header, both: bool, counts: bool) -> list[str]:
    remarks = [header.remark] if header.remark else []
    if both:
        remarks.append("Both point and comma occur as decimal marks; cells with the rarer one are left out.")
    if dialect.wrapped:
        remarks.append("Each line is in quotes as a whole, which are left out.")
    if not header.names and counts:
        remarks.append("Column 1 counts the rows and is not chosen.")
    return remarks


def _is_across(lines: Sequence[str], dialect: Dialect) -> bool:
    """Whether each line is one variable: its name, and then more numbers than there are lines."""
    filled = [dialect.cells(line) for line in lines if line.strip()]
    widths = {len(cells) for cells in filled}
    if not 2 <= len(filled) <= ACROSS or len(widths) > 1 or max(widths) - 1 <= len(filled):
        return False
    return all(cells[0].strip() and not is_quantity(cells[0]) and all(map(is_quantity, cells[1:])) for cells in filled)


def turned_text(source: Text, variant: str, dialect: Dialect) -> Pasted:
    """The text of a table whose lines are its variables, turned, with tabs between its cells. Raises ValueError."""
    if source.characters() > LARGEST_ACROSS:
        raise ValueError("It is too large to be turned.")
    lines = [line for _, line in numbered_lines(source, variant, LARGEST_ACROSS) if line.strip()]
    rows = [dialect.cells(line) for line in lines if not dialect.is_comment(line, 0)]
    if len(rows) > ACROSS:
        raise ValueError(f"It has more than {ACROSS} lines, which are too many variables.")
    columns = itertools.zip_longest(*rows, fillvalue="")
    return Pasted("\n".join("\t".join(" ".join(cell.split("\t")) for cell in column) for column in columns))


def _why_none(lines: Sequence[str], separator: str | None) -> str:
    """Why these lines are no table, in words that name a cell."""
    alone = [line for line in lines if is_quantity(line)]
    if 3 * len(alone) > len(lines):
        return "There is only one column in it, and observations need two."
    known = [separator] if separator is not None else [s for s in SEPARATORS if any(s and s in line for line in lines)]
    for line in reversed(lines):
        for cell in Dialect(known[0] if known else "").cells(line):
            if any(map(str.isdigit, cell)) and not is_quantity(cell):
                return f"There are no two columns of numbers in it: “{shortened(cell)}” is no number."
    return "There are no two columns of numbers in it."


def shortened(cell: str) -> str:
    """A cell as it is quoted in a sentence: of a long one the beginning, without control characters."""
    cell = "".join(c if c.isprintable() else "␀" if c == "\0" else " " for c in cell.strip())
    return cell if len(cell) <= 20 else f"{cell[:19]}…"
