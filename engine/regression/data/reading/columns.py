"""Columns: the contents and the name of each column, and the choice of x and t."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec

from engine.regression.data.reading.dates import Calendar, Order, calendar_of
from engine.regression.data.reading.numbers import Number, decimal_evidence, number_or_none, parse

ROW_NUMBERS = {"id", "index", "idx", "#", "row", "rowid", "row id", "rownames", "row names", "unnamed: 0", "uid"}
COUNTERS = {"n", "i", "nr", "nr.", "no", "no.", "obs", "observation", "record", "number", "nummer", "lfd. nr.", "zeile"}
IN_BRACKETS = re.compile(r"[(\[{].*[)\]}]")
FEW = 400  # rows from which the kind of a column is guessed


class Column(msgspec.Struct, frozen=True):
    """One column: numbers in a unit ("" for none), times under a calendar, or text.

    `is_index` says that the column only counts the rows, `is_sparse` that more than half of its cells are empty.
    """

    name: str
    kind: Literal["number", "time", "text"] = "text"
    unit: str = ""
    calendar: Calendar | None = None
    is_index: bool = False
    is_sparse: bool = False

    def number(self, cell: str, decimal: str) -> Number:
        """Return the number in a cell of this column. Raises ValueError with the reason."""
        if self.calendar is not None:
            return Number(self.calendar.number(cell))
        number = parse(cell, decimal)
        if number.unit != self.unit and number.value != 0:
            raise ValueError(f"in “{number.unit}”" if number.unit else "without a unit")
        return number


def choose_decimal(cells: Sequence[str], separator: str) -> tuple[str, bool, bool]:
    """Return the decimal mark of a table with these cells, whether it is certain, and whether both marks occur.

    Without evidence 1.234 is read as a decimal number and 1,234 as thousands. If semicolons separate the columns, 1,234
    is a decimal number, because programs use semicolons where the comma is the decimal mark.
    """
    votes = Counter(map(decimal_evidence, cells))
    if votes["."] or votes[","]:
        both = bool(votes["."] and votes[","])
        return ("," if votes[","] > votes["."] else "."), not both, both
    doubtful = [cell for cell in cells if decimal_evidence(cell) == "?"] if votes["?"] else []
    commas = any("," in cell for cell in doubtful) and not any("." in cell for cell in doubtful)
    return ("," if commas and separator == ";" else "."), False, False


def columns_of(rows: Sequence[Sequence[str]], decimal: str, order: Order | None, guess: Order) -> tuple[Column, ...]:
    """Return the columns of the rows, without their names."""
    width = max(map(len, rows), default=0)
    judged = rows[:FEW]
    cells = ([row[i] for row in judged if i < len(row)] for i in range(width))
    return tuple(_column(column, f"column {i}", decimal, order, guess) for i, column in enumerate(cells, 1))


def with_names(
    columns: Sequence[Column], names: Sequence[str], rows: Sequence[Sequence[str]], decimal: str, *, short: bool
) -> tuple[Column, ...]:
    """Return the columns with their names, marked if they only count the rows.

    `names` may be empty. `short` says that only the first column has no name.
    """
    named = []
    for i, column in enumerate(columns):
        name = _plain(names[i], first=i == 0) if names else ""
        is_index = column.kind == "number" and short and i == 0
        if column.kind == "number" and not is_index and _may_be_index(name, nameless=bool(names) or i == 0):
            is_index = _counts([row[i] for row in rows[:FEW] if i < len(row)], name, decimal)
        named.append(msgspec.structs.replace(column, name=name or column.name, is_index=is_index))
    return tuple(named)


def _plain(name: str, *, first: bool) -> str:
    """Return a name without line ends, surrounding quotes, and the mark of a comment before the first name."""
    name = " ".join(name.split())
    if len(name) > 2 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1]
    return name[1:] if first and name[:1] in ("#", "%") and name[1:2].isalpha() else name


def _column(cells: Sequence[str], name: str, decimal: str, order: Order | None, guess: Order) -> Column:
    filled = [cell for cell in cells if cell.strip()]
    is_sparse = 2 * len(filled) < len(cells)
    numbers = [number for cell in filled if (number := number_or_none(cell, decimal)) is not None]
    if 2 * len(numbers) > len(filled):
        unit = Counter(number.unit for number in numbers if number.value != 0 or number.unit).most_common(1)
        return Column(name, "number", unit[0][0] if unit else "", is_sparse=is_sparse)
    calendar = calendar_of(filled, order, guess)
    return Column(name, "text") if calendar is None else Column(name, "time", "", calendar, is_sparse=is_sparse)


def _may_be_index(name: str, *, nameless: bool) -> bool:
    return name.lower() in ROW_NUMBERS | COUNTERS or (not name and nameless)


def _counts(cells: Sequence[str], name: str, decimal: str) -> bool:
    """Return whether the cells count the rows.

    They do if they are whole numbers, and the column's name says so or each is 1 more than the one before.
    """
    values = [number.value for cell in cells if (number := number_or_none(cell, decimal)) is not None]
    if not all(value.is_integer() for value in values):
        return False
    counts = all(after - before == 1 for before, after in itertools.pairwise(values))
    begins = bool(name) or (len(values) > 2 and values[0] in (0, 1))
    return name.lower() in ROW_NUMBERS or (counts and begins)


def choose_columns(columns: Sequence[Column], *, named: bool) -> tuple[int, int]:
    """Return the columns that are x and t unless the user chooses others. Raises ValueError if there are fewer than
    two.

    Columns named x and t, or x and y, come first; then columns of numbers, of times, of numbers with gaps, and row
    counters last. Without names, it is less certain that a first column is a row counter.
    """
    numeric = [i for i, column in enumerate(columns) if column.kind != "text"]
    if len(numeric) < 2:
        raise ValueError("It has no two columns of numbers.")
    order = sorted(numeric, key=lambda i: _rank(columns[i], named=named))
    best = sorted(order[:2])
    called = {_key(columns[i].name): i for i in reversed(numeric) if not columns[i].is_index}
    x, t = called.get("x"), called.get("t", called.get("y"))
    if x is None and t == best[0] and _key(columns[best[0]].name) == "t":
        t = None  # a first column called t is a time
    if x is None:
        x = next(i for i in best if i != t)
    if t is None:
        t = next(i for i in best if i != x)
    return x, t


def _rank(column: Column, *, named: bool) -> int:
    """Return the rank of a column in the choice; a higher rank is chosen later."""
    if column.is_index:
        return 4 if named else 2
    return 3 if column.is_sparse else int(column.kind != "number")


def _key(name: str) -> str:
    """Return a name for comparison: in lower case, without brackets and quotes."""
    return IN_BRACKETS.sub("", name).strip(" \"'_").lower()
