"""The panel Encoded image, and the ellipses of q in the plane, measured in screen pixels."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.derived import ANYWHERE, Scene, resolve
from engine.latent.charts import EqualProbability
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.image.encoded_image import measures
from engine.latent.image.encoding import encoding
from engine.latent.image.gallery import shelf
from engine.latent.inputs.input import Blank, FromData
from engine.latent.plane.plane import PlaneSettings, mosaic
from engine.latent.training.model_and_data import model_facts
from engine.latent.unboxing.latent_space import NO_IMAGE
from gui.latent.image.encoded_image import EncodedImage
from gui.latent.plane.plane import Plane
from gui.shell import theme
from tests.gui.conftest import settle
from tests.gui.latent.acting import change

DRAWS = 20_000


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def panel(qtbot, window, page):
    panel = page.view.bring(EncodedImage)
    settle(qtbot, window)
    return panel


def choose(qtbot, window, selected):
    change(window, Latent.with_input, selected)
    settle(qtbot, window)


def zoom_to_q(qtbot, window, panel):
    qtbot.mouseClick(panel.closer, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    window.page.view.panel(Plane).plot.viewport().repaint()


@pytest.mark.slow
@pytest.mark.parametrize("index", [7, 62])
@pytest.mark.parametrize("equal_probability", [False, True])
def test_the_ellipses_contain_39_and_86_percent_of_q_in_screen_pixels(
    qtbot, window, page, panel, index, equal_probability
):
    if equal_probability:
        change(window, Latent.with_chart, EqualProbability())
    choose(qtbot, window, FromData(index))
    zoom_to_q(qtbot, window, panel)
    plot, document = page.view.panel(Plane).plot, page.store.document
    x = Mnist().test().pixels[index][None] / np.float32(255)
    mean, deviation = (values[0] for values in document.loaded_model.vae.encode(x))
    z = mean + deviation * np.random.default_rng(0).standard_normal((DRAWS, 2))
    pixels = [plot.pixel_of(*place) for place in document.chart.to_place(z)]
    spread = plot.spread
    for k, outline in ((1, spread.outlines.one), (2, spread.outlines.two)):
        polygon = spread.polygon(outline)
        assert polygon.boundingRect().width() > 20  # pixels, so that the count is meaningful
        inside = np.mean([polygon.containsPoint(at, Qt.FillRule.OddEvenFill) for at in pixels])
        share = 1 - np.exp(-(k**2) / 2)
        assert inside == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / DRAWS))


@pytest.mark.slow
def test_the_outer_ellipse_is_painted_at_two_standard_deviations(qtbot, window, page, panel):
    hidden = PlaneSettings(show_test_images=False, show_labels=False)  # some classes are nearly purple
    change(window, Latent.with_setting, hidden)
    choose(qtbot, window, FromData(7))
    zoom_to_q(qtbot, window, panel)
    plot, seen = page.view.panel(Plane).plot, page.view.scene.get(encoding).image
    image, purple = plot.grab().toImage(), theme.role_colour("variational")
    alike = [
        (i, j)
        for i in range(image.width())
        for j in range(image.height())
        if sum(abs(a - b) for a, b in zip(image.pixelColor(i, j).getRgb(), purple.getRgb(), strict=True)) < 20
    ]
    low, high = (plot.pixel_of(*(seen.mean + k * seen.deviation)) for k in (-2, 2))
    left, right = min(i for i, _ in alike), max(i for i, _ in alike)
    top, bottom = min(j for _, j in alike), max(j for _, j in alike)
    np.testing.assert_allclose([left, right], [low.x(), high.x()], atol=2.5)
    np.testing.assert_allclose([top, bottom], [high.y(), low.y()], atol=2.5)


@pytest.mark.slow
def test_the_empty_state_names_the_ways_to_select_an_image(qtbot, window, panel):
    assert panel.notice.isVisible()
    assert panel.notice.text() == NO_IMAGE
    choose(qtbot, window, FromData(3))
    assert not panel.notice.isVisible()
    assert panel.content.isVisible()
    choose(qtbot, window, Blank())
    assert panel.notice.isVisible()
    assert not panel.content.isVisible()


@pytest.mark.slow
def test_the_reason_is_shown_if_an_image_cannot_be_encoded(qtbot, window, page, panel):
    choose(qtbot, window, FromData(10**6))
    assert "no image 1,000,000" in panel.notice.text()
    assert page.view.panel(Plane).plot.complete.pixels is not None


@pytest.mark.slow
def test_images_and_numbers_are_those_of_the_selected_image(qtbot, window, page, panel):
    choose(qtbot, window, FromData(7))
    scene = page.view.scene
    numbers, image = scene.get(measures), scene.get(encoding).image
    np.testing.assert_array_equal(panel.image.ink, image.ink)
    np.testing.assert_array_equal(panel.decoded.ink, image.reconstruction)
    middle = panel.difference.ink.astype(int) - 127
    np.testing.assert_allclose(middle / 127, image.difference, atol=0.51 / 127)
    texts = panel.values["= ELBO"].text().replace("−", "-").split(" ± ")
    assert [float(text) for text in texts] == pytest.approx([numbers.elbo, numbers.error], abs=0.006)
    assert f"“{numbers.nearest}”" in panel.values["nearest class"].text()
    other = page.store.document.with_input(FromData(8))
    values = {**resolve(other, {encoding: ANYWHERE}).values, model_facts: scene.get(model_facts)}
    panel.draw(Scene(other, values))  # as it comes while the numbers are computed
    assert {value.text() for value in panel.values.values()} == {"–"}


@pytest.mark.slow
def test_classes_of_another_model_go_before_those_of_the_new_one_are_known(qtbot, window, page, panel):
    plane, scene = page.view.panel(Plane), page.view.scene
    assert [button.text() for button in plane.legend.buttons] == [str(n) for n in range(10)]
    plane.draw(Scene(page.store.document.with_model("faces"), {mosaic: scene.get(mosaic)}))
    assert (plane.test_images, plane.legend.buttons) == (None, [])
    plane.draw(scene)
    assert len(plane.legend.buttons) == 10


@pytest.mark.slow
def test_nothing_is_computed_for_a_hidden_panel(qtbot, window, page):
    page.view.docks[EncodedImage.title].close()
    choose(qtbot, window, FromData(7))
    assert measures not in page.view.scene
    assert shelf not in page.view.scene


@pytest.mark.slow
def test_undoing_removes_the_ellipses(qtbot, window, page):
    choose(qtbot, window, FromData(7))
    spread = page.view.panel(Plane).plot.spread
    assert spread.outlines is not None
    page.store.stack.undo()
    settle(qtbot, window)
    assert page.store.document == Latent()
    assert spread.outlines is None
