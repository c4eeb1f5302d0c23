"""The three planes over latents: dragging q in the posterior, the progress bar, failures, zoom and colour scale."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from engine.latent.charts import EqualProbability
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.image.encoding import encoded
from engine.latent.inputs.input import Blank, FromData
from engine.latent.unboxing.latent_space import NO_IMAGE, planes
from engine.plane import Viewport
from gui.latent.plane.plane import Plane
from gui.latent.unboxing.latent_space import CLOSER, COLOURS, LOADING, Likelihood, Posterior, Prior
from gui.page.jobs import Failure
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, edit, run

WIDE = GaussianQ(0.5, -0.4, 0.9, 0.6)


@pytest.fixture
def window(qtbot, open_window):
    window = open_window("unboxing")
    edit(window, Latent().with_input(FromData(7)).with_q(WIDE))
    settle(qtbot, window)
    for kind in (Prior, Likelihood, Posterior):  # the q of the tests is not in the frame of the posterior
        window.page.view.panel(kind).plot.look_at(Viewport(-3.8, 3.8, -3.8, 3.8, 250, 250))
    settle(qtbot, window)
    return window


@pytest.fixture
def panel(window):
    return window.page.view.panel(Posterior)


@pytest.fixture
def pointer(panel, hand):
    return hand(panel.plot)


def q_of(window):
    return window.page.store.document.q


def put(qtbot, window, q):
    change(window, Latent.with_q, q)
    settle(qtbot, window)


@pytest.mark.slow
def test_the_outline_contains_95_percent_of_q(panel):
    ends = panel.heatmap.q.straight
    polygon = QPolygonF([QPointF(*place) for place in ends[:, :2].tolist()])
    draws = np.random.default_rng(3).normal(WIDE.mean, WIDE.deviation, (20_000, 2))
    inside = [polygon.containsPoint(QPointF(*z), Qt.FillRule.OddEvenFill) for z in draws.tolist()]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.008)


@pytest.mark.proof
def test_dragging_the_middle_moves_q(qtbot, window, panel, pointer):
    count = window.page.store.stack.count()
    pointer.drag((0.5, -0.4), (-1.0, 1.1))
    q = q_of(window)
    np.testing.assert_allclose(q.mean, [-1.0, 1.1], atol=0.03)
    np.testing.assert_allclose(q.deviation, WIDE.deviation)
    assert window.page.store.stack.count() == count + 1
    assert window.page.store.stack.undoText() == "Move q"
    np.testing.assert_allclose(panel.heatmap.q_grips.places[0], q.mean)  # before the scene is computed
    settle(qtbot, window)
    np.testing.assert_allclose(panel.heatmap.q_grips.places[0], q.mean)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "end", "axis", "expected"),
    [
        ((1.4, -0.4), (2.1, 0.7), 0, 1.6),
        ((-0.4, -0.4), (0.0, -0.4), 0, 0.5),
        ((0.5, 0.2), (0.9, 0.9), 1, 1.3),
        ((0.5, -1.0), (0.5, -1.9), 1, 1.5),
    ],
    ids=["right", "left", "above", "below"],
)
def test_dragging_an_end_stretches_q_along_its_axis(qtbot, window, pointer, start, end, axis, expected):
    pointer.drag(start, end)
    q = q_of(window)
    np.testing.assert_allclose(q.mean, WIDE.mean)
    assert q.deviation[axis] == pytest.approx(expected, abs=0.03)
    assert q.deviation[1 - axis] == WIDE.deviation[1 - axis]


@pytest.mark.slow
def test_an_end_can_be_dragged_to_the_middle_and_out_again(qtbot, window, panel, pointer):
    pointer.press(1.4, -0.4)
    for x in (1.0, 0.51, 0.9):
        pointer.move(x, -0.4)
    pointer.release(0.9, -0.4)
    settle(qtbot, window)
    assert q_of(window).deviation_0 == pytest.approx(0.4, abs=0.03)


@pytest.mark.proof
def test_a_right_click_resets_q(qtbot, window, panel, pointer):
    pointer.click(0.5, -0.4, Qt.MouseButton.RightButton)
    settle(qtbot, window)
    assert q_of(window) is None
    reasons = []
    panel.refused.connect(reasons.append)
    image = encoded(window.page.store.document)
    np.testing.assert_allclose(
        panel.heatmap.q_grips.places, [image.mean], rtol=1e-6
    )  # q is too narrow for its other handles
    pointer.click(*image.mean, Qt.MouseButton.RightButton)
    assert len(reasons) == 1
    assert q_of(window) is None
    pointer.drag(tuple(image.mean), (1.0, -1.0))
    np.testing.assert_allclose(q_of(window).mean, [1.0, -1.0], atol=0.03)
    np.testing.assert_allclose(q_of(window).deviation, image.deviation, rtol=1e-6)


@pytest.mark.slow
def test_the_ends_are_shown_if_they_are_far_enough_apart_on_the_screen(qtbot, window, panel):
    put(qtbot, window, GaussianQ(0.5, -0.4, 0.05, 0.02))
    assert len(panel.heatmap.q_grips.places) == 1
    panel.plot.zoom(0.1, 0.5, -0.4)
    settle(qtbot, window)
    assert len(panel.heatmap.q_grips.places) == 3  # the middle, and both ends of the wider axis
    panel.plot.zoom(0.2, 0.5, -0.4)
    settle(qtbot, window)
    assert len(panel.heatmap.q_grips.places) == 5


@pytest.mark.slow
def test_pins_come_before_the_handles_of_q(qtbot, window, panel, pointer):
    pointer.click(-1.5, 1.5)
    settle(qtbot, window)
    (pin,) = window.page.store.document.pins
    pointer.drag(pin, (-2.0, 0.5))
    np.testing.assert_allclose(window.page.store.document.pins[0], [-2.0, 0.5], atol=0.03)
    pointer.drag((0.5, -0.4), (1.0, 1.0))
    np.testing.assert_allclose(q_of(window).mean, [1.0, 1.0], atol=0.03)
    assert len(window.page.store.document.pins) == 1


@pytest.mark.slow
def test_without_an_image_there_is_no_q(qtbot, window, panel):
    change(window, Latent.with_input, Blank())
    settle(qtbot, window)
    assert not len(panel.heatmap.q.straight)
    assert not len(panel.heatmap.q_grips.places)
    assert panel.notice.text() == NO_IMAGE
    assert window.page.view.panel(Prior).heatmap.raster.pixels is not None


@pytest.mark.slow
def test_letters_mark_the_modes(window, panel):
    scene = window.page.view.scene
    modes = np.array([[1.0, 0.5], [-1.0, 0.0]])
    panel.draw(scene.having(planes, replace(scene.get(planes), modes=modes)))
    assert panel.heatmap.modes.texts == ("A", "B")
    np.testing.assert_array_equal(panel.heatmap.modes.places, modes)


@pytest.mark.slow
def test_a_bar_shows_the_progress_of_decoding(window, panel):
    assert panel.bar.isHidden()
    scene = window.page.view.scene
    panel.draw(scene.having(planes, replace(scene.get(planes), part=0.25)))
    assert panel.bar.isVisible()
    assert panel.bar.value() / panel.bar.maximum() == pytest.approx(0.25)
    assert panel.plot.area.contains(panel.bar.geometry())
    panel.draw(scene)
    assert panel.bar.isHidden()


@pytest.mark.proof
def test_a_failure_replaces_the_heatmaps_until_the_next_scene(qtbot, window, panel):
    page = window.page
    assert panel.notice.text() == ""
    page.view.fail(Failure("There is no such model.", ""))
    likelihood = page.view.panel(Likelihood)
    for shown in (panel, likelihood):
        assert shown.notice.text() == "There is no such model."
        assert shown.heatmap.raster.pixels is None
    assert not len(panel.heatmap.q_grips.places)
    edit(window, page.store.document.with_input(FromData(8)))
    settle(qtbot, window)
    for shown in (panel, likelihood):
        assert shown.notice.text() == ""
        assert shown.heatmap.raster.pixels is not None


def test_a_notice_is_shown_while_the_model_is_loaded(qtbot):
    panel = Posterior()
    qtbot.addWidget(panel)
    panel.echo(Latent())
    assert panel.notice.text() == LOADING


@pytest.mark.slow
def test_zooming_to_the_posterior_shows_it_and_q_in_all_three(qtbot, window, panel):
    run(window, CLOSER)
    settle(qtbot, window)
    view, mass = panel.plot.shown, panel.planes.unboxing.mass
    assert view.left < mass.mean[0] < view.right
    assert view.right - view.left < 7.6  # narrower than the home view
    assert window.page.view.panel(Prior).plot.shown.left == pytest.approx(view.left)


@pytest.mark.slow
def test_the_colour_scale_is_one_of_three_commands(window, panel):
    for command in COLOURS:
        run(window, command)
        assert [command.checked(window.page.store.document) for command in COLOURS].count(True) == 1
        assert command.checked(window.page.store.document)


@pytest.mark.slow
def test_the_planes_are_computed_only_while_they_are_visible(qtbot, window):
    assert planes in window.page._wanted_values
    window.show_page("latent")
    settle(qtbot, window)
    assert planes not in window.page._wanted_values


@pytest.mark.slow
def test_the_plane_rings_the_same_latent_in_every_chart(qtbot, window, pointer):
    page = window.page
    edit(window, page.store.document.with_chart(EqualProbability()))
    plane = page.view.bring(Plane)
    settle(qtbot, window)
    pointer.move(1.0, -0.5)
    settle(qtbot, window)
    z = pointer.plot.place_of(pointer.plot.pixel_of(1.0, -0.5))
    expected = EqualProbability().to_place(np.array(z))
    np.testing.assert_allclose(plane.mosaic.here.places[0], expected, atol=0.01)
