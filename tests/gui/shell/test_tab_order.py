"""Tab walks through the window in the order of the screen, stops nowhere off the screen, and is held by no control."""

from functools import partial
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QTabBar, QTableView

from gui.page.titlebar import TitleBar
from gui.pages import TITLES
from gui.regression.model import Model
from tests.gui.conftest import settle

MOST = 400


def walk(qtbot, window, key):
    """Return the widgets at which the focus stops, until it returns to the first one."""
    stops = []
    while len(stops) < MOST:
        qtbot.keyClick(QApplication.focusWidget() or window, key)
        focused = QApplication.focusWidget()
        if stops and focused is stops[0]:
            return stops
        assert focused not in stops, f"{focused} holds the focus"
        assert is_on_screen(window, focused), f"{focused} is off the screen"
        stops.append(focused)
    pytest.fail("Tab never returns to the start")


def is_on_screen(window, widget):
    """Whether no widget around the middle of a widget cuts it off."""
    middle, around = widget.rect().center(), widget
    while around is not window:
        around, middle = around.parentWidget(), around.mapToParent(middle)
        if not around.rect().contains(middle):
            return False
    return True


@pytest.fixture(params=TITLES)
def shown(request, qtbot, open_window):
    """A window with a tab in front, in which all panels exist, also the panels behind tabs."""
    window = open_window(request.param)
    for kind in window.page.view.kinds:
        window.page.view.panel(kind)
    settle(qtbot, window)
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


@pytest.mark.slow
@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab], ids=["Tab", "Shift+Tab"])
def test_tab_returns_to_the_start_and_stops_nowhere_off_the_screen(qtbot, shown, key):
    stops = walk(qtbot, shown, key)
    assert not [stop for stop in stops if isinstance(stop, QTabBar) and not stop.count()]
    docks = {dock for dock in shown.page.view.docks.values() for stop in stops if dock.isAncestorOf(stop)}
    assert docks == {shown.page.view.docks[title] for title in shown.page.view.seen_titles}


def test_tab_visits_each_panel_in_one_piece_and_its_title_bar_first(qtbot, shown):
    view, visits = shown.page.view, []
    for stop in walk(qtbot, shown, Qt.Key.Key_Tab):
        title = next((title for title, dock in view.docks.items() if dock.isAncestorOf(stop)), "")
        if title and (not visits or visits[-1] != title):
            visits.append(title)
            assert isinstance(stop.parentWidget(), TitleBar)
    assert len(visits) == len(set(visits))


@pytest.mark.slow
@pytest.mark.parametrize(
    "shown", [pytest.param(tab, marks=pytest.mark.proof) if tab == "unboxing" else tab for tab in TITLES], indirect=True
)
def test_tab_visits_the_controls_of_every_panel_in_visual_order_and_leaves_the_panel(qtbot, shown):
    """Each stop is on the screen, also in a panel that scrolls, and none is above or left of the one before."""
    view, wrong = shown.page.view, []
    for kind in view.kinds:
        view.bring(kind)
        settle(qtbot, shown)
        qtbot.waitUntil(lambda: not view.sizes.settling.isActive())  # then a new panel no longer changes the sizes
        dock, stops = view.docks[kind.title], []
        dock.titleBarWidget().buttons["help"].setFocus()
        while dock.isAncestorOf(focused := QApplication.focusWidget()):
            assert len(stops) < MOST, f"{kind.title} holds the focus"
            seen = partial(is_on_screen, shown, focused)
            qtbot.waitUntil(seen, timeout=2000)  # a value that arrives may just change the sizes in the panel
            stops.append(focused)
            qtbot.keyClick(focused, Qt.Key.Key_Tab)
        wrong += [f"{kind.title}: {why}" for why in out_of_order(dock, stops)]
    assert wrong == []
    assert not [table for table in shown.findChildren(QTableView) if table.tabKeyNavigation()]


def out_of_order(dock, stops):
    """One text for each stop that lies above or left of the one before, unless it begins the next column or row."""
    places = [(stop, QRect(stop.mapTo(dock, QPoint(0, 0)), stop.size())) for stop in stops]
    for (one, first), (two, second) in pairwise(places):
        if dock.widget().isAncestorOf(one):
            above, left = second.bottom() <= first.top(), second.right() <= first.left()
            right, below = second.left() >= first.right(), second.top() >= first.bottom()
            if (above and not right) or (left and not below):
                yield f"{one.accessibleName() or one} {first} then {two.accessibleName() or two} {second}"


def test_tab_visits_the_fields_of_a_panel_in_visual_order(qtbot, window):
    panel = window.page.view.bring(Model)
    with qtbot.waitActive(window):
        window.activateWindow()
    heights = [stop.mapTo(panel, QPoint(0, 0)).y() for stop in fields(qtbot, window, panel)]
    assert len(heights) > 5
    assert heights == sorted(heights)


def fields(qtbot, window, panel):
    return [stop for stop in walk(qtbot, window, Qt.Key.Key_Tab) if panel.isAncestorOf(stop)]
