"""A canvas: many small pictures at once, on which shapes with soft edges are painted one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.floating[Any]]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # how light red, green and blue look (ITU-R BT.601)


class Canvas:
    """n square pictures of light from 0 to 1, (channels, n, side, side).

    Places and lengths are in half sides, from the middle: x to the right, y down. Whatever differs from picture to
    picture is an array (n,); whatever is the same in all of them is a number.
    """

    def __init__(self, n: int, side: int, channels: int) -> None:
        self.pixel = 2 / side
        self.light = np.zeros((channels, n, side, side), np.float32)
        self.middles = ((np.arange(side) + 0.5) * self.pixel - 1).astype(np.float32)

    def window(self, x: ArrayLike, y: ArrayLike, a: ArrayLike, b: ArrayLike) -> Window:
        """Where something around x, y that reaches a to the sides and b up and down is, in any of the pictures."""
        return Window(self, rows=self._span(y, b), columns=self._span(x, a))

    def everywhere(self) -> Window:
        """All of it."""
        return Window(self, rows=slice(None), columns=slice(None))

    def ellipse(self, x: ArrayLike, y: ArrayLike, a: ArrayLike, b: ArrayLike, colour: ArrayLike) -> None:
        """Paint ellipses with middles x, y and half axes a, b."""
        window = self.window(x, y, a, b)
        window.paint(window.ellipse(x, y, a, b), colour)

    def pixels(self) -> NDArray[np.uint8]:
        """The pictures, (n, side, side) or (n, side, side, 3), 0–255."""
        rounded = (self.light * np.float32(255) + np.float32(0.5)).astype(np.uint8)
        return np.moveaxis(rounded, 0, -1) if len(rounded) == 3 else rounded[0]

    def _span(self, middle: ArrayLike, reach: ArrayLike) -> slice:
        middle, reach = np.asarray(middle), np.asarray(reach) + self.pixel
        first, last = np.searchsorted(self.middles, (np.min(middle - reach), np.max(middle + reach)))
        return slice(int(first), int(last))


class Window:
    """A part of all pictures: x (1, 1, w) and y (1, h, 1) in it, what shapes cover there, and paint."""

    def __init__(self, canvas: Canvas, *, rows: slice, columns: slice) -> None:
        self.pixel = canvas.pixel
        self.light = canvas.light[:, :, rows, columns]
        self.x, self.y = canvas.middles[None, None, columns], canvas.middles[None, rows, None]

    def inside(self, distance: Values) -> Values:
        """How much of each pixel is covered, by the signed distance (n, h, w) to an edge, negative inside."""
        covered = distance * np.float32(-1 / self.pixel)
        covered += np.float32(0.5)
        return np.clip(covered, 0, 1, out=covered)

    def ellipse(self, x: ArrayLike, y: ArrayLike, a: ArrayLike, b: ArrayLike) -> Values:
        """How much of each pixel an ellipse covers, (n, h, w)."""
        return self.inside(self.from_ellipse(x, y, a, b))

    def from_ellipse(self, x: ArrayLike, y: ArrayLike, a: ArrayLike, b: ArrayLike) -> Values:
        """The distance to an ellipse's edge to first order, (r − 1) / ‖∇r‖ with r² = (Δx/a)² + (Δy/b)²."""
        across, down = ((self.x - each(x)) / each(a)) ** 2, ((self.y - each(y)) / each(b)) ** 2
        radius = across + down
        steep = across / each(a) ** 2 + down / each(b) ** 2
        steep += np.float32(1e-6)
        return np.asarray((radius - np.sqrt(radius)) / np.sqrt(steep))

    def stroke(self, y: Values, slope: Values, thickness: ArrayLike) -> Values:
        """The distance to a line of that thickness along y(x), which has that slope."""
        return np.asarray(np.abs(self.y - y) / np.sqrt(1 + slope**2) - each(thickness) / 2)

    def paint(self, covered: Values, colour: ArrayLike) -> None:
        """Lay a colour, (3,) or (n, 3), over what is there as far as it covers that."""
        laid = np.atleast_2d(np.asarray(colour, np.float32))
        if len(self.light) == 1:
            laid = laid @ LUMA[:, None]
        for light, channel in zip(self.light, laid.T, strict=True):
            over = each(channel) - light
            over *= covered
            light += over


def each(values: ArrayLike) -> Values:
    """One value a picture, against its pixels: (n, 1, 1)."""
    return np.asarray(values, np.float32).reshape(-1, 1, 1)
