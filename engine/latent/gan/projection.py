"""Projection: the z whose generated image is the nearest to the selected image. It is a search and no inference.

The distance of two images is the root of the mean squared difference of their pixels, which are from 0 to 1. An image
beside the sheet of all generated images has a projection too, and nothing says how probable its z is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, derived
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.gan.discriminator import selected_pixels
from engine.latent.gan.gan import GanSettings, gan_beside, network_of
from engine.memo import Recent, remember
from engine.plane import Viewport

FAR = 3.5  # the search is in [−FAR, FAR]², where nearly all of the prior is
NODES = 61  # of the first lattice, on each axis
STARTS = 6  # minima of the lattice that are refined
KEPT = 64  # images whose projections are kept
HALVINGS = 9  # of the step, which is then below 0.0003
MOVES = np.stack(np.meshgrid(*2 * [np.arange(-2, 3)], indexing="ij"), axis=-1).reshape(-1, 2)  # (25, 2), in steps


class Projection(msgspec.Struct, frozen=True):
    """The nearest generated image: its `z` and its distance from the selected image, whose name is `name`.

    `z` is None if no image is selected; `name` is then the reason.
    """

    name: str
    z: tuple[float, float] | None = None
    distance: float = 0.0


@derived(Projection, last=True)
def projection(document: Latent, _: Viewport) -> Generator[Projection | Pending | None, None, None]:
    """Yield the projection of the selected image; None if it is not wanted, or if there is no GAN."""
    gan = gan_beside(document) if document[GanSettings].projection else None
    if gan is None:
        yield None
        return
    pixels, name = selected_pixels(document, gan)
    if pixels is None:
        yield Projection(name)
        return
    known: Recent[bytes, tuple[Array, float]] = remember(gan, "projections", partial(Recent, KEPT))
    if (key := pixels.tobytes()) not in known:
        known[key] = yield from nearest(network_of(gan).decode, pixels / np.float32(255))
    z, distance = known[key]
    yield Projection(name, (float(z[0]), float(z[1])), distance)


def nearest(decode: Callable[[Array], NDArray[Any]], image: Array) -> Generator[Pending, None, tuple[Array, float]]:
    """Return the z (2,) whose image is the nearest to an image (h, w[, 3]), and its distance; yield between the parts.

    `decode` maps latents (n, 2) to images (n, h, w[, 3]). A lattice is decoded, and its lowest local minima are
    refined with steps that are halved.
    """
    axis, errors = np.linspace(-FAR, FAR, NODES), np.full((NODES + 2, NODES + 2), np.inf)
    for i, across in enumerate(axis):
        errors[i + 1, 1:-1] = _errors(decode, image, np.stack([np.full(NODES, across), axis], axis=1))
        yield PENDING
    inside = errors[1:-1, 1:-1]
    around = [errors[1 + i : NODES + 1 + i, 1 + j : NODES + 1 + j] for i, j in MOVES if max(abs(i), abs(j)) == 1]
    lowest = np.argwhere(inside <= np.min(around, axis=0))
    best, least = np.zeros(2), np.inf
    for i, j in sorted(lowest.tolist(), key=lambda at: inside[at[0], at[1]])[:STARTS]:
        z, step = np.array([axis[i], axis[j]]), axis[1] - axis[0]
        for _ in range(HALVINGS):
            step /= 2
            places = np.clip(z + step * MOVES, -FAR, FAR)
            found = _errors(decode, image, places)
            z, error = places[found.argmin()], float(found.min())
        if error < least:
            best, least = z, error
        yield PENDING
    return best, float(np.sqrt(least))


def _errors(decode: Callable[[Array], NDArray[Any]], image: Array, z: Array) -> Array:
    """The mean squared differences (n,) of an image from those at latents (n, 2)."""
    differences = (decode(z) - image).reshape(len(z), -1).astype(float)
    errors: Array = (differences**2).mean(axis=1)
    return errors
