"""A scroll area with a column of widgets, for panels that may be too small for their content."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from gui.widgets.controls import BROAD

DEEPEST = 8  # changes of the size of the content that follow from each other
WIDEST = 280  # pixels; a column that needs more, because the text is large, scrolls sideways


class CalmArea(QScrollArea):
    """A scroll area that comes to rest.

    Some content is higher in a wide area, for example because it shows two parts side by side there. A scroll bar makes
    the area narrower, so that it needs no bar, and is wide again. Qt would follow such a content until the stack is
    full, which ends the program.
    """

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0  # of the changes of size that follow from each other

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() != QEvent.Type.Resize:
            return super().eventFilter(watched, event)
        if self._depth == DEEPEST:
            return False
        self._depth += 1
        try:
            return super().eventFilter(watched, event)
        finally:
            self._depth -= 1


class Scrolling(CalmArea):
    """A scroll area that is at least as wide as its content, up to WIDEST, so that it need not scroll sideways."""

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self._show_focus()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self._show_focus()

    def _show_focus(self) -> None:
        if (inside := self.widget()) is not None:
            inside.update()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        inside, bar = self.widget(), self.verticalScrollBar().sizeHint().width()
        width = inside.minimumSizeHint().width() if inside is not None else 0
        return QSize(min(width + bar, WIDEST), super().minimumSizeHint().height())


class FocusInSight(QObject):
    """Keeps the control with the focus in sight when the content of a scroll area has become higher or lower.

    A value that arrives after the focus may move the control out of sight.
    """

    def __init__(self, area: QScrollArea) -> None:
        super().__init__(area)
        for bar in (area.verticalScrollBar(), area.horizontalScrollBar()):
            bar.rangeChanged.connect(self._on_range)

    def _on_range(self) -> None:
        QTimer.singleShot(0, self, self._follow)

    def _follow(self) -> None:
        area, focused = self.parent(), QApplication.focusWidget()  # a reference that is kept would keep the area alive
        if isinstance(area, QScrollArea) and focused is not None and area.isAncestorOf(focused):
            area.ensureWidgetVisible(focused)


class Content(QWidget):
    """The content of a scroll area that has its least height before the area scrolls. Qt takes the preferred height."""

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        layout = self.layout()
        return layout.totalMinimumHeightForWidth(width) if layout is not None else -1


class _Column(QWidget):
    """The content of a scroll area, which draws the frame of the focus: the area is behind it."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        around = self.parentWidget()
        area = around.parentWidget() if around is not None else None
        if area is not None and area.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(self.palette().highlight().color(), BROAD))
            painter.drawRect(self.visibleRegion().boundingRect().adjusted(1, 1, -1, -1))


class _LeastColumn(Content, _Column):
    """The content of a scroll area that has its least height before the area scrolls, with the frame of the focus."""


def scrolling(*widgets: QWidget, growing: bool = False, shrinking: bool = False) -> QScrollArea:
    """Return a scroll area with `widgets` in a column of its own width; with `growing` they fill its height.

    With `shrinking` they have their least heights before the area scrolls.
    """
    inside, area = _LeastColumn() if shrinking else _Column(), Scrolling()
    column = QVBoxLayout(inside)
    column.setContentsMargins(10, 8, 10, 8)
    column.setSpacing(12)
    for widget in widgets:
        column.addWidget(widget)
    if not growing:
        column.addStretch(1)
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    for bar in (area.verticalScrollBar(), area.horizontalScrollBar()):
        bar.valueChanged.connect(inside.update)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    FocusInSight(area)
    return area
