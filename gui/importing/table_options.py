"""How a table is read, set by hand: encoding or sheet, separator, decimal mark, line of the names, order of dates."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.regression.data.reading.dialect import SEPARATORS
from engine.regression.data.reading.table_layout import AUTOMATIC, Layout, Text
from gui.widgets.controls import CheckBox, Combo, SpinBox

DECIMALS = {".": "point, as in 1.5", ",": "comma, as in 1,5"}
ORDERS = {"day first": "day first", "month first": "month first"}
MOST_LINES = 2**24


class TableOptions(QWidget):
    """Shows how a table is read. What the user changes is kept, the rest is guessed again."""

    changed = Signal(object)  # ByHand

    def __init__(self, source: Text) -> None:
        super().__init__()
        self.by_hand = AUTOMATIC
        variants = source.variants()
        self.variant = self._choice(variants, "variant")
        self.separator = self._choice(SEPARATORS, "separator")
        self.decimal = self._choice(DECIMALS, "decimal")
        self.order = self._choice(ORDERS, "order")
        self.header, self.across = SpinBox(), CheckBox("Each line is a variable")
        self.header.setRange(0, MOST_LINES)
        self.header.setSpecialValueText("none")
        self.header.setKeyboardTracking(False)
        self.header.valueChanged.connect(self._on_header)
        self.across.clicked.connect(self._on_across)
        self._lay_out(is_text=source.separator is None, has_variants=len(variants) > 1)

    def _choice(self, options: dict[str, str], field: str) -> Combo:
        made = Combo()
        made.setProperty("field", field)
        for value, words in options.items():
            made.addItem(words, value)
        made.activated.connect(self._on_chosen)
        return made

    def _lay_out(self, *, is_text: bool, has_variants: bool) -> None:
        """Place two controls in a row, those that the source has; the order of dates is shown when there are dates."""
        self.order_label = QLabel("Dates have the")
        rows = [
            (QLabel("Encoding" if is_text else "Sheet"), self.variant, has_variants),
            (QLabel("Separated by"), self.separator, is_text),
            (QLabel("Decimal mark"), self.decimal, True),
            (QLabel("Names in line"), self.header, True),
        ]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        at = 0
        for label, control, is_shown in rows:
            _place(grid, label, control, *divmod(at, 2))
            label.setVisible(is_shown)
            control.setVisible(is_shown)
            at += is_shown
        grid.addWidget(self.across, 2, 0, 1, 2)
        _place(grid, self.order_label, self.order, 2, 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)

    def show_layout(self, layout: Layout) -> None:
        """Show how a table is read now."""
        _select(self.variant, layout.variant)
        _select(self.separator, (layout.original or layout.dialect).separator)
        _select(self.decimal, layout.decimal)
        self.header.blockSignals(True)
        self.header.setValue(layout.header)
        self.header.blockSignals(False)
        self.across.setChecked(layout.across)
        calendars = [column.calendar for column in layout.columns if column.calendar is not None]
        dated = [calendar for calendar in calendars if calendar.has_date]
        self.order.setVisible(bool(dated))
        self.order_label.setVisible(bool(dated))
        if dated:
            _select(self.order, dated[0].order)

    def _on_chosen(self, index: int) -> None:
        combo = self.sender()
        assert isinstance(combo, Combo)
        self._change(**{combo.property("field"): combo.itemData(index)})

    def _on_header(self, line: int) -> None:
        self._change(header=line)

    def _on_across(self, across: bool) -> None:
        self._change(across=across, header=None)

    def _change(self, **fields: Any) -> None:
        self.by_hand = replace(self.by_hand, **fields)
        self.changed.emit(self.by_hand)


def _place(grid: QGridLayout, label: QLabel, control: QWidget, row: int, column: int) -> None:
    label.setBuddy(control)
    control.setAccessibleName(label.text())
    grid.addWidget(label, row, 2 * column)
    grid.addWidget(control, row, 2 * column + 1)


def _select(combo: Combo, value: str) -> None:
    """Select a value, which is added if it is not among the options."""
    if combo.findData(value) < 0 and value:
        combo.addItem(f"“{value}”", value)
    combo.setCurrentIndex(combo.findData(value))
