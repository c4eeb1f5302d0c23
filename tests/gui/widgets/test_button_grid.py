"""A grid of buttons: as many in a row as fit, and none is cut."""

import pytest
from PySide6.QtWidgets import QApplication

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
