"""A preview of a data set before training: example images of each class, remarks and a suitable recipe."""

from __future__ import annotations

from collections.abc import Generator

import msgspec
import numpy as np

from engine.latent.datasets.data_set import Images
from engine.latent.datasets.own_files import Files, Loaded, Reading, reading
from engine.latent.datasets.remarks import remarks_on
from engine.latent.model import Pixels8, as_shown
from engine.latent.vae.presets import recipe_for
from engine.latent.vae.recipe import Recipe


class Examples(msgspec.Struct, frozen=True, eq=False):
    """A class, its number of images, and k evenly spaced examples: ink (k, h, w) or light (k, h, w, 3)."""

    name: str
    count: int
    shown: Pixels8


class Look(msgspec.Struct, frozen=True, eq=False):
    """The images of a source, examples of its classes, remarks on the images, and a suitable recipe."""

    loaded: Loaded
    classes: tuple[Examples, ...]
    remarks: tuple[str, ...]
    recipe: Recipe


def looking(source: Files, each: int) -> Generator[Reading, None, Look]:
    """Read a source in steps, and choose at most `each` examples of each class. Raises ValueError like `reading`."""
    loaded = yield from reading(source)
    examples = tuple(_examples(loaded.train, loaded.test, source.light, each))
    return Look(loaded, examples, remarks_on(source, loaded), recipe_for(source, loaded.train))


def _examples(train: Images, test: Images, light: bool, each: int) -> Generator[Examples, None, None]:
    """Choose examples from the training images of each class; the count includes the test images."""
    order, n = np.argsort(train.labels, kind="stable"), len(train.classes)
    in_train, in_test = (np.bincount(images.labels, minlength=n) for images in (train, test))
    for name, end, count, other in zip(train.classes, np.cumsum(in_train), in_train, in_test, strict=True):
        spread = np.linspace(end - count, end - 1, min(each, count)).astype(int)
        yield Examples(name, int(count + other), as_shown(train.pixels[order[spread]] / np.float32(255), light))
