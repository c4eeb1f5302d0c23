"""The lecture in the real window: its keys work whichever widget has the focus, and nothing of the user is lost."""

from typing import get_args, get_type_hints

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QListWidget, QTableView

from engine.lecture.lecture import Play
from engine.regression.document import Regression
from gui.lecture.desk import PLAYED
from gui.page.arrangement import LECTURE
from gui.page.stepper import Stepper
from gui.page.store import Edit
from gui.plots.marks import Marks
from gui.plots.plot import Plot
from gui.regression.data_space import DataSpace
from tests.gui.lecture.pressing import FEW, MISSING, WHOLE, press, shown, step, wait

Key = Qt.Key


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


def test_space_presses_a_button_only_if_the_user_has_moved_the_focus_to_it(window):
    """Qt moves the focus to the next widget, often the first button of the bar, when the widget with it is hidden."""
    window.activateWindow()  # a window that is not active hears of no focus
    window.lecture.player.find("line-1")
    wait(window)
    predict, back, plot = window.lecture.desk.predict, window.lecture.desk.bar.back, shown(window, Plot)
    assert predict.veiled
    back.setFocus(Qt.FocusReason.TabFocusReason)  # as Qt does by itself
    press(window, Key.Key_Space, on=back)
    assert (step(window), predict.veiled) == ("line-1", False)
    plot.setFocus()
    press(window, Key.Key_Backtab, on=plot)
    back.setFocus(Qt.FocusReason.TabFocusReason)
    press(window, Key.Key_Space, on=back)
    assert step(window) == "line-0"


def test_space_plays_the_step_also_from_another_tab(window):
    player, desk = window.lecture.player, window.lecture.desk
    player.use(WHOLE, "cons")
    wait(window)
    if desk.predict.waiting:
        desk.predict.reveal()
    window.show_page("latent")
    desk.reveal_or_play()
    assert (window.tabs.front, step(window)) == ("regression", "cons")
    assert window.page.view.controller(Stepper).player.isActive()


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
    for title in seen:
        now, then = view.docks[title].geometry(), geometry[title]
        assert np.abs(np.subtract(now.getRect(), then.getRect())).max() <= 1, title  # sizes are stored as fractions
    assert opened.windowState() == Qt.WindowState.WindowNoState


@pytest.mark.slow
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
    assert window.lecture.player.text == MISSING
    window.lecture.desk.toggle_steps()
    assert not tree.isVisible()


def test_the_buttons_of_the_lecture_bar_act(window):
    bar, desk, player = window.lecture.desk.bar, window.lecture.desk, window.lecture.player
    bar.steps_wanted.emit()
    assert not desk.steps.isHidden()
    bar.steps_wanted.emit()
    assert desk.steps.isHidden()
    desk.predict.reveal()
    bar.next_wanted.emit()
    assert step(window) == "formulate-observe-update"
    window.page.store.commit(Edit("Step", window.page.store.document.step_to(1)))
    bar.restore_wanted.emit()
    assert not player.changed


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


def test_lines_and_marks_are_larger_in_a_lecture_and_the_bar_has_room_for_a_larger_text(window):
    bar, appearance = window.lecture.desk.bar, window.appearance
    window.lecture.player.find("formulate-observe-update")
    wait(window)
    layers = window.page.view.panel(DataSpace).plot._layers
    marks = next(layer for layer in layers if isinstance(layer, Marks))
    assert marks.size == 1.5 * marks.plain_size
    appearance.larger()
    appearance.larger()
    QTest.qWait(20)
    assert bar.attempt.width() > bar.attempt.fontMetrics().horizontalAdvance(bar.attempt.text()) + 10
    appearance.normal()
    window.lecture.leave()
    assert marks.size == marks.plain_size


def test_what_a_step_plays_is_a_command(window):
    texts = {owned.command.text for owned in window.stack.commands()}
    assert set(PLAYED.values()) <= texts
    assert set(PLAYED) == set(get_args(get_type_hints(Play)["what"]))


def test_the_documents_of_the_user_are_there_when_the_window_closes_in_a_lecture(opened):
    opened.lecture.player.leave()
    opened.show_page("regression")
    mine = Regression().observe(0.4, 0.4)
    opened.page.store.commit(Edit("Mine", mine))
    opened.lecture.open(FEW, at="line-20")
    assert opened.page.store.document != mine
    opened.lecture.close()  # as the window does
    assert opened.page.store.document == mine
    assert not opened.lecture.player.running
    opened.setProperty("lecture", False)
