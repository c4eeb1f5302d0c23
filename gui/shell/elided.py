"""A label that gives way: it shows as much of its text as there is room for, and the rest in its tooltip."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy


class Elided(QLabel):
    """Never asks for room. `pale` writes in the colour of placeholders."""

    def __init__(self, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft, *, pale: bool = False) -> None:
        super().__init__()
        self._align = align | Qt.AlignmentFlag.AlignVCenter
        self._pale = pale
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if shown != self.text() else "")
        painter = QPainter(self)
        role = QPalette.ColorRole.PlaceholderText if self._pale else QPalette.ColorRole.WindowText
        painter.setPen(self.palette().color(role))
        painter.drawText(self.rect(), self._align, shown)
