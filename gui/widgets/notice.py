"""The notice of an empty panel, a sentence that is shown in place of the plot."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

NARROWEST = 16  # letters on a line
FEW = 8  # pixels


class Notice(QLabel):
    """A label over a widget, or over the `area` of a widget. It ignores the mouse, and is hidden without a text."""

    def __init__(self, over: QWidget, area: Callable[[], QRect] | None = None) -> None:
        super().__init__(over)
        self.setObjectName("notice")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMargin(12)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.over, self._area = over, area or over.rect
        over.installEventFilter(self)
        self.hide()

    def say(self, text: str) -> None:
        """Show `text`, or hide the notice if `text` is empty."""
        if text == self.text():
            return
        self.setText(text)
        self.setVisible(bool(text))
        QTimer.singleShot(0, self, self._make_room)
        self.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._make_room)  # not now: the docks are being laid out

    def _make_room(self) -> None:
        """Make the widget below as large as the text needs, so that its panel scrolls if it is smaller."""
        if not self.text():
            self.over.setMinimumSize(0, 0)
            return
        narrowest = NARROWEST * self.fontMetrics().averageCharWidth() + 2 * self.margin()
        inside = self._area().size()
        around = self.over.size() - inside  # the axes of a plot, which do not depend on its size
        needed = QSize(narrowest, self.heightForWidth(max(narrowest, inside.width()))) + around
        needed, present = needed.expandedTo(self.over.minimumSizeHint()), self.over.minimumSize()
        change = needed - present
        # The axes follow the size of the plot a few pixels late. To follow them back would never end.
        if max(abs(change.width()), abs(change.height())) > FEW:
            self.over.setMinimumSize(needed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._area())
        return False
