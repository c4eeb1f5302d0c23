"""Authoring in the real window: a step is made from the screen, edited, moved, saved, and all of it is undone."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.latent.inputs.input import FromData
from engine.lecture.files import encode, read
from engine.saving.own_models import open_work
from gui.lecture.authoring.author import rows_in_sight
from gui.lecture.authoring.words import Words
from gui.lecture.overview.step_tree import ID
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
    run("Move step earlier")  # into the section before
    assert window.lecture.player.step.section == FEW.step("formulate-observe-update").section
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
        "gui.widgets.file_dialogs.QFileDialog.getSaveFileName", lambda *_: (str(tmp_path / "mine.json"), "")
    )
    run("Save lecture as…")
    saved = read(tmp_path / "mine.bayescape-lecture.json")
    assert saved.refused == {}
    assert saved.step("line-20").change["step"] == 5
    QApplication.processEvents()


def test_a_step_is_duplicated_built_and_split_and_keeps_what_it_shows(window, run):
    player = window.lecture.player
    player.find("line-20")
    wait(window)
    run("Duplicate step")
    assert step(window) == "the-line-20-observations"
    shown = window.page.store.document
    window.page.store.commit(Edit("Move", shown.move(0, 0.1, 0.9)))
    run("Add build from what is shown")
    assert (player.course.build, len(player.course.stages), player.changed) == (1, 2, False)
    player.back()
    assert window.page.store.document == shown
    run("Add build from what is shown")
    assert "Nothing has changed" in window.banner.text.text()
    player.find("ingredients")
    whole = window.page.store.document
    run("Split into builds")
    assert len(player.course.stages) > 2
    while player.course.build < len(player.course.stages) - 1:
        player.forward()
    assert window.page.store.document == whole
    window.page.store.stack.undo()
    while player.course.lecture.has("the-line-20-observations"):
        window.page.store.stack.undo()
    assert encode(player.course.lecture) == encode(FEW)


def test_the_question_the_veils_and_the_viewports_of_a_step_are_edited(window, run):
    player = window.lecture.player
    player.find("line-20")
    wait(window)
    run("Edit words and question…")
    dialog = window.findChildren(Words)[-1]
    form = dialog.question
    form.kind.setCurrentText("Place in a panel")
    assert not form.options.isVisible()
    form.ask.setText("Where is the peak?")
    form.answer.setText("0.5")
    form.panel.setCurrentText("∝ Posterior")
    form.veils["∝ Posterior"].setChecked(True)
    dialog.goal.setText("stepp = 3")
    dialog.accept()
    assert dialog.isVisible()
    assert "needs two numbers" in dialog.refusal.text()
    form.answer.setText("−0.3 0,5")
    dialog.accept()
    assert "no value stepp" in dialog.refusal.text()
    dialog.goal.setText("step < declared")
    dialog.minutes.setText("")
    dialog.accept()
    assert "“Minutes” needs one number" in dialog.refusal.text()
    dialog.minutes.setText("2,5")
    dialog.accept()
    edited = player.step
    assert edited.minutes == 2.5
    assert (edited.question.answer, edited.veil, edited.goal) == ((-0.3, 0.5), ("∝ Posterior",), "step < declared")
    assert edited.question.why == FEW.step("line-20").question.why
    plot = window.page.view.panels["Data space"].plot
    plot.zoom(0.5)
    run("Use the viewports of the screen")
    left, right, *_ = player.step.look["data"]
    assert (left, right) == pytest.approx((plot.shown.left, plot.shown.right), rel=1e-3)
    run("Let the plots fit")
    assert player.step.look == {}
    for _ in range(3):
        window.page.store.stack.undo()
    assert encode(player.course.lecture) == encode(FEW)


def test_edits_that_are_not_saved_survive_the_window_and_can_be_discarded(window, run):
    player = window.lecture.player
    player.find("line-20")
    run("Discard my edits")
    assert "has no edits" in window.banner.text.text()
    run("Remove step")
    edited = encode(player.course.lecture)
    player.leave()
    player.course = None  # as in a new window
    player.original = None
    window.lecture.open(FEW)
    assert encode(player.course.lecture) == edited
    assert "with your edits" in window.banner.text.text()
    run("Discard my edits")
    assert encode(player.course.lecture) == encode(FEW)
    assert player.course.memory.edited == ""
    window.page.store.stack.undo()
    assert (encode(player.course.lecture), player.course.memory.edited) == (edited, edited.decode())
    window.page.store.stack.redo()


def test_the_panel_steps_edits_by_mouse_and_keys(window):
    steps, player = window.lecture.desk.steps, window.lecture.player
    window.lecture.desk.toggle_steps()
    player.find("line-20")
    tree = steps.tree
    QTest.keyClick(tree, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert encode(player.course.lecture) == encode(FEW)  # nothing moves before the mode is chosen
    steps.editing.click()
    assert steps.tools.isVisible()
    QTest.keyClick(tree, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [s.id for s in player.course.steps][2:4] == ["ingredients", "line-20"]
    QTest.keyClick(tree, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert encode(player.course.lecture) == encode(FEW)
    item = steps._items[5]
    assert item.data(0, ID) == "sinusoid-4"
    assert tree._place(item, tree.DropIndicatorPosition.AboveItem) == ("sinusoid-4", FEW.steps[5].section)
    assert tree._place(item, tree.DropIndicatorPosition.BelowItem) == (FEW.steps[6].id, FEW.steps[5].section)
    assert tree._place(tree.topLevelItem(0), tree.DropIndicatorPosition.OnItem) == ("bayes-rule", "Bayesian inference")
    assert tree._place(None, tree.DropIndicatorPosition.OnViewport) == ("", FEW.steps[-1].section)
    tree.dropped.emit("sinusoid-4", "bayes-rule", "Bayesian inference")
    assert (player.course.steps[0].id, player.course.steps[0].section) == ("sinusoid-4", "Bayesian inference")
    assert step(window) == "line-20"  # another step is moved, and the present one stays
    window.page.store.stack.undo()
    assert encode(player.course.lecture) == encode(FEW)
    steps.editing.click()
    steps.hide()


def test_save_offers_the_step_or_the_lecture_and_never_writes_into_the_file_of_the_user(
    qtbot, window, tmp_path, monkeypatch
):
    mine = tmp_path / "mine.bayescape"
    mine.write_bytes(b"of the user")
    window.session.path = mine
    try:
        window.lecture.player.find("line-20")
        window.page.store.commit(Edit("Step", window.page.store.document.step_to(5)))
        window.lecture.player.find("ingredients")
        own = window.stack.set_aside["regression"]
        assert window.session.documents["regression"] is own != window.page.store.document
        window.session.save()
        box = window.findChildren(QMessageBox)[-1]
        assert box.isVisible()
        chosen = []

        def choose(_parent, _title, proposed, *_):
            chosen.append(Path(proposed).name)
            return str(tmp_path / f"saved{len(chosen)}"), ""

        monkeypatch.setattr("gui.widgets.file_dialogs.QFileDialog.getSaveFileName", choose)
        for button in box.buttons()[:2]:
            button.click()
        qtbot.waitUntil(lambda: window.session.worker.idle, timeout=20_000)
        assert chosen == ["Ingredients.bayescape", "lecture.bayescape-lecture.json"]
        assert mine.read_bytes() == b"of the user"
        assert window.session.path == mine
        assert open_work(tmp_path / "saved1.bayescape").documents[0] == window.page.store.document
        saved = read(tmp_path / "saved2.bayescape-lecture.json")
        assert [s.change for s in saved.steps if s.id == "line-20"] == [FEW.step("line-20").change | {"step": 5}]
    finally:
        window.session.path = None


def test_an_edit_without_a_lecture_or_of_another_page_is_refused(window, run):
    window.show_page("latent")
    run("Update step from the screen")
    assert "does not show the step" in window.banner.text.text()
    window.lecture.leave()
    run("Remove step")
    assert "No lecture is open" in window.banner.text.text()
    assert window.windowState() == Qt.WindowState.WindowNoState


def test_edits_of_the_lecture_on_two_pages_are_undone_in_their_order(window, run):
    """Each page has an undo history, and the lecture is one for both."""
    player, pages = window.lecture.player, window.pages
    player.find("line-20")
    run("Duplicate step")
    first = encode(player.course.lecture)
    player.find("what-i-cannot-create")
    run("Duplicate step")
    both = encode(player.course.lecture)
    window.show_page("regression")
    run("Undo")  # the opening of the last step, or the first edit and with it the later one
    while encode(player.course.lecture) == both:
        run("Undo")
    assert encode(player.course.lecture) == encode(FEW)
    pages["latent"].store.stack.redo()
    assert encode(player.course.lecture) == both
    pages["latent"].store.stack.undo()
    assert encode(player.course.lecture) == first
    pages["regression"].store.stack.undo()
    player.find("line-20")
    run("Remove step")
    removed = encode(player.course.lecture)
    while pages["latent"].store.stack.canRedo():  # these edits follow from another version
        pages["latent"].store.stack.redo()
    assert encode(player.course.lecture) == removed


def test_the_undo_of_an_edit_leaves_what_was_changed_since_on_the_other_page(window, run):
    player, latent = window.lecture.player, window.pages["latent"].store
    player.find("line-20")
    run("Duplicate step")
    player.find("what-i-cannot-create")
    changed = latent.document.with_input(FromData(77))
    latent.commit(Edit("Select", changed))
    window.show_page("regression")
    while encode(player.course.lecture) != encode(FEW):
        run("Undo")
    assert latent.document == changed  # the undo history of that page still holds the change
    run("Redo")
    assert encode(player.course.lecture) != encode(FEW) and latent.document == changed
    run("Undo")
    assert encode(player.course.lecture) == encode(FEW) and latent.document == changed


def test_the_edit_of_a_step_that_another_page_shows_is_undone_on_the_page_of_the_step(window, run):
    window.lecture.player.find("line-20")
    window.show_page("latent")
    run("Duplicate step")
    assert (window.tabs.front, window.undo.text()) == ("regression", "Undo Duplicate step")
    run("Undo")
    assert encode(window.lecture.player.course.lecture) == encode(FEW)


def test_a_step_that_cannot_be_shown_stays_the_present_one_when_it_is_moved_and_at_undo(window, run):
    player = window.lecture.player
    player.find("sinusoid-4")
    player.find("generating-with-a-gan")
    assert player.course.reason
    run("Move step earlier")
    assert step(window) == "generating-with-a-gan"
    run("Undo")
    assert (step(window), encode(player.course.lecture)) == ("generating-with-a-gan", encode(FEW))
    player.find("line-20")
    run("Undo")
    assert step(window) == "generating-with-a-gan"
