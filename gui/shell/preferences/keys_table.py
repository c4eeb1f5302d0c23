"""The table of the keys: look up, change and reset the key of each command."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.page.commands import Command
from gui.shell import keys
from gui.shell.preferences.preferences import Chooser
from gui.widgets.controls import Button, Line


class KeysTable(QWidget):
    """A table of commands with their keys, a line to look up a command or a key, and an editor for the chosen one."""

    def __init__(self, chooser: Chooser) -> None:
        super().__init__()
        self.chooser = chooser
        self.commands: list[Command] = list(dict.fromkeys(owned.command for owned in chooser.menus.commands))
        self.search, self.table = Line(), QTableWidget(0, 2)
        self.search.setPlaceholderText("Look up a command or a key")
        self.search.setAccessibleName("Look up a command or a key")
        self.search.textChanged.connect(self._on_searched)
        self._prepare_table()
        self.editor, self.refusal = QKeySequenceEdit(), QLabel()
        self.editor.setMaximumSequenceLength(1)
        self.editor.setAccessibleName("New key")
        self.refusal.setWordWrap(True)
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.hide()
        label = QLabel("&New key")
        label.setBuddy(self.editor)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.editor, 1)
        self.buttons = {}
        for text, slot in (
            ("Assign", self._on_assign),
            ("No key", self._on_none),
            ("Reset", self._on_reset),
            ("Reset all", self._on_reset_all),
        ):
            self.buttons[text] = Button(text)
            self.buttons[text].setAutoDefault(False)
            self.buttons[text].clicked.connect(slot)
        column = QVBoxLayout(self)
        for part in (self.search, self.table):
            column.addWidget(part)
        column.addLayout(row)
        actions = QHBoxLayout()
        for button in self.buttons.values():
            actions.addWidget(button)
        column.addLayout(actions)
        column.addWidget(self.refusal)
        self.fill()

    def _prepare_table(self) -> None:
        self.table.setAccessibleName("Commands and their keys")
        self.table.setHorizontalHeaderLabels(["Command", "Key"])
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.table.currentCellChanged.connect(self._on_current)

    def fill(self) -> None:
        """Show all commands with their present keys. Keys that differ from the default have a mark."""
        self.table.setRowCount(len(self.commands))
        for row, command in enumerate(self.commands):
            mark = " (changed)" if keys.name_of(command) in keys.own() else ""
            path = " ▸ ".join((*command.menu.split("/"), command.text))
            for column, text in enumerate((path, keys.key_text(command) + mark)):
                item = QTableWidgetItem(text)
                item.setToolTip(command.tip)
                self.table.setItem(row, column, item)
        self._on_searched(self.search.text())

    @property
    def chosen(self) -> Command | None:
        """The command of the current row, if the row can be seen."""
        row = self.table.currentRow()
        return self.commands[row] if 0 <= row < len(self.commands) and not self.table.isRowHidden(row) else None

    def _on_searched(self, text: str) -> None:
        words = text.lower().split()
        for row in range(self.table.rowCount()):
            cells = (self.table.item(row, column) for column in range(2))
            whole = " ".join(cell.text() for cell in cells if cell is not None).lower()
            self.table.setRowHidden(row, not all(word in whole for word in words))

    def _on_current(self) -> None:
        self._refuse("")
        if (command := self.chosen) is not None:
            sequences = keys.keys_of(command)
            self.editor.setKeySequence(sequences[0] if sequences else QKeySequence())

    def _on_assign(self) -> None:
        self._assign(self.editor.keySequence().toString())

    def _on_none(self) -> None:
        self._assign("")

    def _on_reset(self) -> None:
        self._assign(None)

    def _assign(self, key: str | None) -> None:
        if (command := self.chosen) is None:
            self._refuse("Choose a command in the table first.")
            return
        try:
            self.chooser.assign(command, key)
        except ValueError as refusal:
            self._refuse(str(refusal))
        else:
            self.fill()
            self._on_current()

    def _on_reset_all(self) -> None:
        self.chooser.reset_keys()
        self.fill()
        self._on_current()

    def _refuse(self, reason: str) -> None:
        self.refusal.setText(reason)
        self.refusal.setVisible(bool(reason))
