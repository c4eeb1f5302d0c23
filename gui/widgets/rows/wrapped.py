"""A text with the square of a colour before it, which has several lines where it is too long for one."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy

from gui.shell import theme
from gui.widgets.elided import BESIDE, Elided, Span, side_of


class Wrapped(Elided):
    """Words that break their lines. A new layout of the parents starts only when the number of lines changes."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, *spans: Span | str) -> None:
        """Show text, as strings or spans; only the first span may have a colour."""
        before = self.heightForWidth(self.width())
        super().say(*spans)
        if self.heightForWidth(self.width()) != before:
            self.updateGeometry()

    @property
    def _indent(self) -> int:
        """The width of the square and the space beside it, in pixels."""
        has_square = any(meaning for meaning, _ in self.spans[:1])
        return side_of(self.fontMetrics()) + BESIDE if has_square else 0

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        room = QRect(0, 0, max(1, width - self._indent), 10_000)
        words = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self.text())
        return max(words.height(), self.fontMetrics().height()) + 4

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, metrics, indent = QPainter(self), self.fontMetrics(), self._indent
        painter.fillRect(self.rect(), self.palette().window())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        if indent:
            meaning, side = self.spans[0][0], side_of(metrics)
            colour = theme.role_colour(meaning) if isinstance(meaning, str) else meaning
            painter.fillRect(QRect(0, 2 + (metrics.height() - side) // 2, side, side), colour)
        room = self.rect().adjusted(indent, 2, 0, 0)
        painter.drawText(room, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, self.text())
