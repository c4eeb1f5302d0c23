"""Pictures that are dropped on the latent page or pasted there: good ones, huge ones, broken ones."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter

from engine.latent.datasets.mnist import Mnist
from engine.latent.document import Latent
from engine.latent.inputs.pasted import LARGEST, Pasted
from gui.latent.image import picture_files
from gui.latent.image.encoded_image import EncodedImage
from tests.gui.conftest import settle


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def page(window):
    return window.page


@pytest.fixture
def digit():
    """A test digit in black on white, 280 pixels on a side."""
    pixels = 255 - np.kron(Mnist().test().pixels[7], np.ones((10, 10), np.uint8))
    return QImage(pixels.data, 280, 280, 280, QImage.Format.Format_Grayscale8).copy()


@pytest.fixture(autouse=True)
def _empty_clipboard(qapp):
    yield
    QGuiApplication.clipboard().clear()


def taken(qtbot, window):
    qtbot.waitUntil(lambda: isinstance(window.page.store.document.input, Pasted))
    settle(qtbot, window)
    return window.page.store.document.input


def test_a_dropped_picture_is_looked_into(qtbot, window, page, digit, tmp_path):
    digit.save(str(tmp_path / "nine.png"))
    panel = page.view.bring(EncodedImage)
    window.show_regression()
    window.drops.dropped.emit(tmp_path / "nine.png")
    found = taken(qtbot, window)
    assert (found.h, found.w, found.channels, found.title) == (LARGEST, LARGEST, 1, "nine.png")
    seen = page.view.scene.subject
    given = Mnist().test().pixels[7].astype(float)
    assert np.corrcoef(seen.pixels.ravel().astype(float), given.ravel())[0, 1] > 0.9
    assert "inverted" in seen.name
    assert panel.subject is seen
    page.store.stack.undo()
    assert page.store.document == Latent()


def test_a_picture_is_pasted_from_the_clipboard(qtbot, window, page, digit):
    QGuiApplication.clipboard().setImage(digit)
    window.actions_made.action("paste_picture").trigger()
    assert taken(qtbot, window).title == "pasted picture"
    page.store.stack.undo()
    assert page.store.document == Latent()


def test_a_copied_file_is_pasted_too(qtbot, window, page, digit, tmp_path):
    digit.save(str(tmp_path / "copied.png"))
    copied = QMimeData()
    copied.setUrls([QUrl.fromLocalFile(str(tmp_path / "copied.png"))])
    QGuiApplication.clipboard().setMimeData(copied)
    page.view.paste_picture()
    assert taken(qtbot, window).title == "copied.png"


def test_a_clipboard_without_a_picture_is_explained(window, page):
    QGuiApplication.clipboard().setText("1 2 3")
    page.view.paste_picture()
    assert window.banner.text.text() == picture_files.NO_PICTURE
    assert page.store.document == Latent()


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n broken"])
def test_a_broken_picture_is_explained_and_changes_nothing(qtbot, window, page, tmp_path, content):
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    window.open_file(path)
    qtbot.waitUntil(window.banner.isVisible)
    assert "broken.png was not opened as a picture" in window.banner.text.text()
    assert page.store.document == Latent()


def test_a_picture_that_is_not_there_is_explained(qtbot, window, tmp_path):
    window.open_file(tmp_path / "gone.jpg")
    qtbot.waitUntil(window.banner.isVisible)
    assert "gone.jpg" in window.banner.text.text()


def test_a_jpeg_of_200_megapixels_is_read_small(tmp_path):
    huge = QImage(20_000, 10_000, QImage.Format.Format_Grayscale8)
    huge.fill(255)
    assert QImageWriter(str(tmp_path / "huge.jpg")).write(huge)
    del huge
    found = picture_files.from_file(tmp_path / "huge.jpg")
    assert (found.h, found.w) == (64, 128)
    np.testing.assert_array_equal(found.light, 1)


def test_a_png_of_300_megapixels_is_refused_in_a_sentence(tmp_path):
    huge = QImage(20_000, 15_000, QImage.Format.Format_Mono)
    huge.fill(1)
    assert huge.save(str(tmp_path / "huge.png"))
    del huge
    with pytest.raises(ValueError, match=r"huge\.png is too large: it has 20,000×15,000 pixels"):
        picture_files.from_file(tmp_path / "huge.png")


@pytest.mark.qt_log_ignore("libpng")
def test_half_a_picture_is_explained(digit, tmp_path):
    whole = tmp_path / "whole.png"
    digit.save(str(whole))
    (tmp_path / "half.png").write_bytes(whole.read_bytes()[:200])
    with pytest.raises(ValueError, match=r"half\.png was not opened as a picture"):
        picture_files.from_file(tmp_path / "half.png")


def test_what_is_see_through_lies_on_white():
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    image.fill(0)
    image.setPixel(3, 4, 0x80FF0000)
    light = picture_files.from_image(image, "clear").light
    np.testing.assert_allclose(light[0, 0], 1)
    np.testing.assert_allclose(light[4, 3], [1, 0.498, 0.498], atol=0.004)


def test_colours_keep_their_order():
    image = QImage(4, 2, QImage.Format.Format_RGB32)
    image.fill(0xFF102030)
    found = picture_files.from_image(image, "colour")
    assert found.channels == 3
    assert found.data == bytes([0x10, 0x20, 0x30]) * 8
