"""Tooltips with text from outside, such as the name of a file or of a class."""

from __future__ import annotations

from PySide6.QtGui import Qt


def plain_tip(text: str) -> str:
    """Return the text of a tooltip that Qt shows as it is written, although Qt would take it for rich text."""
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text
