"""Every panel comes to rest at every size, whatever its sentences say: no two widgets change a size back for ever."""

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from gui.pages import TITLES
from gui.shell import theme
from gui.widgets.notice import Notice
from tests.gui.conftest import settle

SIZES = ((250, 106), (330, 90), (300, 520), (620, 180))  # pixels
MANY = tuple((width, height) for width in range(200, 700, 60) for height in range(90, 430, 40))
WORDS = "There is nothing to show here yet, because no image has been drawn and no model has been chosen."
PASSES, LAST = 40, 4  # passes of the event loop for one size, and the last of these, in which nothing may change


class Resizes(QObject):
    """Counts the changes of size of a widget and of all widgets in it."""

    def __init__(self, widget):
        super().__init__()
        self.count = 0
        for each in (widget, *widget.findChildren(QWidget)):
            each.installEventFilter(self)

    def eventFilter(self, watched, event):  # noqa: N802
        self.count += event.type() == QEvent.Type.Resize
        return False


@pytest.mark.slow
@pytest.mark.parametrize("tab", TITLES)
def test_every_panel_rests(qtbot, open_window, tab):
    assert restless(qtbot, open_window(tab), SIZES) == []


@pytest.mark.proof
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("text", [1.0, 2.0])
@pytest.mark.parametrize("tab", TITLES)
def test_every_panel_rests_at_many_sizes(qtbot, open_window, tab, text):
    window = open_window(tab)
    theme.apply("light", text)
    assert restless(qtbot, window, MANY) == []


def restless(qtbot, window, sizes):
    """The panels of the page in front, with the sentences and sizes at which they do not come to rest."""
    view, found = window.page.view, []
    for kind in [kind for kind in view.kinds if kind.place_in(view.arrangement)]:
        panel, dock = view.bring(kind), view.docks[kind.title]
        dock.setFloating(True)
        notices = panel.findChildren(Notice)
        for notice in notices:
            for sentence in notice._offers or (WORDS,):
                # Three times, because a value may have come in the last passes.
                found += [
                    (kind.title, sentence, size)
                    for size in sizes
                    if not any(rests(dock, notice, sentence, size) for _ in range(3))
                ]
            notice.say("")
        dock.setFloating(False)
        dock.close()
    settle(qtbot, window, 600)
    return found


def rests(dock, notice, sentence, size):
    """Whether nothing in a dock of this size changes its size any more after a few passes of the event loop."""
    dock.resize(*size)
    notice.say(sentence)
    resizes = Resizes(dock)
    for n in range(PASSES):
        if n == PASSES - LAST:
            resizes.count = 0
        QApplication.processEvents()
    return resizes.count == 0
