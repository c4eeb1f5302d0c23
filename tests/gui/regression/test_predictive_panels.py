"""The panels Predictive, Samples and Uncertainty budget in the window."""

import re

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.lecture import steps
from engine.regression import LinearModel, Observations, Polynomial, StudentTNoise
from engine.regression.samples import FRAMES, SamplesSettings
from gui.regression.best_observation import OBSERVE_BEST
from gui.regression.evidence import Evidence
from gui.regression.predictive import Predictive
from gui.regression.samples import Samples
from gui.regression.uncertainty_budget import UncertaintyBudget
from tests.gui.acting import commit, run
from tests.gui.conftest import settle

SINUSOID = next(step.document for step in steps() if "inus" in step.title and step.document.step == 4)


@pytest.fixture
def bring(qtbot, window):
    """Return a function that opens a panel with four observations of the sinusoid."""
    commit(window, "Sinusoid", SINUSOID)

    def make(kind):
        window.page.view.docks[kind.title].raise_()
        qtbot.waitUntil(lambda: kind.title in window.page.view.panels)
        settle(qtbot, window)
        return window.page.view.panel(kind)

    return make


def height(band):
    outline = band.path.boundingRect()
    return outline.height()


@pytest.mark.slow
def test_four_bands_or_the_density(qtbot, window, bring):
    panel = bring(Predictive)
    plot = panel.predictive
    assert all(not band.path.isEmpty() for band in plot.bands)
    assert height(plot.bands[0]) > height(plot.bands[1])
    assert height(plot.bands[0]) > height(plot.bands[2]) > height(plot.bands[3])
    assert "without noise" in window.page.view.docks["Predictive"].titleBarWidget().caption.text()
    panel.as_density.trigger()
    settle(qtbot, window)
    assert all(band.path.isEmpty() for band in plot.bands)
    assert plot.density.pixels is not None
    assert "p(t|x)" in panel.legend.text()
    window.page.store.stack.undo()
    settle(qtbot, window)
    assert plot.density.pixels is None


@pytest.mark.slow
def test_a_sampled_density_is_marked_with_its_error(qtbot, window, bring, monkeypatch):
    """Four observations on a zigzag under heavy tails: the posterior has several modes."""
    monkeypatch.setattr("engine.regression.predictive.ROWS", 4)  # all rows take some seconds
    bring(Predictive).as_density.trigger()
    settle(qtbot, window)
    budget = bring(UncertaintyBudget)
    bring(Predictive)
    captions = [
        window.page.view.docks[title].titleBarWidget().caption for title in ("Predictive", "Uncertainty budget")
    ]
    assert "density" in captions[0].text()
    assert not any("approximate" in caption.text() for caption in captions)
    zigzag = Observations([0.0, 0.1, 0.2, 0.3], [-1.0, 1.0, -1.02, 1.03])
    model = LinearModel(Polynomial(2), 0.1, StudentTNoise(2.1, 0.05))
    commit(window, "Zigzag", replace(window.page.store.document, observations=zigzag, step=4, model=model))
    settle(qtbot, window)
    assert "approximate: ± 0." in captions[0].text()
    bring(UncertaintyBudget)
    assert "approximate: ± 0." in captions[1].text()
    assert "nats in ln p(t|x), sampled" in budget.doubt
    bring(Predictive).as_density.trigger()
    settle(qtbot, window)
    assert re.search(r"approximate: ± \d+ % of σ of the function, sampled$", captions[0].text())


@pytest.mark.slow
def test_a_click_in_predictive_observes(qtbot, window, bring, hand):
    panel = bring(Predictive)
    hand(panel.plot).click(0.62, 1.2)
    settle(qtbot, window)
    assert window.page.store.document.step == 5
    assert panel.plot.latest.places[0] == pytest.approx((0.62, 1.2), abs=0.02)


@pytest.mark.slow
def test_the_samples_are_animated_only_while_the_panel_is_visible(qtbot, window, bring):
    panel = bring(Samples)
    before = panel.curves.samples.lines.copy()
    run(window, "Animate the samples")
    qtbot.waitUntil(lambda: panel.frame > 2)
    assert not np.array_equal(before, panel.curves.samples.lines)
    bring(Evidence)
    assert not panel.timer.isActive()
    bring(Samples)
    assert panel.timer.isActive()
    panel.walking.trigger()
    qtbot.waitUntil(lambda: not panel.timer.isActive(), timeout=1000 * FRAMES)
    assert panel.frame % FRAMES == 0  # at a draw


@pytest.mark.slow
def test_samples_from_the_prior(qtbot, window, bring):
    panel = bring(Samples)
    panel.of_prior.trigger()
    settle(qtbot, window)
    assert window.page.store.document[SamplesSettings].of == "prior"
    assert "from the prior" in window.page.view.docks["Samples"].titleBarWidget().caption.text()
    assert np.all(panel.curves.mean.lines == 0)


@pytest.mark.slow
def test_the_budget_follows_the_cursor_and_observes_at_the_most_informative_x(qtbot, window, bring, hand):
    panel = bring(UncertaintyBudget)
    assert panel.values["x"].text() != "–"
    hand(panel.plot).move(0.3, 0.5)
    settle(qtbot, window)
    assert panel.values["x"].text().startswith("0.3")
    assert "nan" not in window.status.readout.text()
    best = panel.best
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    document = window.page.store.document
    assert document.step == 5
    assert document.observations.x[4] == best
    assert panel.best != best
    run(window, OBSERVE_BEST.text)
    settle(qtbot, window)
    assert window.page.store.document.step == 6


@pytest.mark.slow
def test_a_click_in_the_budget_observes_there(qtbot, window, bring, hand):
    panel = bring(UncertaintyBudget)
    hand(panel.plot).click(0.8, 0.2)
    settle(qtbot, window)
    assert window.page.store.document.observations.x[4] == pytest.approx(0.8, abs=0.01)


@pytest.mark.slow
def test_lines_from_laplaces_gaussian_are_named_and_those_from_a_grid_are_not(qtbot, window):
    document = window.page.store.document
    observed = replace(document, observations=Observations([0.1, 0.5], [0.2, 0.4]), step=2)
    for degree, named in ((2, True), (1, False)):
        model = LinearModel(Polynomial(degree), noise=StudentTNoise())
        commit(window, "Other model", replace(observed, model=model))
        settle(qtbot, window)
        for title in ("Data space", "Samples"):
            window.page.view.docks[title].raise_()
            settle(qtbot, window)
            caption = window.page.view.docks[title].titleBarWidget().caption.text()
            assert ("Laplace's Gaussian" in caption) is named
