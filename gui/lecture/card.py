"""The question card, under the lecture bar: a question in large type, fields for the answers, and the verdict."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from engine.lecture.answers import Given, numbers_in, verdict
from engine.lecture.lecture import Question
from gui.widgets.controls import Button, Line, SpinBox

LARGE = 1.35  # of the text size
HINTS = {
    "point": "Click in the panel {panel}, or move the cross with the arrow keys and press Enter.",
    "sketch": "Draw in the panel {panel} with the mouse or a pen.",
    "none": "Say your answer, then reveal.",
}


class Guesses(Line):
    """A field for numbers. Enter reveals the answer, and so does Space as long as nothing is typed."""

    reveal_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        is_space = event.key() == Qt.Key.Key_Space and not self.text().strip()
        if is_space or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.reveal_wanted.emit()
        else:
            super().keyPressEvent(event)


class Card(QFrame):
    """Shows one question. A choice has a show of hands beside each option."""

    answered = Signal(object)  # the Given
    reveal_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Question")
        self.question: Question | None = None
        self.given = Given()
        self.revealed = False
        self.ask, self.hint, self.answer = _label(), _label(), _label()
        self.fields = QWidget()
        self.row = QHBoxLayout(self.fields)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.options: dict[str, tuple[QRadioButton, SpinBox]] = {}
        self.line = Guesses()
        self.line.reveal_wanted.connect(self.reveal_wanted)
        self.reveal, self.close_button = Button("Reveal"), Button("Close")
        self.reveal.setToolTip("Show the answer (Space)")
        self.reveal.clicked.connect(self.reveal_wanted)
        self.close_button.clicked.connect(self.hide)
        self.line.setAccessibleName("Your guess")
        self.line.setPlaceholderText("Your guess, or several with blanks between them")
        self.line.textEdited.connect(self._on_numbers)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        for widget in (self.ask, self.fields, self.line, self.hint, self.answer):
            column.addWidget(widget)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(10, 6, 10, 6)
        outer.addLayout(column, 1)
        outer.addWidget(self.reveal)
        outer.addWidget(self.close_button)

    def pose(self, question: Question, given: Given, *, revealed: bool) -> None:
        """Show a question with the answers so far."""
        self.question, self.given, self.revealed = question, given, revealed
        self.setAccessibleDescription(question.ask)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * LARGE)
        self.ask.setFont(font)
        self.answer.setFont(font)
        self.ask.setText(question.ask)
        self._fill_options(question)
        self.line.setVisible(question.kind == "number")
        self.line.setText(" ".join(f"{number:g}" for number in given.numbers))
        self.hint.setText(HINTS.get(question.kind, "").format(panel=question.panel))
        self.refresh(given, revealed=revealed)
        self.show()
        if question.kind == "number" and not revealed:
            self.line.setFocus()

    def refresh(self, given: Given, *, revealed: bool) -> None:
        """Show the verdict if the answer is revealed."""
        self.given, self.revealed = given, revealed
        assert self.question is not None
        self.answer.setText(verdict(self.question, given) if revealed else "")
        self.answer.setVisible(revealed)
        if revealed and self._is_typing():
            self.close_button.setFocus()  # an editor would keep the letters of the lecture's keys
        self.reveal.setVisible(not revealed)
        self.hint.setVisible(bool(self.hint.text()) and not revealed)

    def _is_typing(self) -> bool:
        focused = self.window().focusWidget()
        return isinstance(focused, QLineEdit | SpinBox) and self.isAncestorOf(focused)

    def _fill_options(self, question: Question) -> None:
        while (item := self.row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.options = {}
        for option in question.options:
            button, hands = QRadioButton(option), SpinBox()
            button.setChecked(option == self.given.choice)
            button.clicked.connect(self._on_choice)
            hands.setRange(0, 9999)
            hands.setSuffix(" hands")
            hands.setValue(self.given.hands.get(option, 0))
            hands.setAccessibleName(f"Hands for {option}")
            hands.valueChanged.connect(self._on_hands)
            self.options[option] = button, hands
            self.row.addWidget(button)
            self.row.addWidget(hands)
        self.row.addStretch(1)
        self.fields.setVisible(bool(question.options))

    def _on_choice(self) -> None:
        chosen = next((option for option, (button, _) in self.options.items() if button.isChecked()), "")
        self.answered.emit(replace(self.given, choice=chosen))

    def _on_hands(self) -> None:
        hands = {option: box.value() for option, (_, box) in self.options.items() if box.value()}
        self.answered.emit(replace(self.given, hands=hands))

    def _on_numbers(self) -> None:
        try:
            numbers = numbers_in(self.line.text())
        except ValueError as error:
            self.hint.setText(str(error))
            self.hint.show()
            return
        self.hint.hide()
        self.answered.emit(replace(self.given, numbers=numbers))


def _label() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return label
