"""Predict, then reveal; the pen; the notes: all in the real window, by keys and mouse."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.lecture.answers import Given, read_answers, save_answers
from engine.lecture.sketches import mean_distance
from gui.page.stepper import Stepper
from gui.plots.plot import Plot
from tests.gui.lecture.pressing import WHOLE, press, shown, step, wait

Key = Qt.Key


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
    window.activateWindow()  # another test may have left the window with notes in front
    wait(window)
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
    right[1].setFocus()
    press(window, Key.Key_PageDown, on=right[1])
    assert "Your answer is right. 12 of 15 hands are right." in lecture.desk.card.answer.text()
    assert window.focusWidget() is lecture.desk.card.close_button  # so that letters are keys of the lecture
    lecture.player.find("line-0")
    press(window, Key.Key_Q, on=shown(window, Plot))
    path = lecture.desk.predict.path
    save_answers(path, {**read_answers(path), "line-2": Given(numbers=(1.0,))})  # as another window does
    QTest.keyClicks(lecture.desk.card.line, "0.5 0.7")
    assert {"line-0", "line-1", "line-2"} <= read_answers(path).keys()
    assert lecture.desk.predict.answers["line-0"].numbers == (0.5, 0.7)
    assert window.focusWidget() is lecture.desk.card.line
    QTest.keyClicks(lecture.desk.card.line, " x")
    assert "is not a number" in lecture.desk.card.hint.text()
    QTest.keyClick(lecture.desk.card.line, Key.Key_Return)
    assert "The answer is 0.7071" in lecture.desk.card.answer.text()
    assert window.focusWidget() is lecture.desk.card.close_button
    dialog = "gui.widgets.file_dialogs.QFileDialog.getSaveFileName"
    for name in ("a.md", "a.pdf"):
        monkeypatch.setattr(dialog, lambda *_, path=tmp_path / name: (str(path), ""))
        lecture.desk.save_answers()
    assert "My answer: 0.5, 0.7" in (tmp_path / "a.md").read_text("utf-8")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


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
    assert "Your sketch is on average" in window.lecture.desk.card.answer.text()
    given = window.lecture.desk.predict.answers["sinusoid-4"]
    expected = mean_distance(given.strokes, window.page.view.panels["Predictive"].sketched_curves)
    assert given.distance == expected > 0
    window.lecture.player.step_back()
    window.lecture.player.step_forward()
    press(window, Key.Key_Q, on=shown(window, Plot))
    assert [tuple(stroke) for stroke in sheet.sketch] == list(given.strokes)  # the answer is kept
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


def test_the_notes_have_the_question_and_its_answer_once(window):
    player, desk = window.lecture.player, window.lecture.desk
    asking = next(i for i, each in enumerate(player.course.steps) if each.question and each.question.answer)
    player.go(asking)
    desk.toggle_notes()
    words, question = desk.notes.text.toPlainText(), player.step.question
    assert question.ask in words
    assert words.count("nswer") == 1 + question.ask.count("nswer") + question.why.count("nswer")


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


@pytest.mark.slow
def test_space_plays_and_pauses_what_the_step_plays(window):
    window.lecture.open(WHOLE, at="posterior-becomes-prior")
    wait(window)
    player = window.page.view.controller(Stepper).player
    plot = shown(window, Plot)
    press(window, Key.Key_Space, on=plot)
    assert player.isActive()
    assert window.page.store.document.step == 0  # it starts again after the last observation
    press(window, Key.Key_Space, on=plot)
    assert not player.isActive()
    assert window.lecture.player.changed
