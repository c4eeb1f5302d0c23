"""A grid of figures: panels in rows of equal height, with words above the columns and beside the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QTableView

from engine.document import Document
from engine.plane import Viewport
from gui.figures.figure import Figure
from gui.figures.look import Look, Units
from gui.figures.writing import Rows, Writing, figure_font
from gui.page.panel import Panel
from gui.page.plot_panel import PlotPanel
from gui.paper.work import Wishes, completed
from gui.shell import theme

GAP = 3.0  # mm between two figures
SIDE = 5.0  # mm for the words beside a row
Strokes = Sequence[Sequence[tuple[float, float]]]
EXACT = 0.3  # mm, a smaller lack of height is none
SMALLEST = 0.65  # of its height that a row keeps when others grow
LEAST = 0.75  # of the size of the text
PEN = 2.0  # pixels of a stroke of the pen


@dataclass(frozen=True)
class Cell:
    """A figure that a grid shows: a panel, its document, its viewport, and strokes of the pen over it.

    `head` stands above it in place of the panel's formula.
    """

    kind: type[Panel]
    document: Document
    region: Viewport | None = None
    head: str = ""
    strokes: Strokes = ()
    like: Panel | None = None


@dataclass(frozen=True)
class Row:
    """A row of a grid: its cells, of which None is empty, its height in mm, and the words beside it and above it."""

    cells: tuple[Cell | None, ...]
    height: float
    beside: str = ""
    above: str = ""


@dataclass(frozen=True)
class Style:
    """The look of a grid: its text, and what stands above each figure.

    `heads` are the titles of the columns. `title` is for the titles of the panels, `formulas` for their formulas alone.
    `legend` is for one legend of all figures, below them. `lines` is for the lines of text of the panels.
    """

    points: float = 8.0
    title: bool = False
    formulas: bool = False
    legend: bool = False
    lines: bool = True
    heads: tuple[str, ...] = ()
    caption: str = ""


class Grid:
    """A drawing of rows of figures. Iterate `complete` before it is drawn."""

    def __init__(self, rows: Sequence[Row], width: float, style: Style, most: float = 0.0) -> None:
        """`width` is in mm. Each row divides it equally. Rows with long tables grow up to the height `most` of all."""
        self.rows, self.width, self.style, self.most = tuple(rows), width, style, most
        self.heights = [row.height for row in self.rows]
        self.units = Units(style.points)
        self.font = figure_font(self.units)
        self.writing = Writing(self.font, round(width * self.units.per_mm))
        self.left = SIDE if any(row.beside for row in rows) else 0.0
        self.figures = [[self._figure(cell, row) for cell in row.cells] for row in self.rows]

    @property
    def parts(self) -> list[Figure]:
        """The figures that are not empty."""
        return [figure for row in self.figures for figure in row if figure is not None]

    def _figure(self, cell: Cell | None, row: Row) -> Figure | None:
        if cell is None:
            return None
        style, n = self.style, len(row.cells)
        width = (self.width - self.left - GAP * (n - 1)) / n
        look = Look(width, row.height, style.points, title=style.title, legend=False)
        figure = Figure(cell.kind, cell.document, look, cell.like, cell.region)
        figure.has_lines = style.lines
        for table in figure.panel.findChildren(QTableView):
            line = QFontMetrics(self.font).height() + 1  # without the room that a finger or a pointer needs
            table.verticalHeader().setMinimumSectionSize(line)
            table.verticalHeader().setDefaultSectionSize(line)
        return figure

    def complete(self) -> Wishes:
        """Compute all values. Raises ValueError, in one sentence, if one cannot be computed."""
        return completed(self.parts, self._align)

    def _align(self) -> None:
        """Let the plots of a row begin and end at the same heights, and tables show all of their rows."""
        self._align_rows(may_shrink=False)
        self._share()  # what a panel lacks is known when the words above and below it have their heights
        self._align_rows(may_shrink=True)

    def _align_rows(self, *, may_shrink: bool) -> None:
        for row, height in zip(self.figures, self.heights, strict=True):
            parts = [figure for figure in row if figure is not None]
            above = max((part.above for part in parts), default=0)
            below = max((part.below for part in parts), default=0)
            for figure in parts:
                figure.align(above, below, height, may_shrink=may_shrink)

    def _share(self) -> None:
        """Let the rows whose tables lack height grow: first into the free height, then at the cost of the others."""
        lacks = [max((figure.lack for figure in row if figure is not None), default=0.0) for row in self.figures]
        lacking = [lack > EXACT for lack in lacks]
        if not any(lacking) or not self.most:
            return
        free = max(self.most - self.size_mm[1], 0.0)
        spare = [
            0.0 if is_short else max(height - SMALLEST * row.height, 0.0)
            for is_short, height, row in zip(lacking, self.heights, self.rows, strict=True)
        ]
        given = min(sum(lacks), free + sum(spare))
        taken = max(given - free, 0.0) / sum(spare) if sum(spare) else 0.0
        for n, (lack, more) in enumerate(zip(lacks, spare, strict=True)):
            self.heights[n] += given * lack / sum(lacks) if lacking[n] else -taken * more

    # Measures, in mm

    def _lines(self, text: str) -> list[str]:
        return self.writing.lines(text) if text else []

    def _of_lines(self, count: int) -> float:
        return self.writing.height(count) / self.units.per_mm

    def _above(self, row: Row) -> float:
        return self._of_lines(len(self._lines(row.above))) + (self._of_lines(1) if self.style.formulas else 0.0)

    def _legend(self) -> Rows:
        """The legend of all figures: each entry once."""
        if not self.style.legend:
            return []
        parts = [part for part in self.parts if not notice_of(part)]
        entries = [entry for part in parts for entry in part.panel.legend_entries()]
        once = [entry for i, entry in enumerate(entries) if entry not in entries[:i]]  # a QColor has no hash
        return self.writing.rows([once])

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height in millimetres."""
        rows = sum(map(self._above, self.rows)) + sum(self.heights) + GAP * (len(self.rows) - 1)
        heads = self._of_lines(bool(self.style.heads))
        below = self._of_lines(len(self._legend())) + self._of_lines(len(self._lines(self.style.caption)))
        return self.width, heads + rows + (GAP / 2 + below if below else 0.0)

    # Drawing

    def paint(self, painter: QPainter, units_per_mm: float) -> None:
        """Draw the grid at the painter's origin, in units of which each millimetre has so many."""
        painter.save()
        with theme.printing(self.font):
            y = self._paint_heads(painter, units_per_mm)
            for n in range(len(self.rows)):
                y = self._paint_row(painter, units_per_mm, y, n)
            legend = self._legend()
            self._write(painter, units_per_mm, y - GAP / 2, self._lines(self.style.caption), legend)
        painter.restore()

    def _paint_heads(self, painter: QPainter, scale: float) -> float:
        heads = self.style.heads
        width = (self.width - self.left + GAP) / max(len(heads), 1)
        for n, text in enumerate(heads):
            place = QRectF(self.left + n * width, 0, width - GAP, self._of_lines(1))
            figure = next((row[n] for row in self.figures if row[n] is not None), None)
            self._centred(painter, scale, place, text, figure, bold=True)
        return self._of_lines(1) if heads else 0.0

    def _paint_row(self, painter: QPainter, scale: float, y: float, number: int) -> float:
        """Draw a row; return where the next one begins."""
        row, figures, height = self.rows[number], self.figures[number], self.heights[number]
        above = self._lines(row.above)
        self._write(painter, scale, y, above)
        top = y + self._above(row)
        width = (self.width - self.left + GAP) / len(figures)
        if row.beside:
            painter.save()
            painter.translate(0, (top + height) * scale)
            painter.rotate(-90)
            self._centred(painter, scale, QRectF(0, 0, height, SIDE), row.beside, bold=True)
            painter.restore()
        for n, (figure, cell) in enumerate(zip(figures, row.cells, strict=True)):
            if figure is None or cell is None:
                continue
            x = self.left + n * width
            if self.style.formulas:
                place = QRectF(x, top - self._of_lines(1), width - GAP, self._of_lines(1))
                self._centred(painter, scale, place, cell.head or figure.title_formula, figure)
            painter.save()
            painter.translate(x * scale, top * scale)
            if words := notice_of(figure):
                self._paint_notice(painter, scale, figure, words)
            else:
                figure.paint(painter, scale)
                _paint_strokes(painter, figure, cell.strokes, scale)
            painter.restore()
        return top + height + GAP

    def _write(self, painter: QPainter, scale: float, y: float, lines: list[str], legend: Rows | None = None) -> None:
        """Write a legend and lines over the whole width."""
        painter.save()
        painter.translate(0, y * scale)
        painter.scale(scale / self.units.per_mm, scale / self.units.per_mm)
        self.writing.paint_rows(painter, 0, legend or [])
        self.writing.paint_lines(painter, self.writing.height(len(legend or [])), lines)
        painter.restore()

    def _centred(
        self,
        painter: QPainter,
        scale: float,
        place: QRectF,
        text: str,
        figure: Figure | None = None,
        *,
        bold: bool = False,
    ) -> None:
        """Write a text in the middle of a rectangle, whose lengths are in mm, or over the axes of the figure there.

        A text that is too wide becomes smaller; one that would become too small is left out.
        """
        per_mm, font = self.units.per_mm, self.writing.bold if bold else self.font
        wide = QFontMetricsF(font).horizontalAdvance(text) / per_mm
        if wide <= _inside(figure, place).width():
            place = _inside(figure, place)
        shrink = min(1.0, place.width() / wide) if wide else 1.0
        if shrink < LEAST:
            return
        painter.save()
        painter.setPen(theme.ink())
        painter.setFont(font)
        painter.translate(place.center() * scale)
        painter.scale(scale * shrink / per_mm, scale * shrink / per_mm)
        painter.drawText(QRectF(-1000, -1000, 2000, 2000), Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def _paint_notice(self, painter: QPainter, scale: float, figure: Figure, words: str) -> None:
        """Write the sentence of a panel that has nothing to show, in place of its axes."""
        painter.save()
        painter.scale(scale / self.units.per_mm, scale / self.units.per_mm)
        if self.style.title:
            self.writing.paint_title(painter, figure.kind.title, figure.title_formula)
        painter.setPen(theme.faded(theme.ink(), 0.65))
        painter.setFont(self.font)
        place = QRectF(0, figure.above, figure.width, figure.height - figure.above)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)
        painter.restore()

    def close(self) -> None:
        """Delete the panels."""
        for figure in self.parts:
            figure.close()


def notice_of(figure: Figure) -> str:
    """The sentence that a panel shows in place of a plot; empty if it shows its plot."""
    panel = figure.panel
    if not isinstance(panel, PlotPanel) or panel.notice.isHidden():
        return ""
    return panel.notice.text()


def _inside(figure: Figure | None, place: QRectF) -> QRectF:
    """The part of a place, in mm, that is above the axes of a figure: without the labels on the left."""
    if figure is None or not isinstance(figure.panel, PlotPanel):
        return place
    return place.adjusted(figure.panel.plot.area.left() * figure.look.width / figure.width, 0, 0, 0)


def _paint_strokes(painter: QPainter, figure: Figure, strokes: Strokes, scale: float) -> None:
    """Draw the strokes of the pen at their places in the plot; a panel without a plot has shares of its sides."""
    if not strokes:
        return
    painter.save()
    figure.enter_panel(painter, scale)
    panel = figure.panel
    plot = panel.plot if isinstance(panel, PlotPanel) else None
    if plot is not None:
        painter.setClipRect(QRectF(QPointF(plot.mapTo(panel, plot.area.topLeft())), plot.area.size()))
    pen = QPen(QColor(theme.role_colour("truth")), PEN)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    for stroke in strokes:
        if plot is None:
            pixels = [QPointF(x * panel.width(), y * panel.height()) for x, y in stroke]
        else:
            pixels = [QPointF(plot.mapTo(panel, plot.pixel_of(x, y))) for x, y in stroke]
        painter.drawPolyline(pixels if len(pixels) > 1 else 2 * pixels)
    painter.restore()
