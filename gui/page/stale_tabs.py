"""Tabs of docks that Qt shows, and no longer finds in its layout."""

from __future__ import annotations

from PySide6.QtCore import QChildEvent, QEvent, QObject, QRect
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


class StaleTabs(QObject):
    """Keeps presses of the mouse from the tabs of docks that have moved elsewhere.

    After docks were dragged, Qt may show the tabs of a group that is no more, has fewer docks, or has another tab bar.
    To drag a tab of these ends the program: Qt moves it in the group of this bar, without a look whether there is one.
    """

    def __init__(self, page: QMainWindow) -> None:
        super().__init__(page)
        self._page = page
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Watch each new tab bar of the page, and let no drag begin in one that is stale."""
        if isinstance(event, QChildEvent):
            if event.type() == QEvent.Type.ChildPolished and isinstance(event.child(), QTabBar):
                event.child().installEventFilter(self)
        elif event.type() in PRESSES and isinstance(watched, QTabBar):
            return not self.is_known(watched)
        return False

    def is_known(self, bar: QTabBar) -> bool:
        """Whether the docks of all tabs of a bar are in one group, and the one in front lies below the bar."""
        docks = {dock.windowTitle(): dock for dock in self._page.findChildren(QDockWidget)}
        titles, current = {bar.tabText(i) for i in range(bar.count())}, bar.tabText(bar.currentIndex())
        if current not in docks or not titles <= docks.keys():
            return False
        front = docks[current]
        group = {front.windowTitle(), *(other.windowTitle() for other in self._page.tabifiedDockWidgets(front))}
        place = front.geometry()
        return titles <= group and bar.geometry() == QRect(
            place.x(), place.y() - bar.height(), place.width(), bar.height()
        )
