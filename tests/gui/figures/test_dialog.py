"""The dialog “Export figure” and the commands for figures, in the real window."""

import threading
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageSequence
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from shiboken6 import isValid

from engine.latent.plane.movie import has_movies
from gui.figures.dialog import FigureDialog
from gui.figures.files import image_of
from gui.figures.look import Choices, saved_choices
from gui.figures.maker import WHOLE
from tests.gui.acting import commit
from tests.gui.conftest import action, settle
from tests.gui.figures.comparing import pixels


def opened(qtbot, window, title="Data space"):
    """Return the dialog with its complete figure."""
    window.figures.export_figure(next(kind for kind in window.page.view.kinds if kind.title == title))
    dialog = window.findChild(FigureDialog)
    qtbot.waitUntil(lambda: dialog.figure is not None, timeout=20_000)
    return dialog


@pytest.fixture
def dialog(qtbot, window):
    dialog = opened(qtbot, window)
    yield dialog
    if isValid(dialog):
        dialog.reject()


def choose(qtbot, dialog, name, value):
    """Type or choose a value in the form by its editor, and wait for the figure."""
    dialog.form.editors[name].changed.emit(value, object())
    assert dialog.figure is None
    qtbot.waitUntil(lambda: dialog.figure is not None, timeout=20_000)


@pytest.mark.slow
def test_the_figure_follows_the_choices_and_they_are_kept(qtbot, dialog, settings):
    assert dialog.figure.size_mm[0] == 84
    choose(qtbot, dialog, "size", "slide, 254 mm")
    assert dialog.figure.size_mm[0] == 254
    assert dialog.words.text().startswith("254 × ")
    assert not any(dialog.form.editors[name].isVisible() for name in ("width", "height", "unit"))
    choose(qtbot, dialog, "size", "width below")
    assert all(dialog.form.editors[name].isVisible() for name in ("width", "height", "unit"))
    choose(qtbot, dialog, "unit", "pixels")
    choose(qtbot, dialog, "width", 480.0)
    choose(qtbot, dialog, "scale", 2)
    assert image_of(dialog.figure, 2).width() == 960
    assert "as PNG 960 × " in dialog.words.text()
    assert saved_choices(settings) == dialog.choices


def test_the_file_has_the_kind_of_its_name_and_the_next_dialog_begins_there(dialog, settings, tmp_path, monkeypatch):
    for name, kind, written, begins in (
        ("figure", "SVG drawing (*.svg)", "figure.svg", b"<?xml"),
        ("figure.pdf", "PNG image (*.png)", "figure.pdf", b"%PDF"),
        ("figure", "PNG image (*.png)", "figure.png", b"\x89PNG"),
    ):
        chosen = str(tmp_path / name), kind
        monkeypatch.setattr("gui.widgets.file_dialogs.QFileDialog.getSaveFileName", lambda *_, chosen=chosen: chosen)
        dialog.save_figure()
        assert (tmp_path / written).read_bytes().startswith(begins)
        assert dialog.words.text() == f"{written} was saved."
    assert {path.name for path in tmp_path.glob("figure*")} == {"figure.svg", "figure.pdf", "figure.png"}
    assert (settings.text("folder/figure", ""), settings.text("kind/figure/save", "")) == (
        str(tmp_path),
        "PNG image (*.png)",
    )


def test_another_ending_writes_nothing(dialog, tmp_path, monkeypatch):
    name = str(tmp_path / "figure.jpg")
    monkeypatch.setattr("gui.widgets.file_dialogs.QFileDialog.getSaveFileName", lambda *_: (name, "PNG image (*.png)"))
    dialog.save_figure()
    assert "must end in" in dialog.words.text()
    assert not (tmp_path / "figure.jpg").exists()


def test_a_picture_is_copied_from_the_dialog(dialog):
    dialog.copy.click()
    image = QGuiApplication.clipboard().image()
    assert image.size() == image_of(dialog.figure, 4).size()


def test_everything_is_reached_by_the_keyboard(qtbot, dialog):
    seen = set()
    for _ in range(60):
        QApplication.focusWidget() or dialog.panels.setFocus()
        dialog.focusNextPrevChild(True)
        seen.add(dialog.focusWidget())
    controls = {editor.control for editor in dialog.form.editors.values() if editor.isVisible()}
    assert len(controls) == 7
    assert controls | {dialog.panels, dialog.copy, dialog.save, dialog.close_button} <= seen
    assert {label.buddy() for label in dialog.findChildren(QLabel) if label.buddy()} >= {dialog.panels}
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.slow
def test_a_hidden_panel_and_the_page_have_figures(qtbot, window):
    commit(window, "Points", window.page.store.document.with_drawn_points(4))
    settle(qtbot, window)
    dialog = opened(qtbot, window, "Predictive")
    assert "Predictive" not in window.page.view.panels  # behind its tab: it is made for the figure alone
    choose(qtbot, dialog, "size", "slide, 254 mm")
    dialog.panels.setCurrentText(WHOLE)
    dialog.make()
    qtbot.waitUntil(lambda: dialog.figure is not None, timeout=20_000)
    assert len(dialog.figure.parts) >= 4
    dialog.reject()


@pytest.mark.slow
def test_a_width_that_is_too_small_for_the_page_is_explained(qtbot, window):
    dialog = opened(qtbot, window)
    choose(qtbot, dialog, "size", "width below")
    choose(qtbot, dialog, "width", 40.0)
    dialog.panels.setCurrentText(WHOLE)
    dialog.make()
    assert dialog.figure is None
    assert "Choose at least" in dialog.words.text()
    assert not dialog.save.isEnabled()
    dialog.reject()


def test_the_picture_of_the_panel_with_the_focus_is_copied(qtbot, window):
    window.page.view.panels["∝ Posterior"].setFocus()
    assert window.figures.kind.title == "∝ Posterior"
    QGuiApplication.clipboard().clear()
    action(window, "Copy picture").trigger()
    qtbot.waitUntil(lambda: not QGuiApplication.clipboard().image().isNull(), timeout=20_000)
    image = QGuiApplication.clipboard().image()
    assert isinstance(image, QImage)
    assert image.width() == round(84 / 25.4 * 96 * 4)


def test_the_commands_are_in_the_panel_menu(window):
    bar = window.page.view.docks["Prior"].titleBarWidget()
    bar.pop_menu(bar.mapToGlobal(bar.rect().center()))
    menu = bar.findChild(QMenu)
    texts = [entry.text() for entry in menu.actions()]
    menu.close()
    assert {"Copy picture", "Export figure…"} <= set(texts)
    assert {"Copy picture", "Export figure…"} <= {owned.command.text for owned in window.menus.commands}


def test_the_numbers_of_a_panel_are_saved(qtbot, window, tmp_path, monkeypatch):
    name = str(tmp_path / "numbers")
    monkeypatch.setattr("gui.widgets.file_dialogs.QFileDialog.getSaveFileName", lambda *_: (name, "Table (*.csv)"))
    with qtbot.waitSignal(window.figures.said, timeout=20_000):
        window.figures.save_numbers(type(window.page.view.panels["Prior"]))
    assert (tmp_path / "numbers.csv").read_text().startswith("plot,layer,item,x,y,value\n")


def test_a_program_with_the_number_of_the_panel_is_copied(qtbot, window):
    commit(window, "Points", window.page.store.document.with_drawn_points(3))
    settle(qtbot, window)
    window.page.view.panels["∝ Posterior"].setFocus()
    for text, used in (("Copy as Python", "from engine.regression import"), ("Copy as NumPy", "PRML 3.51")):
        with qtbot.waitSignal(window.figures.said, timeout=20_000):
            action(window, text).trigger()
        program = QGuiApplication.clipboard().text()
        assert used in program
        assert program.splitlines()[-1].startswith("# [")


def test_a_panel_without_a_number_has_no_program(window):
    window.page.view.panels["Model"].setFocus()
    assert "no number" in window.figures.why_no_program(numpy=False)
    menu = QMenu()
    window.figures.fill_menu(type(window.page.view.panels["Model"]), menu)
    assert "Copy as Python" not in [entry.text() for entry in menu.actions()]
    window.figures.fill_menu(type(window.page.view.panels["Prior"]), menu)
    assert {"Copy as Python", "Copy as NumPy"} <= {entry.text() for entry in menu.actions()}


def film(window, dialog, tmp_path, monkeypatch, name):
    chosen = str(tmp_path / name), ""
    monkeypatch.setattr("gui.widgets.file_dialogs.QFileDialog.getSaveFileName", lambda *_: chosen)
    dialog.animate.click()


@pytest.mark.slow
def test_the_steps_are_saved_as_an_animation(qtbot, window, tmp_path, monkeypatch):
    commit(window, "Points", window.page.store.document.with_drawn_points(3))
    settle(qtbot, window)
    before = window.page.store.document
    dialog = opened(qtbot, window, "∝ Posterior")
    choose(qtbot, dialog, "scale", 1)
    for name in ("steps.gif", "steps.webp", *(["steps.mp4"] if has_movies() else [])):
        film(window, dialog, tmp_path, monkeypatch, name)
        qtbot.waitUntil(lambda name=name: dialog.words.text() == f"{name} was saved.", timeout=30_000)
        assert dialog.progress.isHidden()
    with Image.open(tmp_path / "steps.webp") as found:
        frames = [np.asarray(frame.convert("RGB"), float) for frame in ImageSequence.Iterator(found)]
    with Image.open(tmp_path / "steps.gif") as found:
        assert found.n_frames == len(frames) == 4
        assert found.info["duration"] == 800
    assert all(np.abs(a - b).max() > 50 for a, b in pairwise(frames))
    last = pixels(image_of(dialog.figure, 1))[..., ::-1]
    assert np.abs(frames[-1][: len(last)] - last).mean() < 1  # the last frame is the figure of the document
    assert window.page.store.document is before
    if has_movies():
        assert b"ftyp" in (tmp_path / "steps.mp4").read_bytes()[:16]
    dialog.reject()


def test_a_cancelled_animation_writes_nothing(qtbot, window, tmp_path, monkeypatch):
    commit(window, "Points", window.page.store.document.with_drawn_points(8))
    settle(qtbot, window)
    dialog = opened(qtbot, window, "∝ Posterior")
    film(window, dialog, tmp_path, monkeypatch, "steps.gif")
    qtbot.waitUntil(lambda: dialog.progress.bar.value() > 0, timeout=20_000)
    dialog.progress.cancel.click()
    settle(qtbot, window)
    assert "cancelled" in dialog.words.text()
    assert not (tmp_path / "steps.gif").exists()
    dialog.reject()


def test_closing_does_not_wait_until_an_animation_is_written(qtbot, dialog):
    begun, gate, written = (threading.Event() for _ in range(3))
    dialog.encoder.submit(lambda: (begun.set(), gate.wait(20), written.set()))
    begun.wait(10)
    dialog.reject()
    assert not written.is_set()
    gate.set()


def test_a_page_without_steps_has_no_animation(qtbot, dialog):
    dialog.animate.click()
    assert "no observations" in dialog.words.text()


def test_the_window_closes_while_a_figure_is_made(qtbot, window):
    window.figures.export_figure()
    window.figures.copy_picture()
    window.close()


@pytest.mark.parametrize(("unit", "millimetres"), [("millimetres", 120.0), ("pixels", 120 * 25.4 / 96)])
def test_an_own_width_is_in_its_unit(unit, millimetres):
    look = Choices(size="width below", width=120.0, height=60.0, unit=unit).look()
    assert (look.width, look.height) == pytest.approx((millimetres, millimetres / 2))
