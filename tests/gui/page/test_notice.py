"""The notice of an empty panel offers what its sentence advises, to the mouse and to the keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from engine.plane import Viewport
from gui.plots.plot import Plot
from gui.widgets.notice import Notice


@pytest.fixture
def over(qtbot):
    over = QWidget()
    over.resize(400, 300)
    qtbot.addWidget(over)
    over.show()
    return over


def test_the_button_belongs_to_one_sentence_and_reaches_the_mouse(qtbot, over):
    notice, asked = Notice(over), []
    notice.offer("Nothing here yet.", "Make one", "request")
    notice.asked.connect(asked.append)
    notice.say("Loading…")
    over.resize(401, 300)
    assert notice.button.isHidden()
    notice.say("Nothing here yet.")
    QApplication.processEvents()
    middle = notice.button.geometry().center()
    assert over.childAt(middle) is notice.button
    assert 150 < middle.y() < 250
    qtbot.mouseClick(notice.button, Qt.MouseButton.LeftButton)
    assert asked == ["request"]
    assert notice.button.focusPolicy() & Qt.FocusPolicy.TabFocus
    notice.say("")
    assert notice.button.isHidden()


def test_it_covers_the_axes_of_an_empty_plot(qtbot):
    plot = Plot("An empty plot", ("x", "y"), Viewport(0, 1, 0, 1), square=False)
    plot.resize(400, 300)
    qtbot.addWidget(plot)
    plot.show()
    notice = Notice(plot)
    axis = {plot.grab().toImage().pixelColor(x, 10).name() for x in range(plot.area.left() + 1)}
    assert len(axis) > 1
    notice.say("Nothing here yet.")
    plot.resize(401, 300)
    QApplication.processEvents()
    covered = {plot.grab().toImage().pixelColor(x, 10).name() for x in range(401)}
    assert len(covered) == 1


def test_a_long_sentence_covers_the_axes_of_a_small_plot_too_and_leaves_them_when_there_is_room(qtbot):
    plot = Plot("An empty plot", ("x", "y"), Viewport(0, 1, 0, 1), square=False)
    plot.resize(600, 400)
    qtbot.addWidget(plot)
    plot.show()
    notice = Notice(plot, lambda: plot.area)
    notice.say("Click into the plot, import a table, or draw a digit. " * 3)
    plot.resize(601, 400)
    qtbot.waitUntil(lambda: notice.x() == plot.area.x() > 0)
    plot.resize(220, 150)
    qtbot.waitUntil(lambda: notice.geometry() == plot.rect())
    plot.resize(600, 400)
    qtbot.waitUntil(lambda: notice.x() == plot.area.x() > 0)


def test_the_text_of_the_button_breaks_its_lines_in_a_narrow_panel_and_is_read_unbroken(qtbot, over):
    notice, text = Notice(over), "Choose an image in the Gallery"
    notice.offer("No image.", text, "request")
    notice.say("No image.")
    over.resize(402, 300)
    qtbot.waitUntil(lambda: notice.button.text() == text)
    over.resize(notice.button.sizeHint().width() - 20, 300)
    qtbot.waitUntil(lambda: "\n" in notice.button.text())
    assert notice.button.sizeHint().width() <= over.width()
    assert notice.button.text().split() == text.split()
    assert notice.button.accessibleName() == text
    over.resize(401, 300)
    qtbot.waitUntil(lambda: notice.button.text() == text)


@pytest.mark.parametrize("pixels", [13, 26])
def test_whether_it_covers_the_whole_plot_does_not_depend_on_whether_it_does_now(qtbot, pixels):
    """Otherwise both would follow each other for ever."""
    plot = Plot("An empty plot", ("x", "y"), Viewport(0, 1, 0, 1), square=False)
    qtbot.addWidget(plot)
    notice, sentence = Notice(plot, lambda: plot.area), "No image selected. Choose one in the panel Gallery, draw one."
    font = notice.font()
    font.setPixelSize(pixels)
    notice.setFont(font)
    notice.offer(sentence, "Choose an image in the Gallery", "request")
    notice.button.setFont(font)
    plot.show()
    notice.say(sentence)
    found = set()
    for width in range(150, 480, 7):
        for height in range(80, 320, 8):
            plot.setMinimumSize(0, 0)
            plot.resize(width, height)
            decisions = []
            for before in (False, True):
                notice._is_large = before
                notice.follow()
                notice._make_room()
                decisions.append(notice._is_large)
                plot.setMinimumSize(0, 0)
                plot.resize(width, height)
            assert decisions[0] == decisions[1], (width, height)
            found.add(decisions[0])
    assert found == {False, True}
