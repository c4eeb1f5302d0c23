"""The mouse reaches the tabs of docks where they are, and not a tab bar that Qt has left behind."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QTabBar

from gui.page.stale_tabs import StaleTabs
from gui.pages import TITLES
from tests.gui.conftest import settle

LEFT = Qt.MouseButton.LeftButton


def bars(view):
    return view.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)


@pytest.fixture
def tabs(qtbot, small_window):
    """The tab bar of the docks of the page."""
    qtbot.waitUntil(lambda: small_window.page.idle)
    return next(bar for bar in bars(small_window.page.view) if bar.isVisible() and bar.count() > 1)


def press(qtbot, bar, i):
    qtbot.mouseClick(bar, LEFT, pos=bar.tabRect(i).center())
    return bar.currentIndex()


@pytest.mark.slow
@pytest.mark.parametrize("text", [1.0, 2.0])
@pytest.mark.parametrize("tab", TITLES)
def test_no_bar_of_a_window_at_rest_is_stale(qtbot, open_window, tab, text):
    window = open_window(tab)
    window.appearance.use_text_size(text)
    known = window.page.view.findChild(StaleTabs).is_known
    for size in ((1280, 720), (900, 600), (1920, 1080)):
        window.resize(*size)
        settle(qtbot, window)
        seen = [bar for bar in bars(window.page.view) if bar.isVisible()]
        assert seen and all(map(known, seen))


def test_a_click_on_a_tab_shows_its_dock(qtbot, tabs):
    for i in (1, 0, 1):
        assert press(qtbot, tabs, i) == i


@pytest.mark.parametrize(
    "moved",
    [QPoint(0, 40), QPoint(30, 0), None],
    ids=["above another dock", "beside its dock", "of another width"],
)
def test_a_bar_that_qt_has_left_behind_takes_no_click_and_no_drag(qtbot, small_window, tabs, moved):
    stale = QTabBar(small_window.page.view)
    for i in range(tabs.count()):
        stale.addTab(tabs.tabText(i))
    place = tabs.geometry()
    stale.setGeometry(place.adjusted(0, 0, -20, 0) if moved is None else place.translated(moved))
    stale.show()
    QApplication.processEvents()
    stale.setCurrentIndex(0)
    assert press(qtbot, stale, 1) == 0


def test_a_bar_with_the_tab_of_a_dock_that_has_left_is_stale(qtbot, small_window, tabs):
    tabs.addTab("Elsewhere")
    before = tabs.currentIndex()
    assert press(qtbot, tabs, 1 - before) == before
