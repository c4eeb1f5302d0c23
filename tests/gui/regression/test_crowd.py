"""Many observations: drawn as shaded cells, and each observation can still be dragged."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.regression import Observations
from engine.regression.evidence import log_evidence
from gui.regression.data_space import DRAGGABLE, DataSpace
from tests.gui.acting import commit
from tests.gui.conftest import settle


@pytest.fixture
def crowd(qtbot, window):
    rng, document = np.random.default_rng(0), window.page.store.document
    observed = Observations(rng.uniform(-1, 0, 100_000), rng.normal(-0.5, 0.2, 100_000)).append(0.8, 1.2)
    commit(window, "A crowd", replace(document, observations=observed, step=len(observed)))
    settle(qtbot, window)
    return window.page.view.panel(DataSpace)


@pytest.mark.slow
def test_one_of_a_hundred_thousand_is_dragged(qtbot, window, crowd, hand):
    hand(crowd.plot).drag((0.8, 1.2), (0.5, -1.2))
    settle(qtbot, window)
    document = window.page.store.document
    assert (document.observations.x[-1], document.observations.t[-1]) == pytest.approx((0.5, -1.2), abs=0.02)
    posterior = document.model.condition(document.observations.x, document.observations.t)
    assert log_evidence(document) == pytest.approx(posterior.log_evidence, rel=1e-9)
    assert "shaded by their number" in window.page.view.docks["Data space"].titleBarWidget().caption.text()


@pytest.mark.slow
def test_a_click_among_them_observes(qtbot, window, crowd, hand):
    hand(crowd.plot).click(-0.5, -0.5)
    settle(qtbot, window)
    assert len(window.page.store.document.observations) == 100_002


@pytest.mark.slow
def test_very_many_observations_cannot_be_dragged(qtbot, window, crowd):
    x = np.zeros(DRAGGABLE + 1)
    commit(window, "More", replace(window.page.store.document, observations=Observations(x, x), step=0))
    settle(qtbot, window)
    assert crowd.plot.hit(0.0, 0.0) is None
    assert "too many to be dragged" in window.page.view.docks["Data space"].titleBarWidget().caption.text()


@pytest.mark.slow
def test_hovering_among_very_many_probes_the_place_and_no_observation(qtbot, window, crowd, hand):
    mouse = hand(crowd.plot)
    mouse.move(-0.5, -0.5)
    settle(qtbot, window)
    assert window.status.readout.text().startswith("x = −0.5")
    assert len(crowd.curves.rings.places) == 0
