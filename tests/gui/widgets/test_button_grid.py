"""A grid of buttons: as many in a row as fit, and none is cut."""

import pytest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from gui.widgets.button_grid import GAP, ButtonGrid
from gui.widgets.controls import Button


@pytest.mark.parametrize(("fitting", "rows"), [(4, [4]), (3, [2, 2]), (2, [2, 2]), (1, [1, 1, 1, 1])])
def test_as_many_buttons_in_a_row_as_fit(qtbot, fitting, rows):
    buttons = [Button(text) for text in ("Open", "Save…", "Use recipe", "Delete…")]
    grid = ButtonGrid(*buttons)
    qtbot.addWidget(grid)
    grid.resize(fitting * (grid.widest + GAP) - GAP + 1, 200)
    grid.show()
    QApplication.processEvents()
    lines = sorted({button.y() for button in buttons})
    assert [sum(button.y() == line for button in buttons) for line in lines] == rows
    assert all(button.width() >= button.sizeHint().width() for button in buttons)
    assert grid.minimumSizeHint().width() == grid.widest


def test_the_height_is_known_before_the_width_and_the_least_size_does_not_change(qtbot):
    # A scroll area that learns a new least height after each change of the width resizes its content for ever.
    grid = ButtonGrid(*(Button(text) for text in ("Open", "Save…", "Use recipe", "Delete…")))
    qtbot.addWidget(grid)
    grid.show()
    least = grid.minimumSizeHint()
    for width in range(grid.widest, 5 * grid.widest, 7):
        height = grid.heightForWidth(width)
        grid.resize(width, height)
        QApplication.processEvents()
        assert max(button.geometry().bottom() for button in grid.buttons) == height - 1
        assert grid.minimumSizeHint() == least
    assert grid.hasHeightForWidth() and grid.sizeHint().height() == least.height()


def test_a_column_gives_the_grid_the_height_of_its_rows(qtbot):
    grid, list_, holder = ButtonGrid(*(Button(text) for text in ("Open", "Save…", "Delete…"))), QListWidget(), QWidget()
    row, column = QHBoxLayout(), QVBoxLayout(holder)
    row.addWidget(grid)
    column.addWidget(list_, 1)
    column.addLayout(row)
    qtbot.addWidget(holder)
    holder.show()
    for width in range(grid.widest + 40, 5 * grid.widest, 11):
        holder.resize(width, 300)
        QApplication.processEvents()
        assert grid.height() == grid.heightForWidth(grid.width())
        assert max(button.geometry().bottom() for button in grid.buttons) == grid.height() - 1
    grid.buttons[0].setText("A much longer text than before, which needs a row of its own")
    QApplication.processEvents()
    assert all(button.width() >= min(grid.widest, grid.width()) for button in grid.buttons)
