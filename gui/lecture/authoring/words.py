"""The dialog with the words of a step: title, sentences, typeset equation, try, goal, notes, question and veils."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.lecture.answers import numbers_in
from engine.lecture.lecture import Lecture, Step
from gui.lecture.authoring.question_form import QuestionForm
from gui.lecture.bar import Equation
from gui.widgets.controls import Combo, Line
from gui.widgets.scrolling import scrolling

WIDEST = 520  # pixels of the typeset equation
LINES = 4  # of an editor


class Words(QDialog):
    """Edits the words of one step. What cannot be used stays in the fields, with a sentence that says why.

    `accept_fields` takes the fields of the step by name, and raises ValueError, in one sentence, if it refuses them.
    """

    def __init__(
        self, parent: QWidget, lecture: Lecture, step: Step, accept_fields: Callable[[dict[str, Any]], None]
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Words of the step “{step.title}”")
        self.step, self.accept_fields = step, accept_fields
        self.title, self.latex, self.attempt = Line(step.title), Line(step.equation), Line(step.try_)
        self.goal, self.text, self.notes = Line(step.goal), _editor(step.text), _editor(step.notes)
        self.section = Combo()
        self.section.addItems(list(dict.fromkeys(["", *(s.title for s in lecture.head.sections), step.section])))
        self.section.setCurrentText(step.section)
        self.minutes = Line(f"{step.minutes:g}")
        self.preview, self.refusal = Equation(), QLabel()
        self.question = QuestionForm(step)
        tabs = QTabWidget()
        words = self._words()
        tabs.addTab(scrolling(words, growing=True), "Words")
        tabs.addTab(scrolling(self.question, growing=True), "Question")
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.setWordWrap(True)
        self.refusal.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (tabs, self.refusal, buttons):
            column.addWidget(widget)
        self.latex.textEdited.connect(self._on_latex)
        self._on_latex()
        self.setMinimumWidth(WIDEST + 160)
        around = tabs.tabBar().sizeHint().height() + 2 * buttons.sizeHint().height() + 40
        wanted = QSize(words.sizeHint().width() + 60, words.sizeHint().height() + around)
        self.resize(wanted.boundedTo(self.screen().availableSize() * 0.92))  # the rest scrolls, if the text is large

    def _words(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        self.goal.setPlaceholderText("For example: observations.x.0 = 0 ± 0.05")
        self.goal.setToolTip("What the document is like when the user has done what Try asks for; empty if unknown")
        for name, field in (
            ("Title", self.title),
            ("Section", self.section),
            ("Minutes", self.minutes),
            ("Sentences", self.text),
            ("Equation in LaTeX", self.latex),
            ("", self.preview),
            ("Try", self.attempt),
            ("Goal", self.goal),
            ("Notes", self.notes),
        ):
            label = QLabel(name)
            label.setBuddy(field)
            form.addRow(label, field)
        return page

    def _on_latex(self) -> None:
        self.preview.say(self.latex.text(), WIDEST)

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the step by name."""
        return {
            "title": self.title.text().strip(),
            "section": self.section.currentText(),
            "minutes": self._planned,
            "text": " ".join(self.text.toPlainText().split()),
            "equation": self.latex.text().strip(),
            "try_": self.attempt.text().strip(),
            "goal": self.goal.text().strip(),
            "notes": self.notes.toPlainText().strip(),
            "question": self.question.question,
            "veil": self.question.veil,
        }

    @property
    def _planned(self) -> float:
        """The planned minutes. Raises ValueError, in one sentence, if the field holds another text."""
        numbers = numbers_in(self.minutes.text())
        if len(numbers) != 1:
            raise ValueError("The field “Minutes” needs one number, for example 1.5.")
        return numbers[0]

    def accept(self) -> None:
        """Use the fields and close the dialog; if they cannot be used, say why and stay open."""
        try:
            self.accept_fields(self.fields)
        except msgspec.ValidationError as error:
            self._refuse(f"The question cannot be used: {str(error).partition(' - at')[0]}.")
        except ValueError as error:
            self._refuse(str(error))
        else:
            super().accept()

    def _refuse(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.setAccessibleName(sentence)
        self.refusal.show()


def _editor(text: str) -> QPlainTextEdit:
    editor = QPlainTextEdit(text)
    editor.setTabChangesFocus(True)
    editor.setMaximumHeight((LINES + 1) * editor.fontMetrics().height())
    return editor
