"""Clipping of lines and outlines to a rectangle, for vector files, which do not clip by themselves."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

Columns = NDArray[np.float64]


def are_within(segments: Columns, box: QRectF) -> NDArray[np.bool_]:
    """Return for each of the segments (n, 4) of x, y, x, y whether all of it lies in the box, (n,)."""
    low, high = [box.left(), box.top()] * 2, [box.right(), box.bottom()] * 2
    return np.asarray(((segments >= low) & (segments <= high)).all(axis=1))


def segments_within(segments: Columns, box: QRectF) -> Columns:
    """Return the parts (m, 4) of the segments (n, 4) of x, y, x, y that lie in the box (Liang and Barsky 1984)."""
    start, step = segments[:, :2], segments[:, 2:] - segments[:, :2]
    low, high = np.array([box.left(), box.top()]), np.array([box.right(), box.bottom()])
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings = np.stack([(low - start) / step, (high - start) / step])
    moving = step != 0
    outside = ~moving & ((start < low) | (start > high))
    enter = np.where(moving, crossings.min(axis=0), 0.0).max(axis=1).clip(0)
    leave = np.where(moving, crossings.max(axis=0), 1.0).min(axis=1).clip(max=1)
    visible = (enter <= leave) & ~outside.any(axis=1)
    first, last = enter[visible, None], leave[visible, None]
    start, step = start[visible], step[visible]
    return np.hstack([start + first * step, start + last * step])


def stroke_within(path: QPainterPath, box: QRectF) -> QPainterPath:
    """Return the parts of the lines of `path` that lie in the box, to be drawn with a pen."""
    if path.isEmpty() or box.contains(path.boundingRect()):
        return path
    clipped, end = QPainterPath(), None
    for polygon in path.toSubpathPolygons():
        corners = _corners(polygon)
        for a, b, c, d in segments_within(np.hstack([corners[:-1], corners[1:]]), box).tolist():
            if end != (a, b):
                clipped.moveTo(a, b)
            clipped.lineTo(c, d)
            end = c, d
    return clipped


def fill_within(path: QPainterPath, box: QRectF) -> QPainterPath:
    """Return the part of the inside of `path` that lies in the box, for a brush (Sutherland and Hodgman 1974)."""
    if path.isEmpty() or box.contains(path.boundingRect()):
        return path
    clipped = QPainterPath()
    clipped.setFillRule(path.fillRule())
    for polygon in path.toSubpathPolygons():
        corners = _corners(polygon).tolist()
        for axis, bound, sign in ((0, box.left(), 1), (0, box.right(), -1), (1, box.top(), 1), (1, box.bottom(), -1)):
            corners = _cut(corners, axis, bound, sign)
        clipped.addPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        clipped.closeSubpath()
    return clipped


def _cut(corners: list[list[float]], axis: int, bound: float, sign: int) -> list[list[float]]:
    """Return the part of a polygon on the inner side of a bound."""
    kept = []
    for one, other in pairwise([*corners, *corners[:1]]):
        before, after = sign * (one[axis] - bound), sign * (other[axis] - bound)
        if before >= 0:
            kept.append(one)
        if before * after < 0:
            fraction = before / (before - after)
            kept.append([one[i] + fraction * (other[i] - one[i]) for i in (0, 1)])
    return kept


def _corners(polygon: QPolygonF) -> Columns:
    return np.array([(point.x(), point.y()) for point in polygon.toList()])
