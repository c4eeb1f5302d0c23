"""A selected observation in weight space: the line of the weights that explain it."""

import pytest
from msgspec.structs import replace

from engine.regression import LinearModel, Polynomial
from engine.regression.document import Regression
from engine.regression.probes import ObservationPlace, WeightPlace
from engine.regression.weight_space import complete, explaining
from gui.regression.weight_space import Posterior, Prior
from tests.gui.acting import commit
from tests.gui.conftest import settle


@pytest.mark.slow
def test_the_line_that_explains_the_selected_observation_is_drawn_in_weight_space(qtbot, window):
    view = window.page.view
    commit(window, "Two", window.page.store.document.observe(0.4, 0.3).observe(-0.5, -0.6))
    settle(qtbot, window)
    view.select(ObservationPlace(0))
    settle(qtbot, window)
    for kind in (Prior, Posterior):
        (x, y, right, top), *rest = view.panel(kind).heatmap.strip.straight
        assert not rest
        for w0, w1 in ((x, y), (right, top)):
            assert w0 + 0.4 * w1 == pytest.approx(0.3, abs=1e-6)
    view.probed.emit(WeightPlace(0, 0))
    settle(qtbot, window)
    assert len(view.panel(Posterior).heatmap.strip.straight) == 1
    view.select(None)
    settle(qtbot, window)
    assert not len(view.panel(Posterior).heatmap.strip.straight)


def test_with_more_weights_the_others_are_at_their_mean_given_the_two():
    document = Regression(model=LinearModel(Polynomial(3))).observe(0.4, 0.3).observe(-0.5, -0.6)
    posterior = document.model.condition(document.observations.x, document.observations.t)
    segment = explaining(document, 0.4, 0.3)[0]
    for fraction in (0.4999, 0.5, 0.5001):
        w = complete(posterior.weights, document.pair, segment[:2] + fraction * (segment[2:] - segment[:2]))
        assert document.model.basis.features([0.4])[0] @ w == pytest.approx(0.3, abs=1e-6)
    assert explaining(replace(document, model=LinearModel(Polynomial(0))), 0.4, 0.3) is None
