"""Lines in a plot: any number of lines as one layer, drawn with one or several pens, or filled.

Straight lines go to Qt as segments in pixels, because drawing a path takes twice as long. A filled band is drawn
without antialiasing; its edge is drawn with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

import numpy as np
import pyqtgraph as pg
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPen, QTransform

from gui.plots.clipping import are_within, fill_within, segments_within, stroke_within
from gui.plots.layer import Layer, scaling, sight_of
from gui.shell import theme

Columns = NDArray[np.float64]
Stroke = tuple[Columns, QPainterPath, tuple[QPen, ...]]
SINGLY = 3  # at most so many segments are given to Qt one by one
FAR = 1e8  # plot units; a line is interrupted where its value is NaN or beyond this


class Lines(Layer):
    """A layer of lines. Empty until one of the `show_…` methods. Pens have the same width in pixels at every zoom."""

    def __init__(self) -> None:
        super().__init__()
        self.x: Columns = np.empty(0)
        self.lines: Columns = np.empty((0, 0))
        self.path = QPainterPath()
        self.straight: Columns = np.empty((0, 4))  # segments of x, y, x, y
        self._pens: tuple[QPen, ...] = ()
        self._brush: QBrush | None = None

    def dress(self, *pens: QPen, brush: QBrush | None = None) -> None:
        """Set the pens of the lines, widest first, and the brush of their inside."""
        self._pens = tuple(scaling(pen) for pen in pens)
        self._brush = brush
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
        else:
            self.path = path_of(x, lines)
        self.changed()

    def show_line(self, x: Columns, line: Columns | None) -> None:
        """Draw one line (n,) over x (n,), or none. The same line over the same array x is not prepared again."""
        if line is not None and x is self.x and len(self.lines) == 1 and np.array_equal(line, self.lines[0]):
            return
        self.show_lines(x, np.empty((0, len(x))) if line is None else line[None, :])

    def show_outline(self, outline: Columns | None) -> None:
        """Draw the closed outline (n, 2) of a region, or segments (n, 4) from (x, y) to (x, y), or none."""
        if outline is None and self.path.isEmpty() and not len(self.straight):
            return
        self.x = np.empty(0)
        self.straight, self.path = self.straight[:0], QPainterPath()
        if outline is not None and outline.shape[1] == 4:
            self.straight = outline
        elif outline is not None and self._brush is None:
            self.straight = np.column_stack([outline[:-1], outline[1:]])
        elif outline is not None:
            self.path = pg.arrayToQPath(*np.ascontiguousarray(outline.T))
        self.changed()

    def curves(self) -> list[tuple[Columns, Columns]]:
        """Return x (n,) and y (n,) of each line, outline or segment, in plot units."""
        if len(self.straight):
            return [(ends[0::2], ends[1::2]) for ends in self.straight]
        polygons = (polygon.toList() for polygon in self.path.toSubpathPolygons())
        points = [np.array([(point.x(), point.y()) for point in polygon]) for polygon in polygons]
        return [(places[:, 0], places[:, 1]) for places in points]

    @property
    def is_empty(self) -> bool:
        return not len(self.straight) and self.path.isEmpty()

    def paint(self, painter: QPainter, transform: QTransform) -> None:
        # Qt draws lines in pixels several times as fast as lines under a transformation, and faster than paths.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = np.array((transform.m11(), transform.m22()))
        shift = np.array((transform.dx(), transform.dy()))
        segments = (self.straight.reshape(-1, 2, 2) * scale + shift).reshape(-1, 4)
        for ends, curved, pens in self._strokes(segments):
            path = curved if curved.isEmpty() else transform.map(curved)
            if theme.is_printing():
                self._draw_within(sight_of(painter, 0), painter, ends, path, pens)
            else:
                self._draw(painter, self._needed(ends), path, path, pens)

    def _strokes(self, segments: Columns) -> Iterator[Stroke]:
        """For each group of lines: which of the segments (n, 4), in pixels; its path, in plot units; its pens."""
        yield segments, self.path, self._pens

    def _needed(self, ends: Columns) -> Columns:
        """The segments (n, 4), in pixels, that are needed on the screen."""
        return ends

    def _draw_within(
        self, box: QRectF, painter: QPainter, ends: Columns, path: QPainterPath, pens: tuple[QPen, ...]
    ) -> None:
        """Draw the parts that lie in the box. Lines that are cut end at the box, without a cap beyond it."""
        whole, stroke, flat = are_within(ends, box), stroke_within(path, box), tuple(map(_ending_flat, pens))
        self._draw(painter, segments_within(ends[~whole], box), QPainterPath(), QPainterPath(), flat)
        self._draw(painter, ends[whole], stroke, fill_within(path, box), pens if stroke is path else flat)

    def _draw(
        self, painter: QPainter, ends: Columns, stroke: QPainterPath, inside: QPainterPath, pens: tuple[QPen, ...]
    ) -> None:
        if len(ends) > SINGLY:
            ends = np.ascontiguousarray(ends, np.float64)  # Qt reads four numbers for each segment, without copies
            segments: tuple[Any, ...] = shiboken6.wrapInstance(ends.ctypes.data, QLineF), len(ends)
        else:
            segments = ([QLineF(*each) for each in ends.tolist()],)
        if self._brush is not None and not inside.isEmpty():
            painter.setRenderHint(
                QPainter.RenderHint.Antialiasing, False
            )  # eight times as fast; a pen smooths the edge
            painter.fillPath(inside, self._brush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in pens:
            painter.setPen(pen)
            if len(ends):
                painter.drawLines(*segments)
            elif not stroke.isEmpty():
                painter.drawPath(stroke)


def path_of(x: Columns, lines: Columns) -> QPainterPath:
    """Return the path of `lines` (m, n) over x (n,), interrupted where a value is NaN or beyond FAR."""
    if not lines.size:
        return QPainterPath()
    drawable = np.abs(lines) < FAR
    joined = np.zeros(lines.shape, np.int32)
    joined[:, :-1] = drawable[:, :-1] & drawable[:, 1:]
    values = np.where(drawable, lines, 0.0)
    path: QPainterPath = pg.arrayToQPath(np.tile(x, len(lines)), values.ravel(), connect=joined.ravel())
    return path


def _ending_flat(pen: QPen) -> QPen:
    """Return the pen without the cap that reaches beyond the end of a line."""
    flat = QPen(pen)
    flat.setCapStyle(Qt.PenCapStyle.FlatCap)
    return flat


def _are_straight(x: Columns, lines: Columns) -> bool:
    """Return whether each of `lines` (m, n) over x (n,) is straight."""
    if lines.size < 3 or x[0] == x[-1]:
        return False
    largest = float(np.abs(lines).max())
    if not isfinite(largest):
        return False
    start, end = lines[:, :1], lines[:, -1:]
    chord = start + (end - start) * ((x - x[0]) / (x[-1] - x[0]))
    return bool(np.abs(chord - lines).max() <= 1e-9 * (1 + largest))
