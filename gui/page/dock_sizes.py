"""The sizes of the docks of a page as fractions of the page, so that they come back after the page was smaller."""

from __future__ import annotations

from collections.abc import Mapping, Set

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

DIRECTIONS = {"right": Qt.Orientation.Horizontal, "below": Qt.Orientation.Vertical}


class DockSizes:
    """Stores and restores the sizes of docks. Docks in one group of tabs share their size."""

    def __init__(self, page: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        self.page, self.docks = page, docks
        self.shares: dict[str, tuple[float, float]] = {}  # by title

    def store(self, titles: Set[str]) -> None:
        """Store the sizes of the visible docks with these titles."""
        page = self.page
        bars = page.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        tabs = {bar.tabText(i): bar.height() for bar in bars if bar.isVisible() for i in range(bar.count())}
        for dock in (self.docks[title] for title in titles):
            if not dock.isFloating():
                # For Qt the tabs belong to the height of a dock when it is set, and not when it is read.
                height = dock.height() + tabs.get(dock.windowTitle(), 0)
                for other in (dock, *page.tabifiedDockWidgets(dock)):
                    self.shares[other.windowTitle()] = dock.width() / page.width(), height / page.height()

    def store_soon(self, titles: Set[str]) -> None:
        """Store the sizes when a dock that was moved has its place."""
        QTimer.singleShot(0, self.page, lambda: self.store(titles))

    def restore(self, titles: Set[str]) -> None:
        """Give the visible docks with these titles their stored fractions of the page."""
        known = [title for title in titles if title in self.shares and not self.docks[title].isFloating()]
        docks, sizes = [self.docks[title] for title in known], [self.shares[title] for title in known]
        if docks:
            widths = [round(self.page.width() * width) for width, _ in sizes]
            heights = [round(self.page.height() * height) for _, height in sizes]
            self.page.resizeDocks(docks, widths, DIRECTIONS["right"])
            self.page.resizeDocks(docks, heights, DIRECTIONS["below"])
