"""The preview of a table: its first rows, and the values that the cells of x and t are read as."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from engine.regression.data.reading.numbers import PLAIN
from engine.regression.data.reading.table_layout import Layout, shortened

WIDEST = 60  # columns that are shown, besides x and t
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TablePreview(QTableWidget):
    """The first rows as they are written; a cell of x or t that is no plain number is followed by its value."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: list[int] = []  # of the table, in the order in which they are shown
        self.setAccessibleName("The first rows")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)

    def show_rows(self, layout: Layout, x: int, t: int) -> None:
        """Show the first rows of a table, of which columns `x` and `t` are chosen."""
        self.columns = sorted({*range(min(WIDEST, len(layout.columns))), x, t})
        self.setRowCount(len(layout.rows))
        self.setColumnCount(len(self.columns))
        for at, column in enumerate(self.columns):
            role = "x: " * (column == x) + "t: " * (column == t)
            self.setHorizontalHeaderItem(at, QTableWidgetItem(role + layout.names[column]))
            for i, row in enumerate(layout.rows):
                cell = row[column].strip() if column < len(row) else ""
                text = _with_value(layout, column, cell) if column in (x, t) else shortened(cell)
                item = QTableWidgetItem(text)
                item.setTextAlignment(RIGHT)
                self.setItem(i, at, item)
        self._take_room()

    def _take_room(self) -> None:
        """Be as high as the rows."""
        rows = self.horizontalHeader().sizeHint().height() + sum(map(self.rowHeight, range(self.rowCount())))
        self.setMaximumHeight(rows + self.horizontalScrollBar().sizeHint().height())
        self.setMinimumHeight(min(rows, 5 * self.rowHeight(0)) if self.rowCount() else 0)


def _with_value(layout: Layout, column: int, cell: str) -> str:
    """A cell and the number that it is read as, if that is not obvious."""
    if PLAIN.fullmatch(cell) and layout.decimal == ".":
        return cell
    try:
        value = layout.number(cell, column).value
    except ValueError:
        return f"{shortened(cell)} → no number" if cell else ""
    spelled = f"{value:.15g}".replace("-", "−")
    return cell if cell == spelled else f"{shortened(cell)} → {spelled}"
