"""A real window on an offscreen screen, and a hand that moves a real pointer in it."""

import gc
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from gui.garbage import collect_if_due
from gui.pages import page_kind
from gui.shell import theme
from gui.shell.settings import Settings
from gui.window import Window


@pytest.fixture(autouse=True)
def application(qapp):
    """There is one whichever test comes first: colours and fonts are its. Widgets are destroyed in its thread alone."""
    gc.disable()
    yield qapp
    theme.use_weight(1.0)  # a lecture that is presented has wider lines
    collect_if_due()


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "settings")


def empty_page(name):
    """The page as the program has it, but with an empty document at the start, so that a test sees only its own."""
    return replace(page_kind(name), first=None, new=None)


@pytest.fixture
def open_window(qtbot, settings):
    """Opens windows and closes them after the test."""
    opened = []

    def make(front="regression"):
        window = Window(settings, front, kind_of=empty_page)
        window.resize(1280, 720)
        opened.append(window)
        with qtbot.waitSignal(window.painted):
            window.show()
        settle(qtbot, window)
        return window

    yield make
    for window in opened:
        window.close()
        window.deleteLater()
    theme.use_colours(theme.MAPS[0])
    theme.apply("light", 1.0)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(open_window):
    return open_window()


def settle(qtbot, window, seconds=60):
    """Wait until everything asked for has been shown."""
    QApplication.processEvents()
    qtbot.waitUntil(lambda: window.page.idle, timeout=1000 * seconds)


def action(window, text):
    """The action of the command with this text, of the window or of the page in front."""
    return next(window.menus.action_of(owned) for owned in window.menus.shown if owned.command.text == text)


class Hand:
    """Moves, presses and releases at places of a plot, in the plot's own units."""

    def __init__(self, plot):
        self.plot = plot
        self.held = Qt.MouseButton.NoButton

    def send(self, kind, x, y, button=Qt.MouseButton.NoButton):
        self.send_at(kind, self.plot.pixel_of(x, y), button)

    def send_at(self, kind, at, button=Qt.MouseButton.NoButton):
        everywhere = QPointF(self.plot.mapToGlobal(at.toPoint()))
        event = QMouseEvent(kind, at, everywhere, button, self.held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self.plot.viewport(), event)

    def move(self, x, y):
        self.send(QEvent.Type.MouseMove, x, y)

    def press(self, x, y, button=Qt.MouseButton.LeftButton):
        self.held = button
        self.send(QEvent.Type.MouseButtonPress, x, y, button)

    def release(self, x, y, button=Qt.MouseButton.LeftButton):
        self.held = Qt.MouseButton.NoButton
        self.send(QEvent.Type.MouseButtonRelease, x, y, button)

    def click(self, x, y, button=Qt.MouseButton.LeftButton):
        self.press(x, y, button)
        self.release(x, y, button)

    def drag(self, start, end, steps=5):
        parts = [i / steps for i in range(1, steps + 1)]
        path = [[a + part * (b - a) for a, b in zip(start, end, strict=True)] for part in parts]
        pixels = [self.plot.pixel_of(*place) for place in path]  # before the plane moves under the hand
        self.press(*start)
        for at in pixels:
            self.send_at(QEvent.Type.MouseMove, at)
        self.held = Qt.MouseButton.NoButton
        self.send_at(QEvent.Type.MouseButtonRelease, pixels[-1], Qt.MouseButton.LeftButton)


@pytest.fixture
def hand():
    return Hand
