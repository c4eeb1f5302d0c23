"""A line below the tab in front, because the grounds of the tabs differ too little to be told apart."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QTabBar, QWidget

HEIGHT = 3  # pixels


class Underline(QWidget):
    """Lies over the lower edge of the current tab of a tab bar and follows it. It ignores the mouse."""

    def __init__(self, bar: QTabBar) -> None:
        super().__init__(bar)
        self.bar = bar
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        bar.currentChanged.connect(self._place)
        bar.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Paint, QEvent.Type.Show):
            self._place()
        return False

    def _place(self) -> None:
        tab = self.bar.tabRect(self.bar.currentIndex())
        tab.setTop(tab.bottom() - HEIGHT + 1)
        self.setVisible(not tab.isEmpty() and self.bar.count() > 0)
        if tab != self.geometry():
            self.setGeometry(tab)
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        QPainter(self).fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Highlight))


def underline(bar: QTabBar) -> None:
    """Draw a line below the tab in front of a tab bar, unless it has one."""
    if bar.findChild(Underline) is None:
        Underline(bar).show()
