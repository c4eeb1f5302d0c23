"""The notice of an empty panel: a sentence in place of the plot, with a button that does what the sentence advises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMoveEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from gui.widgets.controls import Button

LOADING = "Computing. At first the model is loaded."  # until the first value that needs a model
MARGIN = 12  # pixels around the sentence
NARROWEST = 16  # letters on a line
GAP = 12  # pixels between the sentence and the button
FEW = 8  # pixels
PAPER = 0.85  # the opacity of the paper below the sentence


class Notice(QLabel):
    """A label over a widget, or over the `area` of a widget. It ignores the mouse, and is hidden without a text.

    Its button is a neighbour and not a child, because the children of a widget that ignores the mouse ignore it too.
    """

    asked = Signal(object)  # the request of the button that was pressed: a Command or a panel class

    def __init__(self, over: QWidget, area: Callable[[], QRect] | None = None) -> None:
        super().__init__(over)
        self.setObjectName("notice")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMargin(MARGIN)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.button: Button | None = None
        self._offers: dict[str, tuple[str, Any]] = {}
        self.over, self._area = over, area or over.rect
        self._covers = area is None and hasattr(over, "size_around")  # a plot: the axes of an empty plot say nothing
        self._case: tuple[str, str, QSize] | None = None  # text, font and room, with which the widget only grows
        self._is_large = False  # whether the area of the plot is too small, so that the whole plot is covered
        over.installEventFilter(self)
        self.hide()

    def offer(self, sentence: str, text: str, request: Any) -> None:
        """Show a button with this text below `sentence` whenever the notice says it; it emits `asked(request)`."""
        self._offers[sentence] = text, request
        if self.button is None:
            self.button = Button(text, self.parentWidget())
            self.button.clicked.connect(self._on_clicked)
            self.button.hide()
        self._show_button()

    def say(self, text: str) -> None:
        """Show `text`, or hide the notice if `text` is empty."""
        if text == self.text():
            return
        self.setText(text)
        self.setVisible(bool(text))
        self.raise_()
        self._show_button()
        QTimer.singleShot(0, self, self._make_room)

    def _on_clicked(self) -> None:
        self.asked.emit(self._offers[self.text()][1])

    def _show_button(self) -> None:
        if self.button is None:
            return
        offer = self._offers.get(self.text())
        if offer is not None:
            self.button.setText(offer[0])
            self.button.setAccessibleName(offer[0])
        self.button.setVisible(offer is not None)
        self.button.raise_()
        self._place_button()

    def _place_button(self) -> None:
        """Move the button below the sentence, which moves up by half of the button's height."""
        if self.button is None or self.button.isHidden():
            self.setContentsMargins(0, 0, 0, 0)
            return
        self.button.setText(self._broken(self.width()))
        size = self.button.sizeHint()
        self.setContentsMargins(0, 0, 0, size.height() + GAP)
        text = self._words().height()
        middle = (self.height() - size.height() - GAP) // 2
        below = text + 2 * MARGIN if self.alignment() & Qt.AlignmentFlag.AlignTop else middle + text // 2 + GAP
        down = min(below, max(0, self.height() - size.height()))
        corner = QPoint(max(0, (self.width() - size.width()) // 2), down)
        self.button.setGeometry(QRect(self.pos() + corner, size))

    def _broken(self, width: int) -> str:
        """The text of the button in lines that fit into a width, if each of its words does."""
        assert self.button is not None
        metrics, lines = self.button.fontMetrics(), [""]
        free = width - self._button_size("").width()
        for word in self._offers[self.text()][0].split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and metrics.horizontalAdvance(longer) > free:
                lines.append(word)
            else:
                lines[-1] = longer
        return "\n".join(lines)

    def _button_size(self, text: str) -> QSize:
        """The size of the button with another text."""
        assert self.button is not None
        metrics = self.button.fontMetrics()
        return self.button.sizeHint() - metrics.size(0, self.button.text()) + metrics.size(0, text)

    def _height_at(self, width: int) -> int:
        """The height of sentence and button at a width. It does not depend on the present width.

        Otherwise a sentence that needs the whole plot would need less of it there, and go back for ever.
        """
        height = self.heightForWidth(width) - self.contentsMargins().bottom()
        if self.button is None or self.button.isHidden():
            return height
        return height + self._button_size(self._broken(width)).height() + GAP

    def _words(self) -> QRect:
        """The rectangle of the sentence."""
        room = self.contentsRect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        tall = QRect(room.topLeft(), QSize(max(1, room.width()), 10_000))
        words = self.fontMetrics().boundingRect(tall, Qt.TextFlag.TextWordWrap, self.text())
        words.moveLeft(room.left() + (room.width() - words.width()) // 2)
        if not self.alignment() & Qt.AlignmentFlag.AlignTop:
            words.moveTop(room.top() + (room.height() - words.height()) // 2)
        return words

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the sentence on nearly opaque paper, because marks may be below it; a whole plot is covered."""
        paper = self.palette().color(QPalette.ColorRole.Base)
        painter = QPainter(self)
        if self._covers or self._is_large:
            painter.fillRect(self.rect(), paper)
        else:
            paper.setAlphaF(PAPER)
            painter.fillRect(self._words().adjusted(-FEW // 2, -FEW // 4, FEW // 2, FEW // 4), paper)
        painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._place_button()
        QTimer.singleShot(0, self, self._make_room)  # not now: the docks are being laid out

    def follow(self) -> None:
        """Cover the area as it is now, or the whole widget if the area is too small."""
        self.setGeometry(self.over.rect() if self._is_large else self._area())

    def _make_room(self) -> None:
        """Make the widget below as large as text and button need, so that its panel scrolls if it is smaller.

        Text and button cover the axes of a plot as well if the area between the axes is too small for them.
        """
        if not self.text():
            self._case = None
            self.over.setMinimumSize(0, 0)
            return
        narrowest = NARROWEST * self.fontMetrics().averageCharWidth() + 2 * self.margin()
        if self.button is not None and not self.button.isHidden():
            narrowest = max(narrowest, self._button_size(self._broken(0)).width())
        around = getattr(self.over, "size_around", None)  # of a plot, whose axes depend on its height
        inside = self._area().size()
        needed = QSize(narrowest, self._height_at(max(narrowest, inside.width())))
        is_large = around is not None and needed.expandedTo(inside) != inside
        if is_large != self._is_large:
            self._is_large = is_large
            self.follow()
        if is_large:
            inside = self.over.size()
            needed = QSize(narrowest, self._height_at(max(narrowest, inside.width())))
        needed = needed + self.over.size() - inside if around is None or inside == self.over.size() else around(needed)
        needed, present = needed.expandedTo(self.over.minimumSizeHint()), self.over.minimumSize()
        case = self.text(), self.font().toString(), self._around()
        if case == self._case:  # in a wider place it may need less, which may give the wider place to another widget
            needed = needed.expandedTo(present)
        self._case = case
        change = needed - present
        # The axes follow the size of the plot a few pixels late. To follow them back would never end.
        if max(abs(change.width()), abs(change.height())) > FEW:
            self.over.setMinimumSize(needed)

    def _around(self) -> QSize:
        """The size of the scroll area around the widget below, which the notice cannot change; else of the window."""
        around = self.over.parentWidget()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        return (around or self.over.window()).size()

    def moveEvent(self, event: QMoveEvent) -> None:  # noqa: N802
        super().moveEvent(event)
        self._place_button()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            QTimer.singleShot(0, self, self._follow_text)

    def _follow_text(self) -> None:
        self._place_button()
        self._make_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize:
            self.follow()
        return False
