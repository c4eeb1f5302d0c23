"""Latents: the traversal grid of a model with more than two latents, and the choice of the plane that is shown.

A row shows what one latent does: images decoded at values from −3 to 3, the other latents at the point of the slice.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent, image_mean
from engine.latent.inputs.input import Blank, Input
from engine.latent.model import LoadedModel, Pixels8
from engine.latent.plane.interpretability import Interpretability, interpretability
from engine.latent.plane.three_images import THREE, means_of
from engine.latent.slice import Slice
from engine.latent.vae.recipe import UNUSED
from engine.memo import remember
from engine.part import Part
from engine.plane import Viewport

STEPS = np.arange(-3.0, 4.0)  # the values of the images in a row
IMAGES = 2000  # test images for the mutual information
NONE = "No image is selected. Choose one in the panel Gallery first."
TWICE = "This image is chosen already. Select another one."


@SETTINGS.register
class LatentsSettings(Part, Setting, frozen=True, tag=True):
    """Latents: the images that were chosen for a plane through three of them, the oldest first."""

    images: Annotated[tuple[Input, ...], Meta(max_length=THREE)] = ()


class Traversal(msgspec.Struct, frozen=True, eq=False):
    """The rows of the traversal grid, of the latents in `order` (d,), those with the largest KL first.

    `kl` (d,) is the mean KL of each latent over the test images, in nats; `unused` (d,) says where it is below UNUSED.
    `point` (d,) are the values of the latents, and `ink` (d, 7, h, w[, 3]) the images of each latent at STEPS, by the
    numbers of the latents. `principal` (2, d) are the two directions with the largest variance of the encoder means.
    `three` (k, d) are the encoder means of the images that are chosen for a plane. `factors` is None if the images have
    no known factors, or until it is computed; `directions` (f, d) are those along which the encoder means follow one
    factor.
    """

    order: NDArray[np.intp]
    kl: Array
    point: Array
    ink: Pixels8
    chosen: Slice
    principal: Array
    three: Array
    factors: Interpretability | None = None
    directions: Array | None = None

    @property
    def unused(self) -> NDArray[np.bool_]:
        """Which latents (d,) carry no information about the images."""
        return np.asarray(self.kl < UNUSED)

    @property
    def latents(self) -> int:
        """The number d of latents."""
        return len(self.kl)


class Usage(msgspec.Struct, frozen=True, eq=False):
    """The use of the latents by the test images: the KL (d,) in nats, and two principal directions (2, d)."""

    kl: Array
    principal: Array


@derived(Traversal)
def traversal(document: Latent, _: Viewport) -> Generator[Traversal | Pending, None, None]:
    """Yield the traversal grid of the whole model first, then also how the latents follow the factors."""
    whole = document.whole_model
    yield PENDING
    usage = remember(whole, "usage of latents", lambda: usage_of(whole))
    point = document.slice.point(whole.latents, image_mean(document))
    z = np.repeat(point[None], whole.latents * len(STEPS), axis=0).reshape(whole.latents, len(STEPS), -1)
    for latent in range(whole.latents):
        z[latent, :, latent] = STEPS
    ink = whole.decode(z.reshape(-1, whole.latents))
    ink = ink.reshape(whole.latents, len(STEPS), *ink.shape[1:])
    order = np.argsort(-usage.kl, kind="stable")
    three = means_of(document[LatentsSettings].images, whole)
    result = Traversal(order, usage.kl, point, ink, document.slice, usage.principal, three)
    yield result
    if whole.embedding.factor_names:
        yield PENDING
        followed = remember(whole, "interpretability", lambda: interpretability_of(whole))
        directions = remember(whole, "directions of factors", lambda: factor_directions(whole))
        yield replace(result, factors=followed, directions=directions)


def usage_of(model: LoadedModel) -> Usage:
    """Return the use of the latents of a whole model by its test images (Kingma & Welling 2014, appendix B)."""
    embedding = model.embedding
    mean, deviation = embedding.mean, embedding.deviation
    kl = 0.5 * np.mean(mean**2 + deviation**2 - 1 - 2 * np.log(deviation), axis=0)
    _, directions = np.linalg.eigh(np.cov(mean.T))
    return Usage(kl, _signed(directions.T[::-1][:2]))


def _signed(directions: Array) -> Array:
    """Return directions (2, d) whose largest component is positive, so that they are unique."""
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return np.asarray(directions * np.sign(largest))


def interpretability_of(model: LoadedModel) -> Interpretability:
    """Return how the latents of a whole model follow the factors of its test images."""
    embedding = model.embedding
    rows = slice(0, IMAGES)
    return interpretability(
        embedding.mean[rows], embedding.deviation[rows], embedding.factors[rows], embedding.factor_names
    )


def factor_directions(model: LoadedModel) -> Array:
    """Return the direction (f, d) of each factor: the change of the encoder mean for one unit, by least squares."""
    embedding = model.embedding
    columns = np.column_stack([np.ones(len(embedding.factors)), embedding.factors])
    slopes, *_ = np.linalg.lstsq(columns, embedding.mean, rcond=None)
    return np.asarray(slopes[1:])


def with_others_at_0(document: Latent) -> Latent:
    """Return the document with the other latents at 0."""
    return document.with_slice(replace(document.slice, at_image=False, values=()))


def with_others_at_image(document: Latent) -> Latent:
    """Return the document with the other latents at the encoder mean of the selected image."""
    return document.with_slice(replace(document.slice, at_image=True, values=()))


def are_at_image(document: Latent) -> bool:
    """Return whether the other latents follow the selected image."""
    return document.slice.at_image


def with_image(document: Latent) -> Latent:
    """Return the document with its selected image as one of the three for a plane; the oldest one makes room.

    Raises ValueError, in one sentence, if no image is selected or if it is one of them already.
    """
    if isinstance(document.input, Blank):
        raise ValueError(NONE)
    chosen = document[LatentsSettings].images
    if document.input in chosen:
        raise ValueError(TWICE)
    return document.with_setting(LatentsSettings((*chosen, document.input)[-THREE:]))
