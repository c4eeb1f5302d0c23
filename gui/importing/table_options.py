"""How a table is read, set by hand: encoding or sheet, separator, decimal mark, line of the names, order of dates."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QSpinBox, QWidget

from engine.regression.data.reading.dialect import SEPARATORS
from engine.regression.data.table_layout import AUTOMATIC, Layout, Text

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
        self.header, self.across = QSpinBox(), QCheckBox("Each line is a variable")
        self.header.setRange(0, MOST_LINES)
        self.header.setSpecialValueText("none")
        self.header.setKeyboardTracking(False)
        self.header.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.header.valueChanged.connect(self._on_header)
        self.across.clicked.connect(self._on_across)
        self._lay_out(is_text=source.separator is None, has_variants=len(variants) > 1)

    def _choice(self, options: dict[str, str], field: str) -> QComboBox:
        made = QComboBox()
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.setProperty("field", field)
        for value, words in options.items():
            made.addItem(words, value)
        made.activated.connect(self._on_chosen)
        return made

    def _lay_out(self, *, is_text: bool, has_variants: bool) -> None:
        self.order_label = QLabel("Dates have the")
        rows: list[list[tuple[QLabel | None, QWidget, bool]]] = [
            [
                (QLabel("Encoding" if is_text else "Sheet"), self.variant, has_variants),
                (QLabel("Separated by"), self.separator, is_text),
            ],
            [(QLabel("Decimal mark"), self.decimal, True), (QLabel("Names in line"), self.header, True)],
            [(self.order_label, self.order, True), (None, self.across, True)],
        ]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for i, row in enumerate(rows):
            for j, (label, control, shown) in enumerate(row):
                control.setVisible(shown)
                grid.addWidget(control, i, 2 * j + 1)
                if label is not None:
                    label.setBuddy(control)
                    label.setVisible(shown)
                    control.setAccessibleName(label.text())
                    grid.addWidget(label, i, 2 * j)
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
        assert isinstance(combo, QComboBox)
        self._change(**{combo.property("field"): combo.itemData(index)})

    def _on_header(self, line: int) -> None:
        self._change(header=line)

    def _on_across(self, across: bool) -> None:
        self._change(across=across, header=None)

    def _change(self, **fields: Any) -> None:
        self.by_hand = replace(self.by_hand, **fields)
        self.changed.emit(self.by_hand)


def _select(combo: QComboBox, value: str) -> None:
    """Select a value, which is added if it is not among the options."""
    if combo.findData(value) < 0 and value:
        combo.addItem(f"“{value}”", value)
    combo.setCurrentIndex(combo.findData(value))
