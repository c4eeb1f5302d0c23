"""A short lecture for the tests, and keys that are pressed in its window."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.lecture.lecture import Lecture, Needs
from engine.lecture.shipped import files, shipped

WHOLE = shipped(files()[0])
IDS = ("bayes-rule", "formulate-observe-update", "line-20", "ingredients", "generating-with-a-gan", "sinusoid-4")
MORE = ("line-0", "line-1", "sinusoid-1", "what-i-cannot-create")
MISSING = "This step needs a model of tomorrow."


def lacking(step):
    """The step as one that this version of the program cannot show."""
    return replace(step, needs=Needs(missing=MISSING))


STEPS = [WHOLE.step(id_) for id_ in (*IDS, *MORE)]
STEPS[4] = lacking(STEPS[4])
FEW = Lecture(WHOLE.head, tuple(STEPS))
NONE = Qt.KeyboardModifier.NoModifier


def wait(window):
    """Wait until everything asked for has been shown."""
    QTest.qWait(20)
    for _ in range(3000):
        if window.page.idle:
            break
        QTest.qWait(10)


def step(window):
    """The id of the present step."""
    return window.lecture.player.step.id


def press(window, key, modifiers=NONE, on=None):
    """Press a key, which goes to the widget with the focus or to `on`."""
    QTest.keyClick(on or QApplication.focusWidget() or window, key, modifiers)


def shown(window, kind):
    """The first widget of a class that can be seen and focused. It has the focus after this call."""
    found = next(widget for widget in window.findChildren(kind) if widget.isVisible() and widget.focusPolicy())
    found.setFocus()
    return found
