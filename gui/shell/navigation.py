"""Keyboard navigation from panel to panel and from tab to tab."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QTabBar, QWidget

from gui.page.view import View


def next_panel(view: View, by: int) -> None:
    """Move the focus `by` panels forward in reading order."""
    titles = sorted(view.seen_titles, key=lambda title: _reading_order(view, view.docks[title]))
    if titles:
        focused = _title_with_focus(view)
        start = titles.index(focused) if focused in titles else (-1 if by > 0 else 0)
        _focus(view, titles[(start + by) % len(titles)])


def next_tab(view: View, by: int) -> None:
    """Move the focus `by` tabs forward among the panels of one tab group."""
    focused = _title_with_focus(view)
    for bar in view.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
        titles = [bar.tabText(i) for i in range(bar.count())]
        if focused in titles:
            _focus(view, titles[(titles.index(focused) + by) % len(titles)])
            return


def _reading_order(view: View, dock: QDockWidget) -> tuple[bool, int, int]:
    """The sort key of a dock: docked before floating, then from top to bottom, then from left to right."""
    at = dock.mapTo(view, QPoint(0, 0)) if not dock.isFloating() else dock.pos()
    return dock.isFloating(), at.y(), at.x()


def _title_with_focus(view: View) -> str:
    """The title of the panel that has the focus; empty if no panel has it."""
    focused = QApplication.focusWidget()
    return next((title for title, dock in view.docks.items() if dock.isAncestorOf(focused)), "") if focused else ""


def _focus(view: View, title: str) -> None:
    panel = view.bring(next(kind for kind in view.kinds if kind.title == title))
    view.docks[title].activateWindow()
    target = panel.focusProxy() or _first_stop(panel)
    if target is not None:
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _first_stop(panel: QWidget) -> QWidget | None:
    """The first widget of a panel at which Tab stops."""
    widget = panel.nextInFocusChain()
    while widget is not None and widget is not panel:
        stops = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
        if stops and panel.isAncestorOf(widget) and widget.isVisibleTo(panel) and widget.isEnabled():
            return widget
        widget = widget.nextInFocusChain()
    return None
