"""The page Latent space in the real window, with the shipped model."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from engine.derived import resolve
from engine.latent.charts import EqualProbability
from engine.latent.datasets.mnist import Mnist
from engine.latent.document import SHIPPED, Latent
from engine.latent.inputs.input import FromData
from engine.latent.model import INKS
from engine.latent.model_source import model_path
from engine.latent.plane.plane import PlaneSettings, mosaic
from engine.latent.vae import load_model
from gui.latent.image.encoded_image import EncodedImage
from gui.latent.image.gallery import GalleryPanel
from gui.latent.plane.decoded_image import DecodedImage
from gui.latent.plane.pinned import Pinned
from gui.latent.plane.plane import TEST_IMAGES, Plane
from gui.latent.plane.samples import CLEAR, DRAW, Samples
from gui.latent.training.model_and_data import ModelAndData
from gui.latent.view import PAGE, UNBOXING
from tests.gui.acting import commit
from tests.gui.conftest import action, settle
from tests.gui.latent.acting import change, run


@pytest.fixture(scope="module")
def vae():
    return load_model(SHIPPED)


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def plane(page):
    return page.view.findChild(Plane)


@pytest.fixture
def pointer(plane, hand):
    return hand(plane.plot)


def ink(vae, z):
    return (vae.decode(np.atleast_2d(z)) * INKS + 0.5).astype(np.uint8)


@pytest.mark.slow
def test_every_image_in_the_plane_equals_a_direct_decoding(qtbot, window, plane, vae, page):
    for zoom in (1.0, 0.2):
        plane.plot.zoom(zoom, 0.3, -0.4)
        settle(qtbot, window)
        pixels = plane.mosaic.complete.pixels
        expected = resolve(page.store.document, {mosaic: plane.plot.shown}).get(mosaic)
        seen, cell = expected.viewport, expected.cell
        np.testing.assert_array_equal(pixels, expected.image)
        for row, column in ((0, 0), (seen.rows // 2, seen.columns // 2), (seen.rows - 1, seen.columns - 1)):
            z = seen.left + (column + 0.5) * cell, seen.top - (row + 0.5) * cell
            image = pixels[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
            assert np.abs(image.astype(int) - ink(vae, z)[0]).max() <= 1


@pytest.mark.slow
def test_images_stay_small_at_every_zoom(qtbot, window, plane, page):
    for _ in range(12):
        plane.plot.zoom(0.6)
        settle(qtbot, window)
        view = plane.plot.shown
        side = resolve(page.store.document, {mosaic: view}).get(mosaic).cell / ((view.right - view.left) / view.columns)
        assert 44.9 <= side <= 60.1


@pytest.mark.slow
def test_hovering_decodes_the_latent_and_writes_its_position(qtbot, window, page, pointer, vae):
    pointer.move(0.41, -1.3)
    settle(qtbot, window)
    z = np.array(pointer.plot.place_of(pointer.plot.pixel_of(0.41, -1.3)))
    picture = page.view.findChild(DecodedImage)
    np.testing.assert_array_equal(picture.picture.ink, ink(vae, z)[0])
    test = Mnist().test()
    means, _ = vae.encode(test.pixels / np.float32(255))
    away = np.hypot(*(means - z).T)
    shown = window.status.readout.text()
    log_prior = -0.5 * z @ z - np.log(2 * np.pi)
    assert f"{log_prior:.2f}".replace("-", "−") in shown
    assert f"“{test.labels[np.argmin(away)]}”, {away.min():.3f} away" in shown


@pytest.mark.slow
def test_the_page_starts_with_a_decoded_image(page):
    assert page.view.findChild(DecodedImage).picture.ink is not None


@pytest.mark.slow
def test_another_model_starts_with_its_image_at_the_middle(qtbot, window, page, pointer):
    pointer.move(0.41, -1.3)
    settle(qtbot, window)
    page.view.panel(Plane).probed.emit(None)  # the mouse leaves
    commit(window, "Open", page.store.document.with_model("faces"))
    settle(qtbot, window)
    faces = page.store.document.loaded_model
    np.testing.assert_array_equal(page.view.findChild(DecodedImage).picture.ink, faces.decode(np.zeros((1, 2)))[0])


@pytest.mark.slow
def test_clicking_pins_an_image_and_right_clicking_removes_it(qtbot, window, page, pointer, vae):
    page.view.bring(Pinned)
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


@pytest.mark.slow
def test_the_test_images_are_scattered_by_class(qtbot, window, page, plane, vae):
    test = Mnist().test()
    means, _ = vae.encode(test.pixels / np.float32(255))
    assert not len(plane.mosaic.landed.places)  # until the dots are wanted
    change(window, Latent.with_setting, PlaneSettings(show_test_images=True, show_labels=False))
    settle(qtbot, window)
    np.testing.assert_allclose(plane.mosaic.landed.places, means, atol=1e-5)
    assert [button.text() for button in plane.legend.buttons] == list("0123456789")
    qtbot.mouseClick(plane.legend.buttons[3], Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert page.store.document[PlaneSettings].hidden == (3,)
    np.testing.assert_allclose(plane.mosaic.landed.places, means[test.labels != 3], atol=1e-5)
    run(window, TEST_IMAGES)
    settle(qtbot, window)
    assert len(plane.mosaic.landed.places) == 0
    assert not plane.legend.isVisible()


@pytest.mark.slow
def test_samples_come_from_the_prior_and_new_ones_differ(qtbot, window, page, plane, vae):
    samples = page.view.findChild(Samples)
    qtbot.mouseClick(samples.findChild(QPushButton), Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    first = plane.mosaic.samples.places
    assert len(first) == 64
    np.testing.assert_array_equal(samples.strip.ink, ink(vae, first))
    run(window, DRAW)
    settle(qtbot, window)
    assert not np.array_equal(first, plane.mosaic.samples.places)
    page.store.stack.undo()
    settle(qtbot, window)
    np.testing.assert_array_equal(first, plane.mosaic.samples.places)


@pytest.mark.slow
def test_the_equal_probability_chart_shows_the_same_images(qtbot, window, page, plane, pointer, vae):
    change(window, Latent.with_chart, EqualProbability())
    settle(qtbot, window)
    assert isinstance(page.store.document.chart, EqualProbability)
    pointer.move(0.9, 0.2)
    settle(qtbot, window)
    place = np.array(pointer.plot.place_of(pointer.plot.pixel_of(0.9, 0.2)))
    z = EqualProbability().to_latent(place)
    np.testing.assert_array_equal(page.view.findChild(DecodedImage).picture.ink, ink(vae, z)[0])
    pointer.click(0.9, 0.2)
    assert page.store.document.pins[0] == pytest.approx(tuple(z), abs=1e-6)
    assert plane.plot.sides["bottom"].labelText.startswith("u₀")


@pytest.mark.slow
def test_a_click_outside_the_chart_is_refused_with_a_reason(qtbot, window, page, pointer):
    change(window, Latent.with_chart, EqualProbability())
    settle(qtbot, window)
    pointer.plot.zoom(1.5)
    before = page.store.document
    pointer.click(1.2, 0.5)
    assert page.store.document is before
    assert window.banner.isVisible()
    assert "outside the unit square of this chart have no latent" in window.banner.text.text()


@pytest.mark.slow
def test_everything_is_undone_back_to_the_start(window, page, pointer):
    start = page.store.document
    pointer.click(1.0, 0.5)
    run(window, DRAW)
    change(window, Latent.with_chart, EqualProbability())
    run(window, TEST_IMAGES)
    run(window, CLEAR)
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


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["missing", "nonsense"])
def test_a_file_that_is_not_a_model_is_refused_with_a_reason(qtbot, window, page, plane, tmp_path, kind):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(b"not a model at all")
    if kind == "missing":
        path.unlink()
    before = page.store.document
    window.open_file(path)
    settle(qtbot, window)
    assert window.banner.text.text().startswith("mine.safetensors ")
    assert page.store.document is before
    assert not plane.notice.isVisible()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["truncated", "flipped"])
def test_a_damaged_model_is_reported_and_the_shipped_one_offered(qtbot, window, page, plane, tmp_path, kind):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(model_path(SHIPPED).read_bytes())
    damaged(path, kind)
    image = plane.mosaic.complete._image.copy()
    window.open_file(path)
    settle(qtbot, window)
    assert plane.notice.isVisible()
    assert "mine.safetensors" in plane.notice.text()
    assert plane.rescue.isVisible()
    assert plane.mosaic.complete._image == image
    assert window.banner.isVisible()
    window.show_page("regression")
    settle(qtbot, window)
    assert window.page.store.document.observe(0, 0).step == 1
    window.show_page("latent")
    qtbot.mouseClick(plane.rescue, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert page.store.document == Latent()
    assert not plane.notice.isVisible()


@pytest.mark.slow
def test_an_undamaged_model_is_opened_from_a_file(qtbot, window, page, tmp_path):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(model_path(SHIPPED).read_bytes())
    window.open_file(path)
    settle(qtbot, window)
    assert page.store.document.model == str(path)
    assert not window.banner.isVisible()


@pytest.mark.slow
def test_the_chart_is_ticked_in_its_menu(window, page):
    action(window, "Equal probability").trigger()
    assert page.store.document.chart == EqualProbability()
    assert action(window, "Equal probability").isChecked()


@pytest.mark.slow
def test_everything_is_drawn_again_after_a_change_of_chart_is_undone(qtbot, window, page, plane):
    """The values of the scene are unchanged, but the plot was cleared by the other chart."""
    run(window, DRAW)
    settle(qtbot, window)
    pixels, landed = plane.mosaic.complete.pixels, plane.mosaic.landed.places
    change(window, Latent.with_chart, EqualProbability())
    page.store.stack.undo()  # before anything of the other chart is drawn
    settle(qtbot, window)
    np.testing.assert_array_equal(plane.mosaic.complete.pixels, pixels)
    np.testing.assert_array_equal(plane.mosaic.landed.places, landed)
    assert len(plane.mosaic.samples.places) == 64


@pytest.mark.slow
def test_a_click_never_takes_away_a_panel_but_a_selected_image_is_shown(qtbot, window, page, pointer):
    page.view.bring(ModelAndData)
    before = page.view.seen_titles
    pointer.click(1.0, 0.5)
    assert page.view.seen_titles == before
    page.store.stack.undo()
    change(window, Latent.with_input, FromData(7))
    assert page.view.seen_titles == before - {ModelAndData.title} | {EncodedImage.title}
    settle(qtbot, window)
    assert page.view.findChild(EncodedImage).notice.isHidden()


def test_steps_are_counted_only_on_the_page_inference_for_one_image():
    document = Latent(input=FromData(1))
    assert PAGE.position(document, "") is None
    assert PAGE.position(Latent(), UNBOXING) is None
    assert PAGE.position(document, UNBOXING) == (document.step, document.steps)


def test_the_gallery_is_in_front_until_an_image_is_selected():
    assert PAGE.front(Latent(), UNBOXING) == GalleryPanel.title
    assert PAGE.front(Latent(input=FromData(1)), UNBOXING) == PAGE.front(Latent(), "") == ""


def test_each_file_is_opened_by_one_controller(tmp_path):
    (tmp_path / "images.png").mkdir()
    for name in ("digit.png", "photo.JPG", "mine.safetensors", "images.npz", "images.png"):
        assert sum(kind.accepts_file(tmp_path / name) for kind in PAGE.controllers) == 1, name
    assert not PAGE.accepts(tmp_path / "table.csv")
