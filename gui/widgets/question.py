"""A question about files from elsewhere, in a box that names the files and is answered with Yes or No."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.files import quoted

LISTED = 8  # paths
YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No


def ask(parent: QWidget, title: str, text: str, agreed: Callable[[], None], paths: Sequence[str] = ()) -> None:
    """Show a question in plain text with a list of paths, and call `agreed` if the answer is Yes.

    The function returns before the answer, so that a window that closes, or a screenshot, never waits for the answer.
    """
    lines = [quoted(path) for path in paths[:LISTED]]
    if len(paths) > LISTED:
        lines.append(f"and {len(paths) - LISTED:,} more")
    box = QMessageBox(QMessageBox.Icon.Question, title, "", YES | NO, parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText("\n".join([text, *(["", *lines] if lines else [])]))
    box.setDefaultButton(NO)
    box.setEscapeButton(NO)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.accepted.connect(agreed)
    box.open()
