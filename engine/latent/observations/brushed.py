"""The observation of the pixels under brush strokes, one measurement a stroke."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.inputs.stroke import Point, Stroke, begun, gone_on
from engine.latent.observations.observation import OBSERVATIONS, Measurements, Observation, pixels_under
from engine.part import Part

MOST = 256  # strokes


@OBSERVATIONS.register(order=2)
class Brushed(Part, Observation, frozen=True, tag=True):
    """Brushed pixels: those under your strokes, as they are, each stroke one observation (inpainting)."""

    symbol = "s"
    strokes: Annotated[tuple[Stroke, ...], Meta(max_length=MOST)] = ()

    @property
    def steps(self) -> int:
        return len(self.strokes)

    def first(self, n: int) -> Brushed:
        return Brushed(self.strokes[:n])

    def measure(self, x: Array) -> Measurements:
        known = np.zeros((len(self.strokes) + 1, *x.shape[:2]), bool)
        for n, stroke in enumerate(self.strokes):
            known[n + 1] = known[n] | under(stroke, x.shape)
        measurements = tuple(pixels_under(x, after & ~before) for before, after in pairwise(known))
        shown = known.reshape(*known.shape, *(1,) * (x.ndim - 2))
        return Measurements(measurements, np.where(shown, x, 0.0), known)

    def begin(self, point: Point, width: float) -> Brushed:
        """With the brush put down. Raises ValueError if there is no room for another stroke."""
        if len(self.strokes) >= MOST:
            raise ValueError(f"There are {MOST} strokes already: take some back first.")
        return Brushed((*self.strokes, begun(point, width)))

    def go_on(self, point: Point) -> Brushed:
        """With the brush moved; the same if it has hardly moved."""
        *before, last = self.strokes
        longer = gone_on(last, point)
        return self if longer is None else Brushed((*before, longer))

    def without(self, n: int) -> Brushed:
        """Without stroke n, counted from 0."""
        return Brushed(self.strokes[:n] + self.strokes[n + 1 :])

    def reorder(self, n: int, to: int) -> Brushed:
        """With stroke n moved to another place."""
        rest = self.strokes[:n] + self.strokes[n + 1 :]
        return Brushed((*rest[:to], self.strokes[n], *rest[to:]))


@lru_cache(maxsize=2 * MOST)
def under(stroke: Stroke, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which pixels (h, w) have their middle under a stroke; at least the one its first point is in. Kept: read only."""
    h, w = shape[:2]
    starts = np.column_stack([np.array(stroke.points)[:, :2], stroke.reach])[:, :, None, None]
    course = np.diff(starts, axis=0, append=starts[-1:])  # to the next point, and as wide as there
    x, y = (np.arange(w) + 0.5) / w - starts[:, 0], ((np.arange(h) + 0.5) / h)[:, None] - starts[:, 1]
    length = np.maximum(course[:, 0] ** 2 + course[:, 1] ** 2, 1e-12)
    along = np.clip((x * course[:, 0] + y * course[:, 1]) / length, 0, 1)
    reach = starts[:, 2] + along * course[:, 2]
    near = (x - along * course[:, 0]) ** 2 + (y - along * course[:, 1]) ** 2 <= reach**2
    mask = np.asarray(near.any(axis=0))
    across, down, _ = stroke.points[0]
    mask[min(int(down * h), h - 1), min(int(across * w), w - 1)] = True
    mask.setflags(write=False)
    return mask
