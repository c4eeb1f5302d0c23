"""The text of a figure outside the panel: its title, legend and caption."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QApplication

from gui.figures.look import Units
from gui.shell import theme
from gui.widgets.elided import Span, Spans

SIDE = 2  # pixels left and right of the text
BETWEEN = 4  # pixels between two blocks of text
Rows = list[list[Span]]  # the lines of a legend; each has several entries of a colour and its meaning


def figure_font(units: Units) -> QFont:
    """The font of the program, in the size of the figure. Without hinting, letters have the same widths everywhere."""
    font = QFont(QApplication.font())
    font.setPixelSize(units.text)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


class Writing:
    """Text that is as wide as a figure. All lengths are in pixels of the layout."""

    def __init__(self, font: QFont, width: int) -> None:
        self.font, self.width = font, width
        self.bold = QFont(font)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self.metrics = QFontMetricsF(font)
        self.line = round(self.metrics.lineSpacing())

    def lines(self, text: str) -> list[str]:
        """A text as lines that fit the width, broken between words."""
        return self._wrapped(text, self.width - 2 * SIDE)

    def _wrapped(self, text: str, width: float) -> list[str]:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.metrics.horizontalAdvance(longer) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return [line for line in lines if line]

    def rows(self, blocks: Iterable[Spans]) -> Rows:
        """The lines of a legend, with as many entries as fit in each; each block begins a new line."""
        rows: Rows = []
        for entries in blocks:
            used = float(self.width)
            for role, text in self._short_enough(entries):
                wide = self._wide(role, text)
                if used + wide > self.width - 2 * SIDE:
                    rows.append([])
                    used = 0.0
                rows[-1].append((role, text))
                used += wide
        return rows

    def _short_enough(self, entries: Spans) -> Iterator[Span]:
        """Yield the entries; one that is wider than the figure becomes several, of which the first has the colour."""
        for role, text in entries:
            first, *others = self._wrapped(text, self.width - 2 * SIDE - 2 * self.metrics.ascent()) or [""]
            yield role, first
            yield from (("", other) for other in others)

    def _wide(self, role: Any, text: str) -> float:
        return self.metrics.horizontalAdvance(text) + self.metrics.ascent() * (2.0 if role else 1.0)

    def height(self, lines: int) -> int:
        """The height of a block of so many lines."""
        return self.line * lines + BETWEEN if lines else 0

    # The title

    def _formula_at(self, title: str, formula: str) -> float:
        """Where the formula begins: beside the title if it fits there; 0 for the left of the next line."""
        beside = QFontMetricsF(self.bold).horizontalAdvance(title) + 10
        fits = beside + self.metrics.horizontalAdvance(formula) <= self.width - 2 * SIDE
        return beside if fits else 0.0

    def title_height(self, title: str, formula: str) -> int:
        """The height of the title and of the formula beside or below it."""
        return self.height(1 if self._formula_at(title, formula) else 1 + len(self.lines(formula)))

    def paint_title(self, painter: QPainter, title: str, formula: str) -> None:
        """Draw the title in bold, and the formula beside or below it, at the painter's origin."""
        painter.setPen(theme.ink())
        painter.setFont(self.bold)
        self._write(painter, SIDE, 0, title)
        painter.setFont(self.font)
        if at := self._formula_at(title, formula):
            self._write(painter, SIDE + at, 0, formula)
        else:
            self.paint_lines(painter, self.line, self.lines(formula))

    # The other text

    def paint_rows(self, painter: QPainter, y: float, rows: Rows) -> None:
        """Draw a legend."""
        painter.setPen(theme.ink())
        painter.setFont(self.font)
        ascent = self.metrics.ascent()
        side = 0.55 * ascent
        for n, row in enumerate(rows):
            x, top = float(SIDE), y + n * self.line
            for role, text in row:
                if role:
                    painter.fillRect(QRectF(x, top + (self.line - side) / 2, side, side), _colour(role))
                self._write(painter, x + (ascent if role else 0), top, text)
                x += self._wide(role, text)

    def paint_lines(self, painter: QPainter, y: float, lines: list[str]) -> None:
        """Draw lines of text."""
        painter.setPen(theme.ink())
        painter.setFont(self.font)
        for n, text in enumerate(lines):
            self._write(painter, SIDE, y + n * self.line, text)

    def _write(self, painter: QPainter, x: float, y: float, text: str) -> None:
        painter.drawText(QRectF(x, y, 2 * self.width, self.line), Qt.AlignmentFlag.AlignVCenter, text)


def _colour(role: Any) -> QColor:
    return role if isinstance(role, QColor) else theme.role_colour(role)
