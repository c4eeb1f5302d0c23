"""Own data in the window: their names, their range and their frame, and no true function."""

import numpy as np
import pytest
from msgspec.structs import replace

from gui.regression.data_space import DataSpace
from gui.regression.tables import Tables
from gui.regression.truth_and_data import DRAW_ONE
from gui.regression.weight_space import Posterior
from tests.gui.acting import commit, run
from tests.gui.conftest import settle


@pytest.mark.slow
def test_own_data_bring_their_names_range_and_frame_and_no_true_function(qtbot, open_window, tmp_path):
    window, path = open_window(), tmp_path / "own.csv"
    view = window.page.view
    path.write_text(
        "year;height of the water in the harbour\n" + "".join(f"{2000 + i};{3 + 0.5 * i}\n" for i in range(9))
    )
    window.open_file(path)
    dialog = view.controller(Tables).dialog
    qtbot.waitUntil(dialog.go.isEnabled)
    dialog.go.click()
    settle(qtbot, window)
    document, posterior = window.page.store.document, view.panel(Posterior)
    assert document.names == ("year", "height of the water in the harbour")
    assert (document.source.low, document.source.high, document.source.knows_truth) == (2000.0, 2008.0, False)
    assert view.panel(DataSpace).curves.truth.lines.size == 0
    assert "truth" not in dict(view.panel(DataSpace).legend_entries())
    assert view.panel(DataSpace).plot._names == document.names
    beyond, shown = posterior.heatmap.beyond, posterior.plot.shown
    assert beyond.target(posterior.plot._transform()) is None
    low, high = beyond.corners
    assert np.all(low > [shown.left, shown.bottom])
    assert np.all(high < [shown.right, shown.top])
    run(window, DRAW_ONE.text)
    assert "own data is unknown" in window.banner.text.text()
    assert window.page.store.document is document


def test_fit_shows_all_observations_of_now(qtbot, open_window):
    window = open_window()
    plot = window.page.view.panel(DataSpace).plot
    for x in (3.0, -5.0):
        commit(window, "Far away", window.page.store.document.observe(x, 4.0))
        settle(qtbot, window)
        plot.go_home()
        assert plot.home.left < min(x, -1) < max(x, 1) < plot.home.right
        assert plot.shown.left <= plot.home.left < plot.home.right <= plot.shown.right
        assert plot.shown.top > 4


def test_fit_knows_the_range_of_a_new_source(qtbot, open_window):
    window = open_window()
    plot, document = window.page.view.panel(DataSpace).plot, window.page.store.document
    commit(window, "Wider", replace(document, source=replace(document.source, low=-5.0, high=5.0)))
    settle(qtbot, window)
    plot.go_home()
    assert plot.home.left < -5 < 5 < plot.home.right
