"""Training through the real window: it starts, shows what it learns, stands still, goes back and is never lost."""

import io
import shutil
import threading

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from engine.latent.datasets.faces import Faces
from engine.latent.document import Latent, Trained
from engine.latent.training.autoencoder import around
from engine.latent.training.process import Apprentice
from engine.latent.training.runs import keep_in, moment_path, moments, state_path
from engine.latent.training.training import TrainingSettings
from engine.latent.vae import load_model
from engine.latent.vae.architectures.residual_mlp import ResidualMlp
from engine.latent.vae.likelihoods import Gaussian
from engine.latent.vae.recipe import Recipe
from gui.latent.training.autoencoder import Autoencoder
from gui.latent.training.models import Models
from gui.latent.training.recipe import Recipe as RecipePanel
from gui.latent.training.reconstructions import Reconstructions
from gui.latent.training.training import Training
from tests.gui.conftest import settle

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
def panel(qtbot, window, view):
    view.edit("Recipe", Latent().with_recipe(TINY))
    view.docks[Training.title].raise_()
    settle(qtbot, window)
    return view.panel(Training)


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Where a run of the recipe is kept."""
    folder, over = tmp_path_factory.mktemp("once"), threading.Event()
    keep_in(folder)
    apprentice = Apprentice(TINY, lambda report: over.set() if report.state == "done" else None)
    assert over.wait(60)
    apprentice.close()
    return folder


@pytest.fixture
def trained(qtbot, window, view, panel, once, tmp_path):
    """The page after that run."""
    shutil.copytree(once, tmp_path / "runs")
    keep_in(tmp_path / "runs")
    view.edit("Train", window.page.store.document.with_trained(Trained(TINY, 20)))
    settle(qtbot, window)
    return window.page.store


def ended(qtbot, window, view):
    qtbot.waitUntil(lambda: not view.workshop.busy, timeout=60_000)
    settle(qtbot, window)


def test_what_is_trained_is_what_is_looked_at(qtbot, window, view, panel):
    qtbot.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    ended(qtbot, window, view)
    store = window.page.store
    assert store.document.trained == Trained(TINY, 20)
    assert panel.words.text().startswith("Done: epoch 2")
    assert panel.learning.moments == tuple(moments(TINY))
    assert len(panel.plot.learnt.x) == 20
    assert [step for step, *_ in panel.learning.held_out] == [10, 20]
    assert view.scene.card.recipe == TINY
    assert view.scene.mosaic.image.ndim == 3
    while store.stack.canUndo():
        store.stack.undo()
    assert store.document == Latent()


def test_the_slider_goes_back_through_the_training(qtbot, window, view, trained, panel):
    latest = view.scene.mosaic.image
    panel.slider.setValue(0)
    settle(qtbot, window)
    assert trained.document.trained == Trained(TINY, 0)
    assert not np.array_equal(view.scene.mosaic.image, latest)


def test_a_replay_ends_at_the_last_moment(qtbot, window, view, trained, panel):
    panel.timer.setInterval(1)
    qtbot.mouseClick(panel.replay, Qt.MouseButton.LeftButton)
    assert trained.document.trained.step == 0
    qtbot.waitUntil(lambda: not panel.timer.isActive(), timeout=30_000)
    assert trained.document.trained.step == 20


def test_one_batch_at_a_time(qtbot, window, view, panel):
    qtbot.mouseClick(panel.one, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.workshop.waits, timeout=60_000)
    first = view.workshop.last[TINY].step
    qtbot.mouseClick(panel.one, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.workshop.last[TINY].kept == first + 1, timeout=60_000)
    qtbot.waitUntil(lambda: window.page.store.document.trained == Trained(TINY, first + 1), timeout=60_000)
    assert panel.pause.text() == "Go on"
    qtbot.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
    ended(qtbot, window, view)
    assert state_path(TINY).exists()


def test_going_back_while_it_learns_is_not_disturbed(qtbot, window, view, panel):
    qtbot.mouseClick(panel.one, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.workshop.waits, timeout=60_000)
    settle(qtbot, window)
    panel.slider.setValue(0)
    settle(qtbot, window)
    view.train_pause()
    ended(qtbot, window, view)
    assert window.page.store.document.trained == Trained(TINY, 0)


def test_closing_the_window_keeps_what_was_learnt(qtbot, window, view, panel):
    view.edit("Longer", window.page.store.document.with_recipe(replace(TINY, epochs=500)))
    qtbot.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    recipe = replace(TINY, epochs=500)
    qtbot.waitUntil(lambda: view.workshop.last[recipe].step > 5, timeout=60_000)
    window.close()
    assert state_path(recipe).exists()


def test_an_autoencoder_beside(qtbot, window, view, panel):
    qtbot.mouseClick(panel.beside, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    ended(qtbot, window, view)
    view.draw_samples()
    view.docks[Autoencoder.title].raise_()
    beside = view.panel(Autoencoder)
    qtbot.waitUntil(lambda: len(beside.strip.ink) == 64, timeout=30_000)
    assert moments(TINY.autoencoder())[-1] == 20
    landed = beside.mosaic.landed.places
    assert len(landed) == 30
    assert around(landed) == beside.mosaic.home
    own = load_model(str(moment_path(TINY.autoencoder(), 20)))
    assert own.card.recipe.objective == "AE"
    mean, _ = own.encode(TINY.data.test().pixels / np.float32(255))
    np.testing.assert_allclose(landed, mean, atol=1e-5)


def test_reconstructions_are_of_held_out_images(qtbot, window, view, trained):
    view.docks[Reconstructions.title].raise_()
    settle(qtbot, window)
    pairs = view.panel(Reconstructions).pairs
    first = TINY.data.test().pixels[0]
    np.testing.assert_allclose(pairs.above[0][..., 0], first * (254 / 255), atol=0.51)
    assert pairs.below.shape == pairs.above.shape


def test_a_learned_deviation_is_shown(view, trained):
    panel = view.panels["Model and data"]
    assert panel.deviation.isVisibleTo(panel)
    assert panel.deviation.ink.shape == (48, 48)


def test_models_are_kept_and_opened(qtbot, window, view, trained, monkeypatch, tmp_path):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("my faces", True))
    view.keep_model()
    view.docks[Models.title].raise_()
    settle(qtbot, window)
    models = view.panel(Models)
    names = [(entry.kind, entry.name) for entry in models.entries]
    assert names.index(("shipped", "mnist")) < names.index(("kept", "my faces"))
    models.list.setCurrentRow(names.index(("kept", "my faces")))
    qtbot.mouseClick(models.opens, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert trained.document.trained is None
    assert view.scene.card.recipe == TINY


def test_a_run_is_deleted_once_the_user_agrees(qtbot, window, view, trained, monkeypatch):
    models = view.bring(Models)
    settle(qtbot, window)
    kinds = [entry.kind for entry in models.entries]
    models.list.setCurrentRow(kinds.index("trained here"))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    qtbot.mouseClick(models.deletes, Qt.MouseButton.LeftButton)
    assert moments(TINY)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    qtbot.mouseClick(models.deletes, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert not moments(TINY)
    assert trained.document.trained is None
    assert "trained here" not in [entry.kind for entry in models.entries]
    models.list.setCurrentRow(0)
    view.delete_model()
    assert "comes with the program" in window.banner.text.text()


def test_a_bad_name_is_refused(view, window, trained, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("../mine", True))
    view.keep_model()
    assert "cannot be the name" in window.banner.text.text()


def test_a_training_is_saved_and_taken_in_elsewhere(qtbot, window, view, trained, monkeypatch, tmp_path):
    file = tmp_path / "mine.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    view.save_training()
    qtbot.waitUntil(lambda: view.exports.line.idle, timeout=30_000)
    window.open_file(file)
    assert "begun on this computer, too" in window.banner.text.text()
    state_path(TINY).unlink()
    view.edit("Other", trained.document.with_recipe(Recipe()))
    window.open_file(file)
    assert trained.document[TrainingSettings].recipe == TINY
    assert state_path(TINY).exists()
    view.continue_training()
    ended(qtbot, window, view)
    assert trained.document.trained == Trained(TINY.continued(), 40)


def test_the_training_is_exported_as_a_film(qtbot, window, view, trained, monkeypatch, tmp_path):
    file = tmp_path / "film.gif"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    view.export_training()
    qtbot.waitUntil(lambda: view.exports.line.idle, timeout=30_000)
    film = Image.open(io.BytesIO(file.read_bytes()))
    assert film.n_frames >= 2
    assert film.size == (14 * 48, 14 * 48)


def test_the_recipe_is_edited_and_undone(qtbot, window, view, panel):
    view.docks[RecipePanel.title].raise_()
    form = view.panel(RecipePanel).form
    form.editors["epochs"].line.setFocus()
    form.editors["epochs"].line.setText("7")
    form.editors["epochs"].line.textEdited.emit("7")
    assert window.page.store.document[TrainingSettings].recipe.epochs == 7
    window.page.store.stack.undo()
    assert window.page.store.document[TrainingSettings].recipe.epochs == 2


def test_verbs_without_a_training_say_so(window, view):
    for verb in ("train_pause", "continue_training", "save_training", "export_training"):
        window.banner.say("")
        getattr(view, verb)()
        assert window.banner.text.text().endswith(".")
