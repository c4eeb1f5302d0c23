"""A canvas of many small images, on which shapes with soft edges are painted one after the other.

The coverage of a pixel comes from its signed distance to the edge, to first order. This is ten times as fast as
drawing large images and reducing them, and every pixel changes smoothly with every parameter of a shape. Grey is the
luma of the colours. Painting is linear in the colours, so grey images can be painted directly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.floating[Any]]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # weights of red, green and blue (ITU-R BT.601)


class Canvas:
    """n square images with light from 0 to 1, (channels, n, side, side).

    Positions and lengths are in half sides of the image, measured from its centre: x to the right, y down. A parameter
    of a shape is an array (n,) if it differs between the images, and a number if it is equal in all images.
    """

    def __init__(self, n: int, side: int, channels: int) -> None:
        self.pixel = 2 / side
        self.light = np.zeros((channels, n, side, side), np.float32)
        self.middles = ((np.arange(side) + 0.5) * self.pixel - 1).astype(np.float32)

    def window(self, x: ArrayLike, y: ArrayLike, a: ArrayLike, b: ArrayLike) -> Window:
        """Return the window that contains the boxes with centres x, y and half sizes a, b of all images."""
        return Window(self, rows=self._span(y, b), columns=self._span(x, a))

    def everywhere(self) -> Window:
        """Return the window that is the whole canvas."""
        return Window(self, rows=slice(None), columns=slice(None))

    def ellipse(self, x: ArrayLike, y: ArrayLike, a: ArrayLike, b: ArrayLike, colour: ArrayLike) -> None:
        """Paint ellipses with centres x, y and half axes a, b; `colour` is (3,) or (n, 3), from 0 to 1."""
        window = self.window(x, y, a, b)
        window.paint(window.ellipse(x, y, a, b), colour)

    def pixels(self) -> NDArray[np.uint8]:
        """Return the images, (n, side, side) or (n, side, side, 3), with values from 0 to 255."""
        rounded = (self.light * np.float32(255) + np.float32(0.5)).astype(np.uint8)
        return np.moveaxis(rounded, 0, -1) if len(rounded) == 3 else rounded[0]

    def _span(self, middle: ArrayLike, reach: ArrayLike) -> slice:
        middle, reach = np.asarray(middle), np.asarray(reach) + self.pixel
        first, last = np.searchsorted(self.middles, (np.min(middle - reach), np.max(middle + reach)))
        return slice(int(first), int(last))


class Window:
    """A rectangle of all images of a canvas: the coordinates x (1, 1, w) and y (1, h, 1) of its pixels, and painting.

    A coverage is the covered fraction of each pixel, (n, h, w).
    """

    def __init__(self, canvas: Canvas, *, rows: slice, columns: slice) -> None:
        self.pixel = canvas.pixel
        self.light = canvas.light[:, :, rows, columns]
        self.x, self.y = canvas.middles[None, None, columns], canvas.middles[None, rows, None]

    def inside(self, distance: Values) -> Values:
        """Return the coverage from the signed distance (n, h, w) to an edge, which is negative inside."""
        covered = distance * np.float32(-1 / self.pixel)
        covered += np.float32(0.5)
        return np.clip(covered, 0, 1, out=covered)

    def ellipse(self, x: ArrayLike, y: ArrayLike, a: ArrayLike, b: ArrayLike) -> Values:
        """Return the coverage (n, h, w) of ellipses with centres x, y and half axes a, b."""
        return self.inside(self.from_ellipse(x, y, a, b))

    def from_ellipse(self, x: ArrayLike, y: ArrayLike, a: ArrayLike, b: ArrayLike) -> Values:
        """Return the signed distance (n, h, w) to an ellipse's edge, to first order.

        It is (r − 1) / ‖∇r‖ with r² = (Δx/a)² + (Δy/b)².
        """
        across, down = ((self.x - each(x)) / each(a)) ** 2, ((self.y - each(y)) / each(b)) ** 2
        radius = across + down
        steep = across / each(a) ** 2 + down / each(b) ** 2
        steep += np.float32(1e-6)
        return np.asarray((radius - np.sqrt(radius)) / np.sqrt(steep))

    def stroke(self, y: Values, slope: Values, thickness: ArrayLike) -> Values:
        """Return the signed distance to a line of this thickness along y(x), whose slope is dy/dx."""
        return np.asarray(np.abs(self.y - y) / np.sqrt(1 + slope**2) - each(thickness) / 2)

    def paint(self, covered: Values, colour: ArrayLike) -> None:
        """Mix a colour, (3,) or (n, 3), into the pixels in proportion to the coverage."""
        colours = np.atleast_2d(np.asarray(colour, np.float32))
        if len(self.light) == 1:
            colours = colours @ LUMA[:, None]
        for light, channel in zip(self.light, colours.T, strict=True):
            change = each(channel) - light
            change *= covered
            light += change


def each(values: ArrayLike) -> Values:
    """Return one value for each image as (n, 1, 1), which broadcasts over its pixels."""
    return np.asarray(values, np.float32).reshape(-1, 1, 1)
