"""The image import: the document changes only when the button is pressed, and omitted files are listed."""

import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

from engine.latent.datasets import own_files as limits
from engine.latent.datasets.faces import Faces
from engine.latent.datasets.folder import Folder
from engine.latent.datasets.idx import IdxFiles
from engine.latent.datasets.mnist import Mnist
from engine.latent.datasets.npz import NpzFile
from engine.latent.datasets.own_files import Reading
from engine.latent.datasets.preview import Look, looking
from engine.latent.document import Latent
from engine.latent.training.training import TrainingSettings, with_data
from engine.latent.vae.recipe import Recipe
from gui.forms.forms import Form
from gui.importing.class_examples import EACH
from gui.latent.training.training import Training
from gui.latent.training.training_images import ON_FILE, ON_FOLDER, TrainingImages
from gui.latent.training.workshop import Workshop
from gui.plots.plot import Plot
from tests.engine.latent.datasets.test_idx import idx
from tests.gui.latent.acting import run
from tests.gui.regression.test_tables import drop

GREY = np.random.default_rng(0).integers(0, 256, (30, 12, 12), dtype=np.uint8)


@pytest.fixture(autouse=True)
def started(monkeypatch):
    """The recipes whose training was started; no process is started."""
    recipes = []
    monkeypatch.setattr(Workshop, "start", lambda _, *started: recipes.extend(started))
    return recipes


@pytest.fixture
def window(open_window):
    return open_window("latent")


@pytest.fixture
def view(window):
    return window.page.view


@pytest.fixture
def pictures(view):
    return view.controller(TrainingImages).pictures


@pytest.fixture
def folder(tmp_path):
    for i, image in enumerate(GREY):
        where = tmp_path / "pets" / ("cats" if i % 3 else "dogs")
        where.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(where / f"{i:02d}.png")
    (tmp_path / "pets" / "dogs" / "torn.png").write_bytes(b"no picture")
    return tmp_path / "pets"


def wait(qtbot, pictures):
    """Wait until the dialog has read its images, and return the dialog."""
    dialog = pictures.dialog
    qtbot.waitUntil(lambda: dialog.progress.isHidden() and dialog.line.idle)
    return dialog


def rows(dialog):
    table = dialog.examples
    return [tuple(table.item(i, j).text() for j in (0, 1)) for i in range(table.rowCount())]


def data(window):
    return window.pages["latent"].store.document[TrainingSettings].recipe.data


@pytest.mark.slow
def test_a_folder_is_shown_and_then_used_in_one_undo_step(qtbot, window, pictures, folder):
    before = window.page.store.document
    window.open_file(folder)
    dialog = wait(qtbot, pictures)
    assert window.page.store.document is before
    assert rows(dialog) == [("cats", "20"), ("dogs", "10")]
    assert "30 images of 28×28 pixels in grey, 2 classes: 27 for training and 3 for testing." in dialog.words.text()
    assert [dialog.unreadable.item(i).text() for i in range(dialog.unreadable.count())] == [
        "dogs/torn.png: it is damaged or not an image in a supported format."
    ]
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert data(window) == Folder(str(folder))
    assert pictures.dialog is None
    window.page.store.stack.undo()
    assert window.page.store.document is before


def test_the_button_sets_the_recipe_that_suits_the_images_and_starts_the_training(
    qtbot, window, view, pictures, folder, started
):
    before, undo_steps = window.page.store.document, window.page.store.stack.count()
    window.open_file(folder)
    dialog = wait(qtbot, pictures)
    suitable = dialog.look.recipe
    assert suitable.batch != Recipe().batch and suitable.epochs != Recipe().epochs
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert window.page.store.document[TrainingSettings].recipe == suitable
    assert started == [suitable]
    qtbot.waitUntil(lambda: Training.title in view.seen_titles)
    assert window.page.store.stack.count() == undo_steps + 1
    window.undo.trigger()
    assert window.page.store.document == before


@pytest.mark.slow
def test_new_settings_are_used_at_once(qtbot, window, pictures, folder):
    window.open_file(folder)
    dialog = wait(qtbot, pictures)
    line = dialog.form.editors["size"].line
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "12")
    assert not dialog.go.isEnabled()
    wait(qtbot, pictures)
    dialog.form.editors["colour"].box.click()
    dialog = wait(qtbot, pictures)
    assert "12×12 pixels in colour" in dialog.words.text()
    dialog.go.click()
    assert data(window) == Folder(str(folder), size=12, colour=True)


def test_the_examples_are_images_of_the_data_set(folder):
    look = limits.drained(looking(Folder(str(folder), size=12, values="white ink on black"), EACH))
    assert [(each.name, each.count, len(each.shown)) for each in look.classes] == [("cats", 20, 10), ("dogs", 10, 9)]
    ours = {(image / 255 * 254 + 0.5).astype(np.uint8).tobytes() for image in GREY[::3]}
    assert {image.tobytes() for image in look.classes[1].shown} < ours


@pytest.mark.slow
def test_arrays_and_idx_files_can_be_dropped_anywhere(qtbot, window, pictures, tmp_path):
    np.savez(tmp_path / "a.npz", x=GREY, y=np.arange(30) % 2)
    (tmp_path / "a-images.idx").write_bytes(idx(GREY))
    (tmp_path / "a-labels.idx").write_bytes(idx(np.arange(30, dtype=np.uint8) % 3))
    view = window.page.view
    for name, expected, classes in (
        ("a.npz", NpzFile(str(tmp_path / "a.npz")), 2),
        ("a-images.idx", IdxFiles(str(tmp_path / "a-images.idx"), str(tmp_path / "a-labels.idx")), 3),
    ):
        window.show_page("regression")
        assert drop(window, tmp_path / name)
        assert window.page.view is view
        dialog = wait(qtbot, pictures)
        assert len(rows(dialog)) == classes
        dialog.go.click()
        assert data(window) == expected
    assert drop(view.findChild(Plot).viewport(), tmp_path / "a.npz")
    wait(qtbot, pictures).reject()


@pytest.mark.slow
def test_a_label_file_can_be_chosen_for_images_without_labels(qtbot, window, pictures, tmp_path, monkeypatch):
    (tmp_path / "pets.idx").write_bytes(idx(GREY))
    (tmp_path / "y.idx").write_bytes(idx(np.arange(30, dtype=np.uint8) % 3))
    window.open_file(tmp_path / "pets.idx")
    dialog = wait(qtbot, pictures)
    assert rows(dialog) == [("unlabelled", "30")]
    name = "PySide6.QtWidgets.QFileDialog.getOpenFileName"
    asked = []

    def choose(*arguments):
        asked.append(arguments[2])
        return str(tmp_path / "y.idx"), ""

    monkeypatch.setattr(name, choose)
    dialog.choose.click()
    dialog = wait(qtbot, pictures)
    assert asked == [str(tmp_path)]  # the folder of the images
    assert rows(dialog) == [("0", "10"), ("1", "10"), ("2", "10")]
    dialog.go.click()
    assert data(window) == IdxFiles(str(tmp_path / "pets.idx"), str(tmp_path / "y.idx"))


@pytest.mark.slow
def test_unusable_images_are_explained_and_change_nothing(qtbot, window, pictures, tmp_path):
    np.savez(tmp_path / "x.npz", x=GREY[:, :4])
    before = window.page.store.document
    window.open_file(tmp_path / "x.npz")
    dialog = wait(qtbot, pictures)
    assert dialog.words.text() == "x.npz contains images of 4×12 pixels. Each side must have 8 to 256 pixels."
    assert not dialog.go.isEnabled()
    assert dialog.examples.isHidden()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    pictures.take(tmp_path / "notes.txt")
    assert window.banner.text.text().startswith("Images are not read from a .txt file. ")
    assert window.page.store.document is before


@pytest.mark.slow
def test_progress_is_shown_and_reading_is_cancelled(qtbot, window, pictures, folder, monkeypatch):
    gate, ended = threading.Event(), threading.Event()

    def slow(source, each):
        try:
            for done in range(1, 10_000):
                yield Reading(done, 10_000)
                gate.wait(0.001)
        finally:
            ended.set()

    monkeypatch.setattr("gui.importing.image_dialog.looking", slow)
    window.open_file(folder)
    dialog = pictures.dialog
    qtbot.waitUntil(lambda: dialog.progress.value() > 3)
    assert dialog.progress.maximum() == 10_000
    assert "of 10,000 images so far" in dialog.words.text()
    assert not dialog.go.isEnabled()
    dialog.reject()
    assert ended.is_set()
    assert pictures.dialog is None


@pytest.mark.slow
def test_results_for_earlier_settings_are_not_shown(qtbot, window, pictures, folder, monkeypatch):
    gate, sizes = threading.Event(), []

    def reading(source, each):
        gate.wait(10)
        return Look(limits.drained(limits.reading(source)), (), (), Recipe(data=source))

    monkeypatch.setattr("gui.importing.image_dialog.looking", reading)
    window.open_file(folder)
    dialog = pictures.dialog
    dialog.line.delivered.connect(lambda look: sizes.append((look.loaded.train.pixels.shape[1], dialog.look)))
    qtbot.waitUntil(lambda: not dialog.line.idle)
    dialog.form.editors["colour"].box.click()
    gate.set()
    qtbot.waitUntil(lambda: len(sizes) == 2)
    assert sizes[0][1] is None
    assert dialog.look.loaded.train.pixels.ndim == 4
    dialog.reject()


@pytest.mark.slow
def test_closing_the_window_ends_the_reading(qtbot, window, pictures, folder):
    window.open_file(folder)
    line = pictures.dialog.line
    window.close()
    assert line._closed
    assert pictures.dialog is None


@pytest.mark.slow
def test_folders_and_files_are_chosen_in_dialogs(qtbot, window, pictures, folder, tmp_path, monkeypatch):
    np.savez(tmp_path / "x.npz", x=GREY)
    dialogs = "PySide6.QtWidgets.QFileDialog."
    monkeypatch.setattr(dialogs + "getExistingDirectory", lambda *_: str(folder))
    monkeypatch.setattr(dialogs + "getOpenFileName", lambda *_: (str(tmp_path / "x.npz"), ""))
    run(window, ON_FOLDER)
    wait(qtbot, pictures).go.click()
    assert data(window) == Folder(str(folder))
    run(window, ON_FILE)
    wait(qtbot, pictures).go.click()
    assert data(window) == NpzFile(str(tmp_path / "x.npz"))


@pytest.mark.slow
def test_every_control_of_the_dialog_has_a_name_for_screen_readers(qtbot, window, pictures, folder):
    window.open_file(folder)
    dialog = wait(qtbot, pictures)
    for kind in (QAbstractButton, QLineEdit, QComboBox):
        for widget in dialog.findChildren(kind):
            if not widget.objectName().startswith("qt_"):
                assert widget.accessibleName() or getattr(widget, "text", lambda: "")() or not widget.isVisible()
    for widget in (dialog.examples, dialog.unreadable, dialog.progress):
        assert widget.accessibleName()
    dialog.reject()


def test_a_form_offers_files_only_after_their_first_use(qtbot):
    form = Form(Recipe, only=("data",))
    qtbot.addWidget(form)
    changes = []
    form.changed.connect(lambda part, *_: changes.append(part.data))
    form.show_part(Recipe())
    editor = form.editors["data"]
    offered = [editor.combo.itemText(i) for i in range(editor.combo.count())]
    assert sorted(offered) == ["Faces", "MNIST", "Pairs"]
    mine = Folder("/somewhere")
    form.show_part(with_data(Latent(), mine)[TrainingSettings].recipe)
    assert editor.combo.currentText() == "Folder of images"
    form.show_part(Recipe())
    for name in ("Faces", "Folder of images"):
        editor.combo.activated.emit(editor.combo.findText(name))
    assert changes == [Faces(), mine]
    assert form.part.data == Mnist()
