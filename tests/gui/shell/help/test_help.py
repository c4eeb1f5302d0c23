"""The Help menu: getting started, glossary, keys, report, and the explanation of the panel under the cursor."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QTextBrowser

from engine.glossary import terms
from gui.shell.help.getting_started import STEPS, GettingStarted
from gui.shell.help.glossary import Glossary
from gui.shell.help.help import HELP_COMMANDS
from gui.shell.help.report import Report
from gui.widgets.explanation import Explanation
from tests.gui.conftest import settle
from tests.gui.shell.small_pages import Right

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "glossary.md"


def run(window, text):
    window.run(next(owned for owned in window.menus.shown if owned.command.text == text))


def close_all(window):
    for dialog in window.findChildren(QDialog):
        dialog.reject()


def test_the_glossary_on_the_screen_is_that_of_the_documentation():
    text = DOCUMENT.read_text(encoding="utf-8").partition("## The code")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", text, re.MULTILINE)
    assert [(term.term, term.meaning) for term in terms()] == [row for row in rows if row[0] != "term"]


def test_a_term_is_looked_up(qtbot, small_window):
    run(small_window, "Glossary")
    box = small_window.findChild(Glossary)
    assert "Gaussian" in box.words.toPlainText()
    qtbot.keyClicks(box.line, "Occam")
    assert "Occam factor: The part of the log evidence" in box.words.toPlainText()
    assert "posterior collapse" not in box.words.toPlainText()
    qtbot.keyClicks(box.line, " xyz")
    assert "No term contains" in box.words.toPlainText()
    close_all(small_window)


def test_getting_started_does_each_step(qtbot, window):
    run(window, "Getting started")
    box = window.findChild(GettingStarted)
    assert len(box.buttons) == len(STEPS) == 3
    before = window.page.store.document
    box.buttons[0].click()
    assert len(window.page.store.document.observations) == len(before.observations) + 1
    step = window.page.store.document.step
    box.buttons[1].click()
    assert window.page.store.document.step == step - 1
    box.buttons[2].click()
    settle(qtbot, window)
    assert window.stack.title == "Latent space"
    close_all(window)


def test_the_diagnostics_are_copied_as_they_were_edited(small_window):
    run(small_window, "Report a problem")
    box = small_window.findChild(Report)
    text = box.text.toPlainText()
    assert text.startswith("bayescape ")
    assert "settings: " in text
    assert "page: Regression" in text
    box.text.setPlainText("only this")
    box.copy.click()
    assert QGuiApplication.clipboard().text() == "only this"
    close_all(small_window)


def explained(window):
    found = [explanation for explanation in window.findChildren(Explanation) if explanation.isVisible()]
    titles = [explanation.accessibleName() for explanation in found]
    for explanation in found:
        explanation.close()
    return titles


def test_f1_explains_the_panel_under_the_cursor_or_with_the_focus(qtbot, small_window, monkeypatch):
    dock = small_window.page.view.docks["Left"]
    monkeypatch.setattr(QApplication, "widgetAt", lambda _: dock.widget())
    with qtbot.waitActive(small_window):
        small_window.activateWindow()
    qtbot.keyClick(small_window, Qt.Key.Key_F1)
    assert explained(small_window) == ["Left"]
    monkeypatch.setattr(QApplication, "widgetAt", lambda _: small_window.tabs)
    small_window.page.view.panel(Right).button.setFocus()
    qtbot.keyClick(small_window, Qt.Key.Key_F1)
    assert explained(small_window) == ["Right"]
    small_window.tabs.setFocus()
    qtbot.keyClick(small_window, Qt.Key.Key_F1)
    assert explained(small_window) == []
    assert "press F1 again" in small_window.banner.text.text()


@pytest.mark.parametrize("command", HELP_COMMANDS[1:], ids=lambda command: command.text)
def test_each_box_fits_the_window_at_the_largest_text(qtbot, small_window, command):
    small_window.appearance.use_text_size(2.5)
    run(small_window, command.text)
    (box,) = small_window.findChildren(QDialog)
    assert box.width() <= small_window.width()
    assert box.height() <= small_window.height()
    assert box.minimumSizeHint().width() <= 1280
    assert box.minimumSizeHint().height() <= 720
    assert all(browser.accessibleName() for browser in box.findChildren(QTextBrowser))
    close_all(small_window)
    small_window.appearance.normal()
