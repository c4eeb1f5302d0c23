"""A form on one line: editors of short fields side by side, each with its label."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel

from engine.part import Field
from gui.forms.editors import BoolEditor
from gui.forms.forms import Form, editor_for


class FormLine(Form):
    """The editors of fields with short values on one line. The reason for a refusal is shown below its field."""

    def __init__(self, kind: type, only: tuple[str, ...] = ()) -> None:
        self.line = QHBoxLayout()
        super().__init__(kind, only)
        self.rows.addRow(self.line)

    def _add(self, field: Field) -> None:
        editor, label = editor_for(field), QLabel(field.title)
        editor.changed.connect(self._on_changed)
        self.editors[field.name] = editor
        if isinstance(editor, BoolEditor):  # a check box shows its own title
            self.line.addWidget(editor)
            return
        label.setBuddy(editor.control)
        label.setToolTip(field.description)
        self.line.addWidget(label)
        self.line.addWidget(editor, 1)
