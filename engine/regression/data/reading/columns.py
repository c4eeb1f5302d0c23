"""Columns: what each holds, how it is called, and which two are x and t."""

from __future__ import annotations

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


def columns_of(
    rows: Sequence[Sequence[str]], names: Sequence[str], decimal: str, order: Order | None, guess: Order, short: bool
) -> tuple[Column, ...]:
    """The columns of these rows. `names` may be empty; `short` says that the first column had none where others did."""
    width = len(names) or max(map(len, rows), default=0)
    made = []
    for i in range(width):
        cells = [row[i] for row in rows[:FEW] if i < len(row)]
        name = " ".join(names[i].split()) if names else ""
        column = _column(cells, name or f"column {i + 1}", decimal, order, guess)
        nameless = not name and (bool(names) or i == 0)
        is_index = column.kind == "number" and (
            (short and i == 0) or _is_index(cells, name, nameless=nameless, decimal=decimal)
        )
        is_sparse = 2 * sum(not cell.strip() for cell in cells) > len(cells)
        made.append(msgspec.structs.replace(column, is_index=is_index, is_sparse=is_sparse))
    return tuple(made)


def _column(cells: Sequence[str], name: str, decimal: str, order: Order | None, guess: Order) -> Column:
    filled = [cell for cell in cells if cell.strip()]
    numbers = [number for cell in filled if (number := number_or_none(cell, decimal)) is not None]
    if 2 * len(numbers) > len(filled):
        unit = Counter(number.unit for number in numbers if number.value != 0 or number.unit).most_common(1)
        return Column(name, "number", unit[0][0] if unit else "")
    calendar = calendar_of(filled, order, guess)
    return Column(name, "time", "", calendar) if calendar is not None else Column(name)


def _is_index(cells: Sequence[str], name: str, *, nameless: bool, decimal: str) -> bool:
    """Whether a column only numbers the rows: it is called so, or it has no name where others have, and counts."""
    called = name.strip().lower()
    if not nameless and called not in ROW_NUMBERS | COUNTERS:
        return False
    values = [number.value for cell in cells if (number := number_or_none(cell, decimal)) is not None]
    if not all(value.is_integer() for value in values):
        return False
    counts = all(after - before == 1 for before, after in zip(values, values[1:], strict=False))
    begins = bool(name) or (len(values) > 2 and values[0] in (0, 1))
    return called in ROW_NUMBERS or (counts and begins)


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
