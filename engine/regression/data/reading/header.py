"""Headers: the lines with the names and units of the columns, and the first row of numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence

import msgspec

from engine.regression.data.reading.dates import is_moment
from engine.regression.data.reading.dialect import (
    COMMENTS,
    Dialect,
    declared_separator,
    is_quantity,
    share_of_quantities,
)
from engine.regression.data.reading.numbers import MARKS, number_or_none
from engine.regression.data.reading.units import BRACKETED, is_unit_cell

ABOVE = 40  # lines above the first row that are searched for the names
MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "–", "—", ".", "..", "?", "*", "inf", "-inf"}
ERRORS = ("#n/a", "#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!")

Numbered = tuple[int, str]


class Header(msgspec.Struct, frozen=True):
    """The line of the names (0 for none), the first line of the rows, and the names of all columns.

    `is_short` says that the first column has no name, as in files of R with row names. `remark` is a sentence if a line
    of names does not fit.
    """

    line: int = 0
    start: int = 1
    names: tuple[str, ...] = ()
    is_short: bool = False
    remark: str = ""


def find_header(
    lines: Iterable[Numbered], dialect: Dialect, width: int, numeric: Collection[int], chosen: int | None = None
) -> Header:
    """Return the header of a table with `width` cells in each row; the columns `numeric` are numbers.

    `chosen` is the line of the names if the user has chosen it, or 0 for no names.
    """
    above: deque[Numbered] = deque(maxlen=ABOVE)
    for n, line in lines:
        if chosen is not None and n == chosen:
            return Header(n, n + 1 + line.count("\n"), _fitted(dialect.cells(line), width))
        if not chosen and _is_row(dialect.row(line, width), width, numeric):
            return _above(list(above), n, dialect, width, names=chosen is None)
        above.append((n, line))
    return Header()


def _is_row(cells: Sequence[str], width: int, numeric: Collection[int]) -> bool:
    """Return whether at least two cells of a line are numbers in the columns of numbers."""
    return len(cells) == width and sum(is_quantity(cells[i]) for i in numeric) > 1


def _above(above: list[Numbered], first: int, dialect: Dialect, width: int, *, names: bool) -> Header:
    """Return the header among the lines above the first row. A bad row directly above it counts as a row."""
    start, comment, remark = first, Header(), ""
    for i in range(len(above) - 1, -1, -1):
        n, line = above[i]
        if not line.strip() or declared_separator(line):
            continue
        if dialect.is_comment(line, width):
            if not comment.names and (in_comment := _names_in_comment(line, dialect, width)):
                comment = Header(n, start, in_comment)
            continue
        cells = dialect.row(line, width)
        fits = _fitted(cells, width)
        if fits and names and _are_names(cells):
            return _joined(above[:i], n, start, fits, dialect, len(cells) == width - 1)
        if not fits and share_of_quantities(cells):
            start = n  # a row with too few or too many cells; it is listed
            continue
        if not fits or _are_names(cells):
            remark = _misfit(n, cells, dialect, width) if names else ""
            break
        start = n
    if comment.names and names:
        return Header(comment.line, start, comment.names)
    return Header(0, start, remark=remark)


def _fitted(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Return the names of `width` columns; () if the cells do not fit.

    Extra cells fit if they are empty. One cell fewer fits, because R omits the name of the first column.
    """
    if len(cells) > width and not any(map(str.strip, cells[width:])):
        return tuple(cells[:width])
    if len(cells) == width:
        return tuple(cells)
    return ("", *cells) if len(cells) == width - 1 >= 2 else ()


def is_missing(cell: str) -> bool:
    """Return whether a cell stands for a missing value."""
    text = cell.strip().lower()
    return text in MISSING or text in ERRORS


def _are_names(cells: Sequence[str]) -> bool:
    """Return whether no cell is a plain number or a date, and not all are missing. “5 cm” may be a name."""
    return not all(map(is_missing, cells)) and not any(map(_is_plain_quantity, cells))


def _is_plain_quantity(cell: str) -> bool:
    if is_moment(cell):
        return True
    return any((number := number_or_none(cell, mark)) is not None and not number.unit for mark in MARKS)


def _names_in_comment(line: str, dialect: Dialect, width: int) -> tuple[str, ...]:
    """Return the names in a comment such as “# x t”; () for any other comment."""
    text = line.strip()
    mark = next((mark for mark in COMMENTS if text.startswith(mark)), "")
    cells = dialect.cells(text[len(mark) :].lstrip(f" {mark}"))
    return tuple(cells) if mark and len(cells) == width and _are_names(cells) else ()


def _joined(
    above: list[Numbered], n: int, start: int, names: tuple[str, ...], dialect: Dialect, is_short: bool
) -> Header:
    """Return the names joined with the line above them, if that line has units or repeated names."""
    if above and above[-1][0] == n - 1:
        upper = dialect.cells(above[-1][1])
        fits = len(upper) == len(names) and not dialect.is_comment(above[-1][1], len(names)) and _are_names(upper)
        if fits and all(map(is_unit_cell, names)) and any(map(str.strip, names)):
            both = tuple(map(_with_unit, upper, names))
            return Header(n - 1, start, both)
        filled = [name for name in names if name.strip()]
        if fits and len(set(filled)) < len(filled):
            return Header(n - 1, start, tuple(f"{a} {b}".strip() for a, b in zip(_spread(upper), names, strict=True)))
    return Header(n, start, names, is_short)


def _with_unit(name: str, unit: str) -> str:
    unit = unit.strip()
    if not unit.strip("-–"):
        return name
    return f"{name.strip()} {unit if BRACKETED.fullmatch(unit) else f'({unit})'}"


def _spread(names: Sequence[str]) -> list[str]:
    """Return the names with each empty name replaced by the name before it."""
    spread: list[str] = []
    for name in names:
        spread.append(name if name.strip() or not spread else spread[-1])
    return spread


def _misfit(n: int, cells: Sequence[str], dialect: Dialect, width: int) -> str:
    """Return a sentence about a line whose number of names differs from the number of cells in a row; else ""."""
    if len(cells) < 2 or not _are_names(cells):
        return ""
    sentence = f"Line {n:,} has {len(cells)} names, but the rows have {width} cells. The names are not used."
    if dialect.separator == "," and width == 2 * len(cells):
        sentence += " Perhaps the comma is both the decimal mark and the separator; then the numbers are wrong."
    return sentence
