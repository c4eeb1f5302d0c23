"""The plane: images decoded over the whole viewport, and the encoder means of the test images."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.charts import Chart
from engine.latent.document import Latent
from engine.latent.model import Embedding, Mosaic
from engine.latent.plane.class_centres import class_centres
from engine.part import Part
from engine.plane import Viewport


@SETTINGS.register
class PlaneSettings(Part, Setting, frozen=True, tag=True):
    """The plane: whether test images and the names of their classes are on it, and which classes are hidden."""

    show_test_images: Annotated[
        bool, Meta(title="Show test images", description="A dot at the encoder mean of each test image, by class.")
    ] = False
    show_labels: Annotated[
        bool, Meta(title="Show class labels", description="The name of each class, large, at the centre of its images.")
    ] = True
    hidden: tuple[Annotated[int, Meta(ge=0, le=255)], ...] = ()

    @property
    def shows_classes(self) -> bool:
        """Whether anything on the plane has the colour of a class."""
        return self.show_test_images or self.show_labels

    def toggle(self, label: int) -> PlaneSettings:
        """With a class of test images hidden, or shown again."""
        return replace(self, hidden=tuple(sorted(set(self.hidden) ^ {label})))


class EncodedTestImages(msgspec.Struct, frozen=True, eq=False):
    """The encoded test images, the positions (n, 2) of their encoder means in the chart, and the centres of classes.

    `centres` are (c, 2); NaN for a class without test images.
    """

    embedding: Embedding
    places: Array
    centres: Array


@derived(Mosaic, first=True)
def mosaic(document: Latent, viewport: Viewport) -> Iterator[Mosaic]:
    """Yield mosaics of the viewport with more and more decoded cells."""
    yield from document.loaded_model.mosaics(document.chart, viewport)


@derived(EncodedTestImages, last=True)
def test_image_places(document: Latent, _: Viewport) -> EncodedTestImages:
    """Return the test images on the plane. Encoding them takes about a second, once for each model."""
    return _encoded(document.loaded_model.embedding, document.chart)


@lru_cache(maxsize=2)
def _encoded(embedding: Embedding, chart: Chart) -> EncodedTestImages:
    """Cached because most edits change neither argument, and an identical value is not drawn again."""
    places = chart.to_place(embedding.mean)
    return EncodedTestImages(embedding, places, class_centres(places, embedding.labels, len(embedding.classes)))
