"""A picture pasted from a file or from the clipboard, and its conversion to an image for a model.

The picture is stored as it looked, at most 128 pixels on a side. Ground and ink are decided for each data set when the
picture is used.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.latent.datasets.data_set import DataSet
from engine.latent.inputs.centring import Pixels, centred, resized, strengthened
from engine.latent.inputs.ground import has_light_ground, ink_on_ground, without_specks
from engine.latent.inputs.input import INPUTS, Input, Shape, is_light
from engine.part import Part

LARGEST = 128  # pixels on a side of a stored picture
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # weights of red, green and blue in the brightness (ITU-R BT.601)
FLAT = 0.05  # a picture whose brightness differs from its ground by less than this is empty

Side = Annotated[int, Meta(ge=1, le=LARGEST)]


@INPUTS.register
class Pasted(Part, Input, frozen=True, tag=True):
    """Pasted picture: h × w pixels with one or three channels of light, 0–255, row by row."""

    h: Side
    w: Side
    channels: Literal[1, 3]
    data: Annotated[bytes, Meta(max_length=3 * LARGEST**2)]
    title: Annotated[str, Meta(max_length=200)] = "pasted picture"

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.data) != self.h * self.w * self.channels:
            raise ValueError(f"A picture of {self.h}×{self.w} pixels does not have {len(self.data):,} bytes.")

    @classmethod
    def of(cls, picture: NDArray[np.uint8], title: str) -> Pasted:
        """Return a part for light (h, w) or (h, w, 3) of 0–255, reduced if it is too large."""
        scale = min(1.0, LARGEST / max(picture.shape[:2]))
        h, w = (max(1, round(scale * side)) for side in picture.shape[:2])
        small = np.rint(resized(picture.astype(np.float32), (h, w))).astype(np.uint8)
        return cls(h, w, 3 if picture.ndim == 3 else 1, small.tobytes(), title[:200])

    @property
    def light(self) -> Pixels:
        """The light of the picture, (h, w, channels) of 0–1."""
        pixels = np.frombuffer(self.data, np.uint8).reshape(self.h, self.w, self.channels)
        return pixels.astype(np.float32) / np.float32(255)

    @property
    def grey(self) -> Pixels:
        """The brightness of the picture, (h, w) of 0–1."""
        return _grey(self.light)

    def pixels(self, data: DataSet, shape: Shape) -> NDArray[np.uint8]:
        """Return ink as the difference from the ground, centred as in MNIST, or light, cropped to the model's
        proportions.
        """
        if is_light(data, shape):
            return np.rint(255 * self._as_light(shape)).astype(np.uint8)
        image = centred(self._ink(), (shape[0], shape[1]))
        is_reduced = max(self.h, self.w) > max(shape[:2])
        return np.rint(255 * (strengthened(image) if is_reduced else image)).astype(np.uint8)

    def _ink(self) -> Pixels:
        ink, _ = ink_on_ground(self.grey)
        if ink.max() < FLAT:
            raise ValueError(f"“{self.title}” shows nothing: all its pixels have the same brightness.")
        return without_specks(ink / ink.max())

    def _as_light(self, shape: Shape) -> Pixels:
        side = min(self.h / shape[0], self.w / shape[1])
        h, w = max(1, round(side * shape[0])), max(1, round(side * shape[1]))
        top, left = (self.h - h) // 2, (self.w - w) // 2
        small = resized(self.light[top : top + h, left : left + w], (shape[0], shape[1]))
        if len(shape) == 3:
            return np.broadcast_to(small, shape)
        return _grey(small)

    def name(self, data: DataSet) -> str:
        inverted = not is_light(data, data.image_shape) and has_light_ground(self.grey)
        return f"“{self.title}”" + (", inverted: its light ground is paper" if inverted else "")


def _grey(light: Pixels) -> Pixels:
    """Return the brightness (h, w) of light (h, w, channels)."""
    grey: Pixels = light @ LUMA if light.shape[-1] == len(LUMA) else light[..., 0]
    return grey
