"""Inputs: where the selected image comes from, and its encoding by a model.

If a model cannot use an input, the plane stays as it is and the scene contains the reason (`unavailable`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.datasets.data_set import DataSet
from engine.latent.model import LoadedModel, Pixels8, as_shown
from engine.part import Family, Part

Shape = tuple[int, ...]


class Input:
    """A source of the selected image. Abstract: register a final `Part`."""

    __slots__ = ()

    def pixels(self, data: DataSet, shape: Shape) -> NDArray[np.uint8]:
        """Return the image in a model's `shape`, 0–255 with the meaning of the pixels of `data`.

        Raises ValueError, in one sentence, if there is no such image.
        """
        raise NotImplementedError

    def name(self, data: DataSet) -> str:
        """Return the name of the image: 'test image 7, “9”'."""
        raise NotImplementedError


INPUTS = Family(Input, home="engine.latent.inputs")


def is_light(data: DataSet, shape: Shape) -> bool:
    """Return whether the pixels of images of a model's `shape` are light, not ink on paper."""
    return data.light or len(shape) == 3


@INPUTS.register
class Blank(Part, Input, frozen=True, tag=True):
    """Nothing: no image is selected."""


@INPUTS.register
class FromData(Part, Input, frozen=True, tag=True):
    """From the data: an image of the model's own data set."""

    index: Annotated[int, Meta(ge=0, le=10**7, title="Number", description="The position in the data set, from 0.")] = 0
    held_out: Annotated[bool, Meta(title="Held out", description="A test image, not a training image.")] = True

    def pixels(self, data: DataSet, shape: Shape) -> NDArray[np.uint8]:
        images = data.test() if self.held_out else data.train()
        if self.index >= len(images):
            raise ValueError(f"There is no image {self.index:,}: the data set has {len(images):,} images.")
        if images.pixels.shape[1:] != tuple(shape):
            raise ValueError(f"The images do not have the model's shape, {'×'.join(map(str, shape))}.")
        image: NDArray[np.uint8] = images.pixels[self.index]
        return image

    def name(self, data: DataSet) -> str:
        images = data.test() if self.held_out else data.train()
        label = images.classes[images.labels[self.index]]
        return f"{'test' if self.held_out else 'training'} image {self.index:,}, “{label}”"


class Encoded(msgspec.Struct, frozen=True, eq=False):
    """An image (h, w[, 3]) of 0–255, its q_φ(z|x) (mean and standard deviation, (d,)), and its reconstruction.

    `ink` is the image and `reconstruction` the image decoded at the mean, both as they are displayed. `difference` (h,
    w[, 3]) is reconstruction − image, from −1 to 1.
    """

    pixels: NDArray[np.uint8]
    name: str
    mean: Array
    deviation: Array
    ink: Pixels8
    reconstruction: Pixels8
    difference: NDArray[np.float32]


@lru_cache(maxsize=16)
def encoded_by(model: LoadedModel, selected: Input) -> Encoded:
    """An image encoded by a model. Raises ValueError, in one sentence, if the model cannot encode it."""
    data, light = model.vae.card.recipe.data, model.vae.light
    pixels = selected.pixels(data, model.vae.image_shape)
    x = pixels / np.float32(255)
    mean, deviation = (moment[0] for moment in model.vae.encode(x[None]))
    decoded = model.vae.decode(mean[None])[0]
    shown = as_shown(x, light), as_shown(decoded, light)
    return Encoded(pixels, selected.name(data), mean, deviation, *shown, decoded - x)
