"""The import dialog alone: what is to be known is said before the button, and stretching and turning are offered."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QWidget

from engine.latent.datasets.open_path import files_at
from engine.latent.datasets.own_files import distrust, is_foreign
from gui.importing.image_dialog import ImportDialog

CASES = Path(__file__).resolve().parents[2] / "data" / "cases"


@pytest.fixture
def opened(qtbot):
    """Opens dialogs and closes them after the test."""
    made = []

    def make(name):
        parent = QWidget()
        dialog = ImportDialog(parent, files_at(CASES / name))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        made.append((parent, dialog))
        dialog.show()
        wait(qtbot, dialog)
        return dialog

    yield make
    for parent, dialog in made:
        dialog.reject()
        dialog.deleteLater()
        parent.deleteLater()


def wait(qtbot, dialog):
    qtbot.waitUntil(lambda: dialog.progress.isHidden() and dialog.line.idle)


def test_dark_images_are_announced_before_the_button_and_can_be_stretched(qtbot, opened):
    dialog = opened("i01_values_0_to_16.npz")
    assert "The largest value is 14 of 255" in dialog.remarks.text()
    assert dialog.remarks.isVisible()
    stretch = next(box for box in dialog.form.findChildren(QCheckBox))
    stretch.click()
    wait(qtbot, dialog)
    assert dialog.source.stretch
    assert not dialog.remarks.isVisible()
    assert dialog.look.loaded.train.pixels.max() == 255


def test_the_orientation_can_be_chosen(qtbot, opened):
    dialog = opened("i09_emn-train-images-idx3-ubyte.gz")
    before = dialog.look.loaded.train.pixels
    places = (
        (box, box.findText("transposed", Qt.MatchFlag.MatchFixedString)) for box in dialog.form.findChildren(QComboBox)
    )
    box, place = next((box, place) for box, place in places if place >= 0)
    box.setCurrentIndex(place)
    box.activated.emit(place)
    wait(qtbot, dialog)
    assert (dialog.look.loaded.train.pixels == before.swapaxes(1, 2)).all()


@pytest.mark.slow
def test_labels_in_a_second_archive_are_found_and_can_be_chosen(qtbot, opened, monkeypatch):
    dialog = opened("i02_kuz-train-imgs.npz")
    assert len(dialog.look.classes) == 4
    dialog = opened("i03_images.npy")
    assert len(dialog.look.classes) == 1
    answer = str(CASES / "i02_kuz-train-labels.npz"), ""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: answer)
    dialog.choose.click()
    wait(qtbot, dialog)
    assert dialog.words.text() == (
        "i02_kuz-train-labels.npz contains 80 labels for 30 images. Each image needs one label."
    )
    assert not dialog.go.isEnabled()


@pytest.mark.parametrize("name", ["i10_split", "i14_other_kinds", "i04b_object_classes.npz", "i30b_same_image.npz"])
def test_what_is_left_out_or_remarkable_is_said_in_plain_text(opened, name):
    dialog = opened(name)
    said = dialog.remarks.text() + dialog.left_out.text()
    assert said
    for label in (dialog.remarks, dialog.left_out, dialog.words):
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_the_button_hands_over_the_images_and_the_recipe_that_suits_them(qtbot, opened):
    dialog = opened("i00_plain.npz")
    distrust(dialog.source)
    with qtbot.waitSignal(dialog.recipe_agreed):
        dialog.go.click()
    assert not is_foreign(dialog.source)
    assert dialog.look.recipe.data == dialog.source
    assert dialog.look.recipe.batch == 16
