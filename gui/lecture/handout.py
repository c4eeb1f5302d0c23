"""The handout of a lecture as PDF: a page for each step with its panels and words, and the answers at the end.

The panels are drawn as vectors at the resolution of the screen: at another one their text would have another size.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEventLoop, QIODevice, QMarginsF, QPoint, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from engine.lecture.answers import Given, verdict
from engine.lecture.course import Course
from engine.lecture.lecture import Lecture, Step
from gui.lecture.mode import LectureMode
from gui.widgets.mathtext import svg

DPI = 96
MARGIN = 12.0  # millimetres
GAP = 8.0  # pixels between the parts of a page
LARGEST_FIGURE = 0.72  # of the height of the page
THIN = b'<path stroke="#000000" stroke-width="0.01" '  # Qt draws a path without a stroke with a wide one in a PDF
LONGEST_WAIT = 120_000  # milliseconds for the values of one step


class Handout:
    """Writes a lecture that is played in a window. `lecturer` adds notes and answers to each page."""

    def __init__(self, mode: LectureMode, *, lecturer: bool = False, builds: bool = False) -> None:
        self.mode, self.lecturer, self.builds = mode, lecturer, builds

    def pdf(self, lecture: Lecture, selection: str = "", report: Callable[[str], None] = lambda _: None) -> bytes:
        """Return the content of the PDF file. `report` hears of each page.

        Raises ValueError, in one sentence, if no step can be shown.
        """
        self.mode.open(lecture, selection)
        course = self.mode.player.course
        assert course is not None
        self.mode.show_tools(False)
        self.mode.desk.predict.revealed |= {step.id for step in course.steps}
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setTitle(lecture.head.title)
        writer.setCreator("Bayescape")
        writer.setResolution(DPI)
        page = QPageSize(QPageSize.PageSizeId.A4)
        margins = QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN)
        writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Landscape, margins, QPageLayout.Unit.Millimeter))
        painter = QPainter(writer)
        try:
            self._steps(course, Sheet(painter, writer), report)
        finally:
            painter.end()
            self.mode.player.leave()
        return bytes(content.data())

    def _steps(self, course: Course, sheet: Sheet, report: Callable[[str], None]) -> None:
        for index, step in enumerate(course.steps):
            report(f"{index + 1} of {len(course.steps)}: {step.title}")
            if step.id in course.unavailable:
                sheet.begin(f"{index + 1}  {step.title}", _slides(step))
                sheet.text(course.unavailable[step.id])
                continue
            self.mode.player.go(index, 0 if self.builds else -1)
            last = len(course.stages) - 1
            for build in range(last + 1) if self.builds else (last,):
                if build != course.build:
                    self.mode.player.forward()
                self._wait()
                self._page(sheet, index, step, f" ({build + 1} of {last + 1})" if self.builds and last else "")
        self._answers(course, sheet)

    def _page(self, sheet: Sheet, index: int, step: Step, at: str) -> None:
        sheet.begin(f"{index + 1}  {step.title}{at}", _slides(step))
        sheet.text(self.mode.player.text)
        sheet.equation(step.equation)
        after = [f"Try: {step.try_}" if step.try_ else "", f"Question: {step.question.ask}" if step.question else ""]
        if self.lecturer:
            after += [verdict(step.question, Given()) if step.question else "", step.notes]
        sheet.figure(self.mode.stack.view, [line for line in after if line])

    def _answers(self, course: Course, sheet: Sheet) -> None:
        sheet.begin("Answers", "")
        for index, step in enumerate(course.steps):
            if step.question and step.id not in course.unavailable:
                sheet.text(f"{index + 1}  {step.question.ask}  {verdict(step.question, Given())}")

    def _wait(self) -> None:
        """Wait until all values of the step are drawn."""
        loop, page = QEventLoop(), self.mode.stack.page
        QTimer.singleShot(50, loop, loop.quit)  # the docks get their sizes, and request values
        loop.exec()
        if not page.idle:
            page.settled.connect(loop.quit)
            QTimer.singleShot(LONGEST_WAIT, loop, loop.quit)
            loop.exec()
            page.settled.disconnect(loop.quit)


def _slides(step: Step) -> str:
    if not step.slides:
        return ""
    return f"slide{'s' if len(step.slides) > 1 else ''} {', '.join(map(str, step.slides))}"


class Sheet:
    """A page of the handout, which is filled from top to bottom. A text that does not fit begins a new page."""

    def __init__(self, painter: QPainter, writer: QPdfWriter) -> None:
        self.painter, self.writer = painter, writer
        self.size = QSizeF(writer.pageLayout().paintRectPixels(DPI).size())
        self.y = 0.0
        self.font = QFont("DejaVu Sans", 10)
        self._is_first = True

    def begin(self, title: str, right: str) -> None:
        """Begin a page with a title on the left and words on the right."""
        if not self._is_first:
            self.writer.newPage()
        self._is_first, self.y = False, 0.0
        head = QFont(self.font)
        head.setPointSizeF(15)
        head.setBold(True)
        self.painter.setPen(QColor("black"))
        self.painter.setFont(head)
        line = QRectF(0, 0, self.size.width(), QFontMetricsF(head, self.writer).height())
        self.painter.drawText(line, Qt.AlignmentFlag.AlignLeft, title)
        self.painter.setFont(self.font)
        self.painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)
        self.y = line.height() + GAP

    def text(self, text: str) -> None:
        """Write a paragraph."""
        document = self._document(text)
        if self.y + document.size().height() > self.size.height():
            self.begin("", "")
        self._draw(document)

    def _document(self, text: str) -> QTextDocument:
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(self.font)
        document.documentLayout().setPaintDevice(self.writer)
        document.setPlainText(text)
        document.setTextWidth(self.size.width())
        return document

    def _draw(self, document: QTextDocument) -> None:
        self.painter.save()
        self.painter.translate(0, self.y)
        document.drawContents(self.painter)
        self.painter.restore()
        self.y += document.size().height() + GAP

    def equation(self, latex: str) -> None:
        """Draw an equation as vectors; faulty LaTeX is left out, because the check of the lecture names it."""
        if not latex:
            return
        try:
            drawing = svg(latex, 19.0, "#000000").replace(b"<path ", THIN)
            renderer = QSvgRenderer(QByteArray(drawing))
        except Exception:
            return
        size = QSizeF(renderer.defaultSize())
        renderer.render(self.painter, QRectF(0, self.y, size.width(), size.height()))
        self.y += size.height() + GAP

    def figure(self, view: QWidget, after: list[str]) -> None:
        """Draw the panels as large as the page allows with the paragraphs `after` below."""
        documents = [self._document(text) for text in after]
        below = sum(document.size().height() + GAP for document in documents)
        room = min(self.size.height() - self.y - below, LARGEST_FIGURE * self.size.height())
        scale = max(0.2, min(self.size.width() / view.width(), room / view.height()))
        self.painter.save()
        self.painter.translate((self.size.width() - scale * view.width()) / 2, self.y)
        self.painter.scale(scale, scale)
        view.render(self.painter, QPoint())
        self.painter.restore()
        self.y += scale * view.height() + GAP
        for document in documents:
            self._draw(document)


def write(mode: LectureMode, lecture: Lecture, path: Path, *, lecturer: bool, builds: bool, selection: str) -> None:
    """Write the handout of a lecture to a file. Raises OSError or ValueError, each with one sentence."""
    from gui.shell.export import write_file

    write_file(path, Handout(mode, lecturer=lecturer, builds=builds).pdf(lecture, selection, print))
