"""Forms: the editors of all fields of a part, built from the declaration of the part."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec.structs import asdict, replace
from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QVBoxLayout, QWidget

from engine.part import Family, Field, Part, declared, title_of
from gui.forms.editors import (
    BoolEditor,
    ChoiceEditor,
    Editor,
    NumberEditor,
    NumbersEditor,
    TextEditor,
    Words,
)
from gui.widgets.controls import Combo

USUAL_LABEL = "Noise precision β"


class PartEditor(Editor):
    """The editor of a part within a part: the form of the part, and a combo box with the members of its family."""

    def __init__(self, field: Field) -> None:
        holder = QWidget()
        kinds = list(Family.every[field.kind]) if field.kind in Family.every else [field.kind]
        self.kinds = [kind for kind in kinds if not _has_required_field(kind)]  # `_remember` adds the others
        self.combo = Combo([title_of(kind) for kind in self.kinds])
        self.label = _Label(field.title)
        self.label.setBuddy(self.combo)
        self.label.setToolTip(field.description)
        self.combo.activated.connect(self._on_activated)
        self.latest: dict[type, Any] = {}  # the latest value of each class that has required fields
        self.forms: dict[type, Form] = {}  # the forms of the classes that have been chosen
        self.rows = QVBoxLayout(holder)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.choice = self._choice()
        self.rows.addLayout(self.choice)
        self._show_choice()
        super().__init__(field, holder)

    def _choice(self) -> QFormLayout:
        """Return the row with the combo box and its label."""
        row = QFormLayout()
        row.setSpacing(6)
        row.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        row.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        row.addRow(self.label, self.combo)
        return row

    def _show_choice(self) -> None:
        """Show the combo box and its label if there is more than one class to choose from."""
        for widget in (self.label, self.combo):
            widget.setVisible(len(self.kinds) > 1)

    def show_value(self, value: Any) -> None:
        self._remember(value)
        self.combo.setCurrentIndex(self.kinds.index(type(value)))
        for kind, form in self.forms.items():
            form.setVisible(kind is type(value))
        if type(value) not in self.forms:
            self._add(type(value))
        self.forms[type(value)].show_part(value)

    def _remember(self, value: Any) -> None:
        """Store a value whose class has required fields, so that the user can choose it again."""
        if not _has_required_field(type(value)):
            return
        if type(value) not in self.kinds:
            self.kinds.append(type(value))
            self.combo.addItem(title_of(type(value)))
            self._show_choice()
        self.latest[type(value)] = value

    def _add(self, kind: type[Part]) -> None:
        form = self.forms[kind] = Form(kind)
        form.reword(self.words)
        form.changed.connect(self._on_changed)
        self.rows.addWidget(form)

    def reword(self, words: Words) -> None:
        super().reword(words)
        self.combo.setAccessibleName(words(self.field.title))
        self.label.setText(words(self.field.title))
        for form in self.forms.values():
            form.reword(words)

    def _on_activated(self, i: int) -> None:
        kind = self.kinds[i]
        self.changed.emit(self.latest[kind] if _has_required_field(kind) else kind(), None)

    def _on_changed(self, part: Part, _: str, gesture: object) -> None:
        self.changed.emit(part, gesture)


def _has_required_field(kind: type) -> bool:
    """Whether a part has a field without a default, such as the name of a file."""
    return any(field.default is msgspec.NODEFAULT for field in declared(kind))


def _is_drawn(field: Field) -> bool:
    """Whether a field contains several parts, such as strokes, which are drawn and not typed."""
    kinds = get_args(field.kind) if get_origin(field.kind) is tuple else ()
    return any(isinstance(kind, type) and issubclass(kind, Part) for kind in kinds)


class _Label(QLabel):
    """A label with the width of a usual label, so that the fields of several forms are aligned."""

    def sizeHint(self) -> QSize:  # noqa: N802
        hint = super().sizeHint()
        return QSize(max(hint.width(), self.fontMetrics().horizontalAdvance(USUAL_LABEL)), hint.height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()


class Form(QWidget):
    """The editors of the fields of a part in order, or of the fields in `only`."""

    changed = Signal(object, str, object)  # the new part, the title of the changed field, the gesture

    def __init__(self, kind: type[Part], only: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.part: Part | None = None
        self.words: Words = str
        self.editors: dict[str, Editor] = {}
        self.rows = QFormLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(6)
        self.rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field in declared(kind):
            if (not only or field.name in only) and not _is_drawn(field):
                self._add(field)

    def _add(self, field: Field) -> None:
        editor = editor_for(field)
        editor.changed.connect(self._on_changed)
        self.editors[field.name] = editor
        if isinstance(editor, PartEditor):
            editor.combo.currentTextChanged.connect(self._on_text_changed)
        if isinstance(editor, BoolEditor | PartEditor):
            self.rows.addRow(editor)
        else:
            label = _Label(field.title)
            label.setBuddy(editor.control)
            label.setToolTip(field.description)
            self.rows.addRow(label, editor)

    def reword(self, words: Words) -> None:
        """Show all texts in another notation; `words` converts a text to it."""
        self.words = words
        for editor in self.editors.values():
            editor.reword(words)
            label = self.rows.labelForField(editor)
            if isinstance(label, QLabel):
                label.setText(words(editor.field.title))
                label.setToolTip(words(editor.field.description))

    def show_part(self, part: Part) -> None:
        """Show the part of the document."""
        if part is self.part:
            return
        self.part = part
        values = asdict(part)
        for name, editor in self.editors.items():
            editor.show_value(values[name])

    def show_rows(self, names: tuple[str, ...], shown: bool) -> None:
        """Show or hide the rows of the fields in `names`."""
        for name in names:
            self.rows.setRowVisible(self.editors[name], shown)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._on_text_changed()

    def _on_text_changed(self) -> None:
        QTimer.singleShot(0, self, self._relayout)

    def _relayout(self) -> None:
        """Lay out this form and the forms around it again. Otherwise a row that wraps now stays one line high."""
        widget: QWidget | None = self
        while widget is not None:
            if isinstance(widget, Form):
                for editor in widget.editors.values():
                    if isinstance(editor, PartEditor):
                        editor.choice.invalidate()
                widget.rows.invalidate()
            widget = widget.parentWidget()

    def _on_changed(self, value: Any, gesture: object) -> None:
        editor = self.sender()
        assert isinstance(editor, Editor) and self.part is not None
        try:
            part = replace(self.part, **{editor.field.name: value})
        except ValueError as refusal:
            editor.refuse(str(refusal))
        else:
            self.changed.emit(part, self.words(editor.field.title), gesture)


def editor_for(field: Field) -> Editor:
    """The editor for the type of a field."""
    if field.kind is bool:
        return BoolEditor(field)
    if field.kind in (int, float):
        return NumberEditor(field)
    if field.kind is str:
        return TextEditor(field)
    if get_origin(field.kind) is tuple:
        return NumbersEditor(field)
    if get_origin(field.kind) is Literal:
        return ChoiceEditor(field)
    return PartEditor(field)
