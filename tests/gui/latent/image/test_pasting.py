"""Images that are dropped on the page Latent space or pasted: valid, very large and damaged ones."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter

from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.image.encoding import encoding
from engine.latent.inputs.pasted import LARGEST, Pasted
from gui.latent.image import picture_files
from gui.latent.image.encoded_image import EncodedImage
from gui.latent.image.image_files import PASTE
from tests.gui.conftest import settle
from tests.gui.latent.acting import run


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def digit():
    """A test digit in black on white, 280 pixels on a side."""
    pixels = 255 - np.kron(Mnist().test().pixels[7], np.ones((10, 10), np.uint8))
    return QImage(pixels.data, 280, 280, 280, QImage.Format.Format_Grayscale8).copy()


@pytest.fixture(autouse=True)
def _empty_clipboard(qapp):
    yield
    QGuiApplication.clipboard().clear()


def selected(qtbot, window):
    """Wait for the pasted image and return it."""
    qtbot.waitUntil(lambda: isinstance(window.page.store.document.input, Pasted))
    settle(qtbot, window)
    return window.page.store.document.input


@pytest.mark.slow
def test_a_dropped_image_is_selected(qtbot, window, page, digit, tmp_path):
    digit.save(str(tmp_path / "nine.png"))
    panel = page.view.bring(EncodedImage)
    window.show_page("regression")
    window.drops.dropped.emit(tmp_path / "nine.png")
    image = selected(qtbot, window)
    assert (image.h, image.w, image.channels, image.title) == (LARGEST, LARGEST, 1, "nine.png")
    seen = page.view.scene.get(encoding).image
    given = Mnist().test().pixels[7].astype(float)
    assert np.corrcoef(seen.pixels.ravel().astype(float), given.ravel())[0, 1] > 0.9
    assert "inverted" in seen.name
    assert panel.encoded is seen
    page.store.stack.undo()
    assert page.store.document == Latent()


@pytest.mark.slow
def test_an_image_is_pasted_from_the_clipboard(qtbot, window, page, digit):
    QGuiApplication.clipboard().setImage(digit)
    run(window, PASTE)
    assert selected(qtbot, window).title == "pasted image"
    page.store.stack.undo()
    assert page.store.document == Latent()


@pytest.mark.slow
def test_a_copied_file_is_pasted_too(qtbot, window, page, digit, tmp_path):
    digit.save(str(tmp_path / "copied.png"))
    copied = QMimeData()
    copied.setUrls([QUrl.fromLocalFile(str(tmp_path / "copied.png"))])
    QGuiApplication.clipboard().setMimeData(copied)
    run(window, PASTE)
    assert selected(qtbot, window).title == "copied.png"


@pytest.mark.slow
def test_a_clipboard_without_an_image_is_explained(window, page):
    QGuiApplication.clipboard().setText("1 2 3")
    run(window, PASTE)
    assert window.banner.text.text() == picture_files.NO_CLIPBOARD_IMAGE
    assert page.store.document == Latent()


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n broken"])
def test_a_damaged_image_is_explained_and_changes_nothing(qtbot, window, page, tmp_path, content):
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    window.open_file(path)
    qtbot.waitUntil(window.banner.isVisible)
    assert "broken.png was not opened as an image" in window.banner.text.text()
    assert page.store.document == Latent()


@pytest.mark.slow
def test_a_missing_image_is_explained(qtbot, window, tmp_path):
    window.open_file(tmp_path / "gone.jpg")
    qtbot.waitUntil(window.banner.isVisible)
    assert "gone.jpg" in window.banner.text.text()


@pytest.mark.slow
def test_a_jpeg_of_200_megapixels_is_read_at_a_smaller_scale(tmp_path):
    huge = QImage(20_000, 10_000, QImage.Format.Format_Grayscale8)
    huge.fill(255)
    assert QImageWriter(str(tmp_path / "huge.jpg")).write(huge)
    del huge
    image = picture_files.from_file(tmp_path / "huge.jpg")
    assert (image.h, image.w) == (64, 128)
    np.testing.assert_array_equal(image.light, 1)


def test_a_png_of_300_megapixels_is_refused_with_a_reason(tmp_path):
    huge = QImage(20_000, 15_000, QImage.Format.Format_Mono)
    huge.fill(1)
    assert huge.save(str(tmp_path / "huge.png"))
    del huge
    with pytest.raises(ValueError, match=r"huge\.png is too large: it has 20,000×15,000 pixels"):
        picture_files.from_file(tmp_path / "huge.png")


@pytest.mark.qt_log_ignore("libpng")
def test_half_an_image_is_explained(digit, tmp_path):
    whole = tmp_path / "whole.png"
    digit.save(str(whole))
    (tmp_path / "half.png").write_bytes(whole.read_bytes()[:200])
    with pytest.raises(ValueError, match=r"half\.png was not opened as an image"):
        picture_files.from_file(tmp_path / "half.png")


def test_transparent_pixels_lie_on_white():
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    image.fill(0)
    image.setPixel(3, 4, 0x80FF0000)
    light = picture_files.from_image(image, "clear").light
    np.testing.assert_allclose(light[0, 0], 1)
    np.testing.assert_allclose(light[4, 3], [1, 0.498, 0.498], atol=0.004)


def test_white_strokes_on_transparent_pixels_lie_on_black():
    """On a white ground the image would be of one brightness."""
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    image.fill(0)
    for row in range(2, 6):
        image.setPixel(4, row, 0xFFFFFFFF)
    light = picture_files.from_image(image, "white").light
    assert light[0, 0] == 0
    np.testing.assert_array_equal(light[2:6, 4], 1)


def test_colours_keep_their_order():
    image = QImage(4, 2, QImage.Format.Format_RGB32)
    image.fill(0xFF102030)
    pasted = picture_files.from_image(image, "colour")
    assert pasted.channels == 3
    assert pasted.data == bytes([0x10, 0x20, 0x30]) * 8
