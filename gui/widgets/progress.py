"""The progress of a long computation, with a button to cancel it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from gui.widgets.controls import Button
from gui.widgets.elided import Elided

STEPS = 1000  # of the bar


class Progress(QWidget):
    """A row with a text, a bar and the button Cancel. It is hidden without a text."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words, self.bar, self.cancel = Elided("Progress"), QProgressBar(), Button("Cancel")
        self.bar.setRange(0, STEPS)
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

    def tell(self, words: str, fraction: float | None) -> None:
        """Show a text and the completed fraction, from 0 to 1. With None the bar and Cancel are hidden."""
        self.words.say(words)
        self.bar.setValue(round(STEPS * (fraction or 0.0)))
        self.bar.setVisible(fraction is not None)
        self.cancel.setVisible(fraction is not None)
        self.setVisible(bool(words))
