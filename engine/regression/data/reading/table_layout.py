"""Layouts: how a table is written (encoding, dialect, decimal mark, header, columns), guessed or chosen."""

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

BOTH_MARKS = "It has no two columns of numbers: point and comma occur as decimal marks. Use only one of them."
SHOWN = 8  # rows of the preview
JUDGED = 400  # rows from which separators and columns are guessed, at each end
CELLS = 200_000  # the most cells from which the columns are guessed
ACROSS = 50  # the most lines of a table in which each line is a variable
LARGEST_ACROSS = 2**22  # characters of such a table


class ByHand(msgspec.Struct, frozen=True):
    """The user's choices about a table; None stands for a guess. `header` is a line number, 0 for no names."""

    variant: str | None = None
    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    header: int | None = None
    across: bool | None = None
    order: Order | None = None


AUTOMATIC = ByHand()


class Layout(msgspec.Struct, frozen=True):
    """How a table is written, and what its columns contain.

    `variant` is the encoding or the sheet; `certain` says whether the decimal mark is certain. If each line of the
    table is a variable, `original` is the dialect of the file, and all else describes the transposed table. `header` is
    the number of the line with the names, 0 if there is none, and `start` is the number of the first row. `x` and `t`
    are the columns that are chosen first. `rows` are the cells of the first rows as they are written. `remarks` are
    sentences about what is ambiguous.
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
        """The names of the columns."""
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
        """The text between the cells of a row; "" for blanks."""
        return self.dialect.separator

    def cells(self, line: str) -> list[str]:
        """Return the cells of a line."""
        return self.dialect.row(line, len(self.columns))

    def number(self, cell: str, column: int) -> Number:
        """Return the number in a cell of a column. Raises ValueError."""
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
    """Return the layout of a table. Raises ValueError, in one sentence, if the text is not a table."""
    variant = source.variant() if by_hand.variant is None else by_hand.variant
    lines = sample(source, variant)
    filled = _distinct_ends([line for line in lines if line.strip()])
    if not filled:
        raise ValueError("It is empty.")
    declared = next((sep for line in filled[:1] if (sep := declared_separator(line))), None)
    separator = next((s for s in (by_hand.separator, source.separator, declared) if s is not None), None)
    dialect = guess_dialect(filled, separator)
    if dialect is None:
        raise ValueError(_why_none(filled, separator))
    across = _is_across(lines, dialect) if by_hand.across is None else by_hand.across
    if across:
        transposed = turned_text(source, variant, dialect)
        inner = sniffed(transposed, msgspec.structs.replace(by_hand, variant="", separator="\t", across=False))
        remarks = (*inner.remarks, "Each line is one variable.")
        return msgspec.structs.replace(inner, variant=variant, original=dialect, remarks=remarks)
    return _layout(source, variant, dialect, filled, by_hand)


def _distinct_ends(lines: list[str]) -> list[str]:
    """Return the first and the last lines of a table; fewer lines if they are very long."""
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
        raise ValueError(BOTH_MARKS if both else _why_none(lines, dialect.separator)) from None
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
        (
            *_remarks(dialect, header, both, columns[0].is_index and 0 not in (x, t), lines),
            *(_numbering(columns, x, t) if header.names else ()),
        ),
    )


def _rows(dialect: Dialect, lines: Sequence[str]) -> tuple[list[list[str]], int]:
    """Return the rows of numbers among the lines, and their number of cells, without an empty last column."""
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
    """Return the cells of the first rows, for the preview."""
    lines = dialect.joined(numbered_lines(source, variant), width)
    rows = (
        tuple(dialect.row(line, width))
        for n, line in lines
        if n >= header.start and line.strip() and not dialect.is_comment(line, width)
    )
    return tuple(itertools.islice(rows, SHOWN))


def _remarks(dialect: Dialect, header: Header, both: bool, counts: bool, lines: Sequence[str]) -> list[str]:
    remarks = [header.remark] if header.remark else []
    if both:
        remarks.append("Both point and comma occur as decimal marks; cells with the rarer mark are left out.")
    if dialect.wrapped:
        remarks.append("Each line is in quotes; the quotes are left out.")
    if header.is_short and counts and not dialect.separator and not any(dialect.quote in line for line in lines):
        remarks.append("Column 1 has no name and is taken for row numbers. If it is a part of a number, it is missing.")
    if not header.names and counts:
        remarks.append("Column 1 counts the rows and is not chosen.")
    return remarks


def _numbering(columns: Sequence[Column], x: int, t: int) -> list[str]:
    """Return a remark if a column that numbers the rows is x or t, for want of another column of numbers."""
    return [
        f"“{columns[i].name}” numbers the rows. It is {role}, because the table has no other column of numbers."
        for i, role in ((x, "x"), (t, "t"))
        if columns[i].is_index
    ]


def _is_across(lines: Sequence[str], dialect: Dialect) -> bool:
    """Return whether each line is one variable: a name, and then more numbers than there are lines."""
    filled = [dialect.cells(line) for line in lines if line.strip()]
    widths = {len(cells) for cells in filled}
    if not 2 <= len(filled) <= ACROSS or len(widths) > 1 or max(widths) - 1 <= len(filled):
        return False
    return all(cells[0].strip() and not is_quantity(cells[0]) and all(map(is_quantity, cells[1:])) for cells in filled)


def turned_text(source: Text, variant: str, dialect: Dialect) -> Pasted:
    """Return the transposed text of a table in which each line is a variable, with tabs between cells.

    Raises ValueError if the table is too large.
    """
    if source.characters() > LARGEST_ACROSS:
        raise ValueError("It is too large for a table in which each line is a variable.")
    lines = [line for _, line in numbered_lines(source, variant, LARGEST_ACROSS) if line.strip()]
    rows = [dialect.cells(line) for line in lines if not dialect.is_comment(line, 0)]
    if len(rows) > ACROSS:
        raise ValueError(f"Each line is a variable, and there are more than {ACROSS} lines.")
    columns = itertools.zip_longest(*rows, fillvalue="")
    return Pasted("\n".join("\t".join(" ".join(cell.split("\t")) for cell in column) for column in columns))


def _why_none(lines: Sequence[str], separator: str | None) -> str:
    """Return why the lines are not a table, in a sentence that names a cell."""
    alone = [line for line in lines if is_quantity(line)]
    if 3 * len(alone) > len(lines):
        return "It has only one column; observations need two."
    separators = (
        [separator] if separator is not None else [s for s in SEPARATORS if any(s and s in line for line in lines)]
    )
    for line in reversed(lines):
        for cell in Dialect(separators[0] if separators else "").cells(line):
            if any(map(str.isdigit, cell)) and not is_quantity(cell):
                return f"It has no two columns of numbers: “{shortened(cell)}” is not a number."
    return "It has no two columns of numbers."


def shortened(cell: str) -> str:
    """Return a cell for use in a sentence: shortened, and without control characters."""
    cell = "".join(c if c.isprintable() else "␀" if c == "\0" else " " for c in cell.strip())
    return cell if len(cell) <= 20 else f"{cell[:19]}…"
