"""A window with small pages for the tests of sessions, and the answers of a hand to its dialogs."""

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from engine.regression.document import Regression
from gui.page.store import Edit
from tests.gui.conftest import settle

PATIENCE = 60_000  # milliseconds; other programs may use the processor


@pytest.fixture
def choose(monkeypatch):
    """Let the next file dialogs return a path, with the kind of file that is chosen in them."""
    asked = []

    def answer(path, kind=""):
        def dialog(_parent, title, proposed, kinds, chosen=""):
            asked.append((title, proposed, kinds, chosen))
            return str(path), kind or kinds.split(";;")[0]

        monkeypatch.setattr(QFileDialog, "getSaveFileName", dialog)
        monkeypatch.setattr(QFileDialog, "getOpenFileName", dialog)

    answer.asked = asked
    return answer


@pytest.fixture
def saved(qtbot, window, choose, tmp_path):
    """The window after its session was saved as lesson.bayescape."""
    window.stack.build_all()
    choose(tmp_path / "lesson")
    window.session.save()
    qtbot.waitUntil(lambda: window.session.path is not None, timeout=PATIENCE)
    yield window
    window.session.path = None  # nothing is asked when the window closes
    if window.isVisible():  # a closed window computes no more
        settle(qtbot, window)


def draw(window, number=1):
    """Edit the document of the page Regression."""
    window.show_page("regression")
    document = window.page.store.document
    assert isinstance(document, Regression)
    window.page.store.commit(Edit("Draw", document.with_drawn_points(number)))


def box(name="unsaved"):
    """The message box with this name that is open."""
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox) and each.isVisible()]
    (only,) = [each for each in found if each.objectName() == name]
    return only
