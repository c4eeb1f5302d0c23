"""IDX files of images, with their labels in a second file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from engine.files import quoted
from engine.latent.datasets.data_set import DATASETS
from engine.latent.datasets.idx_format import Shape, idx_shape, reading_idx, spelled
from engine.latent.datasets.labels import labelled
from engine.latent.datasets.labels_file import labels_in
from engine.latent.datasets.own_files import (
    HOW,
    File,
    Files,
    Listing,
    Loading,
    Reading,
    Stretch,
    Turned,
    Values,
    check_shape,
)
from engine.latent.datasets.own_pixels import as_ink, divided, stretched, turned, turned_shape
from engine.part import Part


@DATASETS.register
class IdxFiles(Part, Files, frozen=True, tag=True):
    """IDX files: images in the format of MNIST, with their labels in a second file."""

    images: Annotated[str, Meta(min_length=1, max_length=4096, title="Images", description="The file with the images.")]
    labels: Annotated[
        str, Meta(max_length=4096, title="Labels", description="The file with the labels; empty for no labels.")
    ] = ""
    values: Annotated[Values, Meta(title="Pixels are", description=HOW)] = "white ink on black"
    turn: Turned = "as they are"
    stretch: Stretch = False

    @property
    def origin(self) -> Path:
        return Path(self.images)

    @property
    def image_shape(self) -> Shape:
        return turned_shape(_image_shape(self.name, idx_shape(self.origin))[1:], self.turn)

    def listing(self) -> Listing:
        yield Reading(0, 0)
        return tuple(File.at(Path(path)) for path in (self.images, self.labels) if path)

    def read(self, files: tuple[File, ...]) -> Loading:
        pixels = yield from reading_idx(self.origin, check=_image_shape)
        pixels = pixels.reshape(_image_shape(self.name, pixels.shape))
        values = labels_in(Path(self.labels), len(pixels)) if self.labels else None
        if self.stretch:
            stretched(pixels)
        as_ink(pixels, self.values)
        labels, classes = labelled(quoted(Path(files[-1].path).name), values, len(pixels))
        return divided(turned(pixels, self.turn), labels, classes)


def _image_shape(name: str, shape: Shape) -> Shape:
    """Return the shape of the images, (n, h, w) or (n, h, w, 3). Raises ValueError for any other shape."""
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3)):
        raise ValueError(f"{name} contains {spelled(shape)} numbers and no images. Is it the file with the labels?")
    shape = shape[:3] if shape[3:] == (1,) else shape
    check_shape(name, shape)
    return shape
