"""The laser, a ring around the pointer that does not keep the mouse from the plots."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer
from PySide6.QtGui import QCursor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.shell import theme

SIDE = 56  # pixels
BEAT = 16  # milliseconds


class Laser(QWidget):
    """A ring that follows the pointer while it is on."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(SIDE, SIDE)
        self.timer = QTimer(self)
        self.timer.setInterval(BEAT)
        self.timer.timeout.connect(self.follow)
        self.hide()

    def toggle(self) -> None:
        """Switch the ring on or off."""
        self.use(self.isHidden())

    def use(self, on: bool) -> None:
        """Switch the ring on or off, as stated."""
        self.setVisible(on)
        if on:
            self.follow()
            self.timer.start()
        else:
            self.timer.stop()

    def follow(self) -> None:
        """Move the ring to the pointer."""
        over = self.parentWidget()
        if over is not None:
            self.move(over.mapFromGlobal(QCursor.pos()) - QPoint(SIDE // 2, SIDE // 2))
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(self.rect()).adjusted(6, 6, -6, -6)
        for pen in (QPen(theme.paper(), 8), QPen(theme.role_colour("truth"), 5)):
            painter.setPen(pen)
            painter.drawEllipse(ring)
