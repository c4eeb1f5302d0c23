"""Editors: one widget for one field of a part, which checks the input while the user types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.part import Field
from gui.shell import theme
from gui.widgets.controls import CheckBox, Combo, Line
from gui.widgets.numbers import ambiguity, parsed, spelled

Words = Callable[[str], str]
OF_DOCUMENT = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
TENTH = 10**0.1  # the factor of one press of an arrow key on a logarithmic scale


class Editor(QWidget):
    """The editor of one field: a control, and below it the reason why the input is refused."""

    changed = Signal(object, object)  # the new value, and the gesture that it belongs to

    def __init__(self, field: Field, control: QWidget) -> None:
        super().__init__()
        self.field, self.control = field, control
        self.refusal = QLabel()
        self.refusal.setWordWrap(True)
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
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
        """Show the value of the document."""
        raise NotImplementedError

    @property
    def tip(self) -> str:
        """The tooltip of the control."""
        return self.field.description

    def reword(self, words: Words) -> None:
        """Show all texts in another notation; `words` converts a text to it."""
        self.words = words
        self.control.setAccessibleName(words(self.field.title))
        self.control.setToolTip(words(self.tip))

    def refuse(self, reason: str) -> None:
        """Show the reason why the input is refused. An empty reason removes the message."""
        self.refusal.setText(self.words(reason))
        self.refusal.setVisible(bool(reason))
        palette = QPalette()  # without a reason: the palette of the program
        if reason:
            ground = palette.color(QPalette.ColorRole.Base)
            palette.setColor(QPalette.ColorRole.Base, theme.mixed(theme.role_colour("truth"), ground, 0.25))
        self.control.setPalette(palette)


class _Line(Line):
    nudged = Signal(int)
    entered = Signal()
    is_refused = False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.nudged.emit(1 if event.key() == Qt.Key.Key_Up else -1)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Leave Undo and Redo to the document, of which each allowed input is an edit; a refused text keeps its own."""
        override = event.type() == QEvent.Type.ShortcutOverride and not self.is_refused
        if override and isinstance(event, QKeyEvent) and any(map(event.matches, OF_DOCUMENT)):
            event.ignore()
            return False
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.entered.emit()


class LineEditor(Editor):
    """The editor of a value as a line of text.

    Each allowed input changes the value while the user types. If the last input is refused, the value from before
    the typing returns to the document. The refused text stays to be corrected, with a mark and the reason, until the
    text is right or the value of the document changes.
    """

    def __init__(self, field: Field) -> None:
        line = _Line()
        super().__init__(field, line)
        self.line, self.value, self.before, self.gesture = line, field.default, field.default, object()
        line.textEdited.connect(self._on_edited)
        line.editingFinished.connect(self._on_finished)
        line.entered.connect(self._on_entered)

    def refuse(self, reason: str) -> None:
        super().refuse(reason)
        self.line.is_refused = bool(reason)

    def read(self, text: str) -> Any:
        """The value of `text`. Raises ValueError with one sentence."""
        raise NotImplementedError

    def spell(self, value: Any) -> str:
        """The text of a value."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        before, self.value = self.value, value
        if value == before and self.refusal.text():
            return  # the refused text stays to be corrected
        if not self.line.hasFocus():
            self.before = value
        elif value == before or self._shows(value):
            return
        if value == before and self.line.text() == self.spell(value):
            return  # most edits change the document and not this value
        self.line.setText(self.spell(value))
        if not self.line.hasFocus():
            self.line.setCursorPosition(0)  # so that the first digits of a long number are visible
        self.refuse("")

    def _shows(self, value: Any) -> bool:
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
        """Restore the former value after a refused input, unless the input has become right meanwhile."""
        if self.refusal.text():
            self._on_edited(self.line.text())  # a rule between two fields may hold now
        if self.refusal.text():
            if self.value != self.before:
                self.value = self.before
                self.changed.emit(self.before, (id(self), self.gesture))
        elif not self._shows(self.value):
            self.line.setText(self.spell(self.value))
        self._on_entered()


class NumberEditor(LineEditor):
    """The editor of a number, with point or comma as decimal mark. ↑ and ↓ change the number in steps."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.line.nudged.connect(self._on_nudged)

    @property
    def tip(self) -> str:
        return f"{self.field.description} Allowed: {self.field.allowed}. ↑ and ↓ change the value.".strip()

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
    """The editor of a line of text. The form checks the text and shows the reason for a refusal."""

    def read(self, text: str) -> Any:
        return text

    def spell(self, value: Any) -> str:
        return str(value)


class NumbersEditor(LineEditor):
    """The editor of several whole numbers, separated by commas."""

    @property
    def tip(self) -> str:
        return f"{self.field.description} Whole numbers, separated by commas.".strip()

    def read(self, text: str) -> Any:
        parts = text.replace(";", ",").strip(" ,").split(",")
        numbers = tuple(parsed(part, int) for part in parts)
        if any(len(part) > 1 and part.startswith("0") for part in map(str.strip, parts)):
            raise ValueError(f"{self.field.title}: commas separate numbers, not thousands.")
        if any(number is None for number in numbers):
            raise ValueError(f"{self.field.title} must be whole numbers, separated by commas, such as 256, 64.")
        self.field.check(numbers)
        return numbers

    def spell(self, value: Any) -> str:
        return ", ".join(str(number) for number in value)


class BoolEditor(Editor):
    """The editor of a bool: a check box."""

    def __init__(self, field: Field) -> None:
        self.box = CheckBox(field.title)
        super().__init__(field, self.box)
        self.box.clicked.connect(self._on_clicked)

    def show_value(self, value: Any) -> None:
        self.box.setChecked(value)

    def _on_clicked(self, ticked: bool) -> None:
        self.changed.emit(ticked, None)


class ChoiceEditor(Editor):
    """The editor of a Literal: a combo box with its values, or with those that are `offered`."""

    def __init__(self, field: Field) -> None:
        self.options, suffix = field.extra.get("offered", get_args(field.kind)), field.extra.get("suffix", "")
        self.combo = Combo([f"{str(option)[:1].upper()}{str(option)[1:]}{suffix}" for option in self.options])
        super().__init__(field, self.combo)
        self.combo.activated.connect(self._on_activated)

    def show_value(self, value: Any) -> None:
        self.combo.setCurrentIndex(self.options.index(value) if value in self.options else -1)

    def _on_activated(self, i: int) -> None:
        self.changed.emit(self.options[i], None)
