"""Any resolution: one latent drawn with any number of pixels, by a decoder that is asked for places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.latent.document import Latent
from engine.latent.image.current_latent import current_latent
from engine.latent.model import Ink, Manifold, as_shown
from engine.latent.vae.architectures.coordinates import Coordinates
from engine.memo import once
from engine.part import Part
from engine.plane import Viewport

ANY = "any_resolution"  # the picture
SMALLEST, LARGEST = 28, 2048  # pixels of the shorter side
CENTRE = (0.0, 0.0)

Place = tuple[float, float]


@SETTINGS.register
class AnyResolutionSettings(Part, Setting, frozen=True, tag=True):
    """Any resolution: with how many pixels one latent is drawn."""

    size: Annotated[
        int, Meta(ge=SMALLEST, le=LARGEST, title="Pixels", description="On the shorter side of the saved picture.")
    ] = 512


class Drawn(msgspec.Struct, frozen=True, eq=False):
    """A latent as large as the panel: `ink` (h, w[, 3]) as it is shown; None if the model draws fixed pixels only.

    `standing` says which latent it is, `saved` is the height and width of the picture that would be saved.
    """

    z: Place
    standing: str
    shape: tuple[int, ...]
    saved: tuple[int, int]
    ink: Ink | None


def at_any_size(manifold: Manifold) -> bool:
    """Whether the model's decoder is asked for places, and so draws at any resolution."""
    return isinstance(manifold.vae.card.recipe.architecture, Coordinates)


@derived(Drawn, last=True)
def rendered_image(document: Latent, viewport: Viewport) -> Iterator[Pending | Drawn]:
    """The latent that is looked into, or the middle of the plane, as large as fits into the viewport's pixels."""
    manifold, found = document.manifold, current_latent(document)
    z, standing = (found.z, found.name) if found else (CENTRE, "the middle of the plane")
    shape = manifold.vae.image_shape
    saved = sized(shape, document[AnyResolutionSettings].size)
    if not at_any_size(manifold):
        yield Drawn(z, standing, shape, saved, None)
        return
    scale = min(viewport.rows / shape[0], viewport.columns / shape[1])
    key = z, max(1, round(scale * shape[0])), max(1, round(scale * shape[1]))
    last: dict[tuple[Place, int, int], Ink] = once(manifold, ANY, dict)
    if key not in last:
        for _, ink in rendered(manifold, *key):
            yield PENDING
            whole = ink
        last.clear()
        last[key] = whole
    yield Drawn(z, standing, shape, saved, last[key])


def sized(shape: tuple[int, ...], size: int) -> tuple[int, int]:
    """Height and width of a picture of a model's proportions whose shorter side has `size` pixels."""
    scale = size / min(shape[:2])
    return round(scale * shape[0]), round(scale * shape[1])


def rendered(manifold: Manifold, z: Place, height: int, width: int) -> Iterator[tuple[float, Ink]]:
    """How much of a picture is there, from 0 to 1, and the picture (height, width[, 3]) as it is shown, band by band.

    It is the same array each time; no more than a band of it is ever there as numbers. Raises ValueError, in one
    sentence, if the model draws at no other resolution than its own.
    """
    channels = (3,) if manifold.vae.light else ()
    ink, done = np.zeros((height, width, *channels), np.uint8), 0
    for band in manifold.vae.render(z, height, width):
        ink[done : done + len(band)] = as_shown(band, manifold.vae.light)
        done += len(band)
        yield done / height, ink
