"""Text from outside is shown as it is written: Qt never takes the name of a file or of a class for rich text."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from engine.latent.vae.recipe import Recipe
from gui.figures.dialog import FigureDialog
from gui.forms.forms import Form
from gui.latent.image.encoded_image import EncodedImage
from gui.page.jobs import Failure
from gui.page.store import Edit
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.plain_tip import plain_tip

HOSTILE = "a <img src='private.png'>"


def test_a_tooltip_is_changed_only_if_qt_would_take_it_for_rich_text():
    assert plain_tip("cats & dogs, x < y") == "cats & dogs, x < y"
    assert "<img" not in plain_tip(HOSTILE)
    assert "&lt;img" in plain_tip(HOSTILE)


def test_elided_text_has_a_plain_tooltip(qtbot):
    line = Elided()
    qtbot.addWidget(line)
    line.say(HOSTILE)
    line.show()
    QApplication.sendEvent(line, QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    QApplication.sendEvent(line, QHelpEvent(QHelpEvent.Type.ToolTip, QPoint(1, 1), line.mapToGlobal(QPoint(1, 1))))
    assert "&lt;img" in QToolTip.text()
    line.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)  # the text changes while the pointer is over it
    line.say("another")
    assert line.toolTip() == "another"
    QToolTip.hideText()


def test_the_tooltip_of_undo_does_not_hold_the_name_of_the_edit(window):
    document = window.page.store.document
    window.page.store.commit(Edit(HOSTILE, replace(document, seed=document.seed + 1)))
    assert HOSTILE in window.undo.text()
    assert HOSTILE not in window.undo.toolTip()


def test_notices_refusals_and_names_of_classes_are_plain_text(qtbot):
    parent, form, panel = QWidget(), Form(Recipe, only=("epochs",)), EncodedImage()
    for widget in (parent, form, panel):
        qtbot.addWidget(widget)
    for label in (Notice(parent), form.editors["epochs"].refusal, *panel.values.values()):
        assert isinstance(label, QLabel)
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_the_details_of_a_message_are_plain_text(window):
    window.banner.show_failure(Failure(HOSTILE, "details"))
    window.banner.more.click()
    box = QApplication.activeModalWidget()
    assert (box.text(), box.textFormat()) == (HOSTILE, Qt.TextFormat.PlainText)
    box.close()


@pytest.mark.slow
def test_a_figure_that_cannot_be_written_is_explained_in_plain_text(qtbot, window, tmp_path, monkeypatch):
    target = str(tmp_path / "nowhere" / f"{HOSTILE}.png")
    monkeypatch.setattr("gui.widgets.file_dialogs.QFileDialog.getSaveFileName", lambda *_: (target, ""))
    dialog = FigureDialog(window, window.page, window.settings, "Data space")
    qtbot.waitUntil(lambda: dialog.figure is not None)
    dialog.save_figure()
    assert dialog.words.textFormat() == Qt.TextFormat.PlainText
    assert "cannot be written" in dialog.words.text()
    dialog.reject()
