"""The veil over a panel whose values belong to another document, with the word that the new ones are computed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

WORDS = "Computing…"
OPACITY = 0.72  # of the veil, so that old numbers cannot be taken for present ones


class Veil(QWidget):
    """A translucent cover of a whole widget, which lets the mouse through. Hidden until `fall`."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("veil")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(WORDS)
        over.installEventFilter(self)
        self.hide()

    def fall(self) -> None:
        """Cover the widget."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colour = QColor(self.palette().window().color())
        colour.setAlphaF(OPACITY)
        painter.fillRect(self.rect(), colour)
        painter.setPen(self.palette().windowText().color())
        text = self.fontMetrics().boundingRect(WORDS).adjusted(-12, -5, 12, 5)
        box = QRect(0, 0, text.width(), text.height())
        box.moveCenter(self.rect().center())
        painter.fillRect(box, self.palette().base())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, WORDS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.resize(watched.size())
        return False
