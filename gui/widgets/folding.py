"""A row of parts side by side; where they do not fit, as many as fit, and tabs that choose the others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QTabBar, QVBoxLayout, QWidget

from gui.widgets.tab_style import dress


def fitting(chosen: int, needs: Sequence[float], room: float) -> list[int]:
    """Return the numbers of the chosen part and of the others that fit beside it, the first ones first."""
    found, left = [chosen], room - needs[chosen]
    for i, need in enumerate(needs):
        if i != chosen and need <= left:
            found.append(i)
            left -= need
    return sorted(found)


class Folding(QWidget):
    """A row of named parts. Each has a share of the width, and a least width in lines of text, which grows with it."""

    def __init__(self, *parts: tuple[str, QWidget, int, float]) -> None:
        super().__init__()
        self._is_unfolded = False
        self.parts = [widget for _, widget, _, _ in parts]
        self._least = [least for *_, least in parts]
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Parts of the panel")
        dress(self.tabs)
        self.tabs.setExpanding(False)
        self.tabs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for name, *_ in parts:
            self.tabs.addTab(name)
        row, column = QHBoxLayout(), QVBoxLayout(self)
        for layout in (row, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        for _, widget, share, _ in parts:
            row.addWidget(widget, share)
        column.addWidget(self.tabs)
        column.addLayout(row, 1)
        self.tabs.hide()
        self.tabs.currentChanged.connect(self._fold)

    def shown(self) -> list[int]:
        """Return the numbers of the parts that fit: all, or the chosen one with those of the others that fit beside it.

        The first part that is shown always fits.
        """
        room, chosen = self.width() / self.fontMetrics().height(), self.tabs.currentIndex()
        if self._is_unfolded or sum(self._least) <= room:
            return list(range(len(self.parts)))
        return fitting(chosen, self._least, room)

    def unfold(self) -> None:
        """Show all parts from now on, as a figure does, in which no tab can be chosen."""
        self._is_unfolded = True
        self._fold()

    def _fold(self) -> None:
        shown = self.shown()
        self.tabs.setVisible(len(shown) < len(self.parts))
        for i, part in enumerate(self.parts):
            part.setVisible(i in shown)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fold()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fold()


class Foot(QWidget):
    """A row below the plot of a panel, which leaves the room to the plot where the panel is low.

    It is there again when the panel fills the page.
    """

    def __init__(self, panel: QWidget, lines: float) -> None:
        super().__init__()
        self.panel, self.lines = panel, lines
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(10, 4, 10, 6)
        panel.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange):
            self.setVisible(self._room >= self.lines * self.panel.fontMetrics().height())
        return False

    @property
    def _room(self) -> int:
        """The height that can be seen of the panel: with this row, a low panel is higher than its scroll area."""
        around = self.panel.parentWidget()
        return self.panel.height() if around is None else min(self.panel.height(), around.height())
