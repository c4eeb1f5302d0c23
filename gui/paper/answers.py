"""The answers to the questions of a lecture as a PDF file, set from their text in Markdown."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QUrl
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextCursor, QTextDocument, QTextFormat
from PySide6.QtWidgets import QApplication

POINTS, TITLE, HEADING = 10.0, 16.0, 11.5  # of the text, the title and the headings of the steps
ABOVE = 14.0  # pixels above a heading


class _Text(QTextDocument):
    """A document that loads no images: an answer must not read other files."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: N802
        """Load nothing."""
        return None


def answers_file(title: str, markdown: str) -> bytes:
    """The content of a PDF file with a text in Markdown on pages of A4, with their numbers."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator("Bayescape")
    size = QPageSize(QPageSize.PageSizeId.A4)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))  # Qt adds 20 mm itself
    _set(markdown).print_(writer)
    buffer.close()
    return bytes(content.data())


def _set(markdown: str) -> QTextDocument:
    """The document with the sizes of print: Qt's headings are twice as large as the text."""
    document, font = _Text(), QFont(QApplication.font())
    font.setPointSizeF(POINTS)
    document.setDefaultFont(font)
    document.setMarkdown(markdown, QTextDocument.MarkdownFeature.MarkdownNoHTML)
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        if level:
            cursor = QTextCursor(block)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            large = cursor.charFormat()
            large.clearProperty(QTextFormat.Property.FontSizeAdjustment)
            large.setFontPointSize(TITLE if level == 1 else HEADING)
            cursor.setCharFormat(large)
            space = block.blockFormat()
            space.setTopMargin(ABOVE if level > 1 else 0.0)
            cursor.setBlockFormat(space)
        block = block.next()
    return document
