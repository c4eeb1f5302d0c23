"""Editors: one field of a part each, checked where it is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from engine.part import Field
from gui.widgets.numbers import ambiguity, parsed, spelled

Words = Callable[[str], str]
TENTH = 10**0.1  # one press of an arrow key on a logarithmic scale


class Editor(QWidget):
    """Edits one field: a control, and under it the reason why its content is refused."""

    changed = Signal(object, object)  # the new value, and the gesture it belongs to

    def __init__(self, field: Field, control: QWidget) -> None:
        super().__init__()
        self.field, self.control = field, control
        self.refusal = QLabel()
        self.refusal.setWordWrap(True)
        self.refusal.setObjectName("refusal")
        self.refusal.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(control)
        column.addWidget(self.refusal)
        self.reword(str)
        self.setFocusProxy(control)

    def show_value(self, value: Any) -> None:
        """Show the document's value."""
        raise NotImplementedError

    @property
    def tip(self) -> str:
        """The tooltip."""
        return self.field.description

    def reword(self, words: Words) -> None:
        """Say everything in other words."""
        self.words = words
        self.control.setAccessibleName(words(self.field.title))
        self.control.setToolTip(words(self.tip))

    def refuse(self, reason: str) -> None:
        """Say why the content is not taken; an empty reason takes it back."""
        self.refusal.setText(self.words(reason))
        self.refusal.setVisible(bool(reason))
        self.control.setProperty("refused", bool(reason))
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)


class _Line(QLineEdit):
    nudged = Signal(int)
    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.nudged.emit(1 if event.key() == Qt.Key.Key_Up else -1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.entered.emit()


class LineEditor(Editor):
    """A value as text. What is typed counts as soon as it is allowed, and what was there before if it ends refused."""

    def __init__(self, field: Field) -> None:
        line = _Line()
        super().__init__(field, line)
        self.line, self.value, self.before, self.gesture = line, field.default, field.default, object()
        line.textEdited.connect(self._on_edited)
        line.editingFinished.connect(self._on_finished)
        line.entered.connect(self._on_entered)

    def read(self, text: str) -> Any:
        """The value that `text` spells. Raises ValueError in one sentence."""
        raise NotImplementedError

    def spell(self, value: Any) -> str:
        """The text of a value."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        known, self.value = self.value, value
        if not self.line.hasFocus():
            self.before = value
        elif value == known or self._says(value):
            return
        if value == known and self.line.text() == self.spell(value):
            return  # another document with the same value, as after every click
        self.line.setText(self.spell(value))
        if not self.line.hasFocus():
            self.line.setCursorPosition(0)  # of a long number the first digits are to be seen
        self.refuse("")

    def _says(self, value: Any) -> bool:
        try:
            return bool(self.read(self.line.text()) == value)
        except ValueError:
            return False

    def _on_entered(self) -> None:
        self.gesture, self.before = object(), self.value

    def _on_edited(self, text: str) -> None:
        try:
            value = self.read(text)
        except ValueError as refusal:
            self.refuse(str(refusal))
        else:
            self.refuse("")
            self.changed.emit(value, (id(self), self.gesture))

    def _on_finished(self) -> None:
        """The reason why something was refused stays until the next change."""
        if reason := self.refusal.text():
            self.changed.emit(self.before, (id(self), self.gesture))
            self.line.setText(self.spell(self.before))
            self.refuse(reason)
        elif not self._says(self.value):
            self.line.setText(self.spell(self.value))
        self._on_entered()


class NumberEditor(LineEditor):
    """A number: point or comma, ↑ and ↓ to nudge."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.line.nudged.connect(self._on_nudged)

    @property
    def tip(self) -> str:
        return f"{self.field.description} Allowed: {self.field.allowed}. ↑ and ↓ change it.".strip()

    def read(self, text: str) -> Any:
        value = parsed(text, self.field.kind)
        if reason := ambiguity(text, self.field.kind):
            raise ValueError(reason)
        if value is None:
            raise ValueError(f"{self.field.title} must be {self.field.allowed}.")
        self.field.check(value)
        return value

    def spell(self, value: Any) -> str:
        return spelled(value)

    def _on_nudged(self, way: int) -> None:
        if self.field.extra.get("scale") == "log":
            value = float(f"{self.value * TENTH**way:.4g}")
        else:
            step = 1 if self.field.kind is int else 0.1
            value = self.field.kind(round(self.value + way * step, 10))
        self.line.setText(spelled(value))
        self._on_edited(self.line.text())


class TextEditor(LineEditor):
    """A line of text; the form says what is wrong with it."""

    def read(self, text: str) -> Any:
        return text

    def spell(self, value: Any) -> str:
        return str(value)


class NumbersEditor(LineEditor):
    """Several whole numbers with commas between them."""

    @property
    def tip(self) -> str:
        return f"{self.field.description} Whole numbers with commas between them.".strip()

    def read(self, text: str) -> Any:
        parts = text.replace(";", ",").strip(" ,").split(",")
        numbers = tuple(parsed(part, int) for part in parts)
        if any(len(part) > 1 and part.startswith("0") for part in map(str.strip, parts)):
            raise ValueError(f"{self.field.title}: commas separate numbers, not thousands.")
        if any(number is None for number in numbers):
            raise ValueError(f"{self.field.title} must be whole numbers with commas between them, such as 256, 64.")
        self.field.check(numbers)
        return numbers

    def spell(self, value: Any) -> str:
        return ", ".join(str(number) for number in value)


class BoolEditor(Editor):
    """A box to tick."""

    def __init__(self, field: Field) -> None:
        self.box = QCheckBox(field.title)
        super().__init__(field, self.box)
        self.box.clicked.connect(self._on_clicked)

    def show_value(self, value: Any) -> None:
        self.box.setChecked(value)

    def _on_clicked(self, ticked: bool) -> None:
        self.changed.emit(ticked, None)


class Combo(QComboBox):
    """Gives way in a narrow panel, where a scroll bar would otherwise cover its end."""

    def __init__(self, options: list[str]) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(3)
        self.addItems(options)


class ChoiceEditor(Editor):
    """One of a few."""

    def __init__(self, field: Field) -> None:
        self.options, suffix = get_args(field.kind), field.extra.get("suffix", "")
        self.combo = Combo([f"{str(option)[:1].upper()}{str(option)[1:]}{suffix}" for option in self.options])
        super().__init__(field, self.combo)
        self.combo.activated.connect(self._on_activated)

    def show_value(self, value: Any) -> None:
        self.combo.setCurrentIndex(self.options.index(value))

    def _on_activated(self, i: int) -> None:
        self.changed.emit(self.options[i], None)
