"""The panel Classes in the real window, with a small model that is given the class."""

import pytest
from PySide6.QtCore import Qt

from engine.latent.inputs.input import FromData
from engine.latent.plane.classes import NO_CLASSES, ClassesSettings
from engine.latent.probes import LatentPlace
from engine.latent.vae.likelihoods import Bernoulli
from engine.latent.vae.networks.checkpoint import rounded, save_model
from gui.latent.plane.classes import OPEN_CLASSES, Classes
from tests.engine.latent.vae.tiny import tiny
from tests.gui.acting import commit
from tests.gui.conftest import settle


@pytest.mark.slow
def test_a_class_is_given_by_its_picture(qtbot, open_window, tmp_path):
    vae = tiny(Bernoulli(), shape=(28, 28), classes=tuple("0123456789"))
    save_model(tmp_path / "tiny.safetensors", rounded(vae.networks.family), vae.card)
    window = open_window("latent")
    page = window.page
    panel = page.view.bring(Classes)
    settle(qtbot, window)
    assert panel.notice.text() == NO_CLASSES
    assert panel.notice.button.text() == OPEN_CLASSES.text
    document = page.store.document.with_setting(ClassesSettings(latent="encoder")).with_input(FromData(7))
    commit(window, "Open", document.with_model(str(tmp_path / "tiny.safetensors")))
    settle(qtbot, window)
    page.view.bring(Classes)
    settle(qtbot, window)
    assert not panel.notice.text()
    assert "z = (0.000, 0.000)" in panel.handwriting.text()
    before, written = panel.row.ink.copy(), panel.written.ink.copy()
    panel.probed.emit(LatentPlace(1.0, -0.5))
    settle(qtbot, window)
    assert (panel.row.ink != before).any()
    assert "(1.000, −0.500)" in panel.handwriting.text()
    panel.row.setFocus()
    for _ in range(3):
        qtbot.keyClick(panel.row, Qt.Key.Key_Right)
    qtbot.keyClick(panel.row, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert page.store.document.given == 2
    assert panel.row.accessibleDescription().startswith("Chosen: 2.")
    assert (panel.written.ink != written).any()
    assert "read as “2”" in panel.image_words.text()
    assert "of 10,000 test images" in panel.leak.text()
    page.store.stack.undo()
    assert page.store.document.given == 0
