"""The panel Inference: a click sets the start of q, buttons step, run, stop and restart it."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.regression import Observations
from engine.regression.document import Regression
from engine.regression.inference import MOST_STEPS, VariationalSettings
from engine.regression.samples import FRAMES
from gui.regression.inference import Inference
from gui.regression.samples import Samples
from gui.widgets import motion
from gui.widgets.numbers import nats
from tests.gui.acting import commit
from tests.gui.conftest import settle

DOCUMENT = Regression(observations=Observations([0.9, -0.6, 0.2], [0.15, -0.6, -0.2]), step=3)


@pytest.fixture
def panel(qtbot, window):
    commit(window, "Three points", DOCUMENT)
    window.page.view.docks["Inference"].raise_()
    qtbot.waitUntil(lambda: "Inference" in window.page.view.panels)
    settle(qtbot, window)
    return window.page.view.panel(Inference)


@pytest.mark.slow
def test_a_click_starts_q_there(qtbot, window, panel, hand):
    hand(panel.plot).click(0.2, -0.3)
    settle(qtbot, window)
    settings = window.page.store.document[VariationalSettings]
    assert (settings.start_0, settings.start_1) == pytest.approx((0.2, -0.3), abs=0.01)
    np.testing.assert_allclose(panel.weights.start.places, [[settings.start_0, settings.start_1]])


@pytest.mark.slow
def test_steps_increase_the_elbo_and_undo_returns_to_the_start(qtbot, window, panel):
    start = panel.trace.last.places[0, 1]
    for _ in range(5):
        qtbot.mouseClick(panel.one, Qt.MouseButton.LeftButton)
        settle(qtbot, window)
    assert window.page.store.document[VariationalSettings].steps == 5
    assert panel.trace.last.places[0, 0] == 5
    assert panel.trace.last.places[0, 1] > start
    assert "−1.43" in panel.values[0].text()
    assert nats(panel.trace.last.places[0, 1]) in panel.values[3].text()
    window.page.store.stack.undo()
    assert window.page.store.document[VariationalSettings].steps == 0


@pytest.mark.slow
def test_it_runs_until_stopped_and_not_behind_a_tab(qtbot, window, panel):
    qtbot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    assert panel.run.text() == "Stop"
    qtbot.waitUntil(lambda: window.page.store.document[VariationalSettings].steps >= 8)
    window.page.view.docks["Predictive"].raise_()
    qtbot.waitUntil(lambda: not panel.timer.isActive())
    assert panel.run.text() == "Run"
    qtbot.mouseClick(panel.again, Qt.MouseButton.LeftButton)
    assert window.page.store.document[VariationalSettings].steps == 0


@pytest.mark.slow
def test_with_reduced_motion_a_run_and_an_animation_show_only_their_end(qtbot, window, panel):
    samples = window.page.view.bring(Samples)
    settle(qtbot, window)
    motion.reduce(True)
    try:
        samples.walking.trigger()
        assert (samples.frame, samples.timer.isActive(), samples.walking.isChecked()) == (FRAMES, False, False)
        panel.run.click()
        assert window.page.store.document[VariationalSettings].steps == MOST_STEPS
        assert not panel.timer.isActive()
    finally:
        motion.reduce(False)


@pytest.mark.slow
def test_the_other_ways_are_drawn_when_chosen(qtbot, window, panel):
    combo = panel.form.editors["way"].combo
    for way, outlined in (("Exact", False), ("Grid", False), ("Laplace", True)):
        combo.setCurrentText(way)
        combo.activated.emit(combo.currentIndex())
        settle(qtbot, window)
        assert bool(len(panel.weights.approximation.straight)) is outlined
        shape = panel.weights.raster.pixels.shape
        assert (shape == (25, 25)) is (way == "Grid")
