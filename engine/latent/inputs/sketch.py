"""The sketch: strokes of a pen on a square drawing surface, and the image of it for a model.

A sketch is a list of strokes, not pixels; it is scaled and centred for each model. With each new point of the pen only
the last segment of the last stroke is rasterised again.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Annotated

import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.latent.datasets.data_set import DataSet
from engine.latent.inputs.centring import Pixels, centred, resized
from engine.latent.inputs.input import INPUTS, Input, Shape, is_light
from engine.latent.inputs.stroke import Point, Stroke, begun, gone_on, half_width
from engine.part import Part

GRID = 192  # pixels on a side of the drawing surface, before it is reduced to the model's image
PIECE = 64  # points of a stroke; a longer one is continued as a new piece, so that only this is drawn again
MOST = 256  # pieces
FULL = f"The sketch is full: it has {MOST} strokes. Undo some strokes or clear the sketch."


@INPUTS.register
class Sketch(Part, Input, frozen=True, tag=True):
    """Sketch: an image that the user has drawn."""

    strokes: Annotated[tuple[Stroke, ...], Meta(max_length=MOST)] = ()

    def pixels(self, data: DataSet, shape: Shape) -> NDArray[np.uint8]:
        """Return ink, centred as in MNIST, or light: the whole drawing surface in black on white."""
        ink, (h, w) = _canvas(self.strokes), shape[:2]
        if not is_light(data, shape):
            return np.rint(255 * centred(ink, (h, w))).astype(np.uint8)
        light = np.rint(255 * (1 - resized(ink, (h, w)))).astype(np.uint8)
        return np.broadcast_to(light[..., None], shape).copy() if len(shape) == 3 else light

    def name(self, data: DataSet) -> str:
        return "your sketch"

    def begin(self, point: Point, width: float, *, erases: bool = False) -> Sketch:
        """Return the sketch with a new stroke. Raises ValueError if there are too many strokes."""
        return self._with(begun(point, width, erases=erases))

    def go_on(self, point: Point) -> Sketch:
        """Return the sketch with its last stroke continued to a point; the sketch itself if the pen has hardly moved.

        Raises ValueError if there are too many strokes.
        """
        *before, last = self.strokes
        longer = gone_on(last, point)
        if longer is None:
            return self
        if len(last.points) >= PIECE:
            return self._with(replace(last, points=longer.points[-2:]))
        return Sketch((*before, longer))

    def _with(self, stroke: Stroke) -> Sketch:
        if len(self.strokes) >= MOST:
            raise ValueError(FULL)
        return Sketch((*self.strokes, stroke))


@lru_cache(maxsize=16)
def _canvas(strokes: tuple[Stroke, ...]) -> Pixels:
    """Return the ink (GRID, GRID) of 0–1 of all strokes.

    It extends the cached ink of all strokes but the last.
    """
    if not strokes:
        return np.zeros((GRID, GRID), np.float32)
    (*before, last) = strokes
    under, over = _canvas(tuple(before)), _cover(last.points, last.width)
    return under * (1 - over) if last.erases else np.maximum(under, over)


@lru_cache(maxsize=16)
def _cover(points: tuple[Point, ...], width: float) -> Pixels:
    """Return the fraction (GRID, GRID) of each pixel that a stroke covers.

    It extends the cached cover of the stroke without its last point.
    """
    if 1 < len(points) <= PIECE:
        cover, new = _cover(points[:-1], width).copy(), points[-2:]
    else:  # only a stroke from a session file is longer than a piece
        cover, new = np.zeros((GRID, GRID), np.float32), points
    discs = [_disc(point, width) for point in new]
    for start, end in pairwise(discs if len(discs) > 1 else 2 * discs):
        _lay(cover, start, end)
    return cover


def _disc(point: Point, width: float) -> NDArray[np.float64]:
    """Return (x, y, half width) of a point, in pixels of the drawing surface."""
    return GRID * np.array([point[0], point[1], half_width(point[2], width)])


def _lay(cover: Pixels, start: NDArray[np.float64], end: NDArray[np.float64]) -> None:
    """Cover the pixels near a segment, with a soft edge. Each end of the segment is (x, y, half width)."""
    margin = max(start[2], end[2]) + 1
    low = np.maximum(np.floor(np.minimum(start, end)[:2] - margin), 0).astype(int)
    high = np.minimum(np.ceil(np.maximum(start, end)[:2] + margin), GRID).astype(int)
    x = np.arange(low[0], high[0]) + 0.5 - start[0]
    y = np.arange(low[1], high[1])[:, None] + 0.5 - start[1]
    along = end - start
    fraction = np.clip((x * along[0] + y * along[1]) / max(along[0] ** 2 + along[1] ** 2, 1e-9), 0, 1)
    away = np.hypot(x - fraction * along[0], y - fraction * along[1]) - (start[2] + fraction * along[2])
    spot = cover[low[1] : high[1], low[0] : high[0]]
    np.maximum(spot, np.clip(0.5 - away, 0, 1), out=spot, casting="same_kind")
