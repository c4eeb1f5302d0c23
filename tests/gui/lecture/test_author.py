"""Authoring in the real window: a step is made from the screen, edited, moved, saved, and all of it is undone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.lecture.files import encode, read
from gui.lecture.authoring.author import rows_in_sight
from gui.lecture.authoring.words import Words
from gui.page.store import Edit
from tests.gui.lecture.pressing import FEW, step, wait


@pytest.fixture
def run(window):
    """Runs a command of the menu Lecture ▸ Edit by its text."""

    def run(text):
        window.run(next(owned for owned in window.menus.shown if owned.command.text == text))

    return run


@pytest.mark.proof
def test_a_step_is_added_from_the_screen_with_its_words_and_undone(window, run):
    window.lecture.player.find("line-20")
    wait(window)
    assert rows_in_sight(window.page.view) == FEW.step("line-20").show
    changed = window.page.store.document.step_to(5)
    window.page.store.commit(Edit("Step", changed))
    run("Add step from what is shown…")
    new = window.lecture.player.step
    assert (new.from_, new.change, new.show) == ("line-20", {"step": 5}, FEW.step("line-20").show)
    dialog = window.findChildren(Words)[-1]
    dialog.title.clear()
    QTest.keyClicks(dialog.title, "Five points")
    dialog.latex.setText("")
    QTest.keyClicks(dialog.latex, r"\frac{1")  # not finished: shown as it is written
    dialog.accept()
    assert window.lecture.player.step.title == "Five points"
    assert "Five points" in window.lecture.desk.bar.words.text()
    assert [item.text(0) for item in window.lecture.desk.steps._items if "Five points" in item.text(0)]
    window.page.store.stack.undo()
    window.page.store.stack.undo()
    assert encode(window.lecture.player.course.lecture) == encode(FEW)
    assert step(window) == "line-20"
    window.page.store.stack.redo()
    assert len(window.lecture.player.course.steps) == len(FEW.steps) + 1


def test_a_step_is_updated_moved_removed_and_saved(window, run, tmp_path, monkeypatch):
    window.lecture.player.find("line-20")
    wait(window)
    window.page.store.commit(Edit("Step", window.page.store.document.step_to(5)))
    run("Update step from the screen")
    assert not window.lecture.player.changed
    run("Move step earlier")
    ids = [s.id for s in window.lecture.player.course.steps]
    assert ids.index("line-20") == FEW.steps.index(FEW.step("line-20")) - 1
    run("Remove step")
    assert not window.lecture.player.course.lecture.has("line-20")
    assert window.page.store.document == window.lecture.player.course.stage.document
    stack = window.page.store.stack
    for _ in range(2):
        stack.undo()
        assert window.lecture.player.course.lecture.has("line-20")
        stack.redo()
        assert not window.lecture.player.course.lecture.has("line-20")
    stack.undo()
    assert (step(window), window.page.store.document.step) == ("line-20", 5)
    monkeypatch.setattr(
        "gui.lecture.authoring.author.QFileDialog.getSaveFileName", lambda *_: (str(tmp_path / "mine.json"), "")
    )
    run("Save lecture as…")
    saved = read(tmp_path / "mine.bayescape-lecture.json")
    assert saved.refused == {}
    assert saved.step("line-20").change["step"] == 5
    QApplication.processEvents()


def test_an_edit_without_a_lecture_or_of_another_page_is_refused(window, run):
    window.show_page("latent")
    run("Update step from the screen")
    assert "does not show the step" in window.banner.text.text()
    window.lecture.leave()
    run("Remove step")
    assert "No lecture is open" in window.banner.text.text()
    assert window.windowState() == Qt.WindowState.WindowNoState
