"""Any resolution: one latent decoded with any number of pixels, by a decoder of coordinates."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import Meta

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.latent.document import Latent
from engine.latent.image.current_latent import current_latent
from engine.latent.model import Ink, Manifold, as_shown
from engine.latent.vae.architectures.coordinates import Coordinates
from engine.memo import Recent, Resumable, remember
from engine.part import Part
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

SMALLEST, LARGEST = 28, 2048  # pixels of the shorter side
CENTRE = (0.0, 0.0)

Place = tuple[float, float]


@SETTINGS.register
class AnyResolutionSettings(Part, Setting, frozen=True, tag=True):
    """Any resolution: the number of pixels of the saved image."""

    size: Annotated[
        int, Meta(ge=SMALLEST, le=LARGEST, title="Pixels", description="On the shorter side of the saved image.")
    ] = 512


class Drawn(msgspec.Struct, frozen=True, eq=False):
    """A latent as large as the panel: `ink` (h, w[, 3]) as it is shown; None if the model draws fixed pixels only.

    `name` says which latent it is, `saved` is the height and width of the image that would be saved.
    """

    z: Place
    name: str
    shape: tuple[int, ...]
    saved: tuple[int, int]
    ink: Ink | None


def at_any_size(manifold: Manifold) -> bool:
    """Whether the model decodes single coordinates, and so any resolution."""
    return isinstance(manifold.vae.card.recipe.architecture, Coordinates)


@derived(Drawn, last=True)
def rendered_image(document: Latent, viewport: Viewport) -> Generator[Drawn | Pending, None, None]:
    """The current latent, or the middle of the plane, decoded as large as the viewport's pixels allow."""
    manifold, found = document.manifold, current_latent(document)
    z, name = (found.z, found.name) if found else (CENTRE, "the middle of the plane")
    shape = manifold.vae.image_shape
    saved = sized(shape, document[AnyResolutionSettings].size)
    if not at_any_size(manifold):
        yield Drawn(z, name, shape, saved, None)
        return
    scale = min(viewport.rows / shape[0], viewport.columns / shape[1])
    key = z, max(1, round(scale * shape[0])), max(1, round(scale * shape[1]))
    latest: Recent[object, Resumable[Ink]] = remember(manifold, "any_resolution", partial(Recent, 1))
    work = latest.remember(key, lambda: Resumable(_whole(manifold.vae, *key)))
    yield Drawn(z, name, shape, saved, (yield from work.result()))


def _whole(vae: VAE, z: Place, height: int, width: int) -> Generator[Pending, None, Ink]:
    for _, image in rendered(vae, z, height, width):
        whole = image
        yield PENDING
    return whole


def sized(shape: tuple[int, ...], size: int) -> tuple[int, int]:
    """Height and width of a picture of a model's proportions whose shorter side has `size` pixels."""
    scale = size / min(shape[:2])
    return round(scale * shape[0]), round(scale * shape[1])


def rendered(vae: VAE, z: Place, height: int, width: int) -> Iterator[tuple[float, Ink]]:
    """How much of a picture is there, from 0 to 1, and the picture (height, width[, 3]) as it is shown, band by band.

    It is the same array each time; no more than a band of it is ever there as numbers. Raises ValueError, in one
    sentence, if the model draws at no other resolution than its own.
    """
    channels = (3,) if vae.light else ()
    ink, done = np.zeros((height, width, *channels), np.uint8), 0
    for band in vae.render(z, height, width):
        ink[done : done + len(band)] = as_shown(band, vae.light)
        done += len(band)
        yield done / height, ink
