"""The sizes of the docks as fractions of the page. They come back after a change of the window or the text.

They are the sizes that the user sees at first, or has set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow

from gui.widgets.tab_style import tab_bars

Shares = dict[str, tuple[float, float]]  # fractions of width and height of the page, by title
SETTLED = 150  # milliseconds after which the panels have their sizes for a new text size


class DockSizes(QObject):
    """Follows the docks of a page. `seen` are the titles of the visible docks; nothing is done unless `is_ready()`."""

    def __init__(
        self, page: QMainWindow, docks: Mapping[str, QDockWidget], seen: Set[str], is_ready: Callable[[], bool]
    ) -> None:
        super().__init__(page)
        self.page, self.docks, self.seen, self.is_ready = page, docks, seen, is_ready
        self._shares: Shares = {}
        self.settling = QTimer(self, singleShot=True, interval=SETTLED)
        self.settling.timeout.connect(self.restore)
        self.resting = QTimer(self, singleShot=True, interval=SETTLED)  # since the page was resized
        page.installEventFilter(self)
        for dock in docks.values():
            dock.dockLocationChanged.connect(self._on_moved)

    def shares(self) -> Shares:
        """A copy of the stored sizes."""
        return dict(self._shares)

    def use(self, shares: Shares) -> None:
        """Store these sizes, and give them to the docks."""
        self._shares = dict(shares)
        self.restore()

    def remember(self) -> None:
        """Store the present sizes, if the page is ready."""
        if self.is_ready():
            self.store()

    def store(self) -> None:
        """Store the present sizes. Docks in one group of tabs share their size."""
        width, height = self.page.width(), self.page.height()
        high = {bar.tabText(i): bar.sizeHint().height() for bar in tab_bars(self.page) for i in range(bar.count())}
        for title in self.seen:
            dock = self.docks[title]
            if not dock.isFloating():
                group = self.page.tabifiedDockWidgets(dock)
                # For Qt the tabs belong to the height of a dock when it is set, and not when it is read. Whether there
                # are tabs is asked of the docks, because the tab bars of a page that is being shown are still hidden.
                tabs = high.get(title, 0) if any(not other.isHidden() for other in group) else 0
                share = dock.width() / width, (dock.height() + tabs) / height
                for other in (dock, *group):
                    self._shares[other.windowTitle()] = share

    def restore(self) -> None:
        """Give the docks their stored fractions of the page."""
        titles = [title for title in self.seen if title in self._shares and not self.docks[title].isFloating()]
        if not titles or not self.is_ready():
            return
        docks, sizes = [self.docks[title] for title in titles], [self._shares[title] for title in titles]
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self.page.resizeDocks(docks, [round(self.page.width() * width) for width, _ in sizes], across)
        self.page.resizeDocks(docks, [round(self.page.height() * height) for _, height in sizes], down)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the size of the page and of the text, and the borders between docks that the user has moved."""
        if event.type() == QEvent.Type.Resize:
            self.restore()
            self.resting.start()
        elif event.type() == QEvent.Type.FontChange:
            self.settling.start()
        elif event.type() == QEvent.Type.MouseButtonRelease:
            QTimer.singleShot(0, self, self.remember)
        return False

    def _on_moved(self) -> None:
        if self.is_ready():
            QTimer.singleShot(0, self, self.remember)
