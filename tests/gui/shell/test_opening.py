"""Files that cannot be opened: each is refused in one sentence about that file, and none blocks the window."""

import os
import sys
from pathlib import Path

import pytest

from engine.file_kinds import ENDINGS
from engine.latent.document import Latent
from engine.regression.document import Regression
from gui.pages import PAGES, page_kind
from tests.gui.conftest import settle

ROBUSTNESS = Path(__file__).resolve().parents[2] / "data" / "cases" / "robustness"
NAMES = ("a.json", "a.safetensors", "a.csv", "a.png", "a.npz", "a")
FOREIGN = ("[Errno", "Traceback", "msgspec", "utf-8' codec", "Expected", "Error:")  # words that are not of this program

linux = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither pipes in folders nor such names")


def refusal(qtbot, window):
    """What the banner, or the import dialog, says about the file."""
    view = window.page.view
    dialogs = [getattr(each, "dialog", None) or getattr(each, "_pictures", None) for each in view.controllers]
    dialog = next((getattr(each, "dialog", each) for each in dialogs if each is not None), None)
    if dialog is None:
        qtbot.waitUntil(window.banner.isVisible)
        return window.banner.text.text()
    qtbot.waitUntil(lambda: dialog.progress.isHidden() and dialog.line.idle)
    said = dialog.words.text()
    dialog.reject()
    return said


def check(said, name):
    """The text is one or two plain sentences about the file."""
    assert said.endswith(".") and "\n" not in said
    assert name in said
    assert not any(word in said for word in FOREIGN), said


@pytest.mark.parametrize("kind", ENDINGS)
def test_each_kind_of_file_is_opened_by_one_controller_or_is_a_session(kind):
    controllers = [each for name in PAGES for each in page_kind(name).controllers if each.opens == kind]
    assert len(controllers) == (kind not in ("session", "lecture"))


@linux
@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_is_refused_at_once(qtbot, window, tmp_path, name):
    os.mkfifo(tmp_path / name)
    before = {page: window.pages[page].store.document for page in window.pages}
    window.open_file(tmp_path / name)
    check(refusal(qtbot, window), name)
    assert before == {page: window.pages[page].store.document for page in before}


@linux
@pytest.mark.parametrize("name", NAMES)
def test_a_link_to_a_device_is_refused_at_once(qtbot, window, tmp_path, name):
    (tmp_path / name).symlink_to("/dev/zero")
    window.open_file(tmp_path / name)
    said = refusal(qtbot, window)
    assert said.endswith(".") and not any(word in said for word in FOREIGN)


@pytest.mark.parametrize("name", ["a.json", "a.safetensors", "a.csv", "a.png"])
def test_an_empty_folder_with_the_name_of_a_file_is_refused(qtbot, window, tmp_path, name):
    (tmp_path / name).mkdir()
    window.open_file(tmp_path / name)
    check(refusal(qtbot, window), name)


def test_a_file_of_an_unknown_kind_is_refused_with_the_kinds_that_are_opened(window, tmp_path):
    (tmp_path / "a.exe").write_bytes(b"MZ\0")
    window.open_file(tmp_path / "a.exe")
    said = window.banner.text.text()
    assert said.startswith("Bayescape does not open .exe files; it opens sessions (.bayescape, .json), ")
    assert said.endswith(".")


def test_a_session_and_a_table_are_known_without_an_ending(qtbot, window, tmp_path):
    (tmp_path / "session").write_text('{"document": {"type": "Latent"}, "bayescape": 2}', encoding="utf-8")
    (tmp_path / "table").write_text("x,t\n1,2\n3,4\n", encoding="utf-8")
    window.show_page("regression")
    window.open_file(tmp_path / "session")
    assert isinstance(window.page.store.document, Latent)
    assert not window.banner.isVisible()
    window.open_file(tmp_path / "table")
    assert isinstance(window.page.store.document, Regression)
    tables = next(each for each in window.page.view.controllers if each.opens == "table")
    qtbot.waitUntil(lambda: tables.dialog.line.idle and tables.dialog.table is not None)
    tables.dialog.reject()


@pytest.mark.parametrize("path", sorted(ROBUSTNESS.glob("identities_*.json")), ids=lambda path: path.name)
def test_a_damaged_session_is_refused_in_words_of_this_program(window, path):
    window.open_file(path)
    check(window.banner.text.text(), path.name)


@linux
def test_a_model_in_a_folder_whose_name_is_not_utf_8_is_refused_and_never_enters_the_document(
    qtbot, open_window, tmp_path
):
    from engine.latent.model_source import SHIPPED, model_path

    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    folder.mkdir()
    (folder / "mine.safetensors").write_bytes(model_path(SHIPPED).read_bytes())
    window = open_window("latent")
    window.open_file(folder / "mine.safetensors")
    check(window.banner.text.text(), "mine.safetensors")
    assert window.page.store.document.model == SHIPPED
    settle(qtbot, window)


def test_a_session_that_cannot_be_encoded_is_not_saved_and_the_banner_says_so(window, tmp_path, monkeypatch):
    def refuse(_):
        raise ValueError("The session names a file whose path is not valid UTF-8: rename the file first.")

    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (str(tmp_path / "a.json"), ""))
    monkeypatch.setattr("gui.shell.sessions.current_session.session.encode", refuse)
    window.session.save()
    assert window.banner.text.text().endswith("rename the file first.")
    assert not (tmp_path / "a.json").exists()


@linux
def test_a_pipe_that_a_session_names_as_its_model_is_not_copied(tmp_path):
    from gui.latent.plane.export_requests import CopyFile

    os.mkfifo(tmp_path / "model")
    with pytest.raises(ValueError, match="it is a device or a pipe"):
        list(CopyFile("Save model as", tmp_path / "model").make(".safetensors", None))
