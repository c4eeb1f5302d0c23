"""Models and trainings from elsewhere: what they name is read, and what they hold is copied, only after a question."""

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.latent.datasets.folder import Folder
from engine.latent.datasets.own_files import is_foreign
from engine.latent.model_source import SHIPPED, model_path
from engine.latent.training.runs import keep_in
from engine.latent.vae.networks.checkpoint import read_tensors, write_tensors
from engine.latent.vae.recipe import Card
from engine.part import decode_hook, encode_hook
from gui.latent.training.model_files import ModelFiles
from tests.gui.conftest import settle

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No


@pytest.fixture
def window(open_window, tmp_path):
    keep_in(tmp_path / "runs")
    return open_window("latent")


@pytest.fixture
def images(tmp_path):
    """A folder of images outside the folder of the model."""
    for i, image in enumerate(np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)):
        where = tmp_path / "<b>private" / ("cats" if i % 3 else "dogs")
        where.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(where / f"{i:02d}.png")
    return tmp_path / "<b>private"


@pytest.fixture
def model(images, tmp_path):
    """The file of a model whose card says that it was trained on these images."""
    text, tensors = read_tensors(model_path(SHIPPED), "card")
    card = msgspec.json.decode(text, type=Card, dec_hook=decode_hook)
    card = replace(card, recipe=replace(card.recipe, data=Folder(str(images))))
    path = tmp_path / "downloads" / "theirs.safetensors"
    path.parent.mkdir()
    write_tensors(path, "card", msgspec.json.encode(card, enc_hook=encode_hook).decode(), tensors)
    return path


def question(qtbot):
    """The box with the question, as soon as it is shown."""
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QMessageBox), timeout=30_000)
    box = QApplication.activeModalWidget()
    assert box.textFormat() == Qt.TextFormat.PlainText
    assert box.defaultButton() is box.button(NO)
    return box


def answer(qtbot, button):
    qtbot.mouseClick(question(qtbot).button(button), Qt.MouseButton.LeftButton)


def test_the_images_of_a_model_are_read_after_the_answer_yes(qtbot, window, model, images):
    window.open_file(model)
    assert str(images) in question(qtbot).text()
    assert is_foreign(Folder(str(images)))
    answer(qtbot, YES)
    assert not is_foreign(Folder(str(images)))
    settle(qtbot, window)
    document = window.page.store.document
    assert document.path == model
    assert document.manifold.is_embedded
    assert len(document.manifold.embedding.mean) == 2


def test_the_images_of_a_model_are_not_read_after_the_answer_no(qtbot, window, model, images, monkeypatch):
    def refuse(*_):
        raise AssertionError("the images are read")

    monkeypatch.setattr(Folder, "listing", refuse)
    window.open_file(model)
    answer(qtbot, NO)
    settle(qtbot, window)
    assert is_foreign(Folder(str(images)))
    assert "They are read only after you agree to it." in window.banner.text.text()
    assert window.page.store.document.path == model


def test_a_model_that_names_no_files_is_opened_without_a_question(qtbot, window, tmp_path):
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(model_path(SHIPPED).read_bytes())
    window.open_file(copy)
    qtbot.waitUntil(lambda: window.page.view.controller(ModelFiles).images.idle, timeout=30_000)
    settle(qtbot, window)
    assert QApplication.activeModalWidget() is None
    assert not window.banner.isVisible()
