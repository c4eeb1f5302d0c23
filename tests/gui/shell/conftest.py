"""Fixtures: a window with two small pages, and any window."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from gui.window import Window
from tests.gui.conftest import settle
from tests.gui.shell.small_pages import small_page


@pytest.fixture
def small_window(qtbot, settings):
    """A window with small pages, all of them built."""
    window = Window(settings, kind_of=small_page)
    window.resize(1280, 720)
    with qtbot.waitSignal(window.painted):
        window.show()
    settle(qtbot, window)
    window.stack.build_all()
    yield window
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(params=["small_window", "window"])
def any_window(request):
    """A window with small pages or the window of the program, with all pages built."""
    window = request.getfixturevalue(request.param)
    window.stack.build_all()
    return window
