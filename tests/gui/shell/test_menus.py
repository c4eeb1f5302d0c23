"""Menus, tool bar and shortcuts follow from the declared commands."""

import gc

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from engine.lecture import headings
from gui.page.commands import Command, Owned
from gui.page.stepper import BACK, FORWARD, PLAY
from gui.pages import PAGES
from gui.shell.keys import clashes, key_text, keys_of, keys_text, unusable
from gui.shell.lecture import step_commands
from gui.shell.menus import MENUS
from gui.shell.palette.palette import Palette
from gui.shell.stepping import STEPS
from tests.gui.conftest import action
from tests.gui.shell.small_pages import START, Behind, Left, Right

ADD, REMOVE = Left.commands
CLEAR, ZERO = Behind.commands
(HALVE,) = Right.commands


def entries(window, title):
    """The texts of the visible entries of a menu, read while the menu is open."""
    menu = window.menus._menus[title]
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions() if action.text() and action.isVisible()]
    menu.aboutToHide.emit()
    return texts


@pytest.mark.slow
def test_every_menu_has_a_mnemonic_of_its_own_and_shows_tips(any_window):
    titles = [action.text() for action in any_window.menuBar().actions()]
    assert titles == list(MENUS)
    letters = [title[title.index("&") + 1].lower() for title in titles]
    assert len(set(letters)) == len(letters)
    for menu in any_window.bar.findChildren(QMenu) + any_window.menuBar().findChildren(QMenu):
        if menu.title():
            assert "&" in menu.title()
            assert menu.toolTipsVisible()


@pytest.mark.slow
def test_every_command_is_in_its_menu_with_a_text_and_a_tip(any_window):
    for owned in any_window.menus.shown:
        entry = any_window.menus.action_of(owned)
        assert entry in any_window.menus._menus[owned.command.menu].actions()
        assert entry.toolTip()
        if owned.command.icon:
            assert not entry.icon().isNull()
            has_steps = any_window.page.view.position is not None
            assert (entry in any_window.bar.actions()) == (has_steps or owned.command not in STEPS)


@pytest.mark.slow
def test_menus_show_the_commands_of_the_page_in_front(small_window):
    assert entries(small_window, "Observe")[:2] == ["Add one", "Remove one"]
    assert "Start training" not in entries(small_window, "Model")
    small_window.show_page("latent")
    assert "Start training" in entries(small_window, "Model")
    assert "Look far" in entries(small_window, "Observe")
    small_window.show_page("regression")
    assert "Look far" not in entries(small_window, "Observe")


def test_changing_the_page_makes_no_new_actions_for_its_menus(small_window):
    """PySide keeps a deleted action as long as its menu, so that menus use their separators again."""

    def change():
        small_window.stack.bring("regression")
        small_window.stack.bring("latent")
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return sum(type(each) is QAction for each in gc.get_objects())

    change()
    assert change() >= change()


def test_a_command_edits_the_document_and_is_named_in_undo(small_window):
    assert small_window.undo.text() == "Undo"
    small_window.menus.action(ADD).trigger()
    assert small_window.page.store.document.total == 1
    assert small_window.undo.text() == "Undo Add one"
    small_window.undo.trigger()
    assert small_window.page.store.document.total == 0


def test_a_command_runs_on_its_panel_which_comes_to_the_front(small_window):
    small_window.menus.action(CLEAR).trigger()
    assert small_window.page.view.panel(Behind).cleared == 1
    assert "Behind" in small_window.page.view.seen_titles


def test_an_unavailable_command_is_grey_with_the_reason_in_its_tip(small_window):
    action = small_window.menus.action(REMOVE)
    assert not action.isEnabled()
    assert action.toolTip() == "There is nothing to remove."
    small_window.menus.action(ADD).trigger()
    assert action.isEnabled()
    assert action.toolTip() == "Remove one"


def test_a_command_is_grey_each_time_its_menu_is_opened_while_it_is_unavailable(small_window):
    entry, menu = small_window.menus.action(HALVE), small_window.menus._menus["Observe"]
    for _ in range(2):
        menu.aboutToShow.emit()
        assert not entry.isEnabled() and entry.toolTip() == "Zero has no half."
        menu.aboutToHide.emit()
        assert entry.isEnabled()  # so that its shortcut shows the reason


def test_a_tick_follows_the_document_and_not_the_click(small_window):
    entry = small_window.menus.action(ZERO)
    for _ in range(3):
        entry.trigger()
        assert entry.isChecked() == (small_window.page.store.document.total == 0)


def test_an_unavailable_command_is_refused_with_its_reason(small_window):
    owned = next(owned for owned in small_window.menus.shown if owned.command is REMOVE)
    small_window.run(owned)
    assert small_window.banner.text.text() == "There is nothing to remove."


def test_ticks_follow_the_document(small_window):
    action, menu = small_window.menus.action(ZERO), small_window.menus._menus["Model/Numbers"]
    menu.aboutToShow.emit()
    assert action.isChecked()
    small_window.menus.action(ADD).trigger()
    menu.aboutToShow.emit()
    assert not action.isChecked()


def test_text_and_icon_change_while_the_process_of_a_command_runs(small_window):
    small_window.show_page("latent")
    action = small_window.menus.action(START)
    action.trigger()
    assert action.text() == "Pause training"
    small_window.page.view.controllers[1].end()
    assert action.text() == "Start training"


@pytest.mark.slow
def test_stepping_commands_are_shown_if_the_page_has_steps(qtbot, small_window):
    menus = small_window.menus
    assert [menus.action(command).isEnabled() for command in (BACK, FORWARD, PLAY)] == [False, False, False]
    for _ in range(2):
        menus.action(ADD).trigger()
    menus.action(FORWARD).trigger()
    assert small_window.page.store.document.step == 1
    assert menus.position.text() == "1 of 2"
    assert [menus.action(command).isEnabled() for command in (BACK, FORWARD, PLAY)] == [True, True, True]
    small_window.show_page("latent")
    qtbot.waitUntil(menus.position.isHidden)
    assert menus.action(BACK) not in small_window.bar.actions()
    small_window.show_page("unboxing")
    qtbot.waitUntil(menus.position.isVisible)
    assert menus.position.text() == "0 of 0"


def test_space_steps_unless_a_control_uses_it(small_window):
    for _ in range(2):
        small_window.menus.action(ADD).trigger()
    small_window.setFocus()
    QTest.keyClick(small_window, Qt.Key.Key_Space)
    assert small_window.page.store.document.step == 1
    QTest.keyClick(small_window, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert small_window.page.store.document.step == 0
    button = small_window.page.view.panel(Left).button
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert small_window.page.store.document.step == 0


def test_escape_leaves_full_screen(small_window):
    maximised = small_window.isMaximized()
    go(small_window, "Full screen")
    assert small_window.isFullScreen()
    QTest.keyClick(small_window, Qt.Key.Key_Escape)
    assert not small_window.isFullScreen()
    assert small_window.isMaximized() == maximised


def go(window, text):
    action(window, text).trigger()


def test_the_keyboard_goes_from_panel_to_panel_and_from_tab_to_tab(qtbot, small_window):
    small_window.activateWindow()
    view = small_window.page.view

    def has_focus(title):
        focused = QApplication.focusWidget()
        return focused is not None and view.docks[title].isAncestorOf(focused)

    go(small_window, "Next panel")
    qtbot.waitUntil(lambda: has_focus("Left"))
    go(small_window, "Next panel")
    assert has_focus("Right")
    go(small_window, "Next panel")
    assert has_focus("Left")
    go(small_window, "Previous panel")
    assert has_focus("Right")
    go(small_window, "Next tab")
    qtbot.waitUntil(lambda: has_focus("Behind"))
    assert "Behind" in view.seen_titles
    go(small_window, "Next tab")
    qtbot.waitUntil(lambda: has_focus("Right"))


@pytest.mark.slow
def test_keys_are_unique_on_every_page_and_can_be_typed(any_window):
    commands = any_window.menus.commands
    assert clashes(commands) == []
    assert unusable(commands) == []


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_keys_are_few(any_window, page):
    """About 35 keys on each page, apart from Alt+1 to Alt+8, which belong to the steps of the lecture."""
    keys = [owned for owned in any_window.menus.commands if owned.page in ("", page) and owned.command.keys]
    assert len([owned for owned in keys if owned.command.menu != "Lecture"]) <= 38


@pytest.mark.slow
def test_clashing_and_unusable_keys_are_found(small_window):
    add = next(owned for owned in small_window.menus.shown if owned.command is ADD)
    other = Command("Other", "Observe", run=print, keys="Ctrl+D")
    assert clashes([add, Owned(other, None, "regression")]) == ["Ctrl+D is the key of Add one and Other."]
    assert clashes([add, Owned(other, None)]) == ["Ctrl+D is the key of Add one and Other."]
    assert clashes([add, Owned(other, None, "latent")]) == []
    hard = [Owned(Command("Hard", "Observe", run=print, keys=keys), None) for keys in ("Ctrl+L, G", "Ctrl+Alt+D")]
    assert len(unusable(hard)) == 2


def test_a_command_may_have_several_keys():
    command = Command("Larger", "View", run=print, keys="Ctrl++; Ctrl+=")
    assert [keys.toString() for keys in keys_of(command)] == ["Ctrl++", "Ctrl+="]
    assert key_text(command) == "Ctrl++, Ctrl+="
    assert keys_of(Command("None", "View", run=print)) == []
    assert key_text(Command("New", "File", run=print, keys=QKeySequence.StandardKey.New)) == "Ctrl+N"


@pytest.mark.slow
def test_the_table_of_keys_names_every_command_that_has_keys(any_window):
    commands = any_window.menus.commands
    text = keys_text([("Everything", commands)])
    for owned in commands:
        assert (owned.command.text in text) or not owned.command.keys
    assert "Right-click" in text


@pytest.mark.parametrize("page", PAGES)
def test_a_command_without_an_entry_in_the_menus_has_no_shortcut(small_window, page):
    """Ctrl+D belongs to a command of each page; only the command of the page in front is in a menu."""
    small_window.show_page(page)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the buttons of the other page
    hidden = [owned for owned in small_window.menus.commands if owned not in small_window.menus.shown]
    assert hidden
    for owned in hidden:
        assert not small_window.menus.action_of(owned).associatedObjects()


@pytest.mark.slow
def test_shortcuts_run_commands_of_the_page_in_front(qtbot, small_window):
    small_window.activateWindow()
    qtbot.waitUntil(small_window.isActiveWindow)
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(small_window, Qt.Key.Key_D, control)
    assert small_window.page.store.document.total == 1
    QTest.keyClick(small_window, Qt.Key.Key_PageDown)
    assert small_window.page.store.document.step == 1
    QTest.keyClick(small_window, Qt.Key.Key_2, control)
    assert small_window.tabs.front == "latent"
    QTest.keyClick(small_window, Qt.Key.Key_D, control)
    assert [page.store.document.total for page in small_window.pages.values()] == [1, 1]
    QTest.keyClick(small_window, Qt.Key.Key_Plus, control)
    assert small_window.appearance.text_size > 1
    QTest.keyClick(small_window, Qt.Key.Key_0, control)
    assert small_window.appearance.text_size == 1
    QTest.keyClick(small_window, Qt.Key.Key_K, control)
    assert small_window.findChildren(Palette)


def test_each_step_of_the_lecture_is_a_command_of_its_menu():
    commands = step_commands()
    assert [command.text for command in commands] == [step.title for step in headings()]
    assert {command.menu for command in commands} == {"Lecture"}
    assert [command.keys for command in commands[:2]] == ["Alt+1", "Alt+2"]
