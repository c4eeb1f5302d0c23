"""The panel Any resolution in the real window: its size on the screen, its size in a file, and cancelling."""

import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from engine.latent.document import Latent
from engine.latent.plane.any_resolution import AnyResolutionSettings, rendered
from gui.latent.plane import export_requests
from gui.latent.plane.any_resolution import EXPORT, FIXED, AnyResolution
from gui.latent.plane.exports import Exporter, table
from gui.latent.plane.plane import Plane
from tests.engine.latent.coordinates import saved
from tests.gui.conftest import settle
from tests.gui.latent.acting import change, run


@pytest.fixture
def window(open_window):
    return open_window("latent")


def shown(qtbot, window, model):
    """Return the panel, with the model from a file."""
    change(window, Latent.with_model, model)
    panel = window.page.view.bring(AnyResolution)
    settle(qtbot, window)
    return panel


@pytest.fixture
def panel(qtbot, window, tmp_path):
    return shown(qtbot, window, saved(tmp_path))


def exporter(window):
    return window.page.view.controller(Exporter)


def save(qtbot, monkeypatch, window, panel, path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(panel.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: exporter(window).line.idle, timeout=60_000)


@pytest.mark.slow
def test_it_fills_the_panel_and_follows_clicks(qtbot, window, panel, hand):
    side = min(panel.picture.width(), panel.picture.height())
    assert panel.picture.ink.shape == (side, side)
    before = panel.picture.ink
    hand(window.page.view.panel(Plane).plot).click(1.5, -1.0)
    settle(qtbot, window)
    assert panel.image.z == window.page.store.document.pins[-1]
    assert not np.array_equal(panel.picture.ink, before)
    window.resize(1500, 1000)
    settle(qtbot, window)
    qtbot.waitUntil(lambda: min(panel.picture.ink.shape) == min(panel.picture.width(), panel.picture.height()))
    settle(qtbot, window)


@pytest.mark.slow
@pytest.mark.parametrize("look", ["grey", "colour"])
def test_the_file_has_the_chosen_size_and_the_pixels_of_the_model(qtbot, monkeypatch, window, tmp_path, look):
    panel = shown(qtbot, window, saved(tmp_path, look))
    line = panel.form.editors["size"].line
    line.setText("300")
    line.textEdited.emit("300")
    settle(qtbot, window)
    assert window.page.store.document[AnyResolutionSettings].size == 300
    save(qtbot, monkeypatch, window, panel, tmp_path / "large.png")
    *_, (_, ink) = rendered(window.page.store.document.loaded_model.vae, panel.image.z, 300, 300)
    with Image.open(tmp_path / "large.png") as image:
        assert image.size == (300, 300)
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), ink if ink.ndim == 3 else table()[ink])
    assert panel.progress.words.text() == "large.png was saved."


@pytest.mark.slow
def test_progress_is_shown_and_a_cancelled_file_is_not_written(qtbot, monkeypatch, window, panel, tmp_path):
    fractions, shown_once = [], threading.Semaphore(1)

    def slow(model, z, height, width):
        for i in range(1, 6):
            shown_once.acquire(timeout=10)
            yield i / 5, np.zeros((height, width), np.uint8)

    monkeypatch.setattr(export_requests, "rendered", slow)
    tell = panel.progress.tell

    def cancel(words, fraction):
        tell(words, fraction)
        fractions.append(fraction)
        if fraction:
            panel.progress.cancel.click()
            shown_once.release()

    monkeypatch.setattr(panel.progress, "tell", cancel)
    save(qtbot, monkeypatch, window, panel, tmp_path / "large.png")
    fractions = fractions[fractions.index(0.0) :]
    assert fractions[1] == pytest.approx(0.19)
    assert fractions[-1] is None
    assert not (tmp_path / "large.png").exists()
    assert panel.progress.isHidden()


@pytest.mark.slow
def test_a_model_of_fixed_pixels_says_what_to_do(qtbot, window):
    panel = window.page.view.bring(AnyResolution)
    settle(qtbot, window)
    assert panel.picture.ink is None
    assert panel.notice.text() == FIXED
    assert not panel.save.isEnabled()
    run(window, EXPORT)
    assert FIXED in window.banner.text.text()


@pytest.mark.slow
def test_a_size_that_is_not_allowed_is_refused_at_the_field(qtbot, window, panel):
    before = window.page.store.document
    line = panel.form.editors["size"].line
    line.setText("4096")
    line.textEdited.emit("4096")
    assert window.page.store.document is before
    assert "from 28 to 2048" in panel.form.editors["size"].refusal.text()
