"""Folding rows show all parts where there is room, and otherwise the chosen one with tabs for the others."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.widgets.folding import Folding, Foot


@pytest.fixture
def row(qtbot):
    row = Folding(("A", QLabel("a"), 1, 10), ("B", QLabel("b"), 1, 10), ("C", QLabel("c"), 1, 15))
    qtbot.addWidget(row)
    row.show()
    return row


def visible(row, lines):
    row.resize(round(lines * row.fontMetrics().height()) + 2, 200)
    QApplication.processEvents()
    return [label.text() for label in row.parts if label.isVisible()], row.tabs.isVisible()


def test_parts_fold_when_they_do_not_fit_and_tabs_choose_among_them(row):
    assert visible(row, 36) == (["a", "b", "c"], False)
    assert visible(row, 26) == (["a", "b"], True)
    row.tabs.setCurrentIndex(2)
    assert visible(row, 26) == (["a", "c"], True)
    assert visible(row, 16) == (["c"], True)
    assert visible(row, 4) == (["c"], True)  # never none
    assert visible(row, 36) == (["a", "b", "c"], False)


def test_a_high_row_is_a_column_in_which_a_scroll_area_shows_all_of_its_content(qtbot):
    plot, inside = QLabel("plot"), QWidget()
    words = QLabel("one")
    QVBoxLayout(inside).addWidget(words)
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    row = Folding(("Plot", plot, 1, 10), ("Words", area, 1, 10), column_from=20)
    qtbot.addWidget(row)
    line = row.fontMetrics().height()
    row.resize(25 * line, 24 * line)
    row.show()
    QApplication.processEvents()
    assert area.y() > plot.y() and area.width() == plot.width() == row.width()
    words.setText("one\ntwo\nthree\nfour\nfive")  # it becomes higher after the layout
    QApplication.processEvents()
    assert area.verticalScrollBar().maximum() == 0 and plot.height() > area.height() >= 5 * line
    words.setText("\n" * 99)
    QApplication.processEvents()
    assert plot.height() >= row.height() // 2 - 1
    row.resize(25 * line, 12 * line)  # low: side by side
    QApplication.processEvents()
    assert area.y() == plot.y() and area.minimumHeight() == 0
    row.resize(60 * line, 24 * line)  # much wider than high
    QApplication.processEvents()
    assert area.y() == plot.y()


def test_larger_text_folds_what_fitted(row):
    assert visible(row, 36) == (["a", "b", "c"], False)
    font = row.font()
    font.setPointSizeF(2 * font.pointSizeF())
    row.setFont(font)
    assert row.tabs.isVisible()


def test_a_foot_leaves_its_room_to_the_plot_of_a_low_panel_that_scrolls(qtbot):
    area, panel = QScrollArea(), QWidget()
    foot, plot, column = Foot(panel, 8), QLabel("plot"), QVBoxLayout(panel)
    line = panel.fontMetrics().height()
    plot.setMinimumHeight(5 * line)
    button = QLabel("words below the plot")
    button.setMinimumHeight(5 * line)
    foot.row.addWidget(button)
    column.addWidget(plot)
    column.addWidget(foot)
    area.setWidget(panel)
    area.setWidgetResizable(True)
    qtbot.addWidget(area)
    area.resize(200, 20 * line)
    area.show()
    QApplication.processEvents()
    assert foot.isVisible()
    area.resize(200, 7 * line)  # the panel is as high as both parts, and scrolls
    QApplication.processEvents()
    assert not foot.isVisible() and area.verticalScrollBar().maximum() == 0
    area.resize(200, 20 * line)
    QApplication.processEvents()
    assert foot.isVisible()
