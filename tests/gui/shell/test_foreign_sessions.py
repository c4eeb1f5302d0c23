"""Sessions that name files elsewhere: the user is asked first, and nothing is read or changed before the answer Yes."""

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from engine import session
from engine.latent.document import Latent
from gui.widgets.question import LISTED, ask

ELSEWHERE = "/nowhere/<img src='private.png'>/mine.safetensors"


@pytest.fixture
def opened(window, tmp_path):
    """Open a session that names a model elsewhere, and return the question."""
    path = tmp_path / "<b>theirs.json"
    path.write_bytes(session.encode(session.Session(Latent(model=ELSEWHERE))))
    window.open_file(path)
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    yield box
    if shiboken6.isValid(box):
        box.close()


def document(window):
    """The document of the page Latent space."""
    return window.stack.page_in("latent").store.document


def test_the_question_names_the_paths_as_plain_text_and_proposes_no(opened):
    assert opened.textFormat() == Qt.TextFormat.PlainText
    assert ELSEWHERE in opened.text() and "<b>theirs.json" in opened.text()
    assert opened.defaultButton() is opened.button(QMessageBox.StandardButton.No)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_nothing_is_changed_without_the_answer_yes(qtbot, window, opened, key):
    assert window.tabs.front == "regression"
    qtbot.keyClick(opened, key)
    assert document(window) == Latent()
    assert window.tabs.front == "regression"


def test_the_answer_yes_opens_the_session(qtbot, window, opened):
    qtbot.mouseClick(opened.button(QMessageBox.StandardButton.Yes), Qt.MouseButton.LeftButton)
    assert document(window).model == ELSEWHERE
    assert window.tabs.front == "latent"
    window.undo.trigger()
    assert document(window) == Latent()


def test_a_session_that_names_only_files_of_its_own_folder_is_opened_at_once(window, tmp_path):
    for name in (str(tmp_path / "mine.safetensors"), "mine.safetensors"):
        (tmp_path / "mine.json").write_bytes(session.encode(session.Session(Latent(model=name))))
        window.files.new()
        window.open_file(tmp_path / "mine.json")
        assert QApplication.activeModalWidget() is None
        assert document(window) == Latent(model=str(tmp_path / "mine.safetensors"))


def test_a_long_list_of_paths_is_shortened(window):
    ask(window, "Open session", "Open it?", lambda: None, [f"/elsewhere/{i}" for i in range(LISTED + 3)])
    box = QApplication.activeModalWidget()
    assert box.text().endswith(f"/elsewhere/{LISTED - 1}\nand 3 more")
    box.close()
