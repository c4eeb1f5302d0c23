"""The Reparameterisation panel: points, q and pictures move together, and the two gradients stand side by side."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.image.encoding import encoded
from engine.latent.image.reparameterisation import ReparameterisationSettings
from engine.latent.inputs.input import FromData
from gui.latent.image.reparameterisation import Reparameterisation, figure
from tests.gui.conftest import settle


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def panel(qtbot, window):
    window.page.view.docks["Reparameterisation"].raise_()
    qtbot.waitUntil(lambda: "Reparameterisation" in window.page.view.panels)
    settle(qtbot, window)
    return window.page.view.panel(Reparameterisation)


@pytest.fixture
def put(qtbot, window, panel):
    """Image 7 under a q that was put by hand, so wide that points are apart."""
    document = Latent().with_input(FromData(7))
    trick = replace(document[ReparameterisationSettings], q=GaussianQ(0.5, 0.2, 0.6, 0.3), points=6)
    window.page.view.edit("Put", document.with_setting(trick))
    settle(qtbot, window)
    return panel


def trick(window):
    return window.page.store.document[ReparameterisationSettings]


def test_without_an_image_it_says_what_to_do_and_does_it(qtbot, window, panel):
    assert "Next test image" in panel.lacking.text()
    np.testing.assert_array_equal(panel.z.points.places, panel.epsilon.points.places)
    qtbot.mouseClick(panel.next, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert window.page.store.document.input == FromData(0)
    assert not panel.lacking.text()
    subject = encoded(window.page.store.document)
    expected = subject.mean + subject.deviation * trick(window).epsilon
    np.testing.assert_allclose(panel.z.points.places, expected, rtol=1e-12)
    np.testing.assert_array_equal(panel.strip.ink, window.page.store.document.manifold.decode(expected))
    qtbot.mouseClick(panel.next, Qt.MouseButton.LeftButton)
    assert window.page.store.document.input == FromData(1)


def test_dragging_epsilon_moves_its_z_and_its_picture(qtbot, window, put, hand):
    before = put.strip.ink.copy()
    start = trick(window).epsilon[2]
    hand(put.epsilon).drag(tuple(start), (1.5, -1.0))
    settle(qtbot, window)
    epsilon = trick(window).epsilon
    assert epsilon[2] == pytest.approx((1.5, -1.0), abs=0.03)
    np.testing.assert_array_equal(put.z.points.places, [0.5, 0.2] + np.array([0.6, 0.3]) * epsilon)
    changed = [not np.array_equal(a, b) for a, b in zip(before, put.strip.ink, strict=True)]
    assert changed == [False, False, True, False, False, False]
    hand(put.epsilon).click(*epsilon[2], Qt.MouseButton.RightButton)
    settle(qtbot, window)
    np.testing.assert_array_equal(trick(window).epsilon[2], start)


def test_dragging_z_moves_its_epsilon(qtbot, window, put, hand):
    start = put.z.points.places[2]
    hand(put.z).drag(tuple(start), (1.1, -0.1))
    settle(qtbot, window)
    assert trick(window).epsilon[2] == pytest.approx((1.0, -1.0), abs=0.05)
    window.page.store.stack.undo()
    np.testing.assert_array_equal(put.z.points.places[2], start)


def test_q_is_moved_by_its_squares_and_by_numbers_and_goes_back(qtbot, window, put, hand):
    pen = hand(put.z)
    pen.drag((0.5 + 0.6, 0.2), (0.5 + 1.0, 0.2))
    assert trick(window).q.deviation_0 == pytest.approx(1.0, abs=0.03)
    assert trick(window).q.deviation_1 == 0.3
    settle(qtbot, window)
    pen.drag((0.5, 0.2), (-0.4, 0.6))
    settle(qtbot, window)
    assert (trick(window).q.mean_0, trick(window).q.mean_1) == pytest.approx((-0.4, 0.6), abs=0.03)
    window.page.store.stack.undo()
    assert trick(window).q.mean_0 == 0.5
    window.page.store.stack.undo()
    assert trick(window).q.deviation_0 == 0.6
    editor = put.hand.editors["mean_1"]
    editor.line.setText("−0.75")
    editor.line.textEdited.emit("−0.75")
    settle(qtbot, window)
    assert trick(window).q == GaussianQ(0.5, -0.75, 0.6, 0.3)
    qtbot.mouseClick(put.back, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert trick(window).q is None
    assert not put.back.isEnabled()
    mean = encoded(window.page.store.document).mean
    assert float(put.hand.editors["mean_0"].line.text().replace("−", "-")) == pytest.approx(mean[0], abs=1e-9)
    assert put.z.shown.left < mean[0] < put.z.shown.right


def test_a_bad_number_is_refused_and_changes_nothing(window, put):
    before = window.page.store.document
    editor = put.hand.editors["deviation_0"]
    editor.line.setText("0")
    editor.line.textEdited.emit("0")
    assert window.page.store.document is before
    assert "from 0.001 to 10" in editor.refusal.text()


def test_hovering_one_highlights_its_partner_and_its_picture(qtbot, window, put, hand):
    hand(put.epsilon).move(*trick(window).epsilon[4])
    assert put.strip.highlighted == 4
    np.testing.assert_array_equal(put.z.ring.places, [put.z.points.places[4]])
    assert put.z.words.texts == put.epsilon.words.texts == ("5",)
    hand(put.z).move(*put.z.points.places[1])
    assert put.strip.highlighted == 1
    np.testing.assert_array_equal(put.epsilon.ring.places, [trick(window).epsilon[1]])
    qtbot.mouseMove(put.strip, put.strip.square(3).center())
    assert put.strip.highlighted == 3
    put.z.left.emit()
    assert put.strip.highlighted is None
    assert not len(put.epsilon.ring.places)


def test_partners_have_the_same_colour_and_the_colour_is_the_angle(put):
    np.testing.assert_array_equal(put.epsilon.points._kinds, put.z.points._kinds)
    turn = np.degrees(np.arctan2(*put.epsilon.points.places.T[::-1])) % 360
    np.testing.assert_array_equal(put.z.points._kinds, turn // 15)


def test_the_spread_falls_as_more_samples_are_averaged(qtbot, window, put):
    found = put.linked.estimates
    assert len(found.score) == 8192
    for k in (1, 10, 100):
        window.page.view.edit("K", window.page.store.document.with_setting(replace(trick(window), samples=k)))
        settle(qtbot, window)
        repeats = 8192 // k
        groups = found.score[: repeats * k, 0].reshape(repeats, k).mean(axis=1)
        assert len(put.estimates.dots[0].places) == repeats
        np.testing.assert_allclose(put.estimates.dots[0].places[:, 0], groups)
        assert figure(groups.std(ddof=1)) in put.words.text()
        assert put.spread.cursor.straight[0, 0] == pytest.approx(np.log10(k))
    heights = [dots.places[:, 1] for dots in put.spread.dots]
    for height in heights:
        assert height[0] - height[-1] == pytest.approx(1, abs=0.15)


def test_fresh_draws_have_a_command(qtbot, window, put):
    before = trick(window)
    window.page.view.fresh_epsilon()
    assert trick(window) == before.fresh()


def test_figures():
    assert [figure(value) for value in (3.14159, 412.4, -1063.0, 12345.0)] == ["3.14", "412", "−1,060", "12,300"]
