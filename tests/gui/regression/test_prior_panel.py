"""The prior as an ellipse that is dragged by a pointer, and the named priors of the menu."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.regression import Ellipse
from engine.regression.data_space import DataSpaceSettings
from gui.regression.data_space import DataSpace
from gui.regression.weight_space import Prior
from tests.gui.acting import commit, run
from tests.gui.conftest import settle


@pytest.fixture
def grip(qtbot, window, hand):
    document = window.page.store.document
    model = replace(document.model, prior_shape=Ellipse(0.2, 0.1, 0.3, 0.2, 0.3))
    commit(window, "Ellipse", replace(document, model=model).pin((-0.8, -0.8)))
    settle(qtbot, window)
    return hand(window.page.view.panel(Prior).plot)


def shape(window):
    return window.page.store.document.model.prior_shape


@pytest.mark.slow
def test_the_middle_moves_it_in_one_step_of_undo(qtbot, window, grip):
    before = shape(window)
    grip.drag((0.2, 0.1), (-0.3, 0.4))
    settle(qtbot, window)
    np.testing.assert_allclose(shape(window).mean, [-0.3, 0.4], atol=0.02)
    np.testing.assert_allclose(shape(window).covariance, before.covariance, atol=1e-9)
    window.page.store.stack.undo()
    assert shape(window) == before


@pytest.mark.slow
def test_an_end_turns_and_stretches_it(qtbot, window, grip):
    before = shape(window)
    end = before.handles()[2]
    grip.drag(tuple(end), (0.2, 0.9), steps=20)
    settle(qtbot, window)
    np.testing.assert_allclose(shape(window).mean, before.mean)
    ends = shape(window).handles()[1:]
    nearest = min(np.linalg.norm(place - [0.2, 0.9]) for place in (*ends, *(2 * before.mean - ends)))
    assert nearest < 0.03


@pytest.mark.slow
def test_pins_stay_handles_and_the_prior_cannot_be_removed(qtbot, window, grip):
    grip.drag((-0.8, -0.8), (-0.5, -0.6))
    settle(qtbot, window)
    assert window.page.store.document.pins[0] == pytest.approx((-0.5, -0.6), abs=0.02)
    panel = window.page.view.panel(Prior)
    panel.plot.removed.emit(1)
    assert "cannot be removed" in window.banner.text.text()
    assert isinstance(shape(window), Ellipse)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "alpha", "full"),
    [("Flat prior", 1e-4, False), ("The lecture's prior", 2.0, False), ("Confident and wrong prior", 2.0, True)],
)
def test_the_named_priors(qtbot, window, text, alpha, full):
    run(window, text)
    settle(qtbot, window)
    assert window.page.store.document.model.prior_precision == alpha
    assert isinstance(shape(window), Ellipse) is full
    window.page.store.stack.undo()
    assert not isinstance(shape(window), Ellipse)


@pytest.mark.slow
def test_the_basis_functions_add_up_to_the_mean(qtbot, window):
    document = window.page.store.document.observe(0.4, 0.3).observe(-0.5, -0.6)
    commit(window, "Two", document.with_setting(DataSpaceSettings(show_basis=True)))
    settle(qtbot, window)
    curves = window.page.view.panel(DataSpace).curves
    assert len(curves.weighted.lines) == 2
    np.testing.assert_allclose(curves.weighted.lines.sum(axis=0), curves.mean.lines[0], atol=1e-12)
