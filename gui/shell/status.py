"""The status bar: the values under the cursor on the left, the actions of the mouse on the right."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QStatusBar

from gui.widgets.elided import Elided, Spans

PAUSE = 300  # milliseconds


class Status(QStatusBar):
    """A read-out, with two thirds of the width, and a hint."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        self.readout = Elided("Values under the cursor")
        self.hints = Elided("Actions of the mouse", right=True, pale=True)
        self._announcing = QTimer(self, singleShot=True, interval=PAUSE)
        self._announcing.timeout.connect(self._announce)
        self.addWidget(self.readout, 2)
        self.addWidget(self.hints, 1)

    def tell(self, spans: Spans) -> None:
        """Show a read-out, and announce it to screen readers when it has stayed for a moment."""
        self.readout.say(*spans)
        self._announcing.start()

    def _announce(self) -> None:
        if self.readout.text() and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.readout, self.readout.text()))

    def hint(self, text: str) -> None:
        """Show the actions of the mouse under the cursor."""
        self.hints.say(text)
