"""The panel Reparameterisation: linked points, q and images, and the two estimators of the gradient."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.image.encoding import encoded
from engine.latent.image.reparameterisation import ReparameterisationSettings, reparameterisation
from engine.latent.inputs.input import FromData
from engine.latent.unboxing.latent_space import NO_IMAGE
from gui.latent.image.gradient_estimates import figure, unit_of
from gui.latent.image.reparameterisation import NEW_EPSILON, Reparameterisation
from gui.plots.images.drawn_strip import DrawnStrip
from gui.shell import theme
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, edit, run


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def panel(qtbot, window):
    panel = window.page.view.bring(Reparameterisation)
    settle(qtbot, window)
    return panel


@pytest.fixture
def put(qtbot, window, panel):
    """Return the panel with test image 7 and a q set by the user, wide enough to separate the points."""
    document = Latent(input=FromData(7), q=GaussianQ(0.5, 0.2, 0.6, 0.3))
    edit(window, document.with_setting(ReparameterisationSettings(points=6)))
    settle(qtbot, window)
    return panel


def draws(window):
    return window.page.store.document[ReparameterisationSettings]


def q_of(window):
    return window.page.store.document.q


@pytest.mark.slow
def test_the_button_selects_an_image_if_none_is_selected(qtbot, window, panel):
    assert panel.gradient.notice.text() == NO_IMAGE
    np.testing.assert_array_equal(panel.z.points.places, panel.epsilon.points.places)
    qtbot.mouseClick(panel.next, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert window.page.store.document.input == FromData(0)
    assert not panel.gradient.notice.text()
    image = encoded(window.page.store.document)
    expected = image.mean + image.deviation * draws(window).epsilon
    np.testing.assert_allclose(panel.z.points.places, expected, rtol=1e-12)
    np.testing.assert_array_equal(panel.strip.ink, window.page.store.document.loaded_model.decode(expected))
    qtbot.mouseClick(panel.next, Qt.MouseButton.LeftButton)
    assert window.page.store.document.input == FromData(1)


@pytest.mark.slow
def test_dragging_epsilon_moves_its_z_and_its_image(qtbot, window, put, hand):
    before = put.strip.ink.copy()
    start = draws(window).epsilon[2]
    hand(put.epsilon).drag(tuple(start), (1.5, -1.0))
    settle(qtbot, window)
    epsilon = draws(window).epsilon
    assert epsilon[2] == pytest.approx((1.5, -1.0), abs=0.03)
    np.testing.assert_array_equal(put.z.points.places, [0.5, 0.2] + np.array([0.6, 0.3]) * epsilon)
    changed = [not np.array_equal(a, b) for a, b in zip(before, put.strip.ink, strict=True)]
    assert changed == [False, False, True, False, False, False]
    hand(put.epsilon).click(*epsilon[2], Qt.MouseButton.RightButton)
    settle(qtbot, window)
    np.testing.assert_array_equal(draws(window).epsilon[2], start)


@pytest.mark.slow
def test_dragging_z_moves_its_epsilon(qtbot, window, put, hand):
    start = put.z.points.places[2]
    hand(put.z).drag(tuple(start), (1.1, -0.1))
    settle(qtbot, window)
    assert draws(window).epsilon[2] == pytest.approx((1.0, -1.0), abs=0.05)
    window.page.store.stack.undo()
    np.testing.assert_array_equal(put.z.points.places[2], start)


@pytest.mark.proof
def test_q_is_moved_by_its_squares_and_by_numbers_and_reset(qtbot, window, put, hand):
    pen = hand(put.z)
    pen.drag((0.5 + 0.6, 0.2), (0.5 + 1.0, 0.2))
    assert q_of(window).deviation_0 == pytest.approx(1.0, abs=0.03)
    assert q_of(window).deviation_1 == 0.3
    settle(qtbot, window)
    pen.drag((0.5, 0.2), (-0.4, 0.6))
    settle(qtbot, window)
    assert (q_of(window).mean_0, q_of(window).mean_1) == pytest.approx((-0.4, 0.6), abs=0.03)
    window.page.store.stack.undo()
    assert q_of(window).mean_0 == 0.5
    window.page.store.stack.undo()
    assert q_of(window).deviation_0 == 0.6
    editor = put.q_form.editors["mean_1"]
    editor.line.setText("−0.75")
    editor.line.textEdited.emit("−0.75")
    settle(qtbot, window)
    assert q_of(window) == GaussianQ(0.5, -0.75, 0.6, 0.3)
    qtbot.mouseClick(put.reset, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert q_of(window) is None
    assert not put.reset.isEnabled()
    mean = encoded(window.page.store.document).mean
    assert float(put.q_form.editors["mean_0"].line.text().replace("−", "-")) == pytest.approx(mean[0], abs=5e-5)
    assert put.z.shown.left < mean[0] < put.z.shown.right


@pytest.mark.slow
def test_an_invalid_number_is_refused_and_changes_nothing(window, put):
    before = window.page.store.document
    editor = put.q_form.editors["deviation_0"]
    editor.line.setText("0")
    editor.line.textEdited.emit("0")
    assert window.page.store.document is before
    assert "from 0.001 to 10" in editor.refusal.text()


def move_over(widget, at):
    """Send a mouse move to a widget that may lie outside the visible part of its panel."""
    at, none = QPointF(at), Qt.MouseButton.NoButton
    where = QPointF(widget.mapToGlobal(at.toPoint()))
    move = QMouseEvent(QEvent.Type.MouseMove, at, where, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, move)


@pytest.mark.slow
def test_hovering_a_point_highlights_its_partner_and_its_image(qtbot, window, put, hand):
    hand(put.epsilon).move(*draws(window).epsilon[4])
    assert put.strip.highlighted == 4
    np.testing.assert_array_equal(put.z.ring.places, [put.z.points.places[4]])
    assert put.z.words.texts == put.epsilon.words.texts == ("5",)
    hand(put.z).move(*put.z.points.places[1])
    assert put.strip.highlighted == 1
    np.testing.assert_array_equal(put.epsilon.ring.places, [draws(window).epsilon[1]])
    move_over(put.strip, put.strip.square(3).center())
    assert put.strip.highlighted == 3
    put.z.left.emit()
    assert put.strip.highlighted is None
    assert not len(put.epsilon.ring.places)


@pytest.mark.slow
def test_partners_have_the_same_colour_which_shows_the_angle(put):
    np.testing.assert_array_equal(put.epsilon.points._kinds, put.z.points._kinds)
    turn = np.degrees(np.arctan2(*put.epsilon.points.places.T[::-1])) % 360
    np.testing.assert_array_equal(put.z.points._kinds, turn // 15)


@pytest.mark.slow
def test_the_standard_deviation_falls_with_the_number_of_samples(qtbot, window, put):
    estimates = put.linked.estimates
    assert len(estimates.score) == 8192
    for k in (1, 10, 100):
        change(window, Latent.with_setting, replace(draws(window), samples=k))
        settle(qtbot, window)
        repeats = 8192 // k
        groups = estimates.score[: repeats * k, 0].reshape(repeats, k).mean(axis=1)
        assert len(put.gradient.estimates.dots[0].places) == repeats
        np.testing.assert_allclose(put.gradient.estimates.dots[0].places[:, 0], groups)
        assert figure(groups.std(ddof=1)) in put.gradient.words.text()
        assert put.gradient.spread.cursor.straight[0, 0] == pytest.approx(np.log10(k))
    heights = [dots.places[:, 1] for dots in put.gradient.spread.dots]
    for height in heights:
        assert height[0] - height[-1] == pytest.approx(1, abs=0.15)


@pytest.mark.slow
def test_new_epsilon_has_a_command_and_a_button(qtbot, window, put):
    before = draws(window)
    run(window, NEW_EPSILON)
    assert draws(window) == before.fresh()
    window.page.store.stack.undo()
    qtbot.mouseClick(put.new, Qt.MouseButton.LeftButton)
    assert draws(window) == before.fresh()


def test_numbers_have_three_significant_digits():
    assert [figure(value) for value in (3.14159, 412.4, -1063.0, 12345.0)] == ["3.14", "412", "−1,060", "12,300"]


@pytest.mark.parametrize(("parameter", "unit"), [("∂/∂μ₀", "nats per unit of z"), ("∂/∂ln σ₁", "nats")])
def test_the_gradient_for_the_mean_is_in_nats_per_unit_of_z(parameter, unit):
    assert unit_of(parameter) == unit


def test_differences_are_those_from_the_image_at_the_mean(qtbot):
    """The second image minus the image decoded at μ, by the decoder; the strip is scaled to the largest difference."""
    document = Latent(q=GaussianQ(0.5, 0.2, 0.6, 0.3))
    document = document.with_setting(ReparameterisationSettings(points=3, differences=True))
    linked, vae = next(reparameterisation(document)), document.loaded_model.vae
    expected = vae.decode(linked.z[1]) - vae.decode(np.array([0.5, 0.2]))
    np.testing.assert_allclose(linked.differences[1], expected[0], atol=1e-6)
    strip = DrawnStrip("", "", side=30)
    qtbot.addWidget(strip)
    largest = strip.show_differences(linked.differences, linked.epsilon)
    assert largest == pytest.approx(np.abs(linked.differences).max())
    assert {0, 254} & {strip.ink.min(), strip.ink.max()}
    strip.show_drawn(linked.ink, linked.epsilon)
    assert strip.table() is theme.ink_map()
