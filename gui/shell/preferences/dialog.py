"""The dialog of the preferences, with a form for the program and a table of the keys."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QTabWidget, QVBoxLayout, QWidget

from engine.part import Part
from gui.forms.forms import Form
from gui.shell.preferences.keys_table import KeysTable
from gui.shell.preferences.preferences import Chooser, Preferences, read
from gui.widgets.controls import Button
from gui.widgets.file_dialogs import choose_folder
from gui.widgets.scrolling import scrolling


class PreferencesDialog(QDialog):
    """Applies each change at once. The program stays visible behind the dialog."""

    def __init__(self, parent: QWidget, chooser: Chooser) -> None:
        super().__init__(parent)
        self.chooser = chooser
        self.setWindowTitle("Preferences")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.form, self.keys = Form(Preferences), KeysTable(chooser)
        self.form.show_part(read(chooser.settings))
        self.form.changed.connect(self._on_changed)
        self.folder, self.defaults = Button("Choose a folder…"), Button("Reset to the defaults")
        for button in (self.folder, self.defaults):
            button.setAutoDefault(False)  # Enter in a field does not press a button
        self.folder.clicked.connect(self._on_folder)
        self.defaults.clicked.connect(self._on_defaults)
        self.note = QLabel(f"The settings are in the folder {chooser.settings.folder}")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tabs = QTabWidget()
        self.tabs.addTab(scrolling(self.form, self.folder, self.note, self.defaults), "&General")
        self.tabs.addTab(self.keys, "&Keys")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.tabs)
        column.addWidget(buttons)
        metrics = self.fontMetrics()
        size = QSize(70 * metrics.averageCharWidth(), 32 * metrics.height())
        self.resize(size.boundedTo(parent.size() * 0.9))

    def _on_changed(self, part: Part, _: str, __: object) -> None:
        assert isinstance(part, Preferences)
        self._choose(part)

    def _choose(self, part: Preferences) -> None:
        self.chooser.choose(part)
        self.form.show_part(part)

    def _on_folder(self) -> None:
        runs = read(self.chooser.settings).runs
        if path := choose_folder(self, "runs", "Folder of trainings", Path(runs) if runs else None):
            self.form.editors["runs"].changed.emit(str(path), None)

    def _on_defaults(self) -> None:
        self._choose(Preferences())
