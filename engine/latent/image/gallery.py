"""The gallery: the images of a model's own data set. Only the visible rows are computed."""

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
MOST = 2000  # images in one value, at most


@SETTINGS.register
class GallerySettings(Part, Setting, frozen=True, tag=True):
    """Gallery: the set and the class of the images that it shows."""

    held_out: Annotated[
        bool, Meta(title="Test images", description="Show the test images instead of the training images.")
    ] = True
    label: Annotated[
        int, Meta(ge=EVERY, le=255, title="Class", description="Show only one class; −1 stands for all classes.")
    ] = EVERY


def next_test_image(document: Latent) -> Latent:
    """With the next test image selected and the encoder's q; the first one if no test image is selected."""
    selected = document.input
    index = selected.index + 1 if isinstance(selected, FromData) and selected.held_out else 0
    return document.with_input(FromData(index)).with_q(None)


class Shelf(msgspec.Struct, frozen=True, eq=False):
    """The n images of the gallery from position `first` on; the gallery has `total` images, the data set `images`.

    `numbers` (n,) are their positions in the data set, `labels` (n,) their classes, and `ink` (n, h, w[, 3]) their
    pixels. `chosen` is the position of the selected image in the gallery, if it is in it.
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
    """Return the rows of the gallery from `bottom` on; the viewport has the number of rows and columns."""
    gallery, vae = document[GallerySettings], document.loaded_model.vae
    images = vae.card.test() if gallery.held_out else vae.card.train()
    first, count = int(viewport.bottom) * viewport.columns, min(viewport.rows * viewport.columns, MOST)
    unchosen, numbers = _unchosen(images, vae.light, gallery, first, count)
    return replace(unchosen, chosen=_position(document, numbers))


@lru_cache(maxsize=1)
def _unchosen(
    images: Images, light: bool, gallery: GallerySettings, first: int, count: int
) -> tuple[Shelf, NDArray[np.intp]]:
    """The rows without a selected image, and the numbers of all images in the gallery.

    Cached, so that equal rows are the same arrays and are painted only once.
    """
    of_class = _of_class(images, gallery.label)
    first = min(first, len(of_class))
    numbers = of_class[first : first + count]
    ink = as_shown(images.pixels[numbers] / np.float32(255), light)
    labels = images.labels[numbers]
    return Shelf(gallery, first, len(of_class), len(images), numbers, labels, images.classes, ink, None), of_class


def _of_class(images: Images, label: int) -> NDArray[np.intp]:
    """The positions of the images of a class in the data set, in order."""
    return np.arange(len(images)) if label == EVERY else np.flatnonzero(images.labels == label)


def _position(document: Latent, numbers: NDArray[np.intp]) -> int | None:
    """The position of the selected image among `numbers`, if it is one of them."""
    selected = document.input
    if not isinstance(selected, FromData) or selected.held_out != document[GallerySettings].held_out:
        return None
    at = int(np.searchsorted(numbers, selected.index))
    return at if at < len(numbers) and numbers[at] == selected.index else None
