"""A form on one line: editors of short fields side by side, each with its label; it wraps where it is narrow."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.part import Field
from gui.forms.editors import BoolEditor
from gui.forms.forms import Form, editor_for
from gui.widgets.rows.flow import Flow


class FormLine(Form):
    """The editors of fields with short values on one line. The reason for a refusal is shown below its field."""

    def __init__(self, kind: type, only: tuple[str, ...] = ()) -> None:
        self.line = Flow()
        super().__init__(kind, only)
        self.rows.addRow(self.line)

    def _add(self, field: Field) -> None:
        editor, label = editor_for(field), QLabel(field.title)
        editor.changed.connect(self._on_changed)
        self.editors[field.name] = editor
        if isinstance(editor, BoolEditor):  # a check box shows its own title
            self.line.put(editor)
            return
        label.setBuddy(editor.control)
        label.setToolTip(field.description)
        pair = QWidget()
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label)
        row.addWidget(editor, 1)
        self.line.put(pair, 1)
