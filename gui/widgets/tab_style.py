"""The look of tabs: the one in front has a broad line and the colour of paper, in light and dark appearance.

It is a style and not a style sheet, because a style sheet stops the text size from reaching the other widgets.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QMainWindow, QProxyStyle, QStyle, QStyleOption, QTabBar, QWidget

LINE = 3  # pixels, the height of the line below the tab in front


class TabStyle(QProxyStyle):
    """Fusion with flat tabs. A tab that is not in front has the same size, so that its descenders are not cut."""

    def drawControl(  # noqa: N802
        self, element: QStyle.ControlElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        if element != QStyle.ControlElement.CE_TabBarTabShape:
            super().drawControl(element, option, painter, widget)
            return
        rect, palette, state = option.rect, option.palette, option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette.base())
            focused = bool(state & QStyle.StateFlag.State_HasFocus)
            role = QPalette.ColorRole.WindowText if focused else QPalette.ColorRole.Highlight
            painter.fillRect(rect.adjusted(0, rect.height() - LINE, 0, 0), palette.color(role))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect.adjusted(0, rect.height() - LINE, 0, 0), palette.mid())

    def pixelMetric(  # noqa: N802
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        if metric == QStyle.PixelMetric.PM_TabBarTabShiftVertical:
            return 0
        usual = super().pixelMetric(metric, option, widget)
        if metric == QStyle.PixelMetric.PM_TabBarScrollButtonWidth and widget is not None:
            return max(usual, widget.fontMetrics().height())  # the arrows grow with the text
        return usual


@cache
def _style() -> TabStyle:
    """The one style of all tab bars: a widget does not own its style."""
    return TabStyle("Fusion")


def dress(tabs: QTabBar) -> None:
    """Give a tab bar this look."""
    if tabs.style() is not _style():
        tabs.setStyle(_style())
    tabs.setDrawBase(False)


def tab_bars(window: QMainWindow) -> list[QTabBar]:
    """The tab bars of the docks of a window.

    Each that `findChildren` finds keeps a Python object until the window ends, also when Qt has deleted the tab bar.
    """
    return [child for child in window.children() if isinstance(child, QTabBar)]


def dress_tabs(window: QMainWindow) -> None:
    """Give the tab bars of the docks their look."""
    for tabs in tab_bars(window):
        # Only a new one, or one that Qt uses again: each of these calls lays out all of its tabs.
        if tabs.elideMode() != Qt.TextElideMode.ElideNone:
            dress(tabs)
            tabs.setElideMode(Qt.TextElideMode.ElideNone)
            tabs.setUsesScrollButtons(True)
