"""A grid of figures: one legend for all figures with each entry once, and text that can be read."""

import numpy as np
import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.lecture.documents import stages
from engine.lecture.shipped import files, shipped
from engine.regression.document import Regression
from gui.figures.controls import fit_columns
from gui.latent.gan.score_table import ScoreTable
from gui.paper.grid import Cell, Grid, Row, Style
from gui.paper.step_figure import Sizes, figures_of_builds
from gui.paper.work import finish
from gui.plots.images.strip import Strip
from gui.regression.data_space import DataSpace
from gui.regression.ledger import Ledger
from gui.regression.predictive import Predictive
from gui.regression.uncertainty_budget import UncertaintyBudget
from gui.widgets.scrolling import scrolling

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


def test_the_text_of_a_panel_that_lacks_height_keeps_7_points(qapp):
    grid = Grid([Row((Cell(Ledger, many()),), 30.0)], 80.0, Style(8.0))
    finish(grid.complete(), [].append)
    (figure,) = grid.parts
    found = figure._zoom * figure.look.points, figure.lack
    grid.close()
    assert found[0] == 7.0
    assert found[1] > 0  # it would need more


def test_a_row_grows_by_what_its_panels_lack_beside_the_words_of_another_panel(qapp):
    """The caption of one panel takes height from the table of the other one."""
    cells = Cell(Ledger, many()), Cell(Predictive, DOCUMENT)
    grid = Grid([Row(cells, 60.0)], 170.0, Style(8.0, title=True), 120.0)
    finish(grid.complete(), [].append)
    lack, points = grid.parts[0].lack, grid.parts[0]._zoom * 8.0
    high = grid.size_mm[1]
    grid.close()
    assert (lack, points) == (0, 8.0)
    assert 60.0 < high <= 120.0


def test_the_lines_of_text_of_the_panels_can_be_left_out(qapp):
    below = []
    for lines in (True, False):
        grid = Grid([Row((Cell(Predictive, DOCUMENT),), 60.0)], 35.0, Style(lines=lines))
        finish(grid.complete(), [].append)
        below.append(grid.parts[0].below)
        grid.close()
    assert below[0] > below[1] == 0


def test_a_panel_that_follows_its_own_place_shows_its_numbers_on_paper(qapp):
    grid = Grid([Row((Cell(UncertaintyBudget, DOCUMENT),), 60.0)], 170.0, Style())
    finish(grid.complete(), [].append)
    panel = grid.parts[0].panel
    texts = [value.text() for value in panel.values.values()]
    best = panel.best
    grid.close()
    assert "–" not in texts
    assert float(texts[0].replace("−", "-")) == pytest.approx(best, abs=1e-3)


def many():
    """Twenty observations."""
    document = DOCUMENT
    for n in range(18):
        document = document.observe(n / 20, 0.1)
    return document


def test_on_paper_a_strip_shows_whole_rows_and_counts_the_images_that_it_shows(qapp):
    strip = Strip("Images", "", numbered=False, side=42)
    area = scrolling(strip, growing=True)
    area.resize(160, 240)
    area.show()
    strip.show_ink(np.zeros((64, 28, 28), np.uint8))
    qapp.processEvents()
    shown = strip.count_on_paper
    last, high = strip.square(shown - 1), strip.visibleRegion().boundingRect().height()
    few = np.zeros((4, 28, 28), np.uint8)
    strip.show_ink(few)
    qapp.processEvents()
    every = strip.count_on_paper
    area.close()
    assert 0 < shown < 64
    assert shown % 2 == 0  # columns
    assert last.bottom() + strip.fontMetrics().height() <= high
    assert every == 4


def test_the_words_of_a_build_that_are_too_long_for_its_column_stand_above_the_row(qapp):
    lecture = shipped(files()[0])
    steps = stages(lecture, "which-is-real")
    (grid,) = figures_of_builds(lecture.step("which-is-real"), steps, {}, Sizes(170.0, 150.0), Style())
    (row,) = grid.rows
    grid.close()
    assert row.above == f"2: {steps[1].say}"
    assert [cell.head for cell in row.cells] == ["1", "2"]


@pytest.mark.parametrize("width", [600, 60])
def test_the_columns_of_a_table_share_the_free_width_equally(qtbot, width):
    panel = QWidget()
    qtbot.addWidget(panel)
    table = ScoreTable("Shares", ("0", "1", "a longer heading"), ("GAN",))
    QVBoxLayout(panel).addWidget(table)
    table.write(0, ("1.0", "10.0", "0.5"))
    panel.resize(width, 200)
    panel.ensurePolished()
    panel.show()
    header = table.horizontalHeader()
    before = [header.sectionSize(i) for i in range(3)]
    fit_columns(panel)
    after = [header.sectionSize(i) for i in range(3)]
    assert sum(after) == table.viewport().width()
    gains = [new - old for new, old in zip(after, before, strict=True)]
    if width == 600:
        assert min(gains) > 20 and max(gains) - min(gains) <= 2
    else:
        assert max(after) - min(after) <= 1
