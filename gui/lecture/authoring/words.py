"""The dialog with the words of a step: title, sentences, equation with its typeset form, try and notes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from engine.lecture.lecture import Step
from gui.lecture.bar import Equation

WIDEST = 520  # pixels of the typeset equation


class Words(QDialog):
    """Edits the words of one step."""

    accepted_words = Signal(str, object)  # the id of the step, and its words by field

    def __init__(self, parent: QWidget, step: Step) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Words of the step")
        self.step = step
        self.title, self.latex, self.attempt = QLineEdit(step.title), QLineEdit(step.equation), QLineEdit(step.try_)
        self.text, self.notes = QPlainTextEdit(step.text), QPlainTextEdit(step.notes)
        self.preview = Equation()
        form = QFormLayout(self)
        for name, field in (
            ("Title", self.title),
            ("Sentences", self.text),
            ("Equation in LaTeX", self.latex),
            ("", self.preview),
            ("Try", self.attempt),
            ("Notes", self.notes),
        ):
            label = QLabel(name)
            label.setBuddy(field)
            form.addRow(label, field)
        for editor in (self.text, self.notes):
            editor.setTabChangesFocus(True)
            editor.setMaximumHeight(6 * self.fontMetrics().height())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.latex.textEdited.connect(self._on_latex)
        self.accepted.connect(self._on_accepted)
        self.preview.say(step.equation, WIDEST)
        self.setMinimumWidth(WIDEST + 160)

    def _on_latex(self) -> None:
        self.preview.say(self.latex.text(), WIDEST)

    def _on_accepted(self) -> None:
        words = {
            "title": self.title.text().strip(),
            "text": " ".join(self.text.toPlainText().split()),
            "equation": self.latex.text().strip(),
            "try_": self.attempt.text().strip(),
            "notes": self.notes.toPlainText().strip(),
        }
        self.accepted_words.emit(self.step.id, words)
