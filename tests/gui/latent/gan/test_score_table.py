"""The table of scores scrolls sideways only if its columns do not fit, and the level of the losses has dashes."""

import math

import numpy as np

from engine.latent.gan.scores import NAMES
from gui.latent.gan.score_table import ScoreTable
from gui.latent.gan.scores import COLUMNS
from gui.plots.curves.losses import LossesPlot

WIDE = 625  # pixels of half a window with 1280 pixels


def test_all_columns_fit_into_half_a_small_window_and_a_table_that_fits_keeps_no_room_for_a_scroll_bar(qtbot):
    table = ScoreTable("Scores", [*COLUMNS], NAMES)
    qtbot.addWidget(table)
    for row in range(len(NAMES)):
        table.write(row, ["0.98", "0.95", "1.37", "0.95", "186.5", "1.48", "0.232", "0.038"])
    table.resize(WIDE, 200)
    table.show()
    assert table.horizontalScrollBar().maximum() == 0
    rows = table.horizontalHeader().sizeHint().height() + table.verticalHeader().length() + 2 * table.frameWidth()
    assert table.sizeHint().height() == rows
    table.resize(WIDE // 2, 200)
    assert table.horizontalScrollBar().maximum() > 0
    assert table.sizeHint().height() == rows + table.horizontalScrollBar().sizeHint().height()


def test_the_level_of_the_losses_is_drawn_with_dashes(qtbot):
    plot = LossesPlot("Losses", ("steps", "nats"))
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    steps = np.linspace(0, 8000, 50)
    plot.show_curves(steps, np.full(50, 0.5), np.full(50, 0.9), math.log(2), 0)
    qtbot.waitUntil(lambda: plot.shown.right > 8000)
    area, image, middle = plot.area, plot.grab().toImage(), round(plot.pixel_of(0, math.log(2)).y())
    columns, rows = range(area.left() + 40, area.right() - 40), range(middle - 2, middle + 3)
    ink = np.array([sum(255 - image.pixelColor(x, y).lightness() for y in rows) for x in columns])
    assert ink.max() > 0
    assert np.count_nonzero(np.diff((ink > ink.max() / 2).astype(int))) > 20  # changes; a solid line has none
