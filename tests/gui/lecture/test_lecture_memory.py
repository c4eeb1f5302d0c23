"""The memory of a lecture: what was tried, changed and drawn comes back by undo, after a crash, and in pictures."""

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest

from engine.lecture.course import Course
from engine.lecture.lecture import Lecture
from engine.lecture.memory import Memory, read_memories, save_memories
from engine.regression.document import Regression
from engine.session import Session
from gui.lecture.memory import SOON, Memories
from gui.lecture.overview.step_tree import ID
from gui.page.store import Edit
from gui.plots.plot import Plot
from tests.gui.lecture.pressing import FEW, press, shown, step, wait

Key = Qt.Key


def test_undo_crosses_r_and_the_steps_and_brings_back_what_was_forgotten(window):
    page, player, plot = window.page, window.lecture.player, shown(window, Plot)
    stack, memory = page.store.stack, player.course.memory
    declared = page.store.document
    window.lecture.desk.predict.reveal()
    changed = declared.move(0, 0.1, 0.9)
    page.store.commit(Edit("Move", changed))
    player.find("line-20")
    page.store.commit(Edit("Move", page.store.document.move(0, 0.2, 0.2)))
    other = page.store.document
    player.find("sinusoid-4")
    memory.done.add("line-20")
    press(window, Key.Key_R, Qt.KeyboardModifier.ShiftModifier, on=plot)
    assert (memory.left, memory.revealed, memory.done) == ({}, set(), set())
    stack.undo()  # Shift+R, although the present step was not changed
    assert set(memory.left) == {"bayes-rule", "line-20"}
    assert (memory.revealed, memory.done) == ({"bayes-rule"}, {"line-20"})
    stack.undo()  # the opening of the step
    assert (step(window), page.store.document, player.changed) == ("line-20", other, True)
    stack.undo()
    assert not player.changed
    stack.undo()
    assert (step(window), page.store.document) == ("bayes-rule", changed)
    press(window, Key.Key_R, on=plot)
    sheet = window.lecture.desk.predict.sheets["regression", "∝ Posterior"]
    assert (page.store.document, sheet.veiled) == (declared, True)
    stack.undo()
    assert (page.store.document, sheet.veiled) == (changed, False)
    stack.redo()
    assert (page.store.document, sheet.veiled) == (declared, True)


def test_a_try_is_noticed_and_a_tick_shows_it(window):
    window.lecture.player.find("line-1")
    bar, steps = window.lecture.desk.bar, window.lecture.desk.steps
    window.lecture.desk.toggle_steps()
    bar.attempt.click()
    assert (bar.attempt.text(), bar.did_it.isVisible(), bar.did_it.isChecked()) == ("Try", True, False)
    document = window.page.store.document
    window.page.store.commit(Edit("Move", document.move(0, 0.3, 0.2)))
    assert not bar.did_it.isChecked()
    window.page.store.commit(Edit("Move", document.move(0, 0.02, 0.2)))
    assert (bar.attempt.text(), bar.did_it.isChecked()) == ("Try ✓", True)
    item = next(item for item in steps._items if item.data(0, ID) == "line-1")
    assert "✓ tried" in item.text(0)
    assert steps.progress.text().endswith("1 tried")
    assert "tried, changed" in item.data(0, Qt.ItemDataRole.AccessibleTextRole)
    press(window, Key.Key_R, on=shown(window, Plot))
    assert bar.did_it.isChecked()  # the step is as it was, and it was tried all the same
    bar.did_it.click()
    assert bar.attempt.text() == "Try"
    bar.attempt.click()
    steps.hide()


def test_what_was_changed_and_drawn_is_on_the_disk_soon_and_comes_back_after_a_crash(qtbot, window):
    lecture = window.lecture
    lecture.player.find("line-20")
    wait(window)
    changed = window.page.store.document.move(0, 0.2, 0.2)
    window.page.store.commit(Edit("Move", changed))
    pen = lecture.desk.pen
    press(window, Key.Key_D, on=shown(window, Plot))
    sheet = lecture.desk.predict.sheets["regression", "Data space"]
    QTest.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=sheet.pixel_of((0.5, 0.2)).toPoint())
    pen.use("pen")
    lecture.player.find("sinusoid-4")
    others = read_memories(lecture.memories.path)
    save_memories(lecture.memories.path, {**others, "The lecture of another window": Memory()})
    lecture.memories.soon.setInterval(0)
    lecture.memories.touch()
    qtbot.waitUntil(lambda: not lecture.memories.soon.isActive() and lecture.memories.line.idle, timeout=20_000)
    lecture.memories.soon.setInterval(SOON)
    saved = read_memories(lecture.memories.path)  # as the next start reads it
    assert "The lecture of another window" in saved
    memory = saved[FEW.head.title]
    assert (memory.at, memory.left["line-20"].document) == ("sinusoid-4", changed)
    course = Course(FEW, FEW.steps, {}, memory)
    assert course.step.id == "sinusoid-4"  # it goes on where it stopped
    assert course.arrive(FEW.steps.index(FEW.step("line-20"))) == changed
    (stroke,) = memory.marks["line-20"]["regression", "Data space"]
    assert stroke[0] == pytest.approx((0.5, 0.2), abs=0.03)


def test_the_documents_of_the_user_are_what_is_recovered_saved_and_replaced(opened):
    opened.lecture.player.leave()
    opened.show_page("regression")
    mine = Regression().observe(0.7, 0.1)
    opened.page.store.commit(Edit("Mine", mine))
    was_modified = opened.session.modified
    opened.lecture.open(FEW, at="line-20")
    opened.page.store.commit(Edit("Step", opened.page.store.document.step_to(5)))
    assert opened.session.documents["regression"] == mine  # what the journal records, too
    assert opened.session.work.documents[0] == mine
    assert opened.session.modified == was_modified
    other = Regression().observe(0.2, 0.2)
    opened.open_session(Session(other))  # ends the lecture first, so that it is not lost when the lecture ends
    assert not opened.lecture.player.running
    assert opened.page.store.document == other
    opened.page.store.stack.undo()
    assert opened.page.store.document == mine


def test_undo_after_a_lecture_undoes_the_edits_of_the_user_and_in_the_next_one_those_of_the_lecture(opened):
    opened.lecture.player.leave()
    opened.show_page("regression")
    store, undo = opened.page.store, opened.undo
    before = store.document
    opened.page.store.commit(Edit("Mine", mine := Regression().observe(0.6, 0.2)))
    opened.lecture.open(FEW, at="bayes-rule")
    declared = store.document
    store.commit(Edit("Move", changed := declared.move(0, 0.1, 0.8)))
    assert undo.text() == "Undo Move"
    opened.lecture.player.leave()
    assert (store.document, undo.text(), opened.redo.isEnabled()) == (mine, "Undo Mine", False)
    undo.trigger()
    assert store.document == before
    opened.redo.trigger()
    opened.lecture.open(FEW)
    assert (store.document, undo.text()) == (changed, "Undo Move")
    undo.trigger()
    assert store.document == declared
    while undo.isEnabled():
        undo.trigger()
        assert store.document not in (mine, before)  # no document of the user is shown in a lecture
    opened.lecture.desk.restore_all()
    opened.lecture.player.leave()
    assert (store.document, undo.text()) == (mine, "Undo Mine")


def test_sentences_keep_their_room_if_the_text_is_large(window):
    bar = window.lecture.desk.bar
    assert bar.equation.isVisible()
    font, large = bar.font(), bar.font()
    large.setPointSizeF(3.2 * font.pointSizeF())
    bar.setFont(large)
    bar.refresh()
    assert bar.equation.isHidden()
    QTest.qWait(50)
    bar.refresh()  # as for another step: the equation is shown and hidden again
    QTest.qWait(50)
    assert bar.words.height() == bar.words.heightForWidth(bar.words.width())  # and no empty room
    bar.setFont(font)
    bar.refresh()
    assert bar.equation.isVisible()


def test_alt_and_a_number_go_to_the_step_in_a_lecture_that_runs(window):
    window.files.open_step(4)  # Alt+4
    assert (step(window), window.lecture.player.running) == ("line-20", True)


def test_thumbnails_show_the_steps_as_they_were_shown_last(window):
    steps = window.lecture.desk.steps
    window.lecture.player.find("line-20")
    wait(window)
    made = []
    steps.thumbnails.made.connect(made.append)
    blank = steps.thumbnails.of(FEW.head.title, "ingredients", 4).toImage()
    before = steps.thumbnails.of(FEW.head.title, "line-20", 3).toImage()
    steps.thumbnails.take()
    after = steps.thumbnails.of(FEW.head.title, "line-20", 3).toImage()
    assert made == ["line-20"]
    assert after != before
    assert len({after.pixel(x, y) for x in range(0, after.width(), 4) for y in range(0, after.height(), 4)}) > 20
    window.lecture.player.leave()
    assert not steps.thumbnails.rest.isActive()
    assert steps.thumbnails.of(FEW.head.title, "ingredients", 4).toImage() == blank


def test_the_picture_of_a_step_may_arrive_when_a_shorter_lecture_is_open(window):
    steps = window.lecture.desk.steps
    window.lecture.desk.toggle_steps()
    wait(window)
    window.lecture.desk.toggle_steps()
    last = FEW.steps[-1].id
    window.lecture.open(Lecture(FEW.head, FEW.steps[:2]))
    steps.thumbnails.made.emit(last)
    wait(window)
    assert step(window) == FEW.steps[0].id


def test_that_the_memory_cannot_be_written_is_said_once(qtbot, tmp_path):
    (tmp_path / "folder").write_text("a file where the folder should be", encoding="utf-8")
    parent = QObject()
    memories, said = Memories(tmp_path / "folder", parent), []
    memories.refused.connect(said.append)
    for done in ("one", "two"):
        memories.of("A lecture").done.add(done)
        memories.record()
        qtbot.waitUntil(lambda: memories.line.idle)
        assert len(said) == 1
    assert "cannot be saved" in said[0]
    memories.close()
