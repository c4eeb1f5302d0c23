"""The status bar: on the left what is under the cursor, in numbers; on the right what the mouse does here."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStatusBar

from gui.shell import theme
from gui.shell.elided import Elided


class Status(QStatusBar):
    """Each number carries the colour of what it speaks of, as a square before it, so that the text stays readable."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.readout, self.hints = QLabel(), Elided(Qt.AlignmentFlag.AlignRight, pale=True)
        self.readout.setTextFormat(Qt.TextFormat.RichText)
        self.readout.setContentsMargins(8, 0, 8, 0)
        self.readout.setAccessibleName("Under the cursor")
        self.hints.setContentsMargins(0, 0, 8, 0)
        self.hints.setAccessibleName("What the mouse does here")
        self.readout.setMinimumHeight(self.fontMetrics().height() + 8)
        self.addWidget(self.readout)
        self.addWidget(self.hints, 1)

    def tell(self, spans: list[tuple[str, str]]) -> None:
        """Show a read-out: (role, text) pairs."""
        parts = [f"{_square(role)}{escape(text)}" for role, text in spans]
        self.readout.setText("&nbsp;&nbsp;".join(parts))

    def hint(self, text: str) -> None:
        """Show what the mouse does."""
        self.hints.setText(text)


def _square(role: str) -> str:
    return f'<span style="color:{theme.ROLES[role]}">■</span>&nbsp;' if role else ""
