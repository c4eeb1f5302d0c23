"""The panel Model size: its lines are the engine's, and a click chooses a size."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.derived import ANYWHERE, resolve
from engine.lecture import steps
from engine.regression import BASES, LinearModel, Observations
from engine.regression.data.observations import CROWD
from engine.regression.model_size import by_order, held_out, model_sizes
from gui.regression.ledger import with_error
from gui.regression.model_size import NOTHING, TOO_MANY, ModelSize
from gui.widgets.numbers import nats
from tests.gui.acting import commit, run
from tests.gui.conftest import settle


@pytest.fixture
def panel(qtbot, window):
    commit(window, "Lecture", replace(steps()[6].document, step=25))
    window.page.view.docks["Model size"].raise_()
    settle(qtbot, window)
    return window.page.view.panel(ModelSize)


@pytest.mark.slow
def test_the_lines_are_the_evidence_and_its_parts(window, panel):
    document = window.page.store.document
    exact = by_order(document.model, document.taken, held_out(document))
    shown = {role: dots.places for role, (_, dots) in panel.orders.lines.items()}
    for role, column in (("evidence", exact.log_evidence), ("likelihood", exact.fit), ("prior", exact.occam)):
        np.testing.assert_allclose(shown[role], np.column_stack([exact.orders, column]))
    caption = window.page.view.docks["Model size"].titleBarWidget().caption.text()
    name = document.model.basis.order_name
    assert f"highest evidence: {name} {exact.orders[np.argmax(exact.log_evidence)]}, " in caption


@pytest.mark.slow
def test_hovering_writes_the_numbers_of_the_size_under_the_cursor(qtbot, window, panel, hand):
    document = window.page.store.document
    exact = by_order(document.model, document.taken, held_out(document))
    caption = window.page.view.docks["Model size"].titleBarWidget().caption
    before = caption.text()
    hand(panel.plot).move(3.2, (panel.plot.shown.bottom + panel.plot.shown.top) / 2)
    i = list(exact.orders).index(3)
    assert f"{document.model.basis.order_name} 3: ln evidence {nats(float(exact.log_evidence[i]))} = " in caption.text()
    panel.plot._leave()
    assert caption.text() == before


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(BASES), ids=lambda kind: kind.__name__)
def test_a_click_chooses_the_nearest_order_and_can_be_undone(qtbot, window, panel, hand, kind):
    page = window.page
    commit(window, "Another basis", replace(page.store.document, model=LinearModel(kind())))
    settle(qtbot, window)
    before = page.store.document
    middle = (panel.plot.shown.bottom + panel.plot.shown.top) / 2
    hand(panel.plot).click(5.2, middle)
    settle(qtbot, window)
    assert page.store.document.model.basis == before.model.basis.of_order(5)
    page.store.stack.undo()
    assert page.store.document == before


@pytest.mark.slow
def test_without_observations_a_notice_names_the_next_action(qtbot, window, panel):
    run(window, "Clear")
    settle(qtbot, window)
    assert panel.notice.text() == NOTHING
    assert not any(len(dots.places) for _, dots in panel.orders.lines.values())


@pytest.mark.slow
def test_with_too_many_observations_a_notice_is_shown_and_nothing_is_computed(qtbot, window, panel):
    x = np.linspace(0, 1, CROWD + 1)
    crowd = replace(window.page.store.document, observations=Observations(x, x), step=CROWD + 1)
    commit(window, "A crowd", crowd)
    settle(qtbot, window)
    assert panel.notice.text() == TOO_MANY.format(CROWD)
    assert resolve(crowd, {model_sizes: ANYWHERE}).get(model_sizes) is None
    assert resolve(crowd.step_to(CROWD), {model_sizes: ANYWHERE}).get(model_sizes) is not None


def test_a_sampled_evidence_has_its_stated_error():
    assert with_error(-9.25, 0.0) == "−9.25 nats"
    assert with_error(-9.25, 0.007) == "−9.25 ± 0.007 nats (sampled)"
    assert with_error(-9.25, float("inf")) == "−9.25 nats (by Laplace's approximation)"
