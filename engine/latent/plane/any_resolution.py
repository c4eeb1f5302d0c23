"""Any resolution: one latent decoded with any number of pixels, by a coordinate decoder."""

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
from engine.latent.model import LoadedModel, Pixels8, as_shown
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
    """A latent decoded at the size of the panel, `ink` (h, w[, 3]); None if the model has a fixed resolution.

    `name` is the name of the latent, and `saved` the height and width of the image that would be saved.
    """

    z: Place
    name: str
    shape: tuple[int, ...]
    saved: tuple[int, int]
    ink: Pixels8 | None


def at_any_size(model: LoadedModel) -> bool:
    """Whether the model has a coordinate decoder, and so any resolution."""
    return isinstance(model.vae.card.recipe.architecture, Coordinates)


@derived(Drawn, last=True)
def rendered_image(document: Latent, viewport: Viewport) -> Generator[Drawn | Pending, None, None]:
    """Decode the current latent, or the middle of the plane, with as many pixels as the viewport has."""
    model, current = document.loaded_model, current_latent(document)
    z, name = (current.z, current.name) if current else (CENTRE, "the middle of the plane")
    shape = model.vae.image_shape
    saved = sized(shape, document[AnyResolutionSettings].size)
    if not at_any_size(model):
        yield Drawn(z, name, shape, saved, None)
        return
    scale = min(viewport.rows / shape[0], viewport.columns / shape[1])
    key = z, max(1, round(scale * shape[0])), max(1, round(scale * shape[1]))
    latest: Recent[object, Resumable[Pixels8]] = remember(model, "any_resolution", partial(Recent, 1))
    work = latest.remember(key, lambda: Resumable(_whole(model.vae, *key)))
    yield Drawn(z, name, shape, saved, (yield from work.result()))


def _whole(vae: VAE, z: Place, height: int, width: int) -> Generator[Pending, None, Pixels8]:
    for _, image in rendered(vae, z, height, width):
        whole = image
        yield PENDING
    return whole


def sized(shape: tuple[int, ...], size: int) -> tuple[int, int]:
    """Return height and width of an image with a model's proportions whose shorter side has `size` pixels."""
    scale = size / min(shape[:2])
    return round(scale * shape[0]), round(scale * shape[1])


def rendered(vae: VAE, z: Place, height: int, width: int) -> Iterator[tuple[float, Pixels8]]:
    """Yield, band by band, the rendered fraction from 0 to 1 and the image (height, width[, 3]) as pixels.

    The image is the same array each time. Only one band is in memory as floating-point numbers. Raises ValueError if
    the model has a fixed resolution.
    """
    channels = (3,) if vae.light else ()
    ink, done = np.zeros((height, width, *channels), np.uint8), 0
    for band in vae.render(z, height, width):
        ink[done : done + len(band)] = as_shown(band, vae.light)
        done += len(band)
        yield done / height, ink
