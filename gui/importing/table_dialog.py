"""The import dialog: how a table is read, which columns are x and t, and which lines are left out."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from engine.regression.data.reading.table import Progress, Table, reading
from engine.regression.data.reading.table_layout import ByHand, Layout, Text, sniffed
from gui.importing.reading_dialog import ReadingDialog
from gui.importing.table_options import TableOptions
from gui.importing.table_preview import TablePreview
from gui.page.jobs import Failure
from gui.widgets.bold import embolden
from gui.widgets.controls import Button, Combo, TextList
from gui.widgets.value_label import ValueLabel

LINES = 46  # the least number of characters in a line
NOTHING = "No line has a number in both columns. Choose other columns."


class ImportDialog(ReadingDialog):
    """Reads the chosen columns while the dialog is open. Nothing is imported before its button is pressed."""

    agreed = Signal(object, bool)  # Observations, and whether they are added to the present ones

    def __init__(self, parent: QWidget | None, source: Text, layout: Layout, *, present: int) -> None:
        super().__init__(parent, "Import observations")
        self.source, self.layout_of_table = source, layout
        self.table: Table | None = None
        self.column_x, self.column_t = Combo(), Combo()
        self.options, self.preview = TableOptions(source), TablePreview()
        self.how, self.remarks = QLabel(), ValueLabel("Remarks")
        self.progress, self.words, self.bad = QProgressBar(), QLabel(), TextList()
        self.replace, self.add = QRadioButton("Replace the observations"), QRadioButton("Add to the observations")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = Button("Import")
        self._lay_out(present)
        self._show_layout(layout)
        self._connect()
        self._say("Reading…", [])
        self._count(None)
        self._take_room()

    def _lay_out(self, present: int) -> None:
        name = QLabel(self.source.name)
        embolden(name)
        for label in (name, self.how, self.remarks, self.words):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._name_parts()
        self.replace.setChecked(True)
        for button in (self.replace, self.add):
            button.setVisible(present > 0)
        self.buttons.addButton(self.go, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self.go.setDefault(True)
        what = QHBoxLayout()
        what.addWidget(self.replace)
        what.addWidget(self.add)
        what.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(10)
        read = (self.preview, self.remarks, self.progress, self.words, self.bad)
        for part in (name, self.how, self.options, self._choices(), *read, what):
            column.addLayout(part) if isinstance(part, QHBoxLayout) else column.addWidget(part)
        column.setStretchFactor(self.preview, 1000)
        column.setStretchFactor(self.bad, 100)
        column.addStretch(1)
        self.lay_out(column, self.buttons)
        self.column_x.setFocus()

    def _name_parts(self) -> None:
        self.column_x.setAccessibleName("Column of x")
        self.column_t.setAccessibleName("Column of t")
        self.bad.setAccessibleName("Lines that are not imported")
        self.bad.setMinimumHeight(5 * self.fontMetrics().height())
        self.bad.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.progress.setAccessibleName("Progress of reading the table")
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)

    def _choices(self) -> QHBoxLayout:
        """Return the row with the choice of the columns."""
        row = QHBoxLayout()
        for words, combo in (("x is", self.column_x), ("t is", self.column_t)):
            label = QLabel(words)
            label.setBuddy(combo)
            row.addWidget(label)
            row.addWidget(combo, 1)
        return row

    def _take_room(self) -> None:
        """Set a size with room for the preview and some bad lines, within the height of the screen."""
        self.words.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        hint = self.content.sizeHint().height() + self.buttons.sizeHint().height() + 30
        height = hint + self.preview.maximumHeight() - self.preview.sizeHint().height()
        self.take_room(LINES * self.fontMetrics().averageCharWidth() + 240, height)

    def _connect(self) -> None:
        self.column_x.currentIndexChanged.connect(self._read)
        self.column_t.currentIndexChanged.connect(self._read)
        self.options.changed.connect(self._on_options)
        self.buttons.accepted.connect(self._on_agreed)
        self.buttons.rejected.connect(self.reject)

    def _on_options(self, by_hand: ByHand) -> None:
        """Guess the remaining settings again, and read the table with them."""
        self.table = None
        try:
            layout = sniffed(self.source, by_hand)
        except ValueError as error:
            self._say(str(error), [])
            self._count(0)
            return
        self._show_layout(layout)
        self._read()

    def _show_layout(self, layout: Layout) -> None:
        self.layout_of_table = layout
        self.how.setText(f"{layout}.")
        self.options.show_layout(layout)
        for combo, index in ((self.column_x, layout.x), (self.column_t, layout.t)):
            combo.blockSignals(True)
            combo.clear()
            combo.addItems(list(layout.names))
            combo.setCurrentIndex(index)
            combo.blockSignals(False)
        self.preview.show_rows(layout, layout.x, layout.t)

    def _read(self) -> None:
        """Start to read the chosen columns, in place of the columns read before."""
        self.table = None
        x, t = self.column_x.currentIndex(), self.column_t.currentIndex()
        self.preview.show_rows(self.layout_of_table, x, t)
        self._say("Reading…", [])
        self._count(None)
        self.line.submit(partial(reading, self.source, self.layout_of_table, x, t))

    def _say(self, words: str, bad: list[str], remarks: tuple[str, ...] = ()) -> None:
        self.words.setText(words)
        self.remarks.setText("\n".join(remarks))
        self.remarks.setVisible(bool(remarks))
        self.bad.clear()
        self.bad.addItems(bad)
        self.bad.setVisible(bool(bad))

    def _count(self, good: int | None) -> None:
        """Show the number of observations on the button; None while the number is not known."""
        self.go.setEnabled(bool(good))
        self.go.setText(f"Import {counted(good)}" if good else "Import")
        self.progress.setVisible(good is None)

    def _on_progressed(self, progress: Progress) -> None:
        self.progress.setValue(round(1000 * progress.share))
        self.words.setText(f"Reading… {counted(progress.good)} so far.")

    def _on_delivered(self, table: Table) -> None:
        if not self.line.idle or not self.progress.isVisibleTo(self):  # the choices have changed
            return
        self.table = table
        good, bad = len(table.observations), [str(line) for line in table.bad]
        if table.bad_count > len(bad):
            bad.append(f"and {table.bad_count - len(bad):,} more")
        lines = "1 line is left out" if table.bad_count == 1 else f"{table.bad_count:,} lines are left out"
        summary = f"{counted(good)}." if not bad else f"{counted(good)}. {lines}:"
        self._say(summary if good else NOTHING, bad, table.remarks)
        self._count(good)

    def _on_failed(self, failure: Failure) -> None:
        self._say(failure.reason, [])
        self._count(0)

    @property
    def names(self) -> tuple[str, str]:
        """The names of the columns of x and t; "x" and "t" if the table has no names."""
        layout = self.layout_of_table
        return (layout.names[layout.x], layout.names[layout.t]) if layout.header else ("x", "t")

    def _on_agreed(self) -> None:
        assert self.table is not None
        self.agreed.emit(self.table.observations, self.add.isChecked())
        self.accept()


def counted(n: int) -> str:
    """Return the number of observations in words."""
    return "1 observation" if n == 1 else f"{n:,} observations"
