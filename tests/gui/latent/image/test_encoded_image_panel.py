"""Encoded image, and q's ellipses on the plane, counted in the pixels of the screen."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, FromData
from gui.latent.image.encoded_image import EMPTY, EncodedImage
from gui.latent.plane.plane import Plane
from gui.shell import theme
from tests.gui.conftest import settle

DRAWS = 20_000


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def page(window):
    return window.page


@pytest.fixture
def panel(qtbot, window, page):
    made = page.view.bring(EncodedImage)
    settle(qtbot, window)
    return made


def choose(qtbot, window, subject):
    document = window.page.store.document
    window.page.view.edit("Choose image", document.with_input(subject))
    settle(qtbot, window)


def look_closer(qtbot, window, panel):
    qtbot.mouseClick(panel.closer, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    window.page.view.panel(Plane).plot.viewport().repaint()


@pytest.mark.parametrize("index", [7, 62])
@pytest.mark.parametrize("equal_probability", [False, True])
def test_the_ellipses_hold_their_shares_of_q_in_screen_pixels(qtbot, window, page, panel, index, equal_probability):
    if equal_probability:
        page.view.toggle_chart()
    choose(qtbot, window, FromData(index))
    look_closer(qtbot, window, panel)
    plot, document = page.view.panel(Plane).plot, page.store.document
    x = Mnist().test().pixels[index][None] / np.float32(255)
    mean, deviation = (part[0] for part in document.manifold.vae.encode(x))
    z = mean + deviation * np.random.default_rng(0).standard_normal((DRAWS, 2))
    pixels = [plot.pixel_of(*place) for place in document.chart.to_place(z)]
    spread = plot.spread
    for k, outline in ((1, spread.outlines.one), (2, spread.outlines.two)):
        polygon = spread.polygon(outline)
        assert polygon.boundingRect().width() > 20  # or the count would say little
        inside = np.mean([polygon.containsPoint(at, Qt.FillRule.OddEvenFill) for at in pixels])
        share = 1 - np.exp(-(k**2) / 2)
        assert inside == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / DRAWS))


def test_the_outer_ellipse_is_painted_where_two_deviations_are(qtbot, window, page, panel):
    page.view.toggle_digits()  # whose colours are not far from purple
    choose(qtbot, window, FromData(7))
    look_closer(qtbot, window, panel)
    plot, seen = page.view.panel(Plane).plot, page.view.scene.subject
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


def test_it_says_what_to_do_while_there_is_no_image(qtbot, window, panel):
    assert panel.notice.isVisible()
    assert panel.notice.text() == EMPTY
    choose(qtbot, window, FromData(3))
    assert not panel.notice.isVisible()
    assert panel.content.isVisible()
    choose(qtbot, window, Blank())
    assert panel.notice.isVisible()
    assert not panel.content.isVisible()


def test_it_says_why_an_image_cannot_be_seen(qtbot, window, page, panel):
    choose(qtbot, window, FromData(10**6))
    assert "no image 1000000" in panel.notice.text()
    assert page.view.panel(Plane).plot.complete.pixels is not None


def test_pictures_and_numbers_are_those_of_the_image(qtbot, window, page, panel):
    choose(qtbot, window, FromData(7))
    scene = page.view.scene
    found = scene.pictures["encoded_image"]
    np.testing.assert_array_equal(panel.image.ink, scene.subject.ink)
    np.testing.assert_array_equal(panel.decoded.ink, scene.subject.reconstruction)
    middle = panel.difference.ink.astype(int) - 127
    np.testing.assert_allclose(middle / 127, scene.subject.difference, atol=0.51 / 127)
    said = panel.values["= ELBO"].text().replace("−", "-").split(" ± ")
    assert [float(part) for part in said] == pytest.approx([found.elbo, found.error], abs=0.006)
    assert f"“{found.nearest}”" in panel.values["nearest class"].text()


def test_nothing_is_measured_for_a_panel_that_nobody_sees(qtbot, window, page):
    choose(qtbot, window, FromData(7))
    assert "encoded_image" not in page.view.scene.pictures
    assert "gallery" not in page.view.scene.pictures


def test_undoing_takes_the_ellipses_away(qtbot, window, page):
    choose(qtbot, window, FromData(7))
    spread = page.view.panel(Plane).plot.spread
    assert spread.outlines is not None
    page.store.stack.undo()
    settle(qtbot, window)
    assert page.store.document == Latent()
    assert spread.outlines is None
