"""The leaf: a page of a handout, with a heading, text in a column, drawings, and a foot."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
    QTextDocument,
    QTextOption,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from gui.figures.files import Drawing
from gui.figures.look import DOTS, INCH
from gui.widgets.mathtext import svg

MM = DOTS / INCH  # units of the painter in a millimetre
WIDTH, HEIGHT = 297.0, 210.0  # mm, A4 landscape
MARGIN, TOP, FOOT = 15.0, 13.0, 10.0  # mm
TEXT, SMALL, TITLE = 10.0, 8.0, 15.0  # points
EQUATION = 12.0  # points
BETWEEN = 2.6  # mm between two paragraphs
GREY = QColor("#595959")
THIN = b'<path stroke="#000000" stroke-width="0.01" '  # Qt draws a path without a stroke with a wide one in a PDF


class Leaf:
    """Writes the pages of a PDF file from top to bottom. All lengths are in mm."""

    def __init__(self, title: str, foot: str) -> None:
        self.foot, self.number, self.y = foot, 0, 0.0
        self._content = QByteArray()
        self._buffer = QBuffer(self._content)
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.writer = QPdfWriter(self._buffer)
        self.writer.setTitle(title)
        self.writer.setCreator("Bayescape")
        self.writer.setResolution(DOTS)
        size = QPageSize(QPageSize.PageSizeId.A4)
        self.writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Landscape, QMarginsF()))
        self.painter = QPainter(self.writer)
        self.painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # else images are stored as JPEG
        self.font = QFont(QApplication.font())
        self.font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)

    def content(self) -> bytes:
        """End the file and return its content."""
        self.end()
        return bytes(self._content.data())

    def end(self) -> None:
        """End the file."""
        if self.painter.isActive():
            self.painter.end()

    @property
    def bottom(self) -> float:
        """The lower edge of what a page may contain."""
        return HEIGHT - TOP - FOOT

    def begin(self, title: str, right: str = "") -> None:
        """Begin a page with a title on the left and small words on the right."""
        if self.number:
            self.writer.newPage()
        self.number += 1
        wide = WIDTH - 2 * MARGIN
        small = 0.45 * wide if right else 0.0
        high = self.line(title, MARGIN, TOP, wide - small, TITLE, bold=True)
        if right:
            place = MARGIN + wide - small
            self.line(right, place, TOP + 1.2, small, SMALL, colour=GREY, align=Qt.AlignmentFlag.AlignRight)
        self.rule(TOP + high + 1.0)
        self.y = TOP + high + 5.0
        last = HEIGHT - TOP
        self.line(self.foot, MARGIN, last, wide, SMALL, colour=GREY)
        self.line(str(self.number), MARGIN, last, wide, SMALL, colour=GREY, align=Qt.AlignmentFlag.AlignRight)

    def rule(self, y: float) -> None:
        """Draw a thin line over the width of the page."""
        self.painter.setPen(QPen(GREY, 0.5))
        self.painter.drawLine(round(MARGIN * MM), round(y * MM), round((WIDTH - MARGIN) * MM), round(y * MM))

    def _font(self, points: float, *, bold: bool = False) -> QFont:
        font = QFont(self.font)
        font.setPixelSize(round(points * DOTS / 72))
        font.setBold(bold)
        return font

    def line(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        points: float,
        *,
        bold: bool = False,
        colour: QColor | None = None,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> float:
        """Write one line, smaller if it is too long; return its height."""
        font = self._font(points, bold=bold)
        wide = QFontMetricsF(font).horizontalAdvance(text)
        if wide > width * MM:
            font.setPixelSize(max(round(font.pixelSize() * width * MM / wide), 9))
        high = QFontMetricsF(self._font(points, bold=bold)).height()
        self.painter.setFont(font)
        self.painter.setPen(colour or QColor("black"))
        self.painter.drawText(QRectF(x * MM, y * MM, width * MM, high), align | Qt.AlignmentFlag.AlignVCenter, text)
        return high / MM

    # A column of text

    def paragraph(self, text: str, width: float, *, points: float = TEXT, colour: str = "#000000") -> QTextDocument:
        """A paragraph of plain text; its words before the first tab are bold."""
        document = QTextDocument()
        document.setDocumentMargin(0)
        font = self._font(points)
        document.setDefaultFont(font)
        document.documentLayout().setPaintDevice(self.writer)
        head, _, rest = text.rpartition("\t")
        document.setHtml(f'<p style="color:{colour}">{_bold(head)}{_escaped(rest)}</p>')
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        document.setDefaultTextOption(option)
        document.setTextWidth(width * MM)
        return document

    def height_of(self, document: QTextDocument) -> float:
        """The height of a paragraph."""
        return document.size().height() / MM

    def write(self, document: QTextDocument, x: float, y: float) -> float:
        """Draw a paragraph; return where the next one begins."""
        self.painter.save()
        self.painter.translate(x * MM, y * MM)
        document.drawContents(self.painter)
        self.painter.restore()
        return y + self.height_of(document) + BETWEEN

    def equation(self, latex: str, x: float, y: float, width: float) -> float:
        """Draw an equation as vectors, smaller if it is too wide; return where the next paragraph begins.

        Faulty LaTeX is left out, because the check of the lecture names it.
        """
        try:
            drawing = svg(latex, EQUATION * DOTS / 72, "#000000").replace(b"<path ", THIN)
            renderer = QSvgRenderer(QByteArray(drawing))
        except Exception:
            return y
        size = QSizeF(renderer.defaultSize())
        scale = min(1.0, width * MM / size.width()) if size.width() else 1.0
        renderer.render(self.painter, QRectF(x * MM, y * MM, scale * size.width(), scale * size.height()))
        return y + scale * size.height() / MM + BETWEEN

    def draw(self, drawing: Drawing, x: float, y: float, scale: float = 1.0) -> None:
        """Draw a figure."""
        self.painter.save()
        self.painter.translate(x * MM, y * MM)
        self.painter.scale(scale, scale)
        drawing.paint(self.painter, MM)
        self.painter.restore()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


def _bold(text: str) -> str:
    return f"<b>{_escaped(text)}</b> " if text else ""
