"""The form of a step's question: its kind, its options, the answer and the reason, and the panels that are veiled."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPlainTextEdit, QSizePolicy, QWidget

from engine.lecture.answers import numbers_in
from engine.lecture.lecture import Question, Step
from gui.widgets.controls import CheckBox, Combo, Line

KINDS = {  # kind -> its name in the form
    "": "No question",
    "none": "Words: say it, then reveal",
    "choice": "Choice between options",
    "number": "Number",
    "point": "Place in a panel",
    "sketch": "Sketch in a panel",
}
ANSWERS = {  # kind -> what the field of the answer asks for
    "": "",
    "none": "A sentence",
    "choice": "One of the options",
    "number": "A number",
    "point": "Two numbers with a blank between them",
    "sketch": "A sentence",
}


class QuestionForm(QWidget):
    """Edits the question and the veils of one step. Only the fields of the chosen kind are shown."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        asked = step.question
        self.kind = Combo()
        self.kind.addItems(list(KINDS.values()))
        self.kind.setCurrentText(KINDS[asked.kind if asked else ""])
        self.ask, self.unit = Line(asked.ask if asked else ""), Line(asked.unit if asked else "")
        self.options = QPlainTextEdit("\n".join(asked.options) if asked else "")
        self.options.setTabChangesFocus(True)
        self.options.setMaximumHeight(5 * self.options.fontMetrics().height())
        self.answer = Line(_text_of(asked))
        self.panel = Combo()
        self.panel.addItems(["", *step.panels])
        self.panel.setCurrentText(asked.panel if asked else "")
        self.why = Line(asked.why if asked else "")
        self.veils = {title: CheckBox(title) for title in step.panels}
        self.rows: dict[str, tuple[QLabel, QWidget]] = {}
        self._lay_out(step)
        self.kind.currentIndexChanged.connect(self._on_kind)
        self._on_kind()

    def _lay_out(self, step: Step) -> None:
        form = QFormLayout(self)
        veiled = QWidget()
        row = QHBoxLayout(veiled)
        row.setContentsMargins(0, 0, 0, 0)
        for title, box in self.veils.items():
            box.setChecked(title in step.veil)
            row.addWidget(box)
        row.addStretch(1)
        veiled.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for name, field in (
            ("Kind", self.kind),
            ("Question", self.ask),
            ("Options, one a line", self.options),
            ("Panel", self.panel),
            ("Answer", self.answer),
            ("Unit", self.unit),
            ("Reason", self.why),
            ("Veiled until the answer", veiled),
        ):
            label = QLabel(name)
            label.setBuddy(field)
            form.addRow(label, field)
            self.rows[name] = label, field

    @property
    def chosen(self) -> str:
        """The kind of the question; empty if the step has none."""
        return list(KINDS)[self.kind.currentIndex()]

    def _on_kind(self) -> None:
        """Show the fields of the kind."""
        kind = self.chosen
        shown = {
            "Question": bool(kind),
            "Options, one a line": kind == "choice",
            "Panel": kind in ("point", "sketch"),
            "Answer": bool(kind),
            "Unit": kind in ("number", "point"),
            "Reason": bool(kind),
        }
        for name, on in shown.items():
            for widget in self.rows[name]:
                widget.setVisible(on)
        self.answer.setPlaceholderText(ANSWERS[kind])

    @property
    def veil(self) -> tuple[str, ...]:
        """The titles of the panels that are veiled."""
        return tuple(title for title, box in self.veils.items() if box.isChecked())

    @property
    def question(self) -> Question | None:
        """The question, or None. Raises ValueError, in one sentence, if a field cannot be used."""
        kind = self.chosen
        if not kind:
            return None
        options = [line.strip() for line in self.options.toPlainText().splitlines() if line.strip()]
        plain = {
            "ask": self.ask.text().strip(),
            "kind": kind,
            "options": options if kind == "choice" else [],
            "answer": self._answer(kind),
            "panel": self.panel.currentText() if kind in ("point", "sketch") else "",
            "unit": self.unit.text().strip() if kind in ("number", "point") else "",
            "why": self.why.text().strip(),
        }
        if not plain["ask"]:
            raise ValueError("The field “Question” is empty. Write the question, or choose “No question”.")
        return msgspec.convert(plain, Question)

    def _answer(self, kind: str) -> float | list[float] | str | None:
        text = self.answer.text().strip()
        if kind not in ("number", "point"):
            return text or None
        numbers = numbers_in(text)
        if len(numbers) != (1 if kind == "number" else 2):
            wanted = "one number" if kind == "number" else "two numbers with a blank between them, the place"
            raise ValueError(f"The field “Answer” needs {wanted}.")
        return numbers[0] if kind == "number" else list(numbers)


def _text_of(question: Question | None) -> str:
    answer = question.answer if question else None
    if isinstance(answer, tuple):
        return " ".join(f"{number:g}" for number in answer)
    return f"{answer:g}" if isinstance(answer, int | float) else (answer or "")
