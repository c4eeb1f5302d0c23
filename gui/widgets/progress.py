"""Progress: how far something that takes a while has come, with a way to end it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from gui.widgets.elided import Elided

PARTS = 1000


class Progress(QWidget):
    """One row: words, a bar, and Cancel. Hidden until there is something to tell."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words, self.bar, self.cancel = Elided("Progress"), QProgressBar(), QPushButton("Cancel")
        self.bar.setRange(0, PARTS)
        self.bar.setTextVisible(False)
        self.bar.setMaximumHeight(10)
        self.bar.setAccessibleName("Progress")
        self.cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words, 2)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.hide()

    def tell(self, words: str, part: float | None) -> None:
        """Say what goes on and how much of it is done, from 0 to 1; None: nothing goes on any more."""
        self.words.say(words)
        self.bar.setValue(round(PARTS * (part or 0.0)))
        self.bar.setVisible(part is not None)
        self.cancel.setVisible(part is not None)
        self.setVisible(bool(words))
