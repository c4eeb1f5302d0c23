"""A figure of a whole page: its visible panels side by side, as on the screen, without those that are controls only."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from engine.caption import in_numbers
from engine.document import Document
from gui.figures.controls import pictures
from gui.figures.figure import Figure
from gui.figures.look import NARROWEST, Look, Units
from gui.figures.writing import Writing, figure_font
from gui.page.panel import Panel
from gui.shell import theme

GAP = 2.0  # mm between two panels
NOTHING = "No panel with a picture is visible on this page. Open one in the menu View."
TOO_NARROW = "At this width the panels are narrower than {} mm. Choose at least {} mm."


class PageFigure:
    """The figures of several panels, each at its place, with one caption."""

    def __init__(self, panels: Sequence[tuple[Panel, QRect]], document: Document, look: Look) -> None:
        """`panels` are the panels on the screen and their rectangles there, in pixels.

        Raises ValueError, in one sentence, if none has a picture, or if the width is too small for them.
        """
        shown = [(panel, rect) for panel, rect in panels if pictures(panel)]
        if not shown:
            raise ValueError(NOTHING)
        box = shown[0][1]
        for _, rect in shown:
            box = box.united(rect)
        per_pixel = look.width / box.width()
        if look.width < (least := _width_for(shown, box)):
            raise ValueError(TOO_NARROW.format(f"{NARROWEST:g}", f"{least:.0f}"))
        self.document, self.look, self.units = document, look, Units(look.points)
        tall = look.height / box.height() if look.height else per_pixel
        self._writing = Writing(figure_font(self.units), round(look.width * self.units.per_mm))
        self._height = box.height() * tall
        self.places = [((r.left() - box.left()) * per_pixel, (r.top() - box.top()) * tall) for _, r in shown]
        self.parts = [
            Figure(type(panel), document, _look_of(look, rect, per_pixel, tall), panel) for panel, rect in shown
        ]

    @property
    def _caption(self) -> list[str]:
        return self._writing.lines(in_numbers(self.document)) if self.look.caption else []

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height in millimetres."""
        return self.look.width, self._height + self._writing.height(len(self._caption)) / self.units.per_mm

    def paint(self, painter: QPainter, units_per_mm: float) -> None:
        """Draw the figure at the painter's origin, in units of which each millimetre has so many."""
        width, height = self.size_mm
        painter.save()
        painter.fillRect(0, 0, round(width * units_per_mm) + 1, round(height * units_per_mm) + 1, QColor("white"))
        for (x, y), part in zip(self.places, self.parts, strict=True):
            painter.save()
            painter.translate(x * units_per_mm, y * units_per_mm)
            part.paint(painter, units_per_mm)
            painter.restore()
        painter.translate(0, self._height * units_per_mm)
        painter.scale(units_per_mm / self.units.per_mm, units_per_mm / self.units.per_mm)
        with theme.printing(self._writing.font):
            self._writing.paint_lines(painter, 0, self._caption)
        painter.restore()

    def close(self) -> None:
        """Delete the panels of the figure."""
        for part in self.parts:
            part.close()


def _look_of(look: Look, rect: QRect, across: float, up: float) -> Look:
    """The look of one panel of a page."""
    width, height = rect.width() * across - GAP, max(rect.height() * up - GAP, 1.0)
    return replace(look, width=width, height=min(height, 400.0), caption=False)


def _width_for(shown: Sequence[tuple[Panel, QRect]], box: QRect) -> float:
    """The least width of the page, in mm, at which no panel is too narrow."""
    return (NARROWEST + GAP) * box.width() / min(rect.width() for _, rect in shown)
