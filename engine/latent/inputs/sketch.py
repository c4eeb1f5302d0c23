"""The sketch: strokes of a pen on a square pad, and the image they make for a model."""

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

GRID = 192  # pixels of the pad on a side before it is made as small as the model's images
PIECE = 64  # points of a stroke; a longer one goes on in another piece, so that only the last is laid anew
MOST = 256  # pieces
FULL = f"The sketch is full: it has {MOST} strokes. Undo some or clear the pad."


@INPUTS.register
class Sketch(Part, Input, frozen=True, tag=True):
    """Sketch: an image that the user has drawn."""

    strokes: Annotated[tuple[Stroke, ...], Meta(max_length=MOST)] = ()

    def pixels(self, data: DataSet, shape: Shape) -> NDArray[np.uint8]:
        """Ink is centred as MNIST is. Light is the whole pad, drawn in black on white."""
        ink, (h, w) = _canvas(self.strokes), shape[:2]
        if not is_light(data, shape):
            return np.rint(255 * centred(ink, (h, w))).astype(np.uint8)
        light = np.rint(255 * (1 - resized(ink, (h, w)))).astype(np.uint8)
        return np.broadcast_to(light[..., None], shape).copy() if len(shape) == 3 else light

    def name(self, data: DataSet) -> str:
        return "your sketch"

    def begin(self, point: Point, width: float, *, erases: bool = False) -> Sketch:
        """With the pen put down. Raises ValueError if there is no room for another stroke."""
        return self._with(begun(point, width, erases=erases))

    def go_on(self, point: Point) -> Sketch:
        """With the pen moved; the same sketch if it has hardly moved. Raises ValueError if there is no room."""
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
    """Ink (GRID, GRID) of 0–1 on the pad. All strokes but the last are there already while it is being drawn."""
    if not strokes:
        return np.zeros((GRID, GRID), np.float32)
    (*before, last) = strokes
    under, over = _canvas(tuple(before)), _cover(last.points, last.width)
    return under * (1 - over) if last.erases else np.maximum(under, over)


@lru_cache(maxsize=16)
def _cover(points: tuple[Point, ...], width: float) -> Pixels:
    """How much (GRID, GRID) of each pixel a stroke covers. Without its last point it is mostly known already."""
    if 1 < len(points) <= PIECE:
        cover, new = _cover(points[:-1], width).copy(), points[-2:]
    else:  # only strokes from elsewhere are longer than a piece
        cover, new = np.zeros((GRID, GRID), np.float32), points
    discs = [_disc(point, width) for point in new]
    for start, end in pairwise(discs if len(discs) > 1 else 2 * discs):
        _lay(cover, start, end)
    return cover


def _disc(point: Point, width: float) -> NDArray[np.float64]:
    """(x, y, half width) of a point, in pixels of the pad."""
    return GRID * np.array([point[0], point[1], half_width(point[2], width)])


def _lay(cover: Pixels, start: NDArray[np.float64], end: NDArray[np.float64]) -> None:
    """Cover what is nearer to the segment than its half width, soft at the edge; each end is (x, y, half width)."""
    margin = max(start[2], end[2]) + 1
    low = np.maximum(np.floor(np.minimum(start, end)[:2] - margin), 0).astype(int)
    high = np.minimum(np.ceil(np.maximum(start, end)[:2] + margin), GRID).astype(int)
    x = np.arange(low[0], high[0]) + 0.5 - start[0]
    y = np.arange(low[1], high[1])[:, None] + 0.5 - start[1]
    along = end - start
    part = np.clip((x * along[0] + y * along[1]) / max(along[0] ** 2 + along[1] ** 2, 1e-9), 0, 1)
    away = np.hypot(x - part * along[0], y - part * along[1]) - (start[2] + part * along[2])
    spot = cover[low[1] : high[1], low[0] : high[0]]
    np.maximum(spot, np.clip(0.5 - away, 0, 1), out=spot, casting="same_kind")
