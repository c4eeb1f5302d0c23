"""The page that is not in front is built after the pictures of the other one, in pieces between the events."""

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gui.page.view import PageKind
from gui.window import Window
from tests.gui.shell.small_pages import small_page

PIECES = [f"gui.{name}" for name in ("importing", "figures", "lecture", "paper", "plots", "widgets")]


def test_the_other_page_is_built_after_the_pictures(qtbot, settings):
    window = Window(settings, kind_of=small_page)
    built = []
    window.page.scenes.progressed.connect(lambda _: built.append(list(window.pages)))
    window.page.scenes.delivered.connect(lambda _: built.append(list(window.pages)))
    with qtbot.waitSignal(window.stack.built):
        window.show()
    assert built[0] == ["regression"]
    assert list(window.pages) == ["regression", "latent"]
    assert not settings.restoring
    window.close()
    window.deleteLater()


def test_a_window_that_closes_before_its_first_pictures_builds_no_other_page(qtbot, settings):
    window = Window(settings, kind_of=small_page)
    with qtbot.waitSignal(window.painted):
        window.show()
    window.close()
    window.stack._build_the_rest()
    assert list(window.pages) == ["regression"]
    window.deleteLater()


@pytest.fixture
def window(qtbot, settings, monkeypatch):
    """A painted window whose other page is about to be built in pieces."""
    monkeypatch.setattr(PageKind, "modules", lambda _: iter(PIECES))
    window = Window(settings, kind_of=small_page)
    with qtbot.waitSignal(window.painted):
        window.show()
    yield window
    window.close()
    window.deleteLater()


def test_the_other_page_is_built_in_pieces_and_events_come_between_them(qtbot, window):
    between = []
    timer = QTimer(window)
    timer.timeout.connect(lambda: between.append(len(window.pages)))
    window.stack._build_the_rest()
    timer.start(0)
    qtbot.waitUntil(lambda: len(window.pages) == 2)
    assert between.count(1) >= len(PIECES)


def test_a_window_that_closes_while_the_other_page_is_built_ends_it(window):
    window.stack._build_the_rest()
    window.close()
    for _ in range(3 * len(PIECES)):
        QApplication.processEvents()
    assert list(window.pages) == ["regression"]
