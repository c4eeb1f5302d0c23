"""The rows of a table: two cells become two numbers, or the reason why they do not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from engine.regression.data.observations import LIMIT
from engine.regression.data.reading.header import is_missing
from engine.regression.data.reading.numbers import TOO_SMALL, decimal_evidence, number_or_none
from engine.regression.data.reading.table_layout import Layout, shortened

ROLES = ("x", "t")


class Seen(msgspec.Struct):
    """How often cells of one kind occurred, the first of these cells, and its value."""

    count: int
    cell: str
    value: float


class RowReader:
    """Reads rows, and counts the cells that are not plain numbers, for the remarks."""

    def __init__(self, layout: Layout, columns: tuple[int, int]) -> None:
        self.layout, self.columns = layout, columns
        self.seen: dict[tuple[str, str], Seen] = {}  # by role and kind
        self.evidence: set[str] = set()  # decimal marks that unambiguous cells have

    def row(self, cells: Sequence[str]) -> tuple[tuple[float, float] | None, str]:
        """Return x and t of a row, or None and the reason."""
        width = len(self.layout.columns)
        if (len(cells) > width and any(map(str.strip, cells[width:]))) or self._may_have_gaps(cells):
            return None, f"it has {len(cells)} columns instead of {width}"
        values = []
        for role, column in zip(ROLES, self.columns, strict=True):
            cell = cells[column] if column < len(cells) else ""
            value, reason = self._value(role, cell, column)
            if reason:
                return None, reason
            values.append(value)
        return (values[0], values[1]), ""

    def _may_have_gaps(self, cells: Sequence[str]) -> bool:
        """Return whether a cell is missing, and blanks separate the cells, so that it is unknown which one."""
        missing = self.layout.columns[len(cells) :]
        return not self.layout.separator and bool(cells) and any(column.kind != "text" for column in missing)

    def _value(self, role: str, cell: str, column: int) -> tuple[float, str]:
        """Return the value of a cell, or the reason why it has none."""
        if not cell.strip():
            return 0.0, f"{role} is missing"
        try:
            number = self.layout.number(cell, column)
        except ValueError as error:
            return 0.0, f"{role} is “{shortened(cell)}”{self._why_not(cell, column, str(error))}"
        if not math.isfinite(number.value):
            return 0.0, f"{role} is “{shortened(cell)}”, which is not finite"
        if abs(number.value) > LIMIT:
            return 0.0, f"{role} is {shortened(cell)}, beyond ±10²⁰"
        self._remember(role, cell, number.how or ("unit" if number.unit else ""), number.value, column)
        return number.value, ""

    def _why_not(self, cell: str, column: int, error: str) -> str:
        """Return the end of the sentence about a cell that is not a number in its column."""
        if self.layout.columns[column].kind == "time":
            return ", which is not a time in this format"
        if error.startswith(("in “", "without ")):
            unit = self.layout.columns[column].unit
            return f", {error}; the other cells are in “{unit}”" if unit else f", {error}; the other cells have no unit"
        if error == TOO_SMALL:
            return ", which is too small: the smallest number is about 10⁻³⁰⁸"
        other = "," if self.layout.decimal == "." else "."
        if number_or_none(cell, other) is not None and not is_missing(cell):
            return f", which is a number only with a decimal {'comma' if other == ',' else 'point'}"
        return ", which is not a number"

    def _remember(self, role: str, cell: str, how: str, value: float, column: int) -> None:
        """Count a cell that is ambiguous or not a plain number."""
        if self.layout.columns[column].kind == "number" and not self.layout.certain:
            evidence = decimal_evidence(cell)
            if evidence == "?":
                how = "doubtful"
            elif evidence:
                self.evidence.add(evidence)
        if not how:
            return
        if (role, how) in self.seen:
            self.seen[role, how].count += 1
        else:
            self.seen[role, how] = Seen(1, shortened(cell), value)
