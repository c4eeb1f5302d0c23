"""Remarks on a table: numbers that are ambiguous, and numbers that are not written plainly."""

from __future__ import annotations

import numpy as np

from engine.gaussian import Array
from engine.part import number_text
from engine.regression.data.reading.row_reader import ROLES, RowReader, Seen
from engine.regression.data.reading.table_layout import Layout

WHOLE = 2.0**53  # above this value not every whole number is a double
SENTINELS = np.array(
    [-9999.0, -999.0, -99.0, 9999.0, 99999.0, -99999.0, -999.25, -9999.25, -32768.0, 999.0, 1e20, 1e30]
)
FAR = 5.0  # the least distance of a sentinel from the other values, in ranges of these values
WORDS = {
    "thousands": "with separators between thousands",
    "unit": "without its unit",
    "uncertainty": "without its uncertainty",
    "brackets": "because brackets mean a negative number",
    "minus behind": "because the minus sign is at the end",
    "exponent without letter": "because it ends with an exponent",
}


def remarks_about(layout: Layout, columns: tuple[int, int], rows: Array, reader: RowReader) -> tuple[str, ...]:
    """Return sentences about the columns x and t of the rows (n, 2)."""
    remarks = list(layout.remarks)
    for role, column, values in zip(ROLES, columns, rows.T, strict=True):
        calendar = layout.columns[column].calendar
        if calendar is not None:
            remarks.append(f"{role} is in {calendar}.")
            if calendar.ambiguous:
                remarks.append(_about_date(role, calendar.ambiguous, calendar.order))
            if not calendar.has_date and np.any(np.diff(values) < 0):
                remarks.append(f"{role} is a time of day that decreases between lines; the change of day is ignored.")
        for (seen_role, how), seen in reader.seen.items():
            if seen_role == role and not (how == "doubtful" and reader.evidence == {layout.decimal}):
                remarks.append(_about_cells(role, how, seen, layout.decimal))
        remarks += _about_values(role, values)
    return tuple(remarks)


def _about_cells(role: str, how: str, seen: Seen, decimal: str) -> str:
    value = f"{seen.value:.15g}".replace("-", "−")
    many = f" ({seen.count:,} such cells)" if seen.count > 1 else ""
    if how != "doubtful":
        return f"{role}: “{seen.cell}” is read as {value}, {WORDS[how]}{many}."
    mark = "point" if decimal == "." else "comma"
    return f"{role}: “{seen.cell}” is ambiguous; with a decimal {mark} it is {value}{many}. Choose the decimal mark."


def _about_date(role: str, cell: str, order: str) -> str:
    return f"{role}: “{cell}” is ambiguous; it is read with the {order}, and two-digit years as 1969 to 2068."


def _about_values(role: str, values: Array) -> list[str]:
    """Return sentences about values that are rounded, and about values that may stand for missing values."""
    remarks = []
    if len(values) and np.max(np.abs(values)) >= WHOLE and np.all(np.abs(values) < 1e19):
        remarks.append(f"{role} has values beyond 9,007,199,254,740,992, where whole numbers are rounded.")
    if (dates := _compact_dates(values)) is not None:
        remarks.append(
            f"{role} has values such as {dates}, perhaps dates without separators; they are read as numbers."
        )
    for sentinel in SENTINELS[np.isin(SENTINELS, values)]:
        others = values[values != sentinel]
        distance = np.min(np.abs(others - sentinel)) if len(others) else 0.0
        if len(others) > 1 and distance > FAR * max(float(np.ptp(others)), 1e-9):
            count = int(np.sum(values == sentinel))
            times = "once" if count == 1 else f"{count:,} times"
            value = number_text(float(sentinel))
            remarks.append(f"{role} is {value} {times}: perhaps it stands for a missing value.")
    return remarks


def _compact_dates(values: Array) -> int | None:
    """Return the first value if all values (n,) are dates such as 20310201 (year, month, day); else None."""
    if len(values) < 2 or np.any(values < 1500_01_01) or np.any(values > 2999_12_31) or np.any(values % 1):
        return None
    months, days = values // 100 % 100, values % 100
    valid = np.all((months >= 1) & (months <= 12) & (days >= 1) & (days <= 31))
    return int(values[0]) if valid and len(np.unique(values)) > 1 else None
