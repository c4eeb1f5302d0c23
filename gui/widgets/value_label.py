"""A label that shows a value. Screen readers read its name and the value, since a name alone would hide the value."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel


class ValueLabel(QLabel):
    """A label with a name that is not visible in it, such as the name of the row of a table."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__()
        self.name = name
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802
        super().setText(text)
        self.setAccessibleName(f"{self.name}: {text}" if text else self.name)
