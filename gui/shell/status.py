"""The status bar: on the left the values under the cursor, on the right what the mouse does there."""

from __future__ import annotations

from PySide6.QtWidgets import QStatusBar

from gui.widgets.elided import Elided, Spans


class Status(QStatusBar):
    """A read-out and a hint. The read-out has two thirds of the width."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        self.readout = Elided("Under the cursor")
        self.hints = Elided("What the mouse does here", right=True, pale=True)
        self.addWidget(self.readout, 2)
        self.addWidget(self.hints, 1)

    def tell(self, spans: Spans) -> None:
        """Show a read-out."""
        self.readout.say(*spans)

    def hint(self, text: str) -> None:
        """Show what the mouse does under the cursor."""
        self.hints.say(text)
