"""The box with the glossary, and a line to look up a term."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from engine.glossary import Term, terms
from gui.widgets.controls import Line


class Glossary(QDialog):
    """Shows the terms whose name or meaning contains the text of the line."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Glossary")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.line, self.words = Line(), QTextBrowser()
        self.line.setPlaceholderText("Look up a term")
        self.line.setAccessibleName("Look up a term")
        self.line.textChanged.connect(self._on_typed)
        self.words.setAccessibleName("Terms and their meanings")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for part in (self.line, self.words, buttons):
            column.addWidget(part)
        metrics = self.fontMetrics()
        size = QSize(80 * metrics.averageCharWidth(), 30 * metrics.height())
        self.resize(size.boundedTo(parent.size() * 0.9))
        self._on_typed("")

    def _on_typed(self, text: str) -> None:
        words = text.lower().split()
        found = [term for term in terms() if all(word in f"{term.term} {term.meaning}".lower() for word in words)]
        self.words.setHtml(glossary_text(found) or f"<p>No term contains “{escape(text)}”.</p>")


def glossary_text(found: Iterable[Term]) -> str:
    """Terms as HTML, by section."""
    return "".join(
        f"<h3>{escape(section)}</h3>"
        + "".join(f"<p><b>{escape(term.term)}</b>: {escape(term.meaning)}</p>" for term in group)
        for section, group in groupby(found, key=lambda term: term.section)
    )
