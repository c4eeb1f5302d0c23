"""The preferences are applied at once, saved, and reset; a wrong value is refused in one sentence."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from engine import threads
from gui.shell import keys, theme
from gui.shell.preferences.command import PREFERENCES
from gui.shell.preferences.dialog import PreferencesDialog
from gui.shell.preferences.preferences import Preferences, read
from gui.shell.settings import Settings
from gui.widgets import motion


@pytest.fixture(autouse=True)
def as_before():
    yield
    keys.use({})
    motion.reduce(False)
    threads.use(threads.PROCESSORS)


@pytest.fixture
def dialog(qtbot, small_window):
    small_window.menus.action(PREFERENCES).trigger()
    dialog = small_window.findChild(PreferencesDialog)
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    yield dialog
    for left in small_window.findChildren(PreferencesDialog):
        left.reject()


def choose(qtbot, dialog, name, index):
    combo = dialog.form.editors[name].combo
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    for _ in range(index):
        qtbot.keyClick(combo, Qt.Key.Key_Down)


@pytest.mark.slow
def test_each_preference_is_applied_at_once_and_saved(qtbot, dialog, small_window, settings):
    choose(qtbot, dialog, "appearance", 4)
    assert theme.paper().name() == "#000000"
    choose(qtbot, dialog, "text", 3)
    assert small_window.appearance.text_size == 1.5
    choose(qtbot, dialog, "colours", 2)
    assert theme.colours() == "magma"
    qtbot.keyClick(dialog.form.editors["still"].box, Qt.Key.Key_Space)
    assert motion.is_reduced()
    qtbot.keyClick(dialog.form.editors["recovery"].box, Qt.Key.Key_Space)
    saved = read(Settings(settings.folder))
    assert (saved.appearance, saved.text, saved.colours) == ("high contrast dark", "150 %", "magma")
    assert (saved.still, saved.recovery) == (True, False)
    dialog.defaults.click()
    assert read(settings) == Preferences()
    assert not motion.is_reduced()


def test_a_folder_that_does_not_exist_is_refused_and_nothing_is_saved(qtbot, dialog, settings, tmp_path):
    editor = dialog.form.editors["runs"]
    editor.line.setFocus()
    qtbot.keyClicks(editor.line, str(tmp_path / "missing"))
    assert "does not exist" in editor.refusal.text()
    assert read(settings).runs != str(tmp_path / "missing")
    editor.line.clear()
    qtbot.keyClicks(editor.line, str(tmp_path))
    assert not editor.refusal.text()
    assert read(settings).runs == str(tmp_path)


@pytest.mark.parametrize("damaged", ["-3", "many", "0", "9" * 30])
def test_damaged_values_are_replaced_by_the_defaults(settings, damaged):
    settings.keep("threads", damaged)
    settings.keep("runs", "/no/such/folder")
    settings.keep("still", damaged)
    assert read(settings) == Preferences()


def chosen(dialog, text):
    table = dialog.keys
    table.search.setText(text)
    row = next(row for row in range(table.table.rowCount()) if not table.table.isRowHidden(row))
    table.table.setCurrentCell(row, 0)
    return table.chosen


def test_a_key_is_looked_up_changed_used_saved_and_reset(qtbot, dialog, small_window, settings):
    command = chosen(dialog, "add one")
    assert command.text == "Add one"
    assert chosen(dialog, "ctrl+d") is command
    table = dialog.keys
    qtbot.keyClick(table.editor.findChild(QLineEdit), Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    table.buttons["Assign"].click()
    assert keys.key_text(command) == "Ctrl+J"
    assert keys.read(Settings(settings.folder).text("keys", "")) == {"Observe/Add one": "Ctrl+J"}
    before = small_window.page.store.document.total
    dialog.reject()
    with qtbot.waitActive(small_window):
        small_window.activateWindow()
    qtbot.keyClick(small_window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert small_window.page.store.document.total == before
    qtbot.keyClick(small_window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert small_window.page.store.document.total == before + 1
    small_window.chooser.assign(command, None)
    assert keys.key_text(command) == "Ctrl+D"
    assert settings.text("keys", "") == "{}"


@pytest.mark.parametrize(
    ("key", "reason"), [("Ctrl+Z", "Ctrl+Z is the key of Undo."), ("Ctrl+Alt+M", "Ctrl+Alt+M is hard to type.")]
)
def test_a_key_with_a_conflict_is_refused_with_the_reason(dialog, key, reason):
    command = chosen(dialog, "add one")
    dialog.keys._assign(key)
    assert dialog.keys.refusal.text().startswith(reason)
    assert keys.key_text(command) == "Ctrl+D"
    assert keys.own() == {}
    dialog.keys._assign("")
    assert keys.key_text(command) == ""
    dialog.keys.buttons["Reset all"].click()
    assert keys.key_text(command) == "Ctrl+D"


@pytest.mark.parametrize("text", ["{", "[1]", '{"Observe/Add one": 7}', '{"Observe/Add one": "Ctrl+K, Ctrl+S"}'])
def test_damaged_keys_are_left_out(text):
    assert keys.read(text) == {}


@pytest.mark.slow
def test_the_dialog_fits_the_screen_and_all_its_controls_have_names(qtbot, dialog, small_window):
    for size in (1.0, 2.5):
        small_window.appearance.use_text_size(size)
        QApplication.processEvents()
        assert dialog.minimumSizeHint().width() <= 1280
        assert dialog.minimumSizeHint().height() <= 720
    small_window.appearance.normal()
    for editor in dialog.form.editors.values():
        assert editor.control.accessibleName()


def test_with_reduced_motion_play_shows_only_the_last_step(small_window):
    from gui.page.stepper import PLAY, Stepper

    for _ in range(3):
        small_window.run(next(owned for owned in small_window.menus.shown if owned.command.text == "Add one"))
    stepper = small_window.page.view.controller(Stepper)
    motion.reduce(True)
    small_window.run(next(owned for owned in small_window.menus.shown if owned.command is PLAY))
    assert small_window.page.store.document.step == 3
    assert not stepper.player.isActive()
