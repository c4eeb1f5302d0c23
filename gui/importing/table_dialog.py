"""The import dialog: which columns of a table are x and t, what is good and bad in them, and what becomes of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.regression.data.table import Progress, Table, reading
from engine.regression.data.table_layout import Layout, Text
from gui.importing.reading_dialog import ReadingDialog
from gui.page.jobs import Failure
from gui.widgets.bold import embolden

LINES = 46  # characters to a line, at least
NOTHING = "No line has a number in both of these columns. Choose others."
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ImportDialog(ReadingDialog):
    """Reads the chosen columns while one looks at them. Nothing is imported before the button is pressed."""

    agreed = Signal(object, bool)  # Observations, and whether they are added to the present ones

    def __init__(self, parent: QWidget, source: Text, layout: Layout, *, present: int) -> None:
        super().__init__(parent, "Import observations")
        self.source, self.layout_of_table = source, layout
        self.table: Table | None = None
        self.column_x, self.column_t = self._choice("x", 0), self._choice("t", 1)
        self.preview = self._preview()
        self.progress, self.words, self.bad = QProgressBar(), QLabel(), QListWidget()
        self.replace, self.add = QRadioButton("Replace the observations"), QRadioButton("Add to them")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = QPushButton("Import")
        self._lay_out(present)
        self._connect()
        self._show_roles()
        self._say("Reading…", [])
        self._count(None)

    def _choice(self, name: str, which: int) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(f"Column of {name}")
        made.addItems(list(self.layout_of_table.names))
        made.setCurrentIndex(self.layout_of_table.numeric[which])
        return made

    def _preview(self) -> QTableWidget:
        """The first rows, as they stand in the table."""
        layout = self.layout_of_table
        made = QTableWidget(len(layout.rows), len(layout.names))
        made.setAccessibleName("The first rows")
        made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        made.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.verticalHeader().hide()
        made.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        made.horizontalHeader().setStretchLastSection(True)
        for i, row in enumerate(layout.rows):
            for j, cell in enumerate(row[: len(layout.names)]):
                item = QTableWidgetItem(cell.strip())
                item.setTextAlignment(RIGHT)
                made.setItem(i, j, item)
        rows = made.horizontalHeader().sizeHint().height() + sum(map(made.rowHeight, range(len(layout.rows))))
        made.setMaximumHeight(rows + made.horizontalScrollBar().sizeHint().height())
        made.setMinimumHeight(min(rows, 5 * made.rowHeight(0)))
        return made

    def _lay_out(self, present: int) -> None:
        name, how = QLabel(self.source.name), QLabel(f"{self.layout_of_table}.")
        embolden(name)
        for label in (name, how, self.words):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.bad.setAccessibleName("Lines that are not imported")
        self.bad.setMinimumHeight(5 * self.fontMetrics().height())
        self.bad.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.progress.setAccessibleName("How much of the table is read")
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.replace.setChecked(True)
        for button in (self.replace, self.add):
            button.setVisible(present > 0)
        self.buttons.addButton(self.go, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self.go.setDefault(True)
        self.column_x.setFocus()
        columns, what = QHBoxLayout(), QHBoxLayout()
        for widget in (QLabel("x is"), self.column_x, QLabel("t is"), self.column_t):
            columns.addWidget(widget, 1 if isinstance(widget, QComboBox) else 0)
        what.addWidget(self.replace)
        what.addWidget(self.add)
        what.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        for part in (name, how, columns, self.preview, self.progress, self.words, self.bad, what):
            column.addLayout(part) if isinstance(part, QHBoxLayout) else column.addWidget(part)
        column.setStretchFactor(self.preview, 1000)
        column.setStretchFactor(self.bad, 100)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self._take_room()

    def _take_room(self) -> None:
        """For all of the preview and some bad lines, as far as the screen has it."""
        self.words.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.setMinimumWidth(LINES * self.fontMetrics().averageCharWidth() + 240)
        height = self.sizeHint().height() + self.preview.maximumHeight() - self.preview.sizeHint().height()
        self.resize(self.minimumWidth(), min(height, round(0.9 * self.screen().availableGeometry().height())))

    def _connect(self) -> None:
        self.column_x.currentIndexChanged.connect(self._read)
        self.column_t.currentIndexChanged.connect(self._read)
        self.buttons.accepted.connect(self._on_agreed)
        self.buttons.rejected.connect(self.reject)

    def _show_roles(self) -> None:
        x, t = self.column_x.currentIndex(), self.column_t.currentIndex()
        for i, name in enumerate(self.layout_of_table.names):
            role = "x: " * (i == x) + "t: " * (i == t)
            self.preview.setHorizontalHeaderItem(i, QTableWidgetItem(role + name))

    def _read(self) -> None:
        """Start to read the chosen columns, instead of others."""
        self.table = None
        self._show_roles()
        self._say("Reading…", [])
        self._count(None)
        x, t = self.column_x.currentIndex(), self.column_t.currentIndex()
        self.line.submit(partial(reading, self.source, self.layout_of_table, x, t))

    def _say(self, words: str, bad: list[str]) -> None:
        self.words.setText(words)
        self.bad.clear()
        self.bad.addItems(bad)
        self.bad.setVisible(bool(bad))

    def _count(self, good: int | None) -> None:
        """What the button does; None while it is not known."""
        self.go.setEnabled(bool(good))
        self.go.setText(f"Import {counted(good)}" if good else "Import")
        self.progress.setVisible(good is None)

    def _on_progressed(self, progress: Progress) -> None:
        self.progress.setValue(round(1000 * progress.share))
        self.words.setText(f"Reading… {counted(progress.good)} so far.")

    def _on_delivered(self, table: Table) -> None:
        if not self.line.idle:  # other columns are being read already
            return
        self.table = table
        good, bad = len(table.observations), [str(line) for line in table.bad]
        if table.bad_count > len(bad):
            bad.append(f"and {table.bad_count - len(bad):,} more")
        lines = "1 line is no observation" if table.bad_count == 1 else f"{table.bad_count:,} lines are no observations"
        said = f"{counted(good)}." if not bad else f"{counted(good)}. {lines}, and will be left out:"
        self._say(said if good else NOTHING, bad)
        self._count(good)

    def _on_failed(self, failure: Failure) -> None:
        self._say(failure.reason, [])
        self._count(0)

    def _on_agreed(self) -> None:
        assert self.table is not None
        self.agreed.emit(self.table.observations, self.add.isChecked())
        self.accept()


def counted(n: int) -> str:
    """So many observations."""
    return "1 observation" if n == 1 else f"{n:,} observations"
