"""The panel Evidence: the point is the model, the numbers are the engine's, and a button sets the maximum."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.lecture import steps
from engine.regression import LinearModel, Observations, UnknownNoise, maximise
from engine.regression.document import Regression
from engine.regression.evidence import evidence_map, log_evidence
from engine.regression.model.noise import HIGHEST, LOWEST
from gui.regression.evidence import NOTHING, OTHERWISE, Evidence
from gui.widgets.numbers import nats, shown
from tests.gui.acting import commit
from tests.gui.conftest import settle


@pytest.fixture
def panel(qtbot, window):
    commit(window, "Lecture", steps()[3].document)
    window.page.view.docks["Evidence"].raise_()
    settle(qtbot, window)
    return window.page.view.panel(Evidence)


@pytest.mark.slow
def test_the_point_is_dragged_and_the_model_follows(qtbot, window, panel, hand):
    page, before = window.page, window.page.store.document
    hand(panel.plot).drag(tuple(np.log10([2.0, 25.0])), (1.0, 0.5))
    settle(qtbot, window)
    model = page.store.document.model
    assert np.log10([model.prior_precision, model.noise.precision]) == pytest.approx([1.0, 0.5], abs=0.05)
    assert nats(log_evidence(page.store.document)) in page.view.docks["Evidence"].titleBarWidget().caption.text()
    page.store.stack.undo()
    assert page.store.document == before


@pytest.mark.slow
def test_the_button_leads_to_where_the_evidence_is_highest(qtbot, window, panel):
    document = window.page.store.document
    best = maximise(document.model.basis, document.observations.x, document.observations.t, [(1.0, 1.0)])[0]
    assert shown(best.alpha) in panel.words.text()
    panel.maximise.click()
    settle(qtbot, window)
    model = window.page.store.document.model
    assert (model.prior_precision, model.noise.precision) == pytest.approx((best.alpha, best.beta), rel=1e-5)


@pytest.mark.slow
def test_hovering_reads_the_evidence_out(qtbot, window, panel, hand):
    hand(panel.plot).move(-1.0, 2.0)
    settle(qtbot, window)
    x, y = panel.plot.place_of(panel.plot.pixel_of(-1.0, 2.0))
    document = window.page.store.document.with_precisions(10**x, 10**y)
    assert nats(log_evidence(document)) in window.status.readout.text()


@pytest.mark.slow
def test_the_home_viewport_reaches_the_maximum_of_data_in_millions(qtbot, window, panel):
    observations = Observations(np.arange(10), 1e6 * (3 + np.arange(10) + np.sin(np.arange(10))))
    commit(window, "Millions", replace(window.page.store.document, observations=observations, step=10))
    settle(qtbot, window)
    rest = panel.rests[0]
    assert rest.kind == "maximum"
    assert rest.beta < 1e-10
    assert panel.plot.shown.left < np.log10(rest.alpha) < panel.plot.shown.right
    assert panel.plot.shown.bottom < np.log10(rest.beta) < panel.plot.shown.top


@pytest.mark.slow
def test_a_runaway_is_named(qtbot, window, panel):
    commit(window, "Two points", steps()[2].document)
    settle(qtbot, window)
    assert "weights of zero" in panel.words.text()
    assert not panel.maximise.isEnabled()


@pytest.mark.slow
def test_it_is_not_computed_for_while_another_tab_is_in_front(qtbot, window, panel):
    assert evidence_map in window.page._wanted_values
    window.page.view.docks["Predictive"].raise_()
    settle(qtbot, window)
    assert evidence_map not in window.page._wanted_values


@pytest.mark.slow
def test_without_observations_a_notice_names_the_next_action(qtbot, window, panel):
    commit(window, "Clear", Regression())
    settle(qtbot, window)
    assert panel.notice.text() == NOTHING
    assert panel.surface.raster.pixels is None


def test_precisions_are_clipped_to_the_allowed_range():
    far = Regression().with_precisions(1e300, 1e-300).model
    assert (far.prior_precision, far.noise.precision) == (HIGHEST, LOWEST)
    assert isinstance(far, LinearModel)


@pytest.mark.slow
def test_the_evidence_is_computed_far_outside_the_home_viewport(qtbot, window, panel, hand):
    for _ in range(40):
        panel.plot.zoom(1.3)
    settle(qtbot, window)
    pointer = hand(panel.plot)
    far = panel.plot.shown.right * 0.9, panel.plot.shown.top * 0.9
    assert far[0] > 400
    pointer.move(*far)
    settle(qtbot, window)
    assert "ln evidence" in window.status.readout.text()
    pointer.click(*far)
    settle(qtbot, window)
    model = window.page.store.document.model
    assert (model.prior_precision, model.noise.precision) == (HIGHEST, HIGHEST)
    assert not window.banner.isVisible()


def own(window):
    model = window.page.store.document.model
    return np.log10([model.prior_precision, model.noise.precision])


@pytest.mark.slow
def test_one_step_of_re_estimation(qtbot, window, panel):
    before = np.log10(
        [window.page.store.document.model.prior_precision, window.page.store.document.model.noise.precision]
    )
    qtbot.mouseClick(panel.one, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    after = np.log10(
        [window.page.store.document.model.prior_precision, window.page.store.document.model.noise.precision]
    )
    assert not np.allclose(before, after)
    np.testing.assert_allclose(panel.surface.point.places[0], after, atol=1e-9)


@pytest.mark.slow
def test_with_unknown_noise_a_notice_explains_the_empty_surface(qtbot, window, panel, hand):
    document = window.page.store.document
    commit(window, "Other noise", replace(document, model=replace(document.model, noise=UnknownNoise())))
    settle(qtbot, window)
    assert panel.notice.text() == OTHERWISE
    assert not len(panel.surface.point.places)
    hand(panel.plot).click(0.5, 0.5)
    assert OTHERWISE in window.banner.text.text()
