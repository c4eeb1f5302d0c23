"""Layouts come back to the pixel after a small window, a large text, a maximised window and the full screen."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui.pages import TITLES
from gui.plots.axes import Axes
from tests.gui.conftest import settle

SETTLED = 300  # milliseconds
NORMAL, FULL = Qt.WindowState.WindowNoState, Qt.WindowState.WindowFullScreen


def places(window):
    view = window.page.view
    return {title: view.docks[title].geometry().getRect() for title in view.seen_titles}


def shrink(qtbot, window):
    window.resize(640, 480)
    qtbot.wait(SETTLED)
    assert window.width() <= 700  # the tool bar and the menus need no more
    assert window.height() == 480
    window.resize(1280, 720)


def enlarge_text(qtbot, window):
    window.appearance.use_text_size(2.5)
    settle(qtbot, window)
    qtbot.wait(SETTLED)
    assert window.width() <= 1280
    assert window.height() <= 720
    window.appearance.normal()


def state(kind):
    def change(qtbot, window):
        window.setWindowState(kind)
        qtbot.wait(SETTLED)
        window.setWindowState(NORMAL)
        window.resize(1280, 720)  # the offscreen platform does not return to the size

    return change


@pytest.mark.proof
def test_the_places_of_all_panels_come_back_to_the_pixel(qtbot, open_window):
    window = open_window()
    for tab in TITLES:
        window.show_page(tab)
        settle(qtbot, window)
        qtbot.wait(SETTLED)
        before = places(window)
        for change in (shrink, enlarge_text, state(Qt.WindowState.WindowMaximized), state(FULL)):
            change(qtbot, window)
            settle(qtbot, window)
            qtbot.wait(SETTLED)
            assert places(window) == before, (tab, change.__name__)
        assert not changes_of_plots(qtbot, window)


def changes_of_plots(qtbot, window):
    """The viewports that change although nothing happens. A layout that never rests would keep the page computing."""
    changes = []
    for plot in window.page.view.findChildren(Axes):
        plot.viewport_changed.connect(changes.append)
    qtbot.wait(SETTLED)
    return changes


@pytest.mark.slow
def test_a_border_that_was_moved_by_hand_comes_back_where_it_was_put(qtbot, open_window):
    window = open_window()
    qtbot.wait(SETTLED)
    view = window.page.view
    model = view.docks["Model"].geometry()
    border = QPoint(model.left() - 3, model.center().y())
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=border)
    QTest.mouseMove(view, border - QPoint(60, 0))
    qtbot.wait(50)  # Qt moves the border by a timer
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=border - QPoint(60, 0))
    qtbot.wait(SETTLED)
    put = places(window)
    assert put["Model"][2] > model.width() + 30
    shrink(qtbot, window)
    qtbot.wait(SETTLED)
    assert places(window) == put
