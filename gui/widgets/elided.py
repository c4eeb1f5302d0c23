"""One line of text that is elided if it is too long; its tooltip has the whole text."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.shell import theme
from gui.widgets.plain_tip import plain_tip

Span = tuple[str | QColor, str]  # (role, colour or "", text)
Spans = list[Span]
GAP = 12
BESIDE = 5  # pixels between a square and its text
PALE = 60  # a square of more similar lightness to the window has an outline, of 255


class Elided(QWidget):
    """A line of text that may change often: unlike QLabel it never starts a new layout of its parents.

    A span with a role or colour begins with a square in that colour. The text keeps the text colour, so that it stays
    readable.
    """

    def __init__(self, name: str = "", *, right: bool = False, pale: bool = False, whole: bool = False) -> None:
        super().__init__()
        self._whole = whole  # whether its row gives it the width of its text, as a legend needs it
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._spans: Spans = []
        self._right, self._pale = right, pale
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # so that the widgets behind are not repainted

    def text(self) -> str:
        """The whole text."""
        return " ".join(text for _, text in self._spans)

    @property
    def spans(self) -> Spans:
        """The spans of the line."""
        return list(self._spans)

    def say(self, *spans: Span | str) -> None:
        """Show text, as strings or spans."""
        new: Spans = [("", span) if isinstance(span, str) else span for span in spans]
        if new != self._spans:
            self._spans = new
            if self._whole:
                self.updateGeometry()
            self.setAccessibleDescription(self.text())
            if self.underMouse():
                self.setToolTip(plain_tip(self.text()))
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        metrics, width = self.fontMetrics(), 0
        if self._whole:
            squares = sum(bool(meaning) for meaning, _ in self._spans) * (side_of(metrics) + BESIDE)
            width = squares + sum(metrics.horizontalAdvance(text) + GAP for _, text in self._spans)
        return QSize(width, metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Set the tooltip: not for each change of the text, and without a look at each event."""
        self.setToolTip(plain_tip(self.text()))
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().window())
        role = QPalette.ColorRole.PlaceholderText if self._pale else QPalette.ColorRole.WindowText
        painter.setPen(self.palette().color(role))
        metrics, x = self.fontMetrics(), 0
        if self._right:
            x = max(0, self.width() - metrics.horizontalAdvance(self.text()) - 1)  # the advance is rounded down
        for i, (meaning, text) in enumerate(self._spans):
            if meaning:
                side = side_of(metrics)
                colour = theme.role_colour(meaning) if isinstance(meaning, str) else meaning
                square = QRect(x, (self.height() - side) // 2, side, side)
                self.paint_square(painter, square, colour)
                x += side + BESIDE
            room = self.width() - x
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(x, 0, room, self.height(), Qt.AlignmentFlag.AlignVCenter, shown)
            if i + 1 == len(self._spans) or shown != text:
                break
            x += metrics.horizontalAdvance(text) + GAP
            if x >= self.width():
                break

    def paint_square(self, painter: QPainter, square: QRect, colour: QColor) -> None:
        """Paint the square of a colour, with an outline if the colour is like the window."""
        painter.fillRect(square, colour)
        if abs(colour.lightness() - self.palette().window().color().lightness()) < PALE:
            painter.drawRect(square.adjusted(0, 0, -1, -1))


def side_of(metrics: QFontMetrics) -> int:
    """The side of the square of a colour, in pixels."""
    return round(0.7 * metrics.ascent())


class ElidedLabel(QLabel):
    """A label that shrinks: its text is elided then, and its tooltip has the whole text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setToolTip(plain_tip(text))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(2 * self.fontMetrics().height(), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment(), words)
