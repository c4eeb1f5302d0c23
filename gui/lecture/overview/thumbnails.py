"""Thumbnails: a small picture of each step as it was shown last, made while the window rests."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap

from gui.lecture.player import Player
from gui.shell import theme

SIZE = QSize(96, 54)  # logical pixels
RESTED = 1200  # milliseconds without a change, after which the picture is made: painting the page takes some 50 ms


class Thumbnails(QObject):
    """Keeps the pictures in memory, by lecture and step. They are not saved."""

    made = Signal(str)  # the id of the step

    def __init__(self, player: Player) -> None:
        super().__init__(player)
        self.player = player
        self._pictures: dict[tuple[str, str], QPixmap] = {}
        self.rest = QTimer(self)
        self.rest.setSingleShot(True)
        self.rest.setInterval(RESTED)
        self.rest.timeout.connect(self.take)
        player.moved.connect(self.rest.start)
        player.ended.connect(self.rest.stop)

    def take(self) -> None:
        """Make the picture of the present step; later if its values are still being computed."""
        course, stack = self.player.course, self.player.stack
        if course is None or not self.player.running or not stack.isVisible() or course.reason:
            return
        if not stack.page.idle:
            self.rest.start()
            return
        shown, ratio = stack.view.grab(), stack.devicePixelRatioF()
        small = shown.scaled(
            SIZE * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        small.setDevicePixelRatio(ratio)
        self._pictures[course.lecture.head.title, course.step.id] = _framed(small)
        self.made.emit(course.step.id)

    def of(self, title: str, id_: str, number: int) -> QPixmap:
        """The picture of a step; an empty frame with its number if it was not shown yet."""
        return self._pictures.get((title, id_)) or _framed(None, str(number))


def _framed(picture: QPixmap | None, number: str = "") -> QPixmap:
    """A picture in the middle of a frame of the size of all thumbnails."""
    ratio = picture.devicePixelRatioF() if picture else 1.0
    framed = QPixmap(SIZE * ratio)
    framed.setDevicePixelRatio(ratio)
    framed.fill(QColor(theme.mixed(theme.ink(), theme.paper(), 0.08)))
    painter = QPainter(framed)
    if picture is not None:
        size = picture.deviceIndependentSize()
        painter.drawPixmap(int((SIZE.width() - size.width()) / 2), int((SIZE.height() - size.height()) / 2), picture)
    else:
        font = QFont(painter.font())
        font.setPixelSize(SIZE.height() // 3)
        painter.setFont(font)
        painter.setPen(theme.mixed(theme.ink(), theme.paper(), 0.6))
        painter.drawText(QRect(0, 0, SIZE.width(), SIZE.height()), Qt.AlignmentFlag.AlignCenter, number)
    painter.setPen(theme.mixed(theme.ink(), theme.paper(), 0.35))
    painter.drawRect(0, 0, SIZE.width() - 1, SIZE.height() - 1)
    painter.end()
    return framed
