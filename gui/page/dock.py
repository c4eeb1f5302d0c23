"""The dock of a panel."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDockWidget, QWidget

from gui.page.titlebar import TitleBar


class Dock(QDockWidget):
    """A dock that has a frame while it floats, and floats beside its place, so that it is seen to float."""

    def __init__(self, title: str, page: QWidget) -> None:
        super().__init__(title, page)
        self.toggleViewAction().setText(title)
        self.toggleViewAction().triggered.connect(self._on_toggled)

    def _on_toggled(self, opened: bool) -> None:
        """Come to the front of the tab group when it is opened from the View menu."""
        if opened:
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self.isFloating():
            painter = QPainter(self)
            painter.setPen(QPen(self.palette().windowText().color(), 2))
            painter.drawRect(self.rect())


def title_of(dock: QDockWidget) -> str:
    """Return the title of the panel in a dock."""
    bar = dock.titleBarWidget()
    assert isinstance(bar, TitleBar)
    return bar.kind.title
