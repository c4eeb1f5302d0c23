"""A row of parts side by side; where they do not fit, as many as fit, and tabs that choose the others.

A row may become a column where it is high.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QScrollArea, QSizePolicy, QTabBar, QVBoxLayout, QWidget

from gui.widgets.tab_style import dress

WIDE = 1.4  # times its height: a wider row never becomes a column


def fitting(chosen: int, needs: Sequence[float], room: float) -> list[int]:
    """Return the numbers of the chosen part and of the others that fit beside it, the first ones first."""
    found, left = [chosen], room - needs[chosen]
    for i, need in enumerate(needs):
        if i != chosen and need <= left:
            found.append(i)
            left -= need
    return sorted(found)


def content(part: QWidget) -> int:
    """Return the height in pixels in which a scroll area shows all of its content; 0 for other parts."""
    inside = part.widget() if isinstance(part, QScrollArea) else None
    layout = inside.layout() if inside is not None else None
    if layout is None or not isinstance(part, QScrollArea):
        return 0
    depends, frame = layout.hasHeightForWidth(), 2 * part.frameWidth()
    least = layout.totalMinimumHeightForWidth(part.width() - frame) if depends else layout.totalMinimumSize().height()
    return least + frame


class Folding(QWidget):
    """A row of named parts. Each has a share of the width, and a least width in lines of text, which grows with it.

    With `column_from`, a row that is at least as many lines high, and not much wider than high, is a column: the first
    part then has the height that the others leave, and a scroll area has room for its content, at most half of all.
    """

    def __init__(self, *parts: tuple[str, QWidget, int, float], column_from: float = 0) -> None:
        super().__init__()
        self._is_unfolded = False
        self._column_from = column_from
        self.parts = [widget for _, widget, _, _ in parts]
        self._least = [least for *_, least in parts]
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Parts of the panel")
        dress(self.tabs)
        self.tabs.setExpanding(False)
        self.tabs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for name, *_ in parts:
            self.tabs.addTab(name)
        self._shares = [share for *_, share, _ in parts]
        self._row, column = QHBoxLayout(), QVBoxLayout(self)
        for layout in (self._row, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        for _, widget, share, _ in parts:
            self._row.addWidget(widget, share)
            inside = widget.widget() if column_from and isinstance(widget, QScrollArea) else None
            if inside is not None:
                inside.installEventFilter(self)
        column.addWidget(self.tabs)
        column.addLayout(self._row, 1)
        self.tabs.hide()
        self.tabs.currentChanged.connect(self._fold)

    def shown(self) -> list[int]:
        """Return the numbers of the parts that fit: all, or the chosen one with those of the others that fit beside it.

        The first part that is shown always fits.
        """
        if self._is_column:
            return list(range(len(self.parts)))
        room, chosen = self.width() / self.fontMetrics().height(), self.tabs.currentIndex()
        if self._is_unfolded or sum(self._least) <= room:
            return list(range(len(self.parts)))
        return fitting(chosen, self._least, room)

    @property
    def _is_column(self) -> bool:
        """Whether the parts are below each other."""
        high = self.height() >= self._column_from * self.fontMetrics().height()
        return bool(self._column_from) and high and self.width() <= WIDE * self.height()

    def unfold(self) -> None:
        """Show all parts from now on, as a figure does, in which no tab can be chosen."""
        self._is_unfolded = True
        self._fold()

    def _fold(self) -> None:
        shown, is_column = self.shown(), self._is_column
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if is_column else QBoxLayout.Direction.LeftToRight)
        for i, share in enumerate(self._shares):
            self._row.setStretch(i, int(i == 0) if is_column else share)
            part = self.parts[i]
            if self._column_from and isinstance(part, QScrollArea):  # others may have a least height of their own
                part.setMinimumHeight(min(content(part), self.height() // 2) if is_column else 0)
        self.tabs.setVisible(len(shown) < len(self.parts))
        for i, part in enumerate(self.parts):
            part.setVisible(i in shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Fold again when the content of a scroll area has become higher or lower."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fold()
        return False

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
