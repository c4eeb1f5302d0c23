"""One window for all tests of a file, in a short lecture."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from gui.shell.settings import Settings
from gui.window import Window
from tests.gui.lecture.pressing import FEW, wait


@pytest.fixture(scope="module")
def opened(qapp, tmp_path_factory):
    """A window with the threads of both pages."""
    window = Window(Settings(tmp_path_factory.mktemp("settings")), "regression")
    window.resize(1280, 720)
    window.show()
    wait(window)
    for line in (window.lecture.memories.line, window.session.worker):
        line.executor.submit(int).result()
    for tab in ("latent", "regression"):
        window.show_page(tab)
        for line in (window.page.scenes, window.page.probes):
            line._executor.submit(int).result()
    wait(window)
    yield window
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(opened):
    """The window with the lecture at its first step, and without it after the test."""
    opened.lecture.open(FEW, at="bayes-rule")
    opened.lecture.desk.restore_all()
    wait(opened)
    yield opened
    opened.lecture.player.leave()
    opened.lecture.player.course.memory.edited, opened.lecture.player.original = "", None  # the edits of the test
    opened.showNormal()
