"""Tabs of docks that Qt shows, and no longer finds in its layout."""

from __future__ import annotations

from PySide6.QtCore import QChildEvent, QEvent, QObject, QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

from gui.widgets.tab_style import tab_bars

PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


class StaleTabs(QObject):
    """Keeps the mouse from the tabs of docks that have moved elsewhere.

    After docks were dragged, Qt may show the tabs of a group that is no more, has fewer docks, or has another tab bar,
    even at the same place. To drag a tab of these ends the program: Qt moves it in the group of this bar, without a
    look whether there is one.
    """

    def __init__(self, page: QMainWindow) -> None:
        super().__init__(page)
        self._page = page
        self._may_drag: bool | None = None  # whether a drag of the pressed tab may begin; None before its first move
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Watch each new tab bar of the page, and let no drag begin in one that is stale."""
        if isinstance(event, QChildEvent):
            if event.type() == QEvent.Type.ChildPolished and isinstance(event.child(), QTabBar):
                event.child().installEventFilter(self)
        elif isinstance(watched, QTabBar) and isinstance(event, QMouseEvent):
            if event.type() in PRESSES:
                self._may_drag = None
                if not self.is_known(watched):
                    self._show(watched.tabText(watched.tabAt(event.position().toPoint())))
                    return True
            elif event.type() == QEvent.Type.MouseMove and event.buttons() & Qt.MouseButton.LeftButton:
                if self._may_drag is None:  # the press may have shown that the bar is stale; later the dock may be out
                    self._may_drag = self.is_known(watched)
                return not self._may_drag
        return False

    def is_known(self, bar: QTabBar) -> bool:
        """Whether the docks of all tabs of a bar are in one group, and the one in front lies below this bar only."""
        docks = self._docks()
        titles, current = {bar.tabText(i) for i in range(bar.count())}, bar.tabText(bar.currentIndex())
        if current not in docks or not titles <= docks.keys():
            return False
        front = docks[current]
        group = {front.windowTitle(), *(other.windowTitle() for other in self._page.tabifiedDockWidgets(front))}
        place, above = front.geometry(), bar.geometry()
        if not titles <= group or above != QRect(place.x(), place.y() - bar.height(), place.width(), bar.height()):
            return False
        return all(other is bar or other.isHidden() or other.geometry() != above for other in tab_bars(self._page))

    def _docks(self) -> dict[str, QDockWidget]:
        return {dock.windowTitle(): dock for dock in self._page.findChildren(QDockWidget)}

    def _show(self, title: str) -> None:
        """Bring a dock in front, as its tab would."""
        if (dock := self._docks().get(title)) is not None and not dock.isFloating():
            dock.raise_()
