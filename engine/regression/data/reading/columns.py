"""Columns: what each holds, how it is called, and which two are x and t."""

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
FEW = 400  # rows from which a column is judged


class Column(msgspec.Struct, frozen=True):
    """One column: numbers in a unit ("" for none), times under a calendar, or text.

    `is_index` says that it only numbers the rows, `is_sparse` that more than half of its cells are empty.
    """

    name: str
    kind: Literal["number", "time", "text"] = "text"
    unit: str = ""
    calendar: Calendar | None = None
    is_index: bool = False
    is_sparse: bool = False

    def number(self, cell: str, decimal: str) -> Number:
        """The number that a cell of this column stands for. Raises ValueError; `reason` says why in words."""
        if self.calendar is not None:
            return Number(self.calendar.number(cell))
        number = parse(cell, decimal)
        if number.unit != self.unit and number.value != 0:
            raise ValueError(f"in “{number.unit}”" if number.unit else "without a unit")
        return number


def choose_decimal(cells: Sequence[str], separator: str) -> tuple[str, bool, bool]:
    """The decimal mark of a table with these cells, whether it is certain, and whether both marks occur.

    Without any evidence 1.234 is taken for a decimal number and 1,234 for thousands, unless semicolons separate the
    columns: they do so because the comma is the decimal mark.
    """
    votes = Counter(map(decimal_evidence, cells))
    if votes["."] or votes[","]:
        both = bool(votes["."] and votes[","])
        return ("," if votes[","] > votes["."] else "."), not both, both
    doubtful = [cell for cell in cells if decimal_evidence(cell) == "?"] if votes["?"] else []
    commas = any("," in cell for cell in doubtful) and not any("." in cell for cell in doubtful)
    return ("," if commas and separator == ";" else "."), False, False


def columns_of(rows: Sequence[Sequence[str]], decimal: str, order: Order | None, guess: Order) -> tuple[Column, ...]:
    """The columns of these rows, without their names."""
    width = max(map(len, rows), default=0)
    judged = rows[:FEW]
    cells = ([row[i] for row in judged if i < len(row)] for i in range(width))
    return tuple(_column(column, f"column {i}", decimal, order, guess) for i, column in enumerate(cells, 1))


def with_names(
    columns: Sequence[Column], names: Sequence[str], rows: Sequence[Sequence[str]], decimal: str, *, short: bool
) -> tuple[Column, ...]:
    """The columns with their names, and whether they only number the rows.

    `names` may be empty; `short` says that the first column had no name where others did.
    """
    made = []
    for i, column in enumerate(columns):
        name = " ".join(names[i].split()) if names else ""
        is_index = column.kind == "number" and short and i == 0
        if column.kind == "number" and not is_index and _may_be_index(name, nameless=bool(names) or i == 0):
            is_index = _counts([row[i] for row in rows[:FEW] if i < len(row)], name, decimal)
        made.append(msgspec.structs.replace(column, name=name or column.name, is_index=is_index))
    return tuple(made)


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
    """Whether cells number rows: whole numbers in a column that is called so, else 1 more in each row than before."""
    values = [number.value for cell in cells if (number := number_or_none(cell, decimal)) is not None]
    if not all(value.is_integer() for value in values):
        return False
    counts = all(after - before == 1 for before, after in itertools.pairwise(values))
    begins = bool(name) or (len(values) > 2 and values[0] in (0, 1))
    return name.lower() in ROW_NUMBERS or (counts and begins)


def choose_columns(columns: Sequence[Column], *, named: bool) -> tuple[int, int]:
    """The columns that are x and t unless the user chooses others. Raises ValueError if there are no two.

    Those called x and t, or x and y, come first; else the first two of numbers, of times, of numbers with gaps, and
    only then row numbers. A first column that counts is less surely one of row numbers if the columns have no names.
    """
    numeric = [i for i, column in enumerate(columns) if column.kind != "text"]
    if len(numeric) < 2:
        raise ValueError("There are no two columns of numbers in it.")
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
    """How late a column is chosen."""
    if column.is_index:
        return 4 if named else 2
    return 3 if column.is_sparse else int(column.kind != "number")


def _key(name: str) -> str:
    return IN_BRACKETS.sub("", name).strip(" \"'_").lower()
