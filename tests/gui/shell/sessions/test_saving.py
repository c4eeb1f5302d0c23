"""Saving: one file holds both documents, the title tells its name and whether it is up to date, dialogs remember."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from engine.latent.document import Latent
from engine.resources import RESOURCES
from engine.saving.own_models import open_work
from gui.page.store import Edit
from gui.pages import PAGES
from gui.shell.settings import Settings
from gui.widgets import file_dialogs
from gui.widgets.file_dialogs import with_ending
from tests.gui.conftest import action
from tests.gui.shell.sessions.conftest import PATIENCE, box, draw

ROOT = Path(__file__).resolve().parents[4]
BUTTONS = QMessageBox.StandardButton


@pytest.mark.slow
def test_the_title_tells_the_file_and_whether_the_documents_differ_from_it(qtbot, saved, tmp_path):
    window, path = saved, tmp_path / "lesson.bayescape"
    assert window.windowTitle() == "lesson.bayescape[*] – Regression – Bayescape"
    assert not window.isWindowModified()
    draw(window)
    assert window.isWindowModified()
    window.undo.trigger()
    assert not window.isWindowModified()
    window.stack.commit(Edit("Pin", Latent().pin((0.5, -1.0))))
    assert window.isWindowModified() and window.windowTitle().startswith("lesson.bayescape[*] – Latent space")
    action(window, "Save").trigger()
    qtbot.waitUntil(lambda: not window.isWindowModified(), timeout=PATIENCE)
    work = open_work(path)
    assert work.documents == tuple(window.pages[name].store.document for name in PAGES)
    assert (work.page, work.arrangement) == ("latent", "")
    assert list(tmp_path.glob("*.bayescape")) == [path]  # no unfinished file is left


@pytest.mark.slow
def test_both_documents_are_opened_undoably_with_the_tab_that_was_in_front(qtbot, saved, choose, tmp_path):
    window = saved
    draw(window, 3)
    window.show_page("unboxing")
    choose(tmp_path / "other.bayescape")
    window.session.save_as()
    qtbot.waitUntil(lambda: window.session.name == "other.bayescape", timeout=PATIENCE)
    drawn = window.pages["regression"].store.document
    window.open_file(tmp_path / "lesson.bayescape")
    qtbot.waitUntil(lambda: window.session.name == "lesson.bayescape", timeout=PATIENCE)
    assert window.tabs.front == "regression" and window.page.store.document != drawn
    assert not window.isWindowModified()
    window.undo.trigger()
    assert window.page.store.document == drawn and window.isWindowModified()
    window.redo.trigger()
    window.open_file(tmp_path / "other.bayescape")
    qtbot.waitUntil(lambda: window.session.name == "other.bayescape", timeout=PATIENCE)
    assert window.tabs.front == "unboxing" and window.pages["regression"].store.document == drawn
    window.show_page("regression")


@pytest.mark.slow
def test_a_copy_leaves_the_window_with_its_file_and_dialogs_remember(qtbot, saved, choose, settings, tmp_path):
    window, copies = saved, tmp_path / "copies"
    copies.mkdir()
    draw(window)
    choose(copies / "copy")
    window.session.save_copy()
    qtbot.waitUntil((copies / "copy.bayescape").exists, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.session.worker.idle, timeout=PATIENCE)
    assert window.session.name == "lesson.bayescape" and window.isWindowModified()
    choose(copies / "page", "Document of this page as text (*.json)")
    window.session.save_copy()
    assert choose.asked[-1][1] == str(copies / "lesson.bayescape")  # the folder of the last choice
    assert (copies / "page.json").read_bytes().startswith(b"{")
    choose("")
    window.session.save_copy()
    assert choose.asked[-1][3] == "Document of this page as text (*.json)"  # the kind of the last choice
    assert Settings(settings.folder).text("folder/session", "") == str(copies)


@pytest.mark.slow
def test_unsaved_changes_of_a_file_are_asked_about_and_cancel_changes_nothing(qtbot, saved, tmp_path):
    window = saved
    draw(window)
    document = window.page.store.document
    for leave in (window.close, window.files.new, lambda: window.open_file(tmp_path / "lesson.bayescape")):
        leave()
        leave()  # asks once
        box().button(BUTTONS.Cancel).click()
        assert window.isVisible() and window.page.store.document == document and window.isWindowModified()
    window.files.new()
    box().button(BUTTONS.Discard).click()
    assert window.session.path is None and not window.isWindowModified()
    window.undo.trigger()
    assert window.page.store.document == document
    assert open_work(tmp_path / "lesson.bayescape").documents[0] != document


@pytest.mark.slow
def test_closing_a_changed_file_saves_it_after_the_answer_save(qtbot, saved, tmp_path):
    draw(saved)
    document = saved.page.store.document
    saved.close()
    assert saved.isVisible()
    box().button(BUTTONS.Save).click()
    qtbot.waitUntil(lambda: not saved.isVisible(), timeout=PATIENCE)
    assert open_work(tmp_path / "lesson.bayescape").documents[0] == document


@pytest.mark.slow
def test_a_file_that_cannot_be_saved_is_explained_and_nothing_is_closed_or_lost(qtbot, saved, tmp_path):
    draw(saved)
    path = tmp_path / "lesson.bayescape"
    path.unlink()
    path.mkdir()
    (path / "full").touch()
    saved.close()
    box().button(BUTTONS.Save).click()
    if any(each.isVisible() for each in saved.findChildren(QMessageBox)):  # the file has been changed by another
        next(each for each in saved.findChildren(QMessageBox) if each.isVisible()).button(BUTTONS.Yes).click()
    qtbot.waitUntil(saved.banner.isVisible, timeout=PATIENCE)
    assert saved.banner.text.text().startswith("lesson.bayescape cannot be written: ")
    assert saved.isVisible() and saved.isWindowModified()
    saved.undo.trigger()


@pytest.mark.slow
def test_recent_sessions_are_listed_and_missing_ones_greyed(qtbot, saved, settings, tmp_path):
    other = Settings(settings.folder)  # as in another window
    other.keep("recent", f'["{tmp_path / "gone & away.bayescape"}"]')
    other.store.sync()
    saved.recent.add(tmp_path / "lesson.bayescape")
    saved.recent.fill()
    texts = {each.text(): each.isEnabled() for each in saved.recent.menu.actions() if each.text()}
    assert texts == {"&1 lesson.bayescape": True, "&2 gone && away.bayescape": False, "&Clear the list": True}
    assert saved.recent.menu.menuAction() in saved.menuBar().actions()[0].menu().actions()
    saved.recent.menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: saved.files.reading.idle, timeout=PATIENCE)
    saved.recent.menu.actions()[-1].trigger()
    assert Settings(settings.folder).text("recent", "") == "[]"


@pytest.mark.slow
def test_help_is_offered_for_a_missing_model(qtbot, saved, choose, tmp_path):
    window = saved
    model = tmp_path / "mine.safetensors"
    shutil.copyfile(RESOURCES / "models" / "coordinates.safetensors", model)
    window.stack.commit(Edit("Open", Latent().with_model(str(model))))
    action(window, "Models inside session files").trigger()
    window.session.save()
    qtbot.waitUntil(lambda: not window.isWindowModified(), timeout=PATIENCE)
    hidden = tmp_path / "below" / "other name.safetensors"
    hidden.parent.mkdir()
    model.rename(hidden)
    window.open_file(tmp_path / "lesson.bayescape")
    qtbot.waitUntil(lambda: window.files.missing.box is not None, timeout=PATIENCE)
    press(window, "Search beside the session")
    qtbot.waitUntil(lambda: window.pages["latent"].store.document.model == str(hidden), timeout=PATIENCE)
    window.undo.trigger()
    hidden.unlink()
    window.open_file(tmp_path / "lesson.bayescape")
    box().button(BUTTONS.Discard).click() if window.isWindowModified() else None
    qtbot.waitUntil(lambda: window.files.missing.box is not None, timeout=PATIENCE)
    press(window, "Search beside the session")
    qtbot.waitUntil(lambda: window.files.missing.box is not None, timeout=PATIENCE)
    assert "No such model" in window.files.missing.box.text()
    press(window, "Use the shipped model")
    assert window.pages["latent"].store.document.model == "mnist"
    window.show_page("regression")


def press(window, text):
    """Press a button of the offer."""
    next(each for each in window.files.missing.box.buttons() if each.text() == text).click()


def test_the_ending_of_the_chosen_kind_is_added():
    kinds = "Session (*.bayescape);;Text (*.json *.txt);;All files (*)"
    session, text, every = kinds.split(";;")
    assert with_ending("a", session, kinds) == "a.bayescape"
    assert with_ending("a", text, kinds) == with_ending("a.json", session, kinds) == "a.json"
    assert with_ending("a.b", "", kinds) == "a.b.bayescape"
    assert with_ending("a.TXT", text, kinds) == "a.TXT"
    assert with_ending("a", every, kinds) == "a" and with_ending("", session, kinds) == ""


def test_two_windows_merge_their_settings(settings):
    settings.keep("mine", "1")
    code = (
        "import sys; from pathlib import Path; from gui.shell.settings import Settings; "
        "other = Settings(Path(sys.argv[1])); other.keep('theirs', '2'); other.store.sync()"
    )
    subprocess.run([sys.executable, "-c", code, str(settings.folder)], cwd=ROOT, check=True, timeout=60)
    settings.keep("mine", "3")
    settings.store.sync()
    again = Settings(settings.folder)
    assert (again.text("mine", ""), again.text("theirs", ""), again.damaged) == ("3", "2", False)


@pytest.mark.slow
def test_a_second_window_asks_before_it_replaces_what_another_has_saved(qtbot, saved, tmp_path):
    path = tmp_path / "lesson.bayescape"
    content = path.read_bytes()
    path.write_bytes(content)
    os.utime(path, (1, 1))
    draw(saved)
    saved.session.save()
    question = next(each for each in saved.findChildren(QMessageBox) if each.isVisible())
    assert "was changed by another program or window" in question.text()
    question.button(BUTTONS.No).click()
    assert path.read_bytes() == content and saved.isWindowModified()
    saved.session.save()
    next(each for each in saved.findChildren(QMessageBox) if each.isVisible()).button(BUTTONS.Yes).click()
    qtbot.waitUntil(lambda: not saved.isWindowModified(), timeout=PATIENCE)
    assert path.read_bytes() != content


def test_a_user_without_a_home_folder_chooses_from_the_present_folder(monkeypatch):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    assert file_dialogs._home() == Path()
