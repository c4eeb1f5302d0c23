"""The Latent page through the real window, with the shipped model."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from engine.latent.charts import EqualProbability
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import SHIPPED, Latent
from engine.latent.model import INKS
from engine.latent.plane.plane import PlaneSettings
from engine.latent.vae import load_model
from gui.latent.plane.decoded_image import DecodedPicture
from gui.latent.plane.pinned import Pinned
from gui.latent.plane.plane import Plane
from gui.latent.plane.samples import Samples
from tests.gui.conftest import settle


@pytest.fixture(scope="module")
def vae():
    return load_model(SHIPPED)


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def page(window):
    return window.page


@pytest.fixture
def plane(page):
    return page.view.findChild(Plane)


@pytest.fixture
def pointer(plane, hand):
    return hand(plane.plot)


def ink(vae, z):
    return (vae.decode(np.atleast_2d(z)) * INKS + 0.5).astype(np.uint8)


def test_every_picture_on_the_screen_is_a_direct_decode(qtbot, window, plane, vae, page):
    for zoom in (1.0, 0.2):
        plane.plot.zoom(zoom, 0.3, -0.4)
        settle(qtbot, window)
        pixels = plane.mosaic.complete.pixels
        *_, mosaic = page.store.document.resolve({"plane": plane.plot.shown})
        seen = mosaic.mosaic.viewport
        np.testing.assert_array_equal(pixels, mosaic.mosaic.image)
        for row, column in ((0, 0), (seen.rows // 2, seen.columns // 2), (seen.rows - 1, seen.columns - 1)):
            cell = mosaic.mosaic.cell
            z = seen.left + (column + 0.5) * cell, seen.top - (row + 0.5) * cell
            picture = pixels[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
            assert np.abs(picture.astype(int) - ink(vae, z)[0]).max() <= 1


def test_pictures_stay_thumb_sized_at_every_zoom(qtbot, window, plane, page):
    for _ in range(12):
        plane.plot.zoom(0.6)
        settle(qtbot, window)
        view = plane.plot.shown
        *_, scene = page.store.document.resolve({"plane": view})
        side = scene.mosaic.cell / ((view.right - view.left) / view.columns)
        assert 27.9 <= side <= 56.1


def test_hovering_decodes_large_and_says_where_that_is(qtbot, window, page, pointer, vae):
    pointer.move(0.41, -1.3)
    settle(qtbot, window)
    z = np.array(pointer.plot.place_of(pointer.plot.pixel_of(0.41, -1.3)))
    picture = page.view.findChild(DecodedPicture)
    np.testing.assert_array_equal(picture.picture.ink, ink(vae, z)[0])
    test = Mnist().test()
    means, _ = vae.encode(test.pixels / np.float32(255))
    away = np.hypot(*(means - z).T)
    shown = window.status.readout.text()
    log_prior = -0.5 * z @ z - np.log(2 * np.pi)
    assert f"{log_prior:.2f}".replace("-", "−") in shown
    assert f"“{test.labels[np.argmin(away)]}”, {away.min():.3f} away" in shown


def test_the_page_starts_with_a_picture(page):
    assert page.view.findChild(DecodedPicture).picture.ink is not None


def test_clicking_pins_a_picture_and_right_clicking_removes_it(qtbot, window, page, pointer, vae):
    pointer.click(1.0, 0.5)
    pointer.click(-1.0, 0.5)
    settle(qtbot, window)
    pins = page.store.document.pins
    assert pins[0] == pytest.approx((1.0, 0.5), abs=0.02)
    np.testing.assert_array_equal(page.view.panel(Pinned).strip.ink, ink(vae, np.array(pins)))
    pointer.drag((1.0, 0.5), (0.0, 0.0))
    assert page.store.document.pins[0] == pytest.approx((0.0, 0.0), abs=0.02)
    pointer.click(0.0, 0.0, Qt.MouseButton.RightButton)
    assert len(page.store.document.pins) == 1


def test_the_test_digits_are_scattered_by_class(qtbot, window, page, plane, vae):
    test = Mnist().test()
    means, _ = vae.encode(test.pixels / np.float32(255))
    np.testing.assert_allclose(plane.mosaic.landed.places, means, atol=1e-5)
    assert [button.text() for button in plane.legend.buttons] == list("0123456789")
    qtbot.mouseClick(plane.legend.buttons[3], Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert page.store.document[PlaneSettings].hidden == (3,)
    np.testing.assert_allclose(plane.mosaic.landed.places, means[test.labels != 3], atol=1e-5)
    page.view.toggle_digits()
    settle(qtbot, window)
    assert len(plane.mosaic.landed.places) == 0
    assert not plane.legend.isVisible()


def test_samples_come_from_the_prior_and_fresh_ones_differ(qtbot, window, page, plane, vae):
    samples = page.view.findChild(Samples)
    qtbot.mouseClick(samples.findChild(QPushButton), Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    first = plane.mosaic.samples.places
    assert len(first) == 64
    np.testing.assert_array_equal(samples.strip.ink, ink(vae, first))
    page.view.draw_samples()
    settle(qtbot, window)
    assert not np.array_equal(first, plane.mosaic.samples.places)
    page.store.stack.undo()
    settle(qtbot, window)
    np.testing.assert_array_equal(first, plane.mosaic.samples.places)


def test_the_equal_probability_chart_lays_out_the_same_pictures(qtbot, window, page, plane, pointer, vae):
    page.view.toggle_chart()
    settle(qtbot, window)
    assert isinstance(page.store.document.chart, EqualProbability)
    pointer.move(0.9, 0.2)
    settle(qtbot, window)
    place = np.array(pointer.plot.place_of(pointer.plot.pixel_of(0.9, 0.2)))
    z = EqualProbability().to_latent(place)
    np.testing.assert_array_equal(page.view.findChild(DecodedPicture).picture.ink, ink(vae, z)[0])
    pointer.click(0.9, 0.2)
    assert page.store.document.pins[0] == pytest.approx(tuple(z), abs=1e-6)
    assert plane.plot.sides["bottom"].labelText.startswith("u₀")


def test_a_click_outside_the_chart_is_refused_in_a_sentence(qtbot, window, page, pointer):
    page.view.toggle_chart()
    settle(qtbot, window)
    pointer.plot.zoom(1.5)
    before = page.store.document
    pointer.click(1.2, 0.5)
    assert page.store.document is before
    assert window.banner.isVisible()
    assert "no latent outside" in window.banner.text.text()


def test_everything_is_undone_back_to_the_start(window, page, pointer):
    start = page.store.document
    pointer.click(1.0, 0.5)
    page.view.draw_samples()
    page.view.toggle_chart()
    page.view.toggle_digits()
    page.view.clear()
    while page.store.stack.canUndo():
        page.store.stack.undo()
    assert page.store.document is start


def damaged(path, kind):
    content = path.read_bytes()
    if kind == "truncated":
        path.write_bytes(content[: len(content) // 2])
    else:
        flipped = bytearray(content)
        flipped[len(flipped) // 2] ^= 4
        path.write_bytes(flipped)


@pytest.mark.parametrize("kind", ["missing", "nonsense"])
def test_a_file_that_is_no_model_is_refused_in_a_sentence(qtbot, window, page, plane, tmp_path, kind):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(b"not a model at all")
    if kind == "missing":
        path.unlink()
    before = page.store.document
    window.open_file(path)
    settle(qtbot, window)
    assert "mine.safetensors was not opened" in window.banner.text.text()
    assert page.store.document is before
    assert not plane.notice.isVisible()


@pytest.mark.parametrize("kind", ["truncated", "flipped"])
def test_a_damaged_model_is_explained_and_the_shipped_one_offered(qtbot, window, page, plane, tmp_path, kind):
    from engine.latent.training.runs import model_path

    path = tmp_path / "mine.safetensors"
    path.write_bytes(model_path(SHIPPED).read_bytes())
    damaged(path, kind)
    picture = plane.mosaic.complete._image.copy()
    window.open_file(path)
    settle(qtbot, window)
    assert plane.notice.isVisible()
    assert "mine.safetensors" in plane.notice.text()
    assert plane.rescue.isVisible()
    assert plane.mosaic.complete._image == picture
    assert window.banner.isVisible()
    window.show_regression()
    settle(qtbot, window)
    assert window.page.store.document.observe(0, 0).step == 1
    window.show_latent()
    qtbot.mouseClick(plane.rescue, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert page.store.document == Latent()
    assert not plane.notice.isVisible()


def test_a_sound_model_from_a_file_is_opened(qtbot, window, page, tmp_path):
    from engine.latent.training.runs import model_path

    path = tmp_path / "mine.safetensors"
    path.write_bytes(model_path(SHIPPED).read_bytes())
    window.open_file(path)
    settle(qtbot, window)
    assert page.store.document.model == str(path)
    assert not window.banner.isVisible()
