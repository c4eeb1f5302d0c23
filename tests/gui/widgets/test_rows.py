"""Rows that wrap, and columns of parts that fold into tabs."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from gui.figures.controls import without_controls
from gui.shell import theme
from gui.widgets.folding import Folding
from gui.widgets.rows.flow import Flow, flowing
from gui.widgets.rows.stacking import Stacking, stacked
from gui.widgets.rows.wrapped import Wrapped


class Fixed(QWidget):
    """A widget with a preferred and a least size."""

    def __init__(self, wide, high, least=None):
        super().__init__()
        self.wish, self.least = QSize(wide, high), QSize(least or wide, high)

    def sizeHint(self):  # noqa: N802
        return self.wish

    def minimumSizeHint(self):  # noqa: N802
        return self.least


@pytest.fixture
def place(qtbot):
    """Show a widget at a size."""

    def show(widget, wide, high):
        qtbot.addWidget(widget)
        widget.resize(wide, high)
        widget.show()
        QApplication.processEvents()
        return widget

    return show


def places(widgets):
    return [(widget.x(), widget.y(), widget.width()) for widget in widgets]


def test_widgets_continue_on_the_next_line_where_the_row_is_too_narrow(place):
    widgets = [Fixed(100, 20), Fixed(60, 30), Fixed(50, 20)]
    row = place(flowing(*widgets, gap=10), 240, 100)
    assert places(widgets) == [(0, 0, 100), (110, 0, 60), (180, 0, 50)]
    assert row.layout().heightForWidth(240) == 30
    row.resize(170, 100)
    assert places(widgets) == [(0, 0, 100), (110, 0, 60), (0, 40, 50)]
    assert row.layout().heightForWidth(170) == 60
    widgets[1].hide()
    QApplication.processEvents()
    assert places([widgets[0], widgets[2]]) == [(0, 0, 100), (110, 0, 50)]
    assert row.minimumSizeHint().width() == 100


def test_a_line_gives_wishes_first_and_what_is_left_by_the_shares(place):
    holder, flow = QWidget(), Flow(gap=0)
    widgets = [Fixed(100, 20, 50), Fixed(30, 20), Fixed(30, 20)]
    for widget, share in zip(widgets, (0, 1, 2), strict=True):
        flow.put(widget, share)
    holder.setLayout(flow)
    place(holder, 190, 50)
    assert [widget.width() for widget in widgets] == [100, 40, 50]
    holder.resize(135, 50)
    assert [widget.width() for widget in widgets] == [75, 30, 30]


def test_a_flow_inside_a_flow_goes_to_the_next_line_as_a_whole(place):
    inner = [Fixed(60, 20), Fixed(60, 20)]
    form, button = QWidget(), Fixed(50, 20)
    form.line = Flow(*inner, gap=0)
    form.setLayout(form.line)
    row = place(flowing(button, form, gap=0), 170, 60)
    assert (form.x(), form.y()) == (50, 0)
    row.resize(160, 60)
    assert (form.x(), form.y()) == (0, 20)
    row.resize(100, 60)
    QApplication.processEvents()
    assert places(inner) == [(0, 0, 60), (0, 20, 60)]
    assert row.layout().heightForWidth(100) == 60


def test_parts_that_do_not_fit_together_are_tabs(place):
    parts = [Fixed(100, 50), Fixed(100, 80), Fixed(100, 40)]
    stack = place(Stacking(("A", parts[0], 0), ("B", parts[1], 1), ("C", parts[2], 0), front=1), 300, 200)
    assert stack.tabs.isHidden()
    assert [(part.y(), part.height()) for part in parts] == [(0, 50), (50, 110), (160, 40)]
    bar = stack.tabs.sizeHint().height()
    assert stack.minimumSizeHint().height() == 80 + bar
    stack.resize(300, 90 + bar)
    assert stack.tabs.isVisible()
    assert [part.isVisible() for part in parts] == [False, True, False]
    assert (parts[1].y(), parts[1].height()) == (bar, 90)
    stack.tabs.setCurrentIndex(2)
    assert [part.isVisible() for part in parts] == [True, False, True]  # the first fits beside the chosen one
    assert [parts[i].height() for i in (0, 2)] == [50, 40]
    stack.resize(300, 89 + bar)
    assert [part.isVisible() for part in parts] == [False, False, True]
    assert parts[2].height() == 89
    stack.resize(300, 200)
    assert all(part.isVisible() for part in parts)


def test_a_figure_shows_all_parts_and_no_tabs(place):
    pair, column = [Fixed(100, 50), Fixed(100, 80)], [Fixed(100, 60), Fixed(100, 70)]
    folding = Folding(("A", pair[0], 1, 100), ("B", pair[1], 1, 100))
    stack = Stacking(("C", column[0], 0), ("D", column[1], 1))
    holder = QWidget()
    layout = QVBoxLayout(holder)
    for widget in (folding, stack):
        layout.addWidget(widget)
    place(holder, 200, 300)
    stack.setFixedHeight(75)
    QApplication.processEvents()
    assert not folding.tabs.isHidden() and stack.tabs.isVisible()
    without_controls(holder)
    assert all(part.isVisible() for part in (*pair, *column))
    assert folding.tabs.isHidden() and stack.tabs.isHidden()
    assert stack.heightForWidth(200) == 130


def test_parts_fold_before_their_panel_scrolls(place):
    area, panel, late = QScrollArea(), QWidget(), Fixed(100, 90)
    late.hide()
    pictures = stacked(Fixed(100, 60), late, gap=0)
    stack = Stacking(("Controls", stacked(Fixed(100, 50)), 0), ("Pictures", pictures, 1), front=1)
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(stack)
    area.setWidget(panel)
    area.setWidgetResizable(True)
    place(area, 300, 190)
    assert area.verticalScrollBar().maximum() == 0
    assert stack.tabs.isHidden()
    late.show()
    QApplication.processEvents()
    assert stack.tabs.isVisible()
    assert area.verticalScrollBar().maximum() == 0
    assert pictures.height() >= 150


def test_a_long_text_has_several_lines_and_a_square(place):
    words = Wrapped("Words")
    words.say(("prior", "one"))
    line = words.heightForWidth(2000)  # of one line: at some sizes of the text it is higher than the font
    assert 0 <= line - words.fontMetrics().height() - 4 <= 1
    words.say(("prior", "one two three four five six seven eight nine ten"))
    assert words.heightForWidth(2000) == line
    assert words.heightForWidth(150) > 2 * line
    place(words, 2000, 30)
    asked = []
    words.updateGeometry = lambda: asked.append(words.text())
    words.say(("prior", "one"))
    words.resize(150, 200)
    words.say(("prior", "one two three four five six seven eight nine ten"))
    assert len(asked) == 1  # only when the number of lines changes
    picture = words.grab().toImage()
    assert picture.pixelColor(2, 2 + line // 2) == theme.role_colour("prior")


def test_coloured_words_that_do_not_fit_begin_the_next_line_with_their_square(place):
    words = Wrapped("Words")
    words.say("sum =", ("likelihood", "reconstruction −120.45"), ("prior", "− KL −8.31"))
    assert len({room.y() for room in words.rooms(2000)}) == 1
    narrow = words.fontMetrics().horizontalAdvance("reconstruction −120.45") + 30
    place(words, narrow, words.heightForWidth(narrow))
    rooms, line = words.rooms(narrow), words.fontMetrics().height()
    assert [room.y() // line for room in rooms] == [0, 1, 2]
    picture = words.grab().toImage()
    squares = [picture.pixelColor(2, room.y() + line // 2) for room in rooms[1:]]
    assert squares == [theme.role_colour("likelihood"), theme.role_colour("prior")]
