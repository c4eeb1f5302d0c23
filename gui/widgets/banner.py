"""The banner: one sentence above the page about what went wrong, with its details and perhaps a way out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QPushButton, QSizePolicy, QWidget

from gui.page.jobs import Failure


class Banner(QFrame):
    """Hidden until there is something to say. A newer message replaces the older one."""

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
        self.more, self.dismiss = QPushButton("Details"), QPushButton("Dismiss")
        self.more.clicked.connect(self._on_more)
        self.dismiss.clicked.connect(self.hide)
        for widget in (self.text, self.more, self.dismiss):
            row.addWidget(widget)
        self.hide()

    def say(self, text: str, details: str = "") -> None:
        """Show a notice."""
        self.details = details
        self.text.setText(text)
        self.more.setVisible(bool(details))
        self.setAccessibleName(text)
        self.show()

    def show_failure(self, failure: Failure) -> None:
        """Show why something went wrong."""
        self.say(failure.reason, failure.details)

    def _on_more(self) -> None:
        close = QMessageBox.StandardButton.Close
        box = QMessageBox(QMessageBox.Icon.Information, "Details", self.text.text(), close, self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setDetailedText(self.details)
        box.open()
