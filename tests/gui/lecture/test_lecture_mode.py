"""The lecture in the real window: its keys work whichever widget has the focus, and nothing of the user is lost."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QLineEdit, QListWidget, QTableView

from engine.lecture.lecture import Lecture
from engine.lecture.shipped import files, shipped
from engine.regression.document import Regression
from gui.page.arrangement import LECTURE
from gui.page.store import Edit
from gui.plots.plot import Plot
from gui.shell.settings import Settings
from gui.window import Window

WHOLE = shipped(files()[0])
IDS = ("bayes-rule", "formulate-observe-update", "line-20", "ingredients", "generating-with-a-gan", "sinusoid-4")
FEW = Lecture(
    WHOLE.head, tuple(WHOLE.step(i) for i in (*IDS, "line-0", "line-1", "sinusoid-1", "what-i-cannot-create"))
)
Key, NONE = Qt.Key, Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def opened(qapp, tmp_path_factory):
    """One window for all tests of this file, with the threads of both pages."""
    window = Window(Settings(tmp_path_factory.mktemp("settings")), "regression")
    window.resize(1280, 720)
    window.show()
    wait(window)
    for tab in ("latent", "regression"):
        window.show_page(tab)
        for line in (window.page.scenes, window.page.probes):
            line._executor.submit(int).result()
    wait(window)
    yield window
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(opened):
    """The window with the lecture at its first step, and without it after the test."""
    opened.lecture.open(FEW, at="bayes-rule")
    opened.lecture.desk.restore_all()
    wait(opened)
    yield opened
    opened.lecture.player.leave()
    opened.showNormal()


def wait(window):
    QTest.qWait(20)
    for _ in range(3000):
        if window.page.idle:
            break
        QTest.qWait(10)


def step(window):
    return window.lecture.player.step.id


def press(window, key, modifiers=NONE, on=None):
    QTest.keyClick(on or QApplication.focusWidget() or window, key, modifiers)


def shown(window, kind, fits=lambda _: True):
    """The first widget of a class that can be seen and that has the focus after this call."""
    found = next(w for w in window.findChildren(kind) if w.isVisible() and w.focusPolicy() and fits(w))
    found.setFocus()
    return found


def test_next_plays_the_builds_first_and_skips_what_cannot_be_shown(window):
    window.lecture.desk.predict.reveal()
    seen = [(step(window), window.lecture.player.course.build)]
    for _ in range(6):
        press(window, Key.Key_PageDown)
        seen.append((step(window), window.lecture.player.course.build))
    assert seen == [("bayes-rule", 0), ("formulate-observe-update", 0), ("formulate-observe-update", 1),
                    ("formulate-observe-update", 2), ("line-20", 0), ("ingredients", 0), ("sinusoid-4", 0)]  # fmt: skip
    press(window, Key.Key_PageUp)
    press(window, Key.Key_PageUp)
    press(window, Key.Key_PageUp)
    assert (step(window), window.lecture.player.course.build) == ("formulate-observe-update", 2)
    press(window, Key.Key_PageDown, Qt.KeyboardModifier.ShiftModifier)
    assert step(window) == "line-20"


@pytest.fixture
def strange(window):
    """Widgets in the window that take PgUp and PgDown for themselves."""
    box, rows = QDoubleSpinBox(window), QListWidget(window)
    rows.addItems(list("abcdefgh"))
    for widget in (box, rows):
        widget.show()
    yield box, rows
    for widget in (box, rows):
        widget.setParent(None)
        widget.deleteLater()


@pytest.mark.usefixtures("strange")
@pytest.mark.parametrize("kind", [QDoubleSpinBox, QListWidget, QComboBox, QLineEdit, QTableView, Plot])
def test_the_keys_of_a_remote_control_reach_the_lecture_from_every_widget(window, kind):
    window.lecture.player.find("line-20" if kind is QTableView else "ingredients")
    wait(window)
    here = step(window)
    focused = shown(window, kind)
    before = window.page.store.document
    press(window, Key.Key_PageDown, on=focused)
    assert step(window) != here
    press(window, Key.Key_PageUp, on=focused)
    assert (step(window), window.page.store.document) == (here, before)
    press(window, Key.Key_Period, on=focused)
    assert window.lecture.desk.curtain.colour == "black"
    press(window, Key.Key_PageDown, on=focused)  # opens the screen and does nothing else
    assert (window.lecture.desk.curtain.colour, step(window)) == ("", here)
    press(window, Key.Key_F5, on=focused)
    assert window.isFullScreen()
    press(window, Key.Key_F5, on=focused)
    assert not window.isFullScreen()
    assert not window.lecture.player.running
    window.lecture.present()
    assert step(window) == here  # where it stopped
    press(window, Key.Key_Escape, on=focused)
    assert not window.lecture.player.running


def test_letters_belong_to_the_editor_that_has_the_focus(window, strange):
    window.lecture.player.find("ingredients")
    wait(window)
    box = strange[0]
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "0.5n")
    assert box.text() == "0.5"
    assert window.lecture.desk.curtain.colour == ""
    assert step(window) == "ingredients"
    plot = shown(window, Plot)
    press(window, Key.Key_B, on=plot)
    assert window.lecture.desk.curtain.colour == "black"
    press(window, Key.Key_B, on=plot)
    press(window, Key.Key_Right, on=plot)  # moves the cursor of the plot
    assert step(window) == "ingredients"
    press(window, Key.Key_N, on=plot)
    assert step(window) == "sinusoid-4"


def test_a_step_comes_back_as_left_and_r_restores_it_undoably(window):
    page, player = window.page, window.lecture.player
    declared = page.store.document
    changed = declared.move(0, 0.1, 0.9)
    page.store.commit(Edit("Move", changed))
    assert player.changed
    assert "•" in window.lecture.desk.bar.number.text()
    player.step_forward()
    assert window.page.store.document != changed
    player.step_back()
    assert window.page.store.document == changed
    press(window, Key.Key_R, on=shown(window, Plot))
    assert (window.page.store.document, player.changed) == (declared, False)
    window.page.store.stack.undo()
    assert window.page.store.document == changed


@pytest.mark.slow
def test_the_documents_and_layouts_of_the_user_are_untouched(opened):
    opened.lecture.player.leave()
    opened.show_page("regression")
    mine = Regression().observe(0.3, 0.3)
    opened.page.store.commit(Edit("Mine", mine))
    opened.page.view.docks["Ledger"].raise_()
    wait(opened)
    view = opened.page.view
    seen, geometry = view.seen_titles, {t: d.geometry() for t, d in view.docks.items() if t in view.seen_titles}
    opened.lecture.open(FEW, at="line-20")
    wait(opened)
    assert view.arrangement == LECTURE
    assert view.seen_titles == {"× Likelihood", "∝ Posterior", "Data space", "Ledger"}
    assert LECTURE not in view.layouts()
    opened.lecture.player.find("what-i-cannot-create")
    QTest.qWait(20)
    assert opened.tabs.front == "latent"
    opened.lecture.player.leave()
    wait(opened)
    assert (opened.tabs.front, opened.page.store.document) == ("regression", mine)
    assert view.seen_titles == seen
    assert {t: view.docks[t].geometry() for t in seen} == geometry
    assert opened.windowState() == Qt.WindowState.WindowNoState


def test_the_panel_steps_shows_and_opens_every_step(window):
    press(window, Key.Key_O, on=shown(window, Plot))
    tree = window.lecture.desk.steps.tree
    assert tree.isVisible()
    texts = [item.text(0) for item in window.lecture.desk.steps._items]
    assert len(texts) == len(FEW.steps)
    assert texts[0].endswith("▸")
    last = window.lecture.desk.steps._items[-1]
    tree.itemActivated.emit(last, 0)
    assert step(window) == FEW.steps[-1].id
    assert window.lecture.desk.steps._items[0].text(0).endswith("✓")
    window.lecture.player.go(4)
    assert "GAN" in window.lecture.player.text  # what is missing
    window.lecture.desk.toggle_steps()
    assert not tree.isVisible()


def test_a_damaged_lecture_file_is_refused_and_a_faulty_step_is_named(window, tmp_path):
    path = tmp_path / "mine.bayescape-lecture.json"
    path.write_text("{}", encoding="utf-8")
    window.open_file(path)
    assert window.banner.text.text() == f"{path.name} is not a lecture of this program: it does not have steps."
    assert step(window) == "bayes-rule"
    path.write_text('{"bayescape": 1, "title": "x", "steps": [{"id": "a"}, {"id": "b", "title": "B"}]}', "utf-8")
    window.open_file(path)
    assert step(window) == "b"
    assert "Step “a”" in window.banner.text.text()


def test_a_veiled_panel_is_revealed_by_next_before_the_next_step(window):
    predict, plot = window.lecture.desk.predict, shown(window, Plot)
    sheet = predict.sheets["regression", "∝ Posterior"]
    assert sheet.isVisible()
    assert sheet.geometry() == sheet.panel.rect()
    press(window, Key.Key_PageDown, on=plot)
    assert (step(window), sheet.isVisible()) == ("bayes-rule", False)
    press(window, Key.Key_R, on=plot)
    assert sheet.veiled
    press(window, Key.Key_Space, on=plot)
    assert not sheet.veiled
    press(window, Key.Key_PageDown, on=plot)
    press(window, Key.Key_PageUp, on=plot)
    assert (step(window), sheet.veiled) == ("bayes-rule", False)  # it stays revealed


def test_a_place_is_guessed_on_the_veil_and_shown_beside_the_truth(window):
    predict, card = window.lecture.desk.predict, window.lecture.desk.card
    press(window, Key.Key_Q, on=shown(window, Plot))
    assert card.isVisible()
    wait(window)
    sheet = predict.sheets["regression", "∝ Posterior"]
    assert QApplication.focusWidget() is sheet
    before = window.page.store.document
    QTest.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=sheet.pixel_of((0.5, 0.5)).toPoint())
    press(window, Key.Key_Right, on=sheet)  # the cross moves by keys
    press(window, Key.Key_Return, on=sheet)
    first, second = predict.answers["bayes-rule"].places
    assert first == pytest.approx((0.5, 0.5), abs=0.02)
    assert second != first
    press(window, Key.Key_Q, on=sheet)
    assert sheet.truth == WHOLE.step("bayes-rule").question.answer
    assert "units of weight from it" in card.answer.text()
    assert window.page.store.document == before  # a guess is no edit
    press(window, Key.Key_Q, on=shown(window, Plot))
    assert not card.isVisible()


@pytest.mark.slow
def test_a_show_of_hands_and_numbers_are_counted_and_saved(window, tmp_path, monkeypatch):
    lecture = window.lecture
    lecture.player.find("line-1")
    lecture.desk.predict.reveal()
    lecture.desk.restore()
    press(window, Key.Key_Q, on=shown(window, Plot))
    right, wrong = lecture.desk.card.options["Down to the right"], lecture.desk.card.options["Up to the right"]
    right[1].setValue(12)
    wrong[1].setValue(3)
    right[0].click()
    press(window, Key.Key_PageDown, on=right[1])  # from the spin box
    assert "Your answer is right. 12 of 15 hands are right." in lecture.desk.card.answer.text()
    lecture.player.find("line-0")
    press(window, Key.Key_Q, on=shown(window, Plot))
    QTest.keyClicks(lecture.desk.card.line, "0.5 0.7")
    assert lecture.desk.predict.answers["line-0"].numbers == (0.5, 0.7)
    QTest.keyClicks(lecture.desk.card.line, " x")
    assert "is not a number" in lecture.desk.card.hint.text()
    monkeypatch.setattr("gui.lecture.desk.QFileDialog.getSaveFileName", lambda *_: (str(tmp_path / "a.md"), ""))
    lecture.desk.save_answers()
    assert "My answer: 0.5, 0.7" in (tmp_path / "a.md").read_text("utf-8")


def test_a_sketch_has_the_coordinates_of_the_plot(window):
    window.lecture.player.find("sinusoid-4")
    wait(window)
    press(window, Key.Key_Q, on=shown(window, Plot))
    sheet = window.lecture.desk.predict.sheets["regression", "Predictive"]
    start, end = (sheet.pixel_of(place).toPoint() for place in ((0.2, 0.5), (0.6, -0.5)))
    QTest.mousePress(sheet, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(sheet, end)
    QTest.mouseRelease(sheet, Qt.MouseButton.LeftButton, pos=end)
    assert sheet.sketch[0][0] == pytest.approx((0.2, 0.5), abs=0.02)
    pixel = sheet.pixel_of(sheet.sketch[0][0])
    sheet.plot.zoom(2.0)
    assert sheet.pixel_of(sheet.sketch[0][0]) != pixel  # it moves with the plot
    window.lecture.desk.predict.reveal()
    assert (sheet.veiled, sheet.isVisible()) == (False, True)
    sheet.plot.go_home()


def test_the_pen_draws_in_the_plots_and_its_strokes_come_back_with_the_step(window):
    pen = window.lecture.desk.pen
    window.lecture.player.find("line-20")
    wait(window)
    plot = shown(window, Plot)
    press(window, Key.Key_D, on=plot)
    sheet = window.lecture.desk.predict.sheets["regression", "Data space"]
    start, end = (sheet.pixel_of(place).toPoint() for place in ((-0.5, 0.2), (0.5, 0.2)))
    before = window.page.store.document
    QTest.mousePress(sheet, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(sheet, end)
    QTest.mouseRelease(sheet, Qt.MouseButton.LeftButton, pos=end)
    assert sheet.strokes[0][0] == pytest.approx((-0.5, 0.2), abs=0.03)
    assert window.page.store.document == before
    press(window, Key.Key_PageDown, on=plot)
    assert not sheet.strokes
    press(window, Key.Key_PageUp, on=plot)
    assert sheet.strokes[0][-1] == pytest.approx((0.5, 0.2), abs=0.03)
    press(window, Key.Key_E, on=plot)
    QTest.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=sheet.pixel_of((0.5, 0.2)).toPoint())
    assert not sheet.strokes
    press(window, Key.Key_E, on=plot)  # lays the eraser down: the mouse reaches the plot again
    assert (pen.tool, sheet.isVisible()) == ("", False)


def test_laser_and_notes_are_switched_by_a_key_and_end_with_the_lecture(window):
    desk, plot = window.lecture.desk, shown(window, Plot)
    press(window, Key.Key_L, on=plot)
    assert desk.laser.isVisible()
    press(window, Key.Key_S, on=plot)
    assert desk.notes.isVisible()
    assert desk.notes.following.text() == "Next: Formulate, observe, update"
    press(window, Key.Key_PageDown, on=desk.notes.text)  # the keys work in the notes as well
    press(window, Key.Key_PageDown, on=desk.notes.text)
    assert step(window) == "formulate-observe-update"
    assert "4 min planned" in desk.notes.clock.text()  # 2 of each of the two steps
    press(window, Key.Key_X, on=plot)
    assert "only one screen" in window.banner.text.text()
    window.lecture.leave()
    assert not desk.laser.isVisible()
    assert not desk.laser.timer.isActive()
    assert not desk.notes.isVisible()


def test_the_text_size_of_lectures_is_kept_apart(window):
    appearance = window.appearance
    assert appearance.text_size == 1.0
    appearance.larger()
    assert appearance.text_size == 1.15
    window.lecture.leave()
    assert appearance.text_size == 1.0
    window.lecture.present()
    assert appearance.text_size == 1.15
    buttons = window.page.view.docks["Prior"].titleBarWidget().buttons.values()
    assert not any(button.isVisible() for button in buttons)
    assert not window.bar.isVisible()
    appearance.smaller()
    window.lecture.leave()
    assert all(not button.isHidden() for button in buttons)
    assert window.bar.isVisible()
