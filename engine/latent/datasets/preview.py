"""Preview: some images of each class of a data set, and remarks on them, before the user agrees to train on it."""

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
    """A class: how many images it has, and some of them, spread over all, ink (k, h, w) or light (k, h, w, 3)."""

    name: str
    count: int
    shown: Pixels8


class Look(msgspec.Struct, frozen=True, eq=False):
    """What was read, examples of its classes, remarks on it, and the recipe that suits it."""

    loaded: Loaded
    classes: tuple[Examples, ...]
    remarks: tuple[str, ...]
    recipe: Recipe


def looking(source: Files, each: int) -> Generator[Reading, None, Look]:
    """Read a source and take at most so many examples of each class. Raises ValueError as reading does."""
    loaded = yield from reading(source)
    examples = tuple(_examples(loaded.train, loaded.test, source.light, each))
    return Look(loaded, examples, remarks_on(source, loaded), recipe_for(source, loaded.train))


def _examples(train: Images, test: Images, light: bool, each: int) -> Generator[Examples, None, None]:
    """Those that are learnt from, of each class that has any; the others are counted as well."""
    order, n = np.argsort(train.labels, kind="stable"), len(train.classes)
    learnt, held = (np.bincount(images.labels, minlength=n) for images in (train, test))
    for name, end, count, other in zip(train.classes, np.cumsum(learnt), learnt, held, strict=True):
        spread = np.linspace(end - count, end - 1, min(each, count)).astype(int)
        yield Examples(name, int(count + other), as_shown(train.pixels[order[spread]] / np.float32(255), light))
