"""Lines in a plot: any number of them as one path, stroked with one pen or with several, or filled."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPen, QTransform

from gui.plots.clipping import are_within, fill_within, segments_within, stroke_within
from gui.plots.layer import Layer, is_vector, scaling, sight_of

Columns = NDArray[np.float64]
FAR = 1e8  # a line that has no value, or one beyond this, is interrupted


class Lines(Layer):
    """Empty until told what to show. The widths of pens are pixels at every zoom."""

    def __init__(self) -> None:
        super().__init__()
        self.x: Columns = np.empty(0)
        self.lines: Columns = np.empty((0, 0))
        self.path = QPainterPath()
        self.straight: Columns = np.empty((0, 4))  # from x, y to x, y
        self._pens: tuple[QPen, ...] = ()
        self._brush = QBrush(Qt.BrushStyle.NoBrush)

    def dress(self, *pens: QPen, brush: QBrush | None = None) -> None:
        """What the path is stroked with, widest first, and filled with."""
        self._pens = tuple(scaling(pen) for pen in pens)
        self._brush = brush or QBrush(Qt.BrushStyle.NoBrush)
        self.changed()

    def show_lines(self, x: Columns, lines: Columns) -> None:
        """Draw `lines` (m, n), each over x (n,)."""
        if not len(lines) and not len(self.lines):
            return
        self.x, self.lines = x, lines
        self.straight, self.path = self.straight[:0], QPainterPath()
        if _are_straight(x, lines):
            ends = np.broadcast_to([x[0], 0, x[-1], 0], (len(lines), 4))
            self.straight = ends + np.column_stack([lines[:, 0], lines[:, -1]])[:, [0, 0, 1, 1]] * [0, 1, 0, 1]
        elif lines.size:
            there = np.abs(lines) < FAR
            joined = np.zeros(lines.shape, np.int32)
            joined[:, :-1] = there[:, :-1] & there[:, 1:]
            seen = np.where(there, lines, 0.0)
            self.path = pg.arrayToQPath(np.tile(x, len(lines)), seen.ravel(), connect=joined.ravel())
        self.changed()

    def show_line(self, x: Columns, line: Columns | None) -> None:
        """Draw one line (n,) over x (n,), or none."""
        self.show_lines(x, np.empty((0, len(x))) if line is None else line[None, :])

    def show_outline(self, outline: Columns | None) -> None:
        """Draw the closed outline (n, 2) of a region, or segments (n, 4) from (x, y) to (x, y), or none."""
        if outline is None and self.path.isEmpty() and not len(self.straight):
            return
        self.straight, self.path = self.straight[:0], QPainterPath()
        if outline is not None and outline.shape[1] == 4:
            self.straight = outline
        elif outline is not None and self._brush.style() == Qt.BrushStyle.NoBrush:
            self.straight = np.column_stack([outline[:-1], outline[1:]])
        elif outline is not None:
            self.path = pg.arrayToQPath(*np.ascontiguousarray(outline.T))
        self.changed()

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        if self.path.isEmpty() and not len(self.straight):
            return
        # Qt draws lines several times as fast in pixels as under a transformation, and faster than paths.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale, shift = (transform.m11(), transform.m22()) * 2, (transform.dx(), transform.dy()) * 2
        ends, path = self.straight * scale + shift, transform.map(self.path)
        if is_vector(painter):
            self._draw_within(sight_of(painter, 0), painter, ends, path)
        else:
            self._draw(painter, ends, path, path, self._pens)

    def _draw_within(self, box: QRectF, painter: QPainter, ends: Columns, path: QPainterPath) -> None:
        """Only what lies in the box. Cut lines end there, and not half a pen beyond."""
        whole, stroke, flat = are_within(ends, box), stroke_within(path, box), tuple(map(_ending_flat, self._pens))
        self._draw(painter, segments_within(ends[~whole], box), QPainterPath(), QPainterPath(), flat)
        pens = self._pens if stroke is path else flat
        self._draw(painter, ends[whole], stroke, fill_within(path, box), pens)

    def _draw(
        self, painter: QPainter, ends: Columns, stroke: QPainterPath, inside: QPainterPath, pens: tuple[QPen, ...]
    ) -> None:
        straight = [QLineF(*each) for each in ends.tolist()]
        if self._brush.style() != Qt.BrushStyle.NoBrush and not inside.isEmpty():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # eight times as fast; a pen smooths it
            painter.fillPath(inside, self._brush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in pens:
            painter.setPen(pen)
            if straight:
                painter.drawLines(straight)
            elif not stroke.isEmpty():
                painter.drawPath(stroke)


def _ending_flat(pen: QPen) -> QPen:
    """The same pen, without the cap that reaches beyond the end of a line."""
    made = QPen(pen)
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    return made


def _are_straight(x: Columns, lines: Columns) -> bool:
    """Whether each of `lines` (m, n) over x (n,) is its own chord."""
    if lines.size < 3 or x[0] == x[-1] or not np.isfinite(lines).all():
        return False
    start, end = lines[:, :1], lines[:, -1:]
    chord = start + (end - start) * ((x - x[0]) / (x[-1] - x[0]))
    return bool(np.abs(lines - chord).max() <= 1e-9 * (1 + np.abs(lines).max()))
