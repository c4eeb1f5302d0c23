"""The gallery: the images of a model's own data set, of which those on the screen are computed."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.latent.datasets.data_set import Images
from engine.latent.document import Latent
from engine.latent.inputs.input import FromData
from engine.latent.model import Pixels8, as_shown
from engine.part import Part
from engine.plane import Viewport

EVERY = -1  # the label that stands for all classes
MOST = 2000  # images that are handed over at a time


@SETTINGS.register
class GallerySettings(Part, Setting, frozen=True, tag=True):
    """Gallery: which images are shown in it."""

    held_out: Annotated[bool, Meta(title="Test images", description="The test images, not the training images.")] = True
    label: Annotated[int, Meta(ge=EVERY, le=255, title="Class", description="Of one class; −1 for all.")] = EVERY


def next_test_image(document: Latent) -> Latent:
    """With the next test image selected and the encoder's q; the first one if no test image is selected."""
    known = document.input
    index = known.index + 1 if isinstance(known, FromData) and known.held_out else 0
    return document.with_input(FromData(index)).with_q(None)


class Shelf(msgspec.Struct, frozen=True, eq=False):
    """The images from position `first` on of the `total` in the `gallery`; the data set has `images`.

    `numbers` (n,) are their positions in the data set, `labels` (n,) their classes, `ink` (n, h, w[, 3]) is how they
    are shown. `chosen` is the position of the selected image, if it is in the gallery.
    """

    gallery: GallerySettings
    first: int
    total: int
    images: int
    numbers: NDArray[np.intp]
    labels: NDArray[np.uint8]
    classes: tuple[str, ...]
    ink: Pixels8
    chosen: int | None


@derived(Shelf)
def shelf(document: Latent, viewport: Viewport) -> Shelf:
    """The rows of the gallery from `bottom` to `top` of a viewport, with as many images to a row as it has columns."""
    gallery, vae = document[GallerySettings], document.loaded_model.vae
    data = vae.card.recipe.data
    images = data.test() if gallery.held_out else data.train()
    first, asked = int(viewport.bottom) * viewport.columns, min(viewport.rows * viewport.columns, MOST)
    unchosen, hung = _unchosen(images, vae.light, gallery, first, asked)
    return replace(unchosen, chosen=_position(document, hung))


@lru_cache(maxsize=1)
def _unchosen(
    images: Images, light: bool, gallery: GallerySettings, first: int, asked: int
) -> tuple[Shelf, NDArray[np.intp]]:
    """With none chosen; and the numbers of all that hang. The same arrays for the same rows: they are painted once."""
    hung = _hung(images, gallery.label)
    first = min(first, len(hung))
    numbers = hung[first : first + asked]
    ink = as_shown(images.pixels[numbers] / np.float32(255), light)
    labels = images.labels[numbers]
    return Shelf(gallery, first, len(hung), len(images), numbers, labels, images.classes, ink, None), hung


def _hung(images: Images, label: int) -> NDArray[np.intp]:
    """The numbers of the images of a class, in order."""
    return np.arange(len(images)) if label == EVERY else np.flatnonzero(images.labels == label)


def _position(document: Latent, hung: NDArray[np.intp]) -> int | None:
    selected = document.input
    if not isinstance(selected, FromData) or selected.held_out != document[GallerySettings].held_out:
        return None
    at = int(np.searchsorted(hung, selected.index))
    return at if at < len(hung) and hung[at] == selected.index else None
