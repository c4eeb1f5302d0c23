"""Three images: a plane of the latent space goes through their encoder means."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.inputs.input import Input, encoded_by
from engine.latent.model import LoadedModel
from engine.latent.slice import Slice

THREE = 3
MORE = "A plane needs three images, and {} chosen. Select an image, then use “Choose the image for a plane”."
LINE = (
    "The encoder means of these three images are on one line, so that many planes contain them. Choose another image."
)
COUNTS = ("none is", "one is", "two are")
OTHER_IMAGES = (
    "The encoder of this model cannot encode all images that are chosen for a plane. Select an image, then use “Choose "
    "the image for a plane”, until all three are of this model."
)


def refuse_few(chosen: int) -> None:
    """Raise ValueError, in one sentence, if fewer than three images or points are chosen for a plane."""
    if chosen < THREE:
        raise ValueError(MORE.format(COUNTS[chosen]))


def means_of(images: Sequence[Input], whole: LoadedModel) -> Array:
    """Return the encoder means (k, d) of images; images that the model cannot encode are left out."""
    means = []
    for chosen in images:
        with suppress(ValueError):
            means.append(encoded_by(whole, chosen).mean)
    return np.array(means, float).reshape(-1, whole.latents)


def with_plane(document: Latent, means: Array) -> Latent:
    """Return the document with the plane through three points (3, d), which are pinned.

    The horizontal axis goes from the first point to the second. Raises ValueError, in one sentence, if there are fewer
    points, or if they are on one line.
    """
    refuse_few(len(means))
    first, second, third = means
    chosen = Slice().through(first.tolist()).spanned((second - first).tolist(), (third - first).tolist())
    try:
        plane = chosen.plane(means.shape[1])
    except ValueError as error:
        raise ValueError(LINE) from error
    for across, up in plane.coordinates(means).tolist():
        if (across, up) not in document.pins:
            document = document.pin((across, up))
    return document.with_slice(chosen)
