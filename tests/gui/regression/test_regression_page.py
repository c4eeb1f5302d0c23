"""The Regression page in the real window: actions of mouse and keyboard, and the documents that result."""

import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QPolygonF
from PySide6.QtWidgets import QPushButton

from engine.derived import resolve
from engine.lecture import steps
from engine.regression.document import Regression
from engine.regression.model.linear_model import KnownNoisePosterior
from engine.regression.probes import WeightPlace
from engine.regression.uncertainty_budget import gains
from engine.regression.weight_space import weight_planes
from gui.page.stepper import Stepper
from gui.regression.best_observation import OBSERVE_BEST
from gui.regression.data_space import DataSpace
from gui.regression.truth_and_data import DRAW_ONE, DRAW_TWENTY, NONE_TO_REMOVE, TruthAndData
from gui.regression.uncertainty_budget import UncertaintyBudget
from gui.regression.weight_space import NO_OBSERVATION, Likelihood, Posterior, Prior
from gui.widgets.numbers import nats
from tests.gui.acting import run
from tests.gui.conftest import settle


@pytest.fixture
def page(window):
    return window.page


@pytest.fixture
def data(page, hand):
    return hand(page.view.findChild(DataSpace).plot)


@pytest.fixture
def weights(page, hand):
    return hand(page.view.findChild(Posterior).plot)


def pixel(plot):
    """Return the units per pixel of both axes."""
    view = plot.shown
    return (view.right - view.left) / view.columns, (view.top - view.bottom) / view.rows


@pytest.mark.slow
def test_a_click_observes_where_it_is(page, data):
    data.click(0.4, -0.3)
    observed = page.store.document.observations
    across, up = pixel(data.plot)
    assert observed.x[0] == pytest.approx(0.4, abs=across)
    assert observed.t[0] == pytest.approx(-0.3, abs=up)
    assert page.store.document.step == 1


@pytest.mark.slow
def test_two_quick_clicks_are_two_observations(qtbot, page, data):
    data.click(0.4, -0.3)
    at = data.plot.pixel_of(-0.5, 0.5).toPoint()
    qtbot.mouseDClick(data.plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseRelease(data.plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert len(page.store.document.observations) >= 2


@pytest.mark.slow
def test_dragging_a_point_moves_it_and_is_one_step_of_undo(page, data):
    data.click(0.4, -0.3)
    data.drag((0.4, -0.3), (-0.6, 0.5), steps=10)
    across, up = pixel(data.plot)
    observed = page.store.document.observations
    assert len(observed) == 1
    assert observed.x[0] == pytest.approx(-0.6, abs=across)
    assert observed.t[0] == pytest.approx(0.5, abs=up)
    assert page.store.stack.count() == 2
    assert page.store.stack.undoText() == "Move observation"
    page.store.stack.undo()
    assert page.store.document.observations.x[0] == pytest.approx(0.4, abs=across)


@pytest.mark.slow
def test_two_drags_are_two_steps_of_undo(page, data):
    data.click(0.4, -0.3)
    data.drag((0.4, -0.3), (0.0, 0.0))
    data.drag((0.0, 0.0), (0.5, 0.5))
    assert page.store.stack.count() == 3


@pytest.mark.slow
def test_a_right_click_removes_the_point(page, data):
    data.click(0.4, -0.3)
    data.click(-0.5, 0.5)
    data.click(0.4, -0.3, Qt.MouseButton.RightButton)
    assert page.store.document.observations.x.tolist() == pytest.approx([-0.5], abs=0.01)


@pytest.mark.slow
def test_dragging_the_background_moves_the_plane_and_no_document(page, data):
    before, shown = page.store.document, data.plot.shown
    data.drag((0.0, 0.0), (0.5, 0.5))
    assert page.store.document is before
    assert data.plot.shown.left == pytest.approx(shown.left - 0.5, abs=0.02)
    assert data.plot.shown.bottom == pytest.approx(shown.bottom - 0.5, abs=0.02)


@pytest.mark.slow
def test_the_keyboard_observes_and_removes(qtbot, page, data):
    plot = data.plot
    plot.setFocus()
    for _ in range(3):
        qtbot.keyClick(plot, Qt.Key.Key_Right)
    qtbot.keyClick(plot, Qt.Key.Key_Up)
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    across, up = pixel(plot)
    observed = page.store.document.observations
    assert (observed.x[0], observed.t[0]) == pytest.approx(
        (30 * across, 10 * up), abs=0.1 * across
    )  # a tenth of a pixel
    qtbot.keyClick(plot, Qt.Key.Key_Delete)
    assert len(page.store.document.observations) == 0


@pytest.mark.slow
def test_space_steps_back_and_forward(qtbot, page, data):
    data.click(0.4, -0.3)
    data.click(-0.4, 0.3)
    qtbot.keyClick(data.plot, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert page.store.document.step == 1
    qtbot.keyClick(data.plot, Qt.Key.Key_Space)
    assert page.store.document.step == 2


@pytest.mark.slow
def test_hovering_weight_space_reads_out_bayes_rule(qtbot, window, page, data, weights):
    for x, t in ((0.9, 0.15), (-0.6, -0.6), (0.2, -0.2)):
        data.click(x, t)
    settle(qtbot, window)
    weights.move(-0.21, 0.48)
    settle(qtbot, window)
    at = weights.plot.place_of(weights.plot.pixel_of(-0.21, 0.48))
    exact = WeightPlace(*at).answer(page.store.document).bayes
    shown = window.status.readout.text()
    for number in (exact.log_prior, exact.log_likelihood, exact.log_evidence, exact.log_posterior):
        assert nats(number) in shown
    hovered = page.view.findChild(DataSpace).curves.hovered
    np.testing.assert_allclose(hovered.lines[0], at[0] + at[1] * hovered.x, atol=1e-9)


@pytest.mark.slow
def test_leaving_removes_the_hovered_line(qtbot, window, page, weights):
    weights.move(-0.21, 0.48)
    settle(qtbot, window)
    weights.plot.left.emit()
    hovered = page.view.findChild(DataSpace).curves.hovered
    assert len(hovered.lines) == 0
    assert window.status.readout.text() == ""


@pytest.mark.slow
def test_a_late_answer_is_ignored_after_leaving(qtbot, window, weights):
    weights.move(-0.21, 0.48)
    weights.plot.left.emit()
    settle(qtbot, window)
    assert window.status.readout.text() == ""


@pytest.mark.slow
def test_clicking_weight_space_pins_a_line(qtbot, window, page, weights):
    weights.click(0.3, -0.4)
    assert page.store.document.pins[0] == pytest.approx((0.3, -0.4), abs=0.01)
    settle(qtbot, window)
    pinned, (w0, w1) = page.view.findChild(DataSpace).curves.pins, page.store.document.pins[0]
    np.testing.assert_allclose(pinned.lines[0], w0 + w1 * pinned.x)
    weights.drag((0.3, -0.4), (0.0, 0.2))
    assert page.store.document.pins[0] == pytest.approx((0.0, 0.2), abs=0.01)
    weights.click(0.0, 0.2, Qt.MouseButton.RightButton)
    assert page.store.document.pins == ()


@pytest.mark.slow
def test_the_panels_show_the_scene(qtbot, window, page, data):
    data.click(0.9, 0.15)
    settle(qtbot, window)
    planes = resolve(page.store.document, dict(page._wanted_values)).get(weight_planes)
    for kind, plane in ((Prior, planes.prior), (Likelihood, planes.likelihood), (Posterior, planes.posterior)):
        np.testing.assert_array_equal(page.view.findChild(kind).heatmap.raster.pixels[::-1], plane.heatmap.image)


@pytest.mark.slow
def test_without_observations_the_likelihood_has_a_notice(qtbot, window, page, data):
    notice = page.view.findChild(Likelihood).notice
    assert notice.text() == NO_OBSERVATION
    assert notice.isVisible()
    data.click(0.1, 0.1)
    settle(qtbot, window)
    assert not notice.isVisible()


@pytest.mark.slow
@pytest.mark.parametrize("i", range(4))
def test_the_lectures_states_are_one_click_each(qtbot, window, i):
    window.show_page("latent")
    step = steps()[i]
    assert step.title not in [action.text() for action in window.bar.actions()]  # its page is another one
    window.show_page("regression")
    button = next(action for action in window.bar.actions() if action.text() == step.title)
    button.trigger()
    assert window.page.view.name == "regression"
    assert window.page.store.document == step.document
    settle(qtbot, window)


def trigger(window, text):
    next(action for action in window.findChildren(QAction) if action.text() == text and action.isEnabled()).trigger()


@pytest.mark.slow
def test_drawing_and_stepping_by_menu(window, page):
    trigger(window, DRAW_ONE.text)
    trigger(window, DRAW_TWENTY.text)
    assert (page.store.document.step, len(page.store.document.observations)) == (21, 21)
    trigger(window, "Back")
    trigger(window, "First")
    assert page.store.document.step == 0
    trigger(window, "Forward")
    assert page.store.document.step == 1
    trigger(window, "Last")
    assert page.store.document.step == 21
    trigger(window, "Clear")
    assert page.store.document == Regression()


KEYS = {
    "Draw one observation": "Ctrl+D",
    "Draw 20 observations": "Ctrl+Shift+D",
    "Observe at the most informative x": "Ctrl+B",
    "Remove the latest observation": "Ctrl+Backspace",
    "Clear": "Ctrl+Shift+Backspace",
    "Standardise x and t": "Ctrl+U",
    "Import observations…": "Ctrl+I",
    "Paste observations…": QKeySequence.StandardKey.Paste,
}


@pytest.mark.slow
def test_the_most_frequent_commands_have_keys_and_the_others_none(page):
    commands = [owned.command for owned in page.view.commands if owned.where != Stepper.title]
    assert {command.text: command.keys for command in commands if command.keys} == KEYS


@pytest.mark.slow
def test_the_most_informative_x_is_computed_in_the_worker_also_for_a_hidden_panel(qtbot, page, window, monkeypatch):
    threads = set()
    gain_of = KnownNoisePosterior.information_gain

    def noted(self, x):
        threads.add(threading.current_thread())
        return gain_of(self, x)

    monkeypatch.setattr(KnownNoisePosterior, "information_gain", noted)
    run(window, DRAW_ONE.text)
    for _ in range(2):
        run(window, OBSERVE_BEST.text)  # the second call waits for the first
    settle(qtbot, window)
    assert page.store.document.step == 3
    assert threads
    assert threading.main_thread() not in threads
    assert page.store.stack.undoText() == OBSERVE_BEST.text
    assert UncertaintyBudget.title not in page.view.panels
    assert gains not in page.wanted  # no panel shows the information gain, and nobody waits for it


@pytest.mark.slow
def test_removing_without_observations_is_refused(page, window):
    run(window, "Remove the latest observation")
    assert NONE_TO_REMOVE in window.banner.text.text()
    assert page.store.stack.count() == 0


@pytest.mark.slow
def test_the_buttons_draw_too(qtbot, page):
    for button in page.view.findChild(TruthAndData).findChildren(QPushButton):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(page.store.document.observations) == 21


@pytest.mark.slow
def test_everything_is_undone_back_to_the_start(window, page, data, weights):
    start = page.store.document
    data.click(0.4, -0.3)
    data.drag((0.4, -0.3), (0.0, 0.5))
    weights.click(0.3, 0.3)
    trigger(window, DRAW_TWENTY.text)
    trigger(window, "Back")
    data.click(0.0, 0.5, Qt.MouseButton.RightButton)
    window.open_session(steps()[2])
    trigger(window, "Clear")
    assert page.store.stack.count() >= 8
    while page.store.stack.canUndo():
        page.store.stack.undo()
    assert page.store.document is start
    while page.store.stack.canRedo():
        page.store.stack.redo()
    assert page.store.document == steps()[2].document.clear()


@pytest.mark.slow
def test_zooming_one_plane_zooms_all_three(page, weights):
    others = [page.view.findChild(kind).plot for kind in (Prior, Likelihood)]
    weights.plot.zoom(0.5, 0.2, 0.3)
    for other in others:
        assert other.shown.right - other.shown.left == pytest.approx(
            (weights.plot.shown.right - weights.plot.shown.left) * other.shown.columns / weights.plot.shown.columns
        )
        assert other.shown.left + other.shown.right == pytest.approx(weights.plot.shown.left + weights.plot.shown.right)
    weights.plot.go_home()
    for other in others:
        assert other.shown.left <= other.home.left + 1e-9


@pytest.mark.slow
def test_planes_have_equal_aspect_and_fill_their_panel(page):
    for kind in (Prior, Likelihood, Posterior):
        plot = page.view.findChild(kind).plot
        across, up = pixel(plot)
        assert across == pytest.approx(up)
        (left, right), (bottom, top) = plot.box.viewRange()
        assert (left, right, bottom, top) == pytest.approx(
            (plot.shown.left, plot.shown.right, plot.shown.bottom, plot.shown.top)
        )


@pytest.mark.slow
def test_the_ellipse_on_the_screen_holds_95_percent_of_the_posterior(qtbot, window, page, data):
    data.click(0.9, 0.15)
    data.click(-0.6, -0.6)
    settle(qtbot, window)
    panel, document = page.view.findChild(Posterior), page.store.document
    weights = document.model.condition(document.observations.x, document.observations.t).weights
    drawn = weights.sample(np.random.default_rng(0), 4000)
    outline = QPolygonF([panel.plot.pixel_of(*ends[:2]) for ends in panel.heatmap.ellipse.straight])
    inside = sum(outline.containsPoint(panel.plot.pixel_of(*w), Qt.FillRule.OddEvenFill) for w in drawn)
    assert inside / len(drawn) == pytest.approx(0.95, abs=0.015)
