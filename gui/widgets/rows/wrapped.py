"""Words that break their lines where they are too long for one. Words with a colour begin with its square."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy

from gui.shell import theme
from gui.widgets.elided import BESIDE, GAP, Elided, Span, side_of

EDGE = 2  # pixels above and below the words


class Wrapped(Elided):
    """Spans one after the other; one that does not fit on the line begins the next, and a long one has several lines.

    A new layout of the parents starts only when the number of lines changes. With `keeps`, the height stays that of
    the highest words so far at a width: words that follow the cursor then do not move what is above them.
    """

    def __init__(self, name: str = "", *, pale: bool = False, keeps: bool = False) -> None:
        super().__init__(name, pale=pale)
        self._keeps = keeps
        self._highest: dict[tuple[int, int], int] = {}  # by the width and the height of a line
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, *spans: Span | str) -> None:
        """Show text, as strings or spans."""
        before = self.heightForWidth(self.width())
        super().say(*spans)
        if self.heightForWidth(self.width()) != before:
            self.updateGeometry()

    def rooms(self, width: int) -> list[QRect]:
        """Return the rectangle of each span at a width, in pixels; the square of a colour is at its left end."""
        metrics, rooms, x, y = self.fontMetrics(), [], 0, EDGE
        for meaning, text in self.spans:
            indent = side_of(metrics) + BESIDE if meaning else 0
            needed = indent + metrics.horizontalAdvance(text) + 1  # the advance is rounded down
            if x and x + needed > width:
                x, y = 0, y + metrics.height()
            free = QRect(0, 0, max(1, width - x - indent), 10_000)
            height = metrics.boundingRect(free, Qt.TextFlag.TextWordWrap, text).height()
            height = max(height, metrics.height())
            rooms.append(QRect(x, y, free.width() + indent, height))
            if height > 1.5 * metrics.height():  # several lines; a sign of another font may make one line higher
                x, y = 0, y + height
            else:
                x += needed + GAP
        return rooms

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        rooms = self.rooms(width)
        line = self.fontMetrics().height()
        height = (rooms[-1].bottom() + 1 if rooms else EDGE + line) + EDGE
        if self._keeps:
            height = self._highest[width, line] = max(height, self._highest.get((width, line), 0))
        return height

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, metrics = QPainter(self), self.fontMetrics()
        painter.fillRect(self.rect(), self.palette().window())
        role = QPalette.ColorRole.PlaceholderText if self._pale else QPalette.ColorRole.WindowText
        painter.setPen(self.palette().color(role))
        for (meaning, text), room in zip(self.spans, self.rooms(self.width()), strict=True):
            indent = 0
            if meaning:
                side = side_of(metrics)
                colour = theme.role_colour(meaning) if isinstance(meaning, str) else meaning
                square = QRect(room.x(), room.y() + (metrics.height() - side) // 2, side, side)
                self.paint_square(painter, square, colour)
                indent = side + BESIDE
            words = room.adjusted(indent, 0, 0, 0)
            painter.drawText(words, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, text)
