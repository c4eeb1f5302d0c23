"""Models and trainings from elsewhere: what they name is read, and what they hold is copied, only after a question."""

import threading

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
from engine.latent.training.folders import keep_in
from engine.latent.training.models import take_training
from engine.latent.training.runs import state_path
from engine.latent.training.training import TrainingSettings
from engine.latent.vae.networks.checkpoint import read_tensors, write_tensors
from engine.latent.vae.recipe import Card
from engine.latent.vae.training.training import Training, save_state
from engine.part import decode_hook, encode_hook
from gui.latent.training.model_files import ModelFiles
from gui.latent.training.training import Training as TrainingPanel
from tests.engine.latent.training.test_process import TINY
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
    assert str(images)[:20] in question(qtbot).text()  # a long path is shortened in the middle
    assert is_foreign(Folder(str(images)))
    answer(qtbot, YES)
    assert not is_foreign(Folder(str(images)))
    settle(qtbot, window)
    document = window.page.store.document
    assert document.path == model
    assert document.loaded_model.is_embedded
    assert len(document.loaded_model.embedding.mean) == 2
    qtbot.waitUntil(window.banner.isHidden)  # it stated that the images are not read


def test_the_images_of_a_model_are_not_read_after_the_answer_no(qtbot, window, model, images, monkeypatch):
    def refuse(*_):
        raise AssertionError("the images are read")

    monkeypatch.setattr(Folder, "listing", refuse)
    window.open_file(model)
    answer(qtbot, NO)
    settle(qtbot, window)
    assert is_foreign(Folder(str(images)))
    assert "They are read only after you agree." in window.banner.text.text()
    assert window.page.store.document.path == model


@pytest.mark.slow
def test_a_model_that_names_no_files_is_opened_without_a_question(qtbot, window, tmp_path):
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(model_path(SHIPPED).read_bytes())
    window.open_file(copy)
    qtbot.waitUntil(lambda: window.page.view.controller(ModelFiles).images.idle, timeout=30_000)
    settle(qtbot, window)
    assert QApplication.activeModalWidget() is None
    assert not window.banner.isVisible()


@pytest.fixture
def training(tmp_path):
    """The file of a training, after three batches on another computer."""
    begun = Training(TINY, TINY.data.train(), TINY.data.test())
    reports = iter(begun)
    for _ in range(3):
        next(reports)
    save_state(tmp_path / "<b>theirs.safetensors", begun)
    return tmp_path / "<b>theirs.safetensors"


def test_a_training_is_copied_in_a_job_after_the_answer_yes(qtbot, window, training, tmp_path, monkeypatch):
    threads = []

    def taking(path):
        threads.append(threading.current_thread())
        return take_training(path)

    monkeypatch.setattr("gui.latent.training.model_files.take_training", taking)
    before = window.page.store.document
    window.open_file(training)
    assert "<b>theirs.safetensors" in question(qtbot).text()
    assert not threads
    answer(qtbot, YES)
    view = window.page.view
    qtbot.waitUntil(lambda: view.controller(ModelFiles).trainings.idle, timeout=30_000)
    assert threads[0] is not threading.main_thread()
    recipe = window.page.store.document[TrainingSettings].recipe
    assert recipe.origin and recipe == replace(TINY, origin=recipe.origin)
    assert state_path(recipe).read_bytes() == training.read_bytes()
    settle(qtbot, window)
    assert TrainingPanel.title in view.seen_titles
    window.undo.trigger()
    assert window.page.store.document == before


def test_a_training_is_not_copied_after_the_answer_no(qtbot, window, training, tmp_path):
    before = window.page.store.document
    window.open_file(training)
    answer(qtbot, NO)
    assert window.page.view.controller(ModelFiles).trainings.idle
    assert window.page.store.document is before
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_a_damaged_training_is_refused_in_one_sentence(qtbot, window, training):
    content = training.read_bytes()
    training.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    before = window.page.store.document
    window.open_file(training)
    answer(qtbot, YES)
    qtbot.waitUntil(window.banner.isVisible, timeout=30_000)
    assert window.banner.text.text() == "<b>theirs.safetensors is damaged: its contents do not match its checksum."
    assert window.page.store.document is before
