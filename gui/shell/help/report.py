"""The box Report a problem: the versions and the state of the program as text to copy. Nothing is sent."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from gui.widgets.controls import Button

WORDS = (
    "Describe what you did, what you expected and what you saw, and add the text below. The program sends nothing by "
    "itself. The text has the names of folders on this computer; delete what you do not want to show."
)


class Report(QDialog):
    """Shows the diagnostics, which the user can edit before copying them."""

    def __init__(self, parent: QWidget, text: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("Report a problem")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = QLabel(WORDS)
        words.setWordWrap(True)
        self.text, self.copy = QPlainTextEdit(text), Button("Copy the text")
        self.text.setAccessibleName("Diagnostics")
        self.text.setTabChangesFocus(True)
        self.copy.clicked.connect(self._on_copy)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for part in (words, self.text, buttons):
            column.addWidget(part)
        metrics = self.fontMetrics()
        size = QSize(80 * metrics.averageCharWidth(), 26 * metrics.height())
        self.resize(size.boundedTo(parent.size() * 0.9))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
