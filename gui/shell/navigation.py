"""Keyboard navigation from panel to panel, from tab to tab, and by Tab from control to control.

Qt's own order of Tab is the order of creation and contains the panels behind tabs, which lie off the screen. Here the
order is the one on the screen: tool bar, banner, then for each visible panel its tabs, its title bar and its content.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QScrollArea, QTabBar, QWidget

from gui.page.view import View
from gui.widgets.tab_style import tab_bars


def next_panel(view: View, by: int) -> None:
    """Move the focus `by` panels forward in reading order."""
    titles = _in_reading_order(view)
    if titles:
        focused = _title_with_focus(view)
        start = titles.index(focused) if focused in titles else (-1 if by > 0 else 0)
        _focus(view, titles[(start + by) % len(titles)])


def next_tab(view: View, by: int) -> None:
    """Move the focus `by` tabs forward among the panels of one tab group."""
    focused = _title_with_focus(view)
    if (bar := _tab_bars(view).get(focused)) is not None:
        titles = [bar.tabText(i) for i in range(bar.count())]
        _focus(view, titles[(titles.index(focused) + by) % len(titles)])


def next_control(window: QMainWindow, by: int) -> bool:
    """Move the focus `by` controls forward in the order of the screen. Return whether there is a control."""
    bars = window.findChild(QWidget, "tools"), window.findChild(QWidget, "banner")
    parts = [part for part in (*bars, window.centralWidget(), window.statusBar()) if part and part.isVisible()]
    stops = list(dict.fromkeys(stop for part in parts for stop in _stops(part)))  # the banner lies in the centre
    if not stops:
        return False
    focused = QApplication.focusWidget()
    start = stops.index(focused) if focused in stops else (-1 if by > 0 else 0)
    reason = Qt.FocusReason.TabFocusReason if by > 0 else Qt.FocusReason.BacktabFocusReason
    target = stops[(start + by) % len(stops)]
    target.setFocus(reason)
    _scroll_to(target)
    return True


def _stops(widget: QWidget) -> Iterator[QWidget]:
    """The widgets at which Tab stops, in the order of the screen: `widget` and all that it contains."""
    inside = [stop for child in _shown_in(widget) for stop in _stops(child)]
    if _takes_tab(widget) and not (isinstance(widget, QScrollArea) and inside):
        yield widget
    yield from inside


def _shown_in(widget: QWidget) -> list[QWidget]:
    """The visible children of a widget. Of a page: the panels that can be seen, each after its tabs."""
    if isinstance(widget, View):
        return _groups(widget)
    children = (child for child in widget.children() if isinstance(child, QWidget))
    return [child for child in children if child.isVisible() and not child.isWindow()]


def fill_page(view: View) -> None:
    """Let the panel with the focus fill the page, or return it to its place. Raises ValueError if no panel has it."""
    title = _title_with_focus(view)
    if not title and not view.is_filled:
        raise ValueError("No panel has the focus. Press F6 to go to a panel, then fill the page with it.")
    view.fill(title)


def _takes_tab(widget: QWidget) -> bool:
    stops = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
    return stops and widget.isEnabled() and widget.focusProxy() is None


def _groups(view: View) -> list[QWidget]:
    bars = _tab_bars(view)
    docked = [title for title in _in_reading_order(view) if not view.docks[title].isFloating()]
    return [part for title in docked for part in (bars.get(title), view.docks[title]) if part is not None]


def _scroll_to(widget: QWidget) -> None:
    """Scroll all scroll areas around a widget so that the widget can be seen."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget)
        above = above.parentWidget()


def _tab_bars(view: View) -> dict[str, QTabBar]:
    """The tab bar of each panel that shares its place with others, by the title of the panel."""
    return {bar.tabText(i): bar for bar in tab_bars(view) if bar.isVisible() for i in range(bar.count())}


def _in_reading_order(view: View) -> list[str]:
    """The titles of the visible panels: docked before floating, then from top to bottom, then from left to right."""
    bars = _tab_bars(view)

    def place(title: str) -> tuple[bool, int, int]:
        dock = view.docks[title]
        top: QWidget = bars.get(title, dock)  # the tabs lie above the dock
        at = top.mapTo(view, QPoint(0, 0)) if not dock.isFloating() else dock.pos()
        return dock.isFloating(), at.y(), at.x()

    return sorted(view.seen_titles, key=place)


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
    return next((stop for stop in _stops(panel) if stop is not panel), None)
