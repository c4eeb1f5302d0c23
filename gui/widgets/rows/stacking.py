"""A column of parts; where they are too high together, as many as fit, and tabs that choose the others."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar, QVBoxLayout, QWidget

from gui.widgets.folding import fitting
from gui.widgets.tab_style import dress


class Stacking(QWidget):
    """A column of named parts, each with its share of the height that is left. `front` is the part chosen at first.

    It has no layout of Qt, because such a layout never gives an item whose height depends on its width less than its
    preferred height.
    """

    def __init__(self, *parts: tuple[str, QWidget, int], front: int = 0) -> None:
        super().__init__()
        self._is_unfolded = False
        self.tabs = QTabBar(self)
        self.tabs.setAccessibleName("Parts of the panel")
        dress(self.tabs)
        self.tabs.setExpanding(False)
        self.tabs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.parts = [widget for _, widget, _ in parts]
        self._shares = [share for *_, share in parts]
        for name, widget, _ in parts:
            self.tabs.addTab(name)
            widget.setParent(self)
        self.tabs.setCurrentIndex(front)
        self.tabs.hide()
        self.tabs.currentChanged.connect(self._fold)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def shown(self) -> list[int]:
        """Return the numbers of the parts that fit: all, or the chosen one with those of the others that fit."""
        heights = [_least(part, self.width()) for part in self.parts]
        if self._is_unfolded or sum(heights) <= self.height():
            return list(range(len(self.parts)))
        return fitting(self.tabs.currentIndex(), heights, self.height() - self.tabs.sizeHint().height())

    def unfold(self) -> None:
        """Show all parts from now on, as a figure does, in which no tab can be chosen."""
        self._is_unfolded = True
        self._fold()
        self.updateGeometry()

    def _fold(self) -> None:
        """Give the parts that fit their places. What is left goes by the shares, or else to the last part."""
        shown, width = self.shown(), self.width()
        is_folded = len(shown) < len(self.parts)
        y = self.tabs.sizeHint().height() if is_folded else 0
        self.tabs.setGeometry(0, 0, width, y)
        self.tabs.setVisible(is_folded)
        heights = [_least(self.parts[i], width) for i in shown]
        shares = [self._shares[i] for i in shown]
        if not any(shares):
            shares[-1] = 1
        inside = self.height() - y - sum(height for height, share in zip(heights, shares, strict=True) if not share)
        for i, height in zip(shown, _shared(inside, heights, shares), strict=True):
            self.parts[i].setGeometry(0, y, width, height)
            y += height
        for i, part in enumerate(self.parts):
            part.setVisible(i in shown)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        width = max(part.minimumSizeHint().width() for part in self.parts)
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def sizeHint(self) -> QSize:  # noqa: N802
        width = max(part.sizeHint().width() for part in self.parts)
        return QSize(width, sum(part.sizeHint().height() for part in self.parts))

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """The least height: that of all parts, or of the tabs and the highest part."""
        heights = [_least(part, width) for part in self.parts]
        folded = max(heights) + self.tabs.sizeHint().height()
        return sum(heights) if self._is_unfolded else min(sum(heights), folded)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fold()

    def event(self, event: QEvent) -> bool:
        """Fold again when a part has become higher, for example because a line of text has appeared in it."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fold()
            self.updateGeometry()
        return super().event(event)


def stacked(*widgets: QWidget | tuple[QWidget, int], gap: int = 4) -> QWidget:
    """Return a part with widgets in a column, each with its share of the height; without shares, those that grow."""
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(gap)
    for shared in widgets:
        if isinstance(shared, tuple):
            column.addWidget(*shared)
        else:
            grows = shared.sizePolicy().verticalPolicy().value & QSizePolicy.PolicyFlag.ExpandFlag.value
            column.addWidget(shared, int(bool(grows)))
    return part


def _least(part: QWidget, width: int) -> int:
    """The least height of a part at a width. A hidden part has one too."""
    layout = part.layout()
    if layout is not None and layout.hasHeightForWidth():
        return max(layout.totalMinimumHeightForWidth(width), part.minimumHeight())
    return max(part.minimumSizeHint().height(), part.minimumHeight())


def _shared(room: int, heights: list[int], shares: list[int]) -> list[int]:
    """Return the heights of parts: the least ones without a share, and `room` by the shares, but at least the least."""
    open_ones = {i for i, share in enumerate(shares) if share}
    given = dict(enumerate(heights))
    while open_ones:
        total = sum(shares[i] for i in open_ones)
        small = {i for i in open_ones if room * shares[i] // total < heights[i]}
        if not small:
            given |= {i: room * shares[i] // total for i in open_ones}
            break
        room -= sum(heights[i] for i in small)
        open_ones -= small
    return [given[i] for i in range(len(heights))]
