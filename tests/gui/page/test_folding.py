"""Folding rows show all parts where there is room, and otherwise the chosen one with tabs for the others."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from gui.widgets.folding import Folding


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


def test_larger_text_folds_what_fitted(row):
    assert visible(row, 36) == (["a", "b", "c"], False)
    font = row.font()
    font.setPointSizeF(2 * font.pointSizeF())
    row.setFont(font)
    assert row.tabs.isVisible()
