"""The tab bar of the window, with one tab for each page and for each further arrangement of a page."""

from __future__ import annotations

from PySide6.QtWidgets import QTabBar

from gui.pages import TITLES
from gui.widgets.underline import underline


class Tabs(QTabBar):
    """The tab bar. Each tab has a name, which is a key of TITLES."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Pages")
        for title in TITLES.values():
            self.addTab(title)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        underline(self)

    @property
    def front(self) -> str:
        """The name of the tab in front."""
        return list(TITLES)[self.currentIndex()]

    def bring(self, name: str) -> None:
        """Bring a tab to the front."""
        self.setCurrentIndex(list(TITLES).index(name))
