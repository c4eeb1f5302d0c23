"""Three images: the images through whose encoder means a plane of the latent space is laid."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, Input, encoded_by
from engine.latent.model import LoadedModel
from engine.latent.slice import Slice
from engine.part import Part

THREE = 3
NONE = "No image is selected. Choose one in the panel Gallery first."
TWICE = "This image is chosen already. Select another one."
MORE = "A plane needs three images, and {} chosen. Select an image, then use “Choose the image for a plane”."
COUNTS = ("none is", "one is", "two are")


@SETTINGS.register
class ThreeImages(Part, Setting, frozen=True, tag=True):
    """Three images: those that were chosen for a plane, the oldest first."""

    images: Annotated[tuple[Input, ...], Meta(max_length=THREE)] = ()


def with_image(document: Latent) -> Latent:
    """Return the document with its selected image as one of the three; the oldest one makes room.

    Raises ValueError, in one sentence, if no image is selected or if it is one of them already.
    """
    if isinstance(document.input, Blank):
        raise ValueError(NONE)
    chosen = document[ThreeImages].images
    if document.input in chosen:
        raise ValueError(TWICE)
    return document.with_setting(ThreeImages((*chosen, document.input)[-THREE:]))


def means_of(document: Latent, whole: LoadedModel) -> Array:
    """Return the encoder means (k, d) of the chosen images; images that the model cannot encode are left out."""
    means = []
    for chosen in document[ThreeImages].images:
        with suppress(ValueError):
            means.append(encoded_by(whole, chosen).mean)
    return np.array(means, float).reshape(-1, whole.latents)


def with_plane(document: Latent, means: Array) -> Latent:
    """Return the document with the plane through three points (3, d), which are pinned.

    The horizontal axis goes from the first point to the second. Raises ValueError, in one sentence, if there are fewer
    points, or if they are on one line.
    """
    if len(means) < THREE:
        raise ValueError(MORE.format(COUNTS[len(means)]))
    first, second, third = means
    chosen = Slice().through(first.tolist()).spanned((second - first).tolist(), (third - first).tolist())
    plane = chosen.plane(means.shape[1])  # raises if the points are on one line
    for across, up in plane.coordinates(means).tolist():
        if (across, up) not in document.pins:
            document = document.pin((across, up))
    return document.with_slice(chosen)
