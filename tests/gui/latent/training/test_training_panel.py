"""Training in the real window: starting, pausing, the slider over the checkpoints, saving and deleting."""

import io
import json
import shutil
import struct
import threading

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QMessageBox

from engine.latent.datasets.faces import Faces
from engine.latent.document import Latent
from engine.latent.model_source import SHIPPED, Trained
from engine.latent.plane.plane import mosaic
from engine.latent.plane.samples import draw_samples
from engine.latent.training.autoencoder import around
from engine.latent.training.folders import keep_in
from engine.latent.training.model_and_data import model_facts
from engine.latent.training.process import TrainingProcess
from engine.latent.training.runs import checkpoint_path, checkpoints, state_path
from engine.latent.training.training import TrainingSettings, with_recipe
from engine.latent.vae import load_model
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import Gaussian
from engine.latent.vae.recipe import Recipe
from gui.latent.plane.exports import Exporter
from gui.latent.training.autoencoder import Autoencoder
from gui.latent.training.model_and_data import ModelAndData
from gui.latent.training.model_files import SAVE_TO_LIBRARY, ModelFiles
from gui.latent.training.models import DELETE, Models
from gui.latent.training.reconstructions import Reconstructions
from gui.latent.training.trainer import CONTINUE, PAUSE, START, Trainer
from gui.latent.training.training import EXPORT, SAVE_TRAINING, Training
from gui.widgets.dates import date_text
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, run

TINY = Recipe(
    data=Faces(training=200, held_out=30),
    architecture=ResidualMlp(encoder_width=16, bottleneck=8, decoder_width=16, octaves=1),
    likelihood=Gaussian(),
    epochs=2,
    batch=20,
)


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def view(window):
    return window.page.view


@pytest.fixture
def workshop(view):
    return view.controller(Trainer).workshop


@pytest.fixture
def panel(qtbot, window, view):
    change(window, with_recipe, TINY)
    view.docks[Training.title].raise_()
    settle(qtbot, window)
    return view.panel(Training)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """Return the folder with a finished run of the recipe."""
    folder, finished = tmp_path_factory.mktemp("run"), threading.Event()
    keep_in(folder)
    process = TrainingProcess(TINY, lambda report: finished.set() if report.state == "done" else None)
    assert finished.wait(60)
    process.close()
    return folder


@pytest.fixture
def trained(qtbot, window, view, panel, run_folder, tmp_path):
    """Return the store of the page, with the last checkpoint of the finished run as the model."""
    shutil.copytree(run_folder, tmp_path / "runs")
    keep_in(tmp_path / "runs")
    change(window, Latent.with_model, Trained(TINY, 20))
    settle(qtbot, window)
    return window.page.store


def wait_until_ended(qtbot, window):
    workshop = window.page.view.controller(Trainer).workshop
    qtbot.waitUntil(lambda: not workshop.busy, timeout=60_000)
    settle(qtbot, window)


@pytest.mark.proof
def test_the_newest_checkpoint_becomes_the_model(qtbot, window, view, panel):
    qtbot.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    wait_until_ended(qtbot, window)
    store = window.page.store
    assert store.document.trained == Trained(TINY, 20)
    assert panel.words.text().startswith("Done: epoch 2")
    assert panel.learning.checkpoints == tuple(checkpoints(TINY))
    assert len(panel.plot.learnt.x) == 20
    assert [step for step, *_ in panel.learning.held_out] == [10, 20]
    assert view.scene.get(model_facts).card.recipe == TINY
    assert view.scene.get(mosaic).image.ndim == 3
    while store.stack.canUndo():
        store.stack.undo()
    assert store.document == Latent()


@pytest.mark.slow
def test_the_slider_goes_back_through_the_training(qtbot, window, view, trained, panel):
    latest = view.scene.get(mosaic).image
    panel.slider.setValue(0)
    settle(qtbot, window)
    assert trained.document.trained == Trained(TINY, 0)
    assert not np.array_equal(view.scene.get(mosaic).image, latest)


@pytest.mark.slow
def test_a_replay_ends_at_the_last_checkpoint(qtbot, window, view, trained, panel):
    panel.timer.setInterval(1)
    qtbot.mouseClick(panel.replay, Qt.MouseButton.LeftButton)
    assert trained.document.trained.step == 0
    qtbot.waitUntil(lambda: not panel.timer.isActive(), timeout=30_000)
    assert trained.document.trained.step == 20


@pytest.mark.proof
def test_one_batch_at_a_time(qtbot, window, workshop, panel):
    qtbot.mouseClick(panel.one, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: workshop.is_paused, timeout=60_000)
    first = workshop.last[TINY].step
    qtbot.mouseClick(panel.one, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: workshop.last[TINY].kept == first + 1, timeout=60_000)
    qtbot.waitUntil(lambda: window.page.store.document.trained == Trained(TINY, first + 1), timeout=60_000)
    assert panel.pause.text() == "Resume"
    qtbot.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
    wait_until_ended(qtbot, window)
    assert state_path(TINY).exists()


@pytest.mark.proof
def test_a_checkpoint_that_the_user_chose_stays_during_training(qtbot, window, workshop, panel):
    qtbot.mouseClick(panel.one, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: workshop.is_paused, timeout=60_000)
    settle(qtbot, window)
    panel.slider.setValue(0)
    settle(qtbot, window)
    run(window, PAUSE)
    wait_until_ended(qtbot, window)
    assert window.page.store.document.trained == Trained(TINY, 0)


@pytest.mark.slow
def test_closing_the_window_saves_the_training(qtbot, window, workshop, panel):
    change(window, with_recipe, replace(TINY, epochs=500))
    qtbot.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    recipe = replace(TINY, epochs=500)
    qtbot.waitUntil(lambda: workshop.last[recipe].step > 5, timeout=60_000)
    window.close()
    assert state_path(recipe).exists()


@pytest.mark.proof
def test_an_autoencoder_is_trained_at_the_same_time(qtbot, window, view, panel):
    qtbot.mouseClick(panel.autoencoder, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    wait_until_ended(qtbot, window)
    change(window, draw_samples)
    view.docks[Autoencoder.title].raise_()
    comparison = view.panel(Autoencoder)
    qtbot.waitUntil(lambda: len(comparison.strip.ink) == 64, timeout=30_000)
    assert checkpoints(TINY.autoencoder())[-1] == 20
    landed = comparison.mosaic.landed.places
    assert len(landed) == 30
    assert around(landed) == comparison.mosaic.home
    vae = load_model(str(checkpoint_path(TINY.autoencoder(), 20)))
    assert vae.card.recipe.objective == "AE"
    mean, _ = vae.encode(TINY.data.test().pixels / np.float32(255))
    np.testing.assert_allclose(landed, mean, atol=1e-5)


@pytest.mark.slow
def test_reconstructions_are_of_test_images(qtbot, window, view, trained):
    view.docks[Reconstructions.title].raise_()
    settle(qtbot, window)
    pairs = view.panel(Reconstructions).pairs
    first = TINY.data.test().pixels[0]
    np.testing.assert_allclose(pairs.above[0][..., 0], first * (254 / 255), atol=0.51)
    assert pairs.below.shape == pairs.above.shape


@pytest.mark.slow
def test_a_learned_deviation_is_shown(qtbot, window, view, trained):
    panel = view.bring(ModelAndData)
    settle(qtbot, window)
    assert panel.deviation.isVisibleTo(panel)
    assert panel.deviation.ink.shape == (48, 48)


@pytest.mark.slow
def test_models_are_saved_to_the_library_and_opened(qtbot, window, view, trained, monkeypatch, tmp_path):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("my faces", True))
    run(window, SAVE_TO_LIBRARY)
    view.docks[Models.title].raise_()
    settle(qtbot, window)
    models = view.panel(Models)
    names = [(entry.kind, entry.name) for entry in models.entries]
    assert names.index(("shipped", "mnist")) < names.index(("kept", "my faces"))
    row = names.index(("kept", "my faces"))
    models.list.setCurrentRow(row)
    qtbot.mouseClick(models.opens, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    items = [models.list.item(i) for i in range(models.list.count())]
    assert [i for i, item in enumerate(items) if item.text().startswith("Open: ")] == [row]
    assert not any(item.icon().isNull() for item in items)
    assert date_text(models.entries[row].time) in items[row].text()
    assert trained.document.trained is None
    assert trained.document.loaded_model.vae.card.recipe == TINY


@pytest.mark.slow
def test_a_run_is_deleted_after_the_user_confirms(qtbot, window, view, trained, monkeypatch):
    models = view.bring(Models)
    settle(qtbot, window)
    kinds = [entry.kind for entry in models.entries]
    models.list.setCurrentRow(kinds.index("trained here"))
    asked = []
    answer = QMessageBox.StandardButton.No
    monkeypatch.setattr(QMessageBox, "question", lambda *given: asked.append(given) or answer)
    qtbot.mouseClick(models.deletes, Qt.MouseButton.LeftButton)
    assert checkpoints(TINY) and asked[0][-1] == QMessageBox.StandardButton.No  # the default button
    assert "“Trained here: Faces, " in asked[0][2] and " MB, saved " in asked[0][2]
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    qtbot.mouseClick(models.deletes, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert not checkpoints(TINY)
    assert trained.document.trained is None
    assert trained.document.model == SHIPPED
    assert "trained here" not in [entry.kind for entry in models.entries]
    models.list.setCurrentRow(0)
    run(window, DELETE)
    assert window.banner.text.text().startswith("This model comes with the program. ")


@pytest.mark.slow
def test_a_saved_training_is_resumed_where_it_stopped_or_restarted(
    qtbot, window, view, workshop, trained, panel, monkeypatch
):
    assert panel.start.text() == "Start" and panel.restart.isVisibleTo(panel)  # it is complete
    position = json.dumps({"step": 12, "shape": [10 * TINY.batch, 48, 48]})
    header = json.dumps({"__metadata__": {"state": position}}).encode()
    state_path(TINY).write_bytes(struct.pack("<Q", len(header)) + header)
    view.outdated.emit()
    settle(qtbot, window)
    assert panel.start.text() == "Resume at epoch 2 of 2"
    started = []
    monkeypatch.setattr(workshop, "start", lambda *recipes: started.append(recipes))
    for button, count in ((QMessageBox.StandardButton.No, 0), (QMessageBox.StandardButton.Yes, 1)):
        qtbot.mouseClick(panel.restart, Qt.MouseButton.LeftButton)
        box = QApplication.activeModalWidget()
        assert "at epoch 2 of 2 (" in box.text() and "MB, saved " in box.text()
        qtbot.mouseClick(box.button(button), Qt.MouseButton.LeftButton)
        assert len(started) == count
    assert not state_path(TINY).parent.exists() and trained.document.trained is None
    assert panel.start.text() == "Start" and not panel.restart.isVisibleTo(panel)  # while it is trained
    settle(qtbot, window)


@pytest.mark.slow
def test_an_invalid_name_is_refused(view, window, trained, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("../mine", True))
    run(window, SAVE_TO_LIBRARY)
    assert window.banner.text.text().startswith("“../mine” cannot be the name of a model. ")


def test_a_model_that_is_not_deleted_is_explained_in_one_sentence(qtbot, view, window, trained, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    models = view.bring(Models)
    settle(qtbot, window)
    models.list.setCurrentRow([entry.kind for entry in models.entries].index("trained here"))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    monkeypatch.setattr("engine.latent.training.models.shutil.rmtree", refuse)
    run(window, DELETE)
    assert window.banner.text.text() == "The model was not deleted: you do not have permission."
    assert checkpoints(TINY)


@pytest.mark.proof
def test_a_training_is_saved_and_continued_from_the_file(qtbot, window, view, trained, monkeypatch, tmp_path):
    file = tmp_path / "mine.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    run(window, SAVE_TRAINING)
    qtbot.waitUntil(lambda: view.controller(Exporter).line.idle, timeout=30_000)
    shutil.rmtree(state_path(TINY).parent)
    change(window, with_recipe, Recipe())
    window.open_file(file)
    box = QApplication.activeModalWidget()
    assert "mine.safetensors" in box.text()
    qtbot.mouseClick(box.button(QMessageBox.StandardButton.Yes), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.controller(ModelFiles).trainings.idle, timeout=30_000)
    taken = trained.document[TrainingSettings].recipe
    assert taken == replace(TINY, origin=taken.origin)
    assert state_path(taken).read_bytes() == file.read_bytes()
    run(window, START)
    wait_until_ended(qtbot, window)
    assert trained.document.trained == Trained(taken, 20)
    run(window, CONTINUE)
    wait_until_ended(qtbot, window)
    assert trained.document.trained == Trained(taken.continued(), 40)


@pytest.mark.slow
def test_the_training_is_exported_as_an_animation(qtbot, window, view, trained, monkeypatch, tmp_path):
    file = tmp_path / "film.gif"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    run(window, EXPORT)
    qtbot.waitUntil(lambda: view.controller(Exporter).line.idle, timeout=30_000)
    film = Image.open(io.BytesIO(file.read_bytes()))
    assert film.n_frames >= 2
    assert film.size == (14 * 48, 14 * 48)


@pytest.mark.slow
def test_commands_without_a_training_give_a_reason(window):
    for command in (PAUSE, CONTINUE, SAVE_TRAINING, EXPORT):
        window.banner.say("")
        run(window, command)
        assert window.banner.text.text().endswith(".")
