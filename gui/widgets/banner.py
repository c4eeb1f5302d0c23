"""The banner above the page, with one notice or error message and its details."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QSizePolicy, QWidget

from gui.page.jobs import Failure
from gui.widgets.controls import Button


class Banner(QFrame):
    """A line with one message. It is hidden without a message; a new message replaces the former one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.details = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.more, self.dismiss = Button("Details"), Button("Dismiss")
        self.more.clicked.connect(self._on_more)
        self.dismiss.clicked.connect(self.hide)
        for widget in (self.text, self.more, self.dismiss):
            row.addWidget(widget)
        self.hide()

    def say(self, text: str, details: str = "") -> None:
        """Show a message. With `details` the button Details is shown."""
        self.details = details
        self.text.setText(text)
        self.more.setVisible(bool(details))
        self.setAccessibleName(text)
        self.show()

    def show_failure(self, failure: Failure) -> None:
        """Show the reason and the details of a failure."""
        self.say(failure.reason, failure.details)

    def _on_more(self) -> None:
        close = QMessageBox.StandardButton.Close
        box = QMessageBox(QMessageBox.Icon.Information, "Details", "", close, self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setText(self.text.text())
        box.setDetailedText(self.details)
        box.open()
