"""The curtain, a black or white screen over the whole window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget


class Curtain(QWidget):
    """Covers the window in one colour, until any key of it is pressed again."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.colour = ""  # "black", "white", or "" while it is open
        self.setObjectName("curtain")
        window.installEventFilter(self)
        self.hide()

    def toggle(self, colour: str) -> None:
        """Close the curtain in a colour, or open it if it is closed."""
        self.colour = "" if self.colour else colour
        self.setAccessibleName(f"The screen is {self.colour}." if self.colour else "")
        self._cover()
        self.setVisible(bool(self.colour))
        self.raise_()

    def open(self) -> None:
        """Show the window again."""
        if self.colour:
            self.toggle("")

    def _cover(self) -> None:
        over = self.parentWidget()
        if over is not None:
            self.setGeometry(over.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize and self.colour:
            self._cover()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        QPainter(self).fillRect(self.rect(), QColor(self.colour or "black"))
