"""The dock of a panel."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDockWidget

from gui.page.titlebar import TitleBar


class Dock(QDockWidget):
    """A dock that has a frame while it floats, and floats beside its place, so that it is seen to float."""

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
