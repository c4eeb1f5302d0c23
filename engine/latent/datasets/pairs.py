"""Pairs: two images A | B of the same thing, side by side as one image.

An ordinary VAE of such pairs translates: if the left half is observed, the completions are p(x_B|x_A), by Bayes' rule.
This is translation from examples in pairs. Without pairs the data do not say which B belongs to an A.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.latent.datasets.data_set import DATASETS, DataSet, Images
from engine.latent.datasets.faces import Faces
from engine.latent.datasets.mnist import Mnist
from engine.latent.one_copy import one_copy
from engine.part import Part

Kind = Literal["thin digits | bold digits", "faces by day | by night", "grey faces | colour faces"]
DIGITS: Kind = "thin digits | bold digits"
NIGHT: Kind = "faces by day | by night"
INK = 127.5  # grey values above this are ink
MOONLIGHT = (0.30, 0.36, 0.55)  # factors of red, green and blue by night
GREY = (0.299, 0.587, 0.114)  # weights of red, green and blue (ITU-R BT.601)


@DATASETS.register
class Pairs(Part, DataSet, frozen=True, tag=True):
    """Pairs: two images A and B of the same thing, side by side."""

    kind: Annotated[Kind, Meta(title="Pairs", description="The images on the left and on the right.")] = DIGITS
    training: Annotated[
        int, Meta(ge=100, le=60_000, title="Training pairs", description="Number of training images.")
    ] = 20_000
    held_out: Annotated[int, Meta(ge=10, le=10_000, title="Test pairs", description="Number of test images.")] = 2_000

    @property
    def light(self) -> bool:
        return self.kind != DIGITS

    @property
    def licence(self) -> str:  # type: ignore[override]
        """The licence of the images."""
        return Mnist.licence if self.kind == DIGITS else Faces.licence

    @property
    def attribution(self) -> str:  # type: ignore[override]
        """The origin of the images."""
        return Mnist.attribution if self.kind == DIGITS else Faces.attribution

    @property
    def image_shape(self) -> tuple[int, ...]:
        return (28, 56) if self.kind == DIGITS else (32, 64, 3)

    def train(self) -> Images:
        return _pairs(self.kind, self.training, "train")

    def test(self) -> Images:
        return _pairs(self.kind, self.held_out, "test")


@lru_cache(maxsize=4)
def _pairs(kind: Kind, n: int, part: Literal["train", "test"]) -> Images:
    """Draw or compute n pairs. Raises ValueError if the digits cannot be read."""
    if kind == DIGITS:
        single = (Mnist().train() if part == "train" else Mnist().test()).first(n)
        ink = single.pixels > INK
        pixels = _beside(255 * thin(ink).astype(np.uint8), 255 * bold(ink).astype(np.uint8))
    else:
        faces = Faces(
            look="32×32 colour", hair_tone=kind != NIGHT, head_turn=kind == NIGHT, training=max(n, 100), held_out=n
        )
        single = faces.train() if part == "train" else faces.test()
        pixels = (
            _beside(single.pixels, by_night(single.pixels))
            if kind == NIGHT
            else _beside(in_grey(single.pixels), single.pixels)
        )
    pixels.setflags(write=False)
    return Images(one_copy(pixels), single.labels, single.classes, single.factors, single.factor_names)


def thin(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return digits (n, h, w) eroded by squares of 2×2 pixels: a pixel stays ink if its whole square is ink.

    Serra 1982, Image Analysis and Mathematical Morphology, chapter II.
    """
    padded = np.pad(ink, ((0, 0), (0, 1), (0, 1)))
    return padded[:, :-1, :-1] & padded[:, 1:, :-1] & padded[:, :-1, 1:] & padded[:, 1:, 1:]


def bold(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return digits (n, h, w) dilated by crosses of 3×3 pixels: a pixel is ink if it or a pixel beside it is ink."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    middle = padded[:, 1:-1, 1:-1] | padded[:, :-2, 1:-1] | padded[:, 2:, 1:-1]
    return np.asarray(middle | padded[:, 1:-1, :-2] | padded[:, 1:-1, 2:])


def by_night(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return colour images (n, h, w, 3) in blue light that is darker."""
    dark: NDArray[np.uint8] = np.round(pixels * np.array(MOONLIGHT)).astype(np.uint8)
    return dark


def in_grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return colour images (n, h, w, 3) in grey, still with three equal channels."""
    grey = np.round(pixels @ np.array(GREY)).astype(np.uint8)
    three: NDArray[np.uint8] = np.repeat(grey[..., None], 3, axis=-1)
    return three


def _beside(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([left, right], axis=2)
