"""The mouse reaches the tabs of docks where they are, and not a tab bar that Qt has left behind."""

import gc

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QTabBar

from gui.page.stale_tabs import StaleTabs
from gui.pages import TITLES
from tests.gui.conftest import settle

LEFT = Qt.MouseButton.LeftButton
NOTHING = Qt.KeyboardModifier.NoModifier


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


def drag(bar, i, by):
    """Drag a tab along its bar, and return how often a tab has changed its place."""
    moves, start = [], bar.tabRect(i).center()
    bar.tabMoved.connect(lambda *_: moves.append(1))
    for kind, at, held in (
        (QEvent.Type.MouseButtonPress, start, LEFT),
        *((QEvent.Type.MouseMove, start + by * n / 4, LEFT) for n in range(1, 5)),
        (QEvent.Type.MouseButtonRelease, start + by, Qt.MouseButton.NoButton),
    ):
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
        where = QPointF(bar.mapToGlobal(at))
        QApplication.sendEvent(bar, QMouseEvent(kind, QPointF(at), where, button, held, NOTHING))
    return len(moves)


def test_a_tab_that_is_dragged_along_its_bar_changes_its_place(tabs):
    assert drag(tabs, 0, QPoint(tabs.tabRect(1).center().x() - tabs.tabRect(0).center().x() + 9, 0))


@pytest.mark.parametrize("why", ["the dock of another tab has left", "another bar lies at the same place"])
def test_a_tab_of_a_stale_bar_shows_its_dock_and_cannot_be_dragged(small_window, tabs, why):
    view = small_window.page.view
    docks = {dock.windowTitle(): dock for dock in view.docks.values()}
    if why == "the dock of another tab has left":
        tabs.addTab("Elsewhere")
    else:
        other = QTabBar(view)
        for i in range(tabs.count()):
            other.addTab(tabs.tabText(i))
        other.setGeometry(tabs.geometry())
        other.show()
        QApplication.processEvents()
    behind = 1 - tabs.currentIndex()
    title, by = tabs.tabText(behind), tabs.tabRect(0).width() * (1 if behind == 0 else -1)
    assert not drag(tabs, behind, QPoint(by, 0))
    assert docks[title].geometry().topLeft() == tabs.geometry().bottomLeft() + QPoint(0, 1)


def test_a_bar_that_the_press_shows_to_be_stale_lets_no_drag_begin(small_window, tabs, monkeypatch):
    stale = small_window.page.view.findChild(StaleTabs)
    known = iter([True, False])
    monkeypatch.setattr(stale, "is_known", lambda _: next(known))
    assert not drag(tabs, 0, QPoint(tabs.tabRect(1).center().x() - tabs.tabRect(0).center().x() + 9, 0))


@pytest.mark.slow
def test_no_python_object_stays_for_a_tab_bar_that_qt_has_deleted(qtbot, open_window):
    window = open_window("latent")

    def objects():
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        return sum(type(each) is QTabBar for each in gc.get_objects())

    def change(count):
        for tab in ("unboxing", "latent") * count:
            window.stack.bring(tab)
            settle(qtbot, window)

    change(1)
    before = objects()
    change(3)
    assert objects() <= before  # fewer if a window of another test ends meanwhile
