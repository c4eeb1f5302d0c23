"""A monkey: events at random on a real window. The same seed makes the same events."""

import random
import time

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QTabBar, QWidget

from gui.page.titlebar import TitleBar
from gui.pages import TITLES
from gui.shell import theme

NONE, LEFT, RIGHT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
KEYS = [
    *(Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_F5, Qt.Key.Key_F6, Qt.Key.Key_Plus, Qt.Key.Key_Minus),
    *(Qt.Key.Key_B, Qt.Key.Key_Period, Qt.Key.Key_R, Qt.Key.Key_Q, Qt.Key.Key_N, Qt.Key.Key_P, Qt.Key.Key_1),
    *(Qt.Key.Key_9, Qt.Key.Key_Comma, Qt.Key.Key_E, Qt.Key.Key_D, Qt.Key.Key_L, Qt.Key.Key_H, Qt.Key.Key_W),
]
MODIFIERS = [Qt.KeyboardModifier.NoModifier] * 4 + [Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier]
KEPT = ("Quit", "Close", "Full screen")  # commands that would end the test, or depend on a window manager


class Monkey:
    """Plays with a window. `slowest` is the longest time (s) that the GUI thread has computed for one event."""

    def __init__(self, window, seed):
        self.window, self.random = window, random.Random(seed)
        self.slowest, self.slowest_event, self.done = 0.0, "", []
        self._closer = QTimer(window, interval=20)
        self._closer.timeout.connect(close_boxes)
        self._closer.start()

    def play(self, count, acts=None):
        """Carry out so many events, and let the window answer each of them.

        One in six is a command, another tab, size or look, which take ten times as long as the others.
        """
        acts = acts or (*[self.click] * 8, *[self.drag] * 5, *[self.press_key] * 6, *[self.wheel] * 3, self.command,
                        self.command, self.move, self.undo, self.show_tab, self.resize, self.look)  # fmt: skip
        for _ in range(count):
            act = self.random.choice(acts)
            self.measure(act.__name__, act)

    def measure(self, name, act):
        """Carry out one event, and note how long it kept the GUI thread busy."""
        before = time.thread_time()
        self.done.append(name)
        note = act()
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # only a running event loop does so by itself
        took = time.thread_time() - before
        if took > self.slowest:
            self.slowest, self.slowest_event = took, f"{name} {note}"

    def widget(self):
        """A visible widget of the window, or of a box in front of it: any one of one of its docks, bars or other parts.

        To look at all widgets of the window takes longer than most events.
        """
        top = QApplication.activeModalWidget() or self.window
        inside = self.window.page.view if top is self.window else top
        parts = [*direct(top), *direct(inside)] or [top]
        part = self.random.choice(parts)
        return self.random.choice([part, *(each for each in part.findChildren(QWidget) if can_be_hit(each))])

    def place(self, widget):
        return QPoint(self.random.randrange(widget.width()), self.random.randrange(widget.height()))

    def click(self):
        widget = self.widget()
        name = words(widget)  # before the click, which may delete the widget
        button = self.random.choice([LEFT, LEFT, LEFT, RIGHT])
        act = self.random.choice([QTest.mouseClick, QTest.mouseClick, QTest.mouseDClick])
        act(widget, button, self.random.choice(MODIFIERS), self.place(widget))
        return name

    def click_on(self, widget):
        """Click in the middle of a widget, if it can be seen."""
        name = ""
        if alive(widget):
            name = words(widget)
            QTest.mouseClick(widget, LEFT)
        return name

    def drag(self):
        """Drag from one place of a widget to another; title bars and tabs more often than other widgets."""
        bars = []
        if self.random.random() < 0.3:
            bars = [bar for kind in (TitleBar, QTabBar) for bar in self.window.findChildren(kind) if can_be_hit(bar)]
        widget = self.random.choice(bars) if bars else self.widget()
        name = words(widget)
        start, end = self.place(widget), self.place(widget) + QPoint(self.random.randrange(-300, 300), 40)
        steps = [start, start + (end - start) / 3, start + (end - start) * 2 / 3, end]
        kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * 2, QEvent.Type.MouseButtonRelease]
        for kind, at in zip(kinds, steps, strict=True):
            if not alive(widget):
                break
            button = NONE if kind == QEvent.Type.MouseMove else LEFT
            held = NONE if kind == QEvent.Type.MouseButtonRelease else LEFT
            everywhere = QPointF(widget.mapToGlobal(at))
            event = QMouseEvent(kind, QPointF(at), everywhere, button, held, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(widget, event)
        return name

    def move(self):
        widget = self.widget()
        QTest.mouseMove(widget, self.place(widget))
        return words(widget)

    def wheel(self):
        widget = self.widget()
        at = self.place(widget)
        turn = QPoint(0, self.random.choice([-120, 120, -15, 600]))
        event = QWheelEvent(QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), turn, NONE, MODIFIERS[0],
                            Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
        QApplication.sendEvent(widget, event)
        return words(widget)

    def press_key(self):
        target = QApplication.focusWidget() or self.window
        name = words(target)
        key = self.random.choice(KEYS)
        QTest.keyClick(target, key, self.random.choice(MODIFIERS))
        return f"{key} {name}"

    def command(self):
        commands = [owned for owned in self.window.menus.commands if not owned.command.text.startswith(KEPT)]
        return self.run(self.random.choice(commands))

    def run(self, owned):
        """Choose a command as its menu entry would be chosen."""
        action = self.window.menus.action_of(owned)
        if action.isEnabled():
            action.trigger()
        return owned.command.text

    def undo(self):
        text = self.random.choice(["Undo", "Redo"])
        return self.run(next(owned for owned in self.window.menus.commands if owned.command.text == text))

    def show_tab(self):
        tab = self.random.choice(list(TITLES))
        self.window.stack.bring(tab)
        return tab

    def resize(self):
        """Most sizes are small: they find more, and to paint a large window takes most of the time of an event."""
        wide, high = (1920, 1080) if self.random.random() < 0.2 else (1300, 720)
        self.window.resize(self.random.randrange(900, wide), self.random.randrange(500, high))

    def look(self):
        theme.apply(self.random.choice(["light", "dark"]), self.random.choice([1.0, 1.0, 1.5, 2.0]))


def close_boxes():
    """Close menus and boxes that wait for an answer."""
    if (menu := QApplication.activePopupWidget()) is not None:
        menu.close()
    elif isinstance(box := QApplication.activeModalWidget(), QDialog):
        box.reject()


def direct(parent):
    """The widgets directly inside another one that can be hit."""
    found = parent.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [each for each in found if can_be_hit(each)]


def can_be_hit(widget):
    return widget.isVisible() and widget.width() > 2 < widget.height()


def alive(widget):
    try:
        return widget.isVisible()
    except RuntimeError:
        return False


def words(widget):
    name = f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()}"
    return name if not isinstance(widget, QMenu) else f"{name} {widget.title()}"
