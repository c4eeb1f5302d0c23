"""Both planes of Bayes' rule: the same actions over weights and over latents lead to the same edits."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.probes import UnboxedPlace
from engine.plane import Bayes, Plane, Viewport
from engine.regression.document import Regression
from engine.regression.probes import WeightPlace
from gui.latent.unboxing import latent_space
from gui.page.shared.bayes_plane import BayesPlane
from gui.page.shared.bayes_readout import bayes_words
from gui.regression import weight_space
from gui.widgets.numbers import nats
from tests.gui.acting import commit
from tests.gui.conftest import settle

FAMILIES = {
    "regression": (weight_space, Regression().with_drawn_points(3), WeightPlace, "line"),
    "unboxing": (latent_space, Latent().with_input(FromData(7)), UnboxedPlace, "image"),
}
PANELS = [(tab, name) for tab in FAMILIES for name in ("Prior", "Likelihood", "Posterior")]


@pytest.fixture(params=PANELS, ids="-".join)
def case(request, qtbot, open_window, hand):
    """One panel of a page with data, a simulated mouse on it, and all three panels of the page."""
    tab, name = request.param
    module, document, place, pinned = FAMILIES[tab]
    window = open_window(tab)
    commit(window, "Begin", document)
    settle(qtbot, window)
    panels = {kind: window.page.view.panel(getattr(module, kind)) for kind in ("Prior", "Likelihood", "Posterior")}
    for panel in panels.values():  # what the tests click at is not in the frame of the posterior
        panel.plot.look_at(Viewport(-3.0, 3.0, -3.0, 3.0, 240, 240))
    settle(qtbot, window)
    return SimpleNamespace(
        window=window,
        view=window.page.view,
        store=window.page.store,
        panel=panels[name],
        panels=list(panels.values()),
        hand=hand(panels[name].plot),
        place=place,
        pinned=pinned,
    )


@pytest.mark.slow
def test_the_three_panels_are_bayes_planes(case):
    assert all(isinstance(panel, BayesPlane) for panel in case.panels)
    assert all(panel.heatmap.raster.pixels is not None and not panel.notice.text() for panel in case.panels)
    assert [panel.role for panel in case.panels] == ["prior", "likelihood", "posterior"]
    assert [panel.title for panel in case.panels] == ["Prior", "× Likelihood", "∝ Posterior"]


@pytest.mark.slow
def test_a_click_pins_in_all_three(qtbot, case):
    case.hand.click(-0.7, 0.8)
    settle(qtbot, case.window)
    (pin,) = case.store.document.pins
    assert np.hypot(pin[0] + 0.7, pin[1] - 0.8) < 0.05
    assert case.store.stack.undoText() == f"Pin {case.pinned}"
    for panel in case.panels:
        np.testing.assert_array_equal(panel.heatmap.pins.places, [pin])
        assert panel.heatmap.pins.numbered


@pytest.mark.slow
def test_a_pin_is_dragged_in_one_step_of_undo_and_removed(qtbot, case):
    case.hand.click(-0.7, 0.8)
    case.hand.click(0.7, -0.8)
    settle(qtbot, case.window)
    first, second = case.store.document.pins
    count = case.store.stack.count()
    case.hand.drag(second, (0.4, 0.9))
    settle(qtbot, case.window)
    assert case.store.stack.count() == count + 1
    assert case.store.stack.undoText() == "Move pin"
    assert case.store.document.pins[0] == first
    assert np.hypot(case.store.document.pins[1][0] - 0.4, case.store.document.pins[1][1] - 0.9) < 0.05
    case.hand.click(*first, Qt.MouseButton.RightButton)
    assert case.store.stack.undoText() == "Remove pin"
    assert len(case.store.document.pins) == 1
    case.window.undo.trigger()
    assert case.store.document.pins[0] == first


@pytest.mark.slow
def test_all_three_show_the_same_viewport(qtbot, case):
    case.panel.plot.zoom(0.5, 0.2, 0.1)
    settle(qtbot, case.window)
    viewport = case.panel.plot.shown
    for panel in case.panels:
        other = panel.plot.shown
        assert (other.left + other.right, other.bottom + other.top) == pytest.approx(
            (viewport.left + viewport.right, viewport.bottom + viewport.top), abs=1e-9
        )
    case.panel.plot.go_home()
    settle(qtbot, case.window)
    home, shown = case.panels[0].plot.home, case.panels[0].plot.shown
    assert (home.left + home.right) / 2 == pytest.approx((shown.left + shown.right) / 2, abs=1e-9)


@pytest.mark.slow
def test_the_point_under_the_cursor_is_ringed_in_all_three_and_in_the_readout(qtbot, case):
    readouts = []
    case.view.readout_changed.connect(readouts.append)
    case.hand.move(-0.5, 0.3)
    settle(qtbot, case.window)
    assert isinstance(case.panel.place_at(-0.5, 0.3), case.place)
    rings = [panel.heatmap.here.places for panel in case.panels]
    assert all(np.hypot(*(ring[0] - [-0.5, 0.3])) < 0.05 for ring in rings)
    assert [role for role, _ in readouts[-1]] == ["", "prior", "", "likelihood", "", "evidence", "", "posterior"]
    prior, likelihood, evidence, posterior = (
        float(text.rsplit(" ", 1)[1].replace("−", "-").replace(",", "")) for role, text in readouts[-1] if role
    )
    assert prior + likelihood - evidence == pytest.approx(posterior, abs=0.03)
    case.panel.plot._leave()
    settle(qtbot, case.window)
    assert all(len(panel.heatmap.here.places) == 0 for panel in case.panels)


@pytest.mark.slow
def test_space_steps_forwards_and_with_shift_backwards(qtbot, case):
    last = case.store.document.step
    assert last
    qtbot.keyClick(case.panel.plot, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert case.store.document.step == last - 1
    assert case.store.stack.undoText() == f"Step to {last - 1}"
    qtbot.keyClick(case.panel.plot, Qt.Key.Key_Space)
    assert case.store.document.step == last


@pytest.mark.slow
def test_an_empty_plane_shows_a_sentence(qtbot, case):
    commit(case.window, "Nothing", case.view.kind.document())
    settle(qtbot, case.window)
    likelihood = case.panels[1]
    assert likelihood.heatmap.raster.pixels is None
    assert likelihood.notice.text().endswith(".")
    case.window.undo.trigger()
    settle(qtbot, case.window)
    assert likelihood.heatmap.raster.pixels is not None
    assert not likelihood.notice.text()


def test_the_words_of_bayes_rule():
    bayes = Bayes(-1.5, -2.25, -3.0, -0.75)
    assert bayes_words("at z:", bayes) == [
        ("", "at z:"),
        ("prior", f"ln prior {nats(-1.5)}"),
        ("", "+"),
        ("likelihood", f"ln likelihood {nats(-2.25)}"),
        ("", "−"),
        ("evidence", f"ln evidence {nats(-3.0)}"),
        ("", "="),
        ("posterior", f"ln posterior {nats(-0.75)}"),
    ]
    only = bayes_words("at z:", Bayes(-1.5, None, None, -1.5))
    assert [role for role, _ in only if role] == ["prior", "posterior"]
    assert bayes_words("at z:", None) == [("", "at z:")]


@pytest.mark.slow
def test_an_unchanged_plane_is_not_drawn_again(qtbot, case):
    shown = []
    case.panel.heatmap.show_heatmap = shown.append
    case.panel.draw(case.view.scene)
    assert not shown
    case.panel._plane = Plane("", None)
    case.panel.draw(case.view.scene)
    assert len(shown) == 1
