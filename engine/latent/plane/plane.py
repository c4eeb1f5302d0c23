"""The plane: images decoded over the whole viewport, and the encoder means of the test images."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.charts import Chart, Linear
from engine.latent.document import Latent
from engine.latent.model import Embedding, Mosaic
from engine.latent.plane.class_centres import class_centres
from engine.part import Part
from engine.plane import Viewport

SHARE = 0.02  # of the test images that may lie outside the home viewport
STEP = 1.5  # by which the home viewport grows


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

    `centres` are (c, 2); NaN for a class without test images. `home` is the viewport that shows most test images, and
    `beyond` the fraction of them outside the home viewport of the linear chart, in which the prior lies.
    """

    embedding: Embedding
    places: Array
    centres: Array
    home: Viewport
    beyond: float


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
    centres = class_centres(places, embedding.labels, len(embedding.classes))
    beyond = float(np.mean(np.abs(embedding.mean).max(axis=1) > Linear.home.right)) if len(places) else 0.0
    return EncodedTestImages(embedding, places, centres, home_of(chart, embedding.mean), beyond)


def home_of(chart: Chart, mean: Array) -> Viewport:
    """Return the home viewport of a chart for encoder means (n, 2).

    A linear chart grows in steps of STEP until it shows all but 2 % of them: early in a training, with a small weight
    of the KL term, they lie far outside the prior. Steps keep the viewport calm while the training goes on.
    """
    if not isinstance(chart, Linear) or not len(mean):
        return chart.home
    far = float(np.quantile(np.abs(mean).max(axis=1), 1 - SHARE)) / chart.home.right
    half = chart.home.right * STEP ** max(0, math.ceil(math.log(max(far, 1e-9), STEP)))
    return Viewport(-half, half, -half, half)
