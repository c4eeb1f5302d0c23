"""The observation of the pixels under brush strokes, one measurement for each stroke."""

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
    """Brushed pixels: the pixels under your strokes are measured; each stroke is one observation (inpainting)."""

    symbol = "s"
    strokes: Annotated[tuple[Stroke, ...], Meta(max_length=MOST)] = ()

    @property
    def steps(self) -> int:
        return len(self.strokes)

    def first(self, n: int) -> Brushed:
        return Brushed(self.strokes[:n])

    def measure(self, x: Array) -> Measurements:
        measured = np.zeros((len(self.strokes) + 1, *x.shape[:2]), bool)
        for n, stroke in enumerate(self.strokes):
            measured[n + 1] = measured[n] | under(stroke, x.shape)
        measurements = tuple(pixels_under(x, after & ~before) for before, after in pairwise(measured))
        shown = measured.reshape(*measured.shape, *(1,) * (x.ndim - 2))
        return Measurements(measurements, np.where(shown, x, 0.0), measured)

    def begin(self, point: Point, width: float) -> Brushed:
        """Return the observation with a new stroke. Raises ValueError if there are too many strokes."""
        if len(self.strokes) >= MOST:
            raise ValueError(f"There are already {MOST} strokes. Undo some of them first.")
        return Brushed((*self.strokes, begun(point, width)))

    def go_on(self, point: Point) -> Brushed:
        """Return the observation with its last stroke continued; itself if the brush has hardly moved."""
        *before, last = self.strokes
        longer = gone_on(last, point)
        return self if longer is None else Brushed((*before, longer))

    def without(self, n: int) -> Brushed:
        """Return the observation without stroke n, counted from 0."""
        return Brushed(self.strokes[:n] + self.strokes[n + 1 :])

    def reorder(self, n: int, to: int) -> Brushed:
        """Return the observation with stroke n moved to position `to`."""
        rest = self.strokes[:n] + self.strokes[n + 1 :]
        return Brushed((*rest[:to], self.strokes[n], *rest[to:]))


@lru_cache(maxsize=2 * MOST)
def under(stroke: Stroke, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which pixels (h, w) have their centre under a stroke; always the pixel of its first point.

    The result is cached and read-only.
    """
    h, w = shape[:2]
    starts = np.column_stack([np.array(stroke.points)[:, :2], stroke.reach])[:, :, None, None]
    course = np.diff(starts, axis=0, append=starts[-1:])  # the change of x, y and half width to the next point
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
