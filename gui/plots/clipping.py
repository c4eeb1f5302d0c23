"""Clipping: of lines and outlines, only what lies in a rectangle; a vector file would keep, and show, the rest."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

Columns = NDArray[np.float64]


def are_within(segments: Columns, box: QRectF) -> NDArray[np.bool_]:
    """Which of segments (n, 4) from x, y to x, y lie in the box with all they are, (n,)."""
    low, high = [box.left(), box.top()] * 2, [box.right(), box.bottom()] * 2
    return np.asarray(((segments >= low) & (segments <= high)).all(axis=1))


def segments_within(segments: Columns, box: QRectF) -> Columns:
    """Of segments (n, 4) from x, y to x, y what lies in the box, (m, 4): Liang and Barsky's way."""
    start, step = segments[:, :2], segments[:, 2:] - segments[:, :2]
    low, high = np.array([box.left(), box.top()]), np.array([box.right(), box.bottom()])
    with np.errstate(divide="ignore", invalid="ignore"):
        ways = np.stack([(low - start) / step, (high - start) / step])
    along = step != 0
    beside = ~along & ((start < low) | (start > high))
    enter = np.where(along, ways.min(axis=0), 0.0).max(axis=1).clip(0)
    leave = np.where(along, ways.max(axis=0), 1.0).min(axis=1).clip(max=1)
    seen = (enter <= leave) & ~beside.any(axis=1)
    first, last = enter[seen, None], leave[seen, None]
    start, step = start[seen], step[seen]
    return np.hstack([start + first * step, start + last * step])


def stroke_within(path: QPainterPath, box: QRectF) -> QPainterPath:
    """Of the lines of `path` what lies in the box, for a pen."""
    if path.isEmpty() or box.contains(path.boundingRect()):
        return path
    made, at = QPainterPath(), None
    for polygon in path.toSubpathPolygons():
        corners = _corners(polygon)
        for a, b, c, d in segments_within(np.hstack([corners[:-1], corners[1:]]), box).tolist():
            if at != (a, b):
                made.moveTo(a, b)
            made.lineTo(c, d)
            at = c, d
    return made


def fill_within(path: QPainterPath, box: QRectF) -> QPainterPath:
    """Of the inside of `path` what lies in the box, for a brush: Sutherland and Hodgman's way."""
    if path.isEmpty() or box.contains(path.boundingRect()):
        return path
    made = QPainterPath()
    made.setFillRule(path.fillRule())
    for polygon in path.toSubpathPolygons():
        corners = _corners(polygon).tolist()
        for axis, bound, sign in ((0, box.left(), 1), (0, box.right(), -1), (1, box.top(), 1), (1, box.bottom(), -1)):
            corners = _cut(corners, axis, bound, sign)
        made.addPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        made.closeSubpath()
    return made


def _cut(corners: list[list[float]], axis: int, bound: float, sign: int) -> list[list[float]]:
    """A polygon without what lies on the wrong side of a bound."""
    made = []
    for one, other in pairwise([*corners, *corners[:1]]):
        before, after = sign * (one[axis] - bound), sign * (other[axis] - bound)
        if before >= 0:
            made.append(one)
        if before * after < 0:
            part = before / (before - after)
            made.append([one[i] + part * (other[i] - one[i]) for i in (0, 1)])
    return made


def _corners(polygon: QPolygonF) -> Columns:
    return np.array([(point.x(), point.y()) for point in polygon.toList()])
