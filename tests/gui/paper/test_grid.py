"""A grid of figures: one legend for all figures, with each entry once."""

from engine.regression.document import Regression
from gui.paper.grid import Cell, Grid, Row, Style
from gui.paper.work import finish
from gui.regression.data_space import DataSpace

DOCUMENT = Regression().observe(0.9, 0.15).observe(-0.6, -0.6)


def entries(rows):
    grid = Grid(rows, 170.0, Style(legend=True))
    finish(grid.complete(), [].append)
    found = [text for line in grid._legend() for _, text in line]
    grid.close()
    return found


def test_two_figures_of_the_same_panel_share_the_entries_of_one(qapp):
    cell = Cell(DataSpace, DOCUMENT)
    one = entries([Row((cell,), 60.0)])
    assert len(one) == len(set(one)) > 2
    assert entries([Row((cell, cell), 60.0)]) == one
