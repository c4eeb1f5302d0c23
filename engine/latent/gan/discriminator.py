"""Discriminator: what D says about the generated images all over the plane, and about the selected image.

D's logits have no zero of their own, because both losses compare pairs of images. Here zero is the mean logit of real
test images.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, derived
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.gan.gan import gan_beside, network_of
from engine.latent.image_scores.samples import evenly, latents
from engine.latent.inputs.input import Blank
from engine.latent.model import LoadedModel
from engine.latent.plane.cell_grid import Grid, grid_over
from engine.latent.unboxing.evaluation import Counts
from engine.memo import remember
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.gan.gan import Gan

JUDGED = 1000  # test images, and generated images
BINS = 40
SHADES, CLEAR = 254, 255  # colours run from 0 to SHADES; CLEAR is transparent
WIDE = 0.98  # of the generated images lie within the colours
SHOWN_EVERY = 12  # blocks between two intermediate results


class JudgedPlane(msgspec.Struct, frozen=True, eq=False):
    """D(G(z)) minus the mean of D over test images, as colour indices (rows, columns) 0–254, row 0 at the bottom.

    The colours run from −`reach` to `reach` logits; 127 is zero, and 255 a cell that is not computed.
    """

    image: NDArray[np.uint8]
    viewport: Viewport
    reach: float


class Verdicts(msgspec.Struct, frozen=True, eq=False):
    """The logits of D, minus their mean over test images: histograms of test images and of generated images.

    `fooled` is the fraction of pairs in which D takes the generated image for more real than the test image.
    `chosen` is the value of the selected image, and `below` the fraction of test images with a smaller one.
    """

    step: int
    real: Counts
    generated: Counts
    fooled: float
    chosen: float | None = None
    name: str = ""
    below: float = 0.0


class Logits(msgspec.Struct, frozen=True, eq=False):
    """The logits of D for test images (n,) and for generated images (m,), and the mean over the test images."""

    real: Array
    generated: Array
    zero: float


def logits_of(gan: LoadedModel) -> Logits:
    """Return the logits of D for JUDGED test images and as many generated images, from the cache if they are known."""
    network = network_of(gan)
    return remember(gan, "logits", partial(_logits, network))


def _logits(network: Gan) -> Logits:
    real = network.judge(evenly(network.card.recipe.data.test().pixels, JUDGED))
    generated = network.judge(network.decode(latents(JUDGED)))
    return Logits(real, generated, float(real.mean()) if len(real) else 0.0)


@derived(JudgedPlane, last=True)
def judged_plane(document: Latent, viewport: Viewport) -> Generator[JudgedPlane | Pending | None, None, None]:
    """Yield D over the plane with more and more cells; None if there is no GAN beside the model."""
    gan = gan_beside(document)
    if gan is None:
        yield None
        return
    grid = grid_over(document.chart, viewport)
    found = logits_of(gan)
    yield PENDING
    reach = max(float(np.quantile(np.abs(found.generated - found.zero), WIDE)), 1e-6)
    values = np.full((grid.viewport.rows, grid.viewport.columns), np.nan)
    for done, (rows, columns, covered) in enumerate(grid.blocks, 1):
        values[rows, columns] = remember(gan, (grid.chart, covered), partial(_over, network_of(gan), grid, covered))
        yield _shaded(values - found.zero, grid, reach) if done % SHOWN_EVERY == 0 else PENDING
    yield _shaded(values - found.zero, grid, reach)


def _over(network: Gan, grid: Grid, covered: Viewport) -> Array:
    """The logits of D (rows, columns) of the images at the latents of a block; NaN where the chart has none."""
    places = np.stack(np.meshgrid(covered.x, covered.y), axis=-1)
    values, held = np.full(places.shape[:2], np.nan), grid.chart.holds(places)
    if held.any():
        values[held] = network.judge(network.decode(grid.chart.to_latent(places[held])))
    return values


def _shaded(values: Array, grid: Grid, reach: float) -> JudgedPlane:
    shade = np.clip((values / reach + 1) / 2, 0, 1) * SHADES + 0.5
    image = np.where(np.isnan(values), CLEAR, shade).astype(np.uint8)
    image.setflags(write=False)
    return JudgedPlane(image, grid.viewport, reach)


@derived(Verdicts, last=True)
def verdicts(document: Latent, _: Viewport) -> Verdicts | None:
    """Return the histograms of D's logits, and the logit of the selected image; None if there is no GAN."""
    gan = gan_beside(document)
    if gan is None:
        return None
    found, network = logits_of(gan), network_of(gan)
    real, generated = np.sort(found.real - found.zero), found.generated - found.zero
    edges = _edges(np.concatenate([real, generated]))
    pairs = float(np.mean(np.searchsorted(real, generated) / max(1, len(real))))
    verdict = Verdicts(network.card.step, _counts(real, edges), _counts(generated, edges), pairs)
    pixels, name = selected_pixels(document, gan)
    if pixels is None:
        return replace(verdict, name=name)
    chosen = float(network.judge(pixels[None] / np.float32(255))[0] - found.zero)
    below = float(np.searchsorted(real, chosen) / max(1, len(real)))
    return replace(verdict, chosen=chosen, name=name, below=below)


def selected_pixels(document: Latent, gan: LoadedModel) -> tuple[NDArray[np.uint8] | None, str]:
    """The pixels of the selected image and its name; None and the reason if there is none."""
    data = network_of(gan).card.recipe.data
    if isinstance(document.input, Blank):
        return None, "No image is selected."
    try:
        return document.input.pixels(data, network_of(gan).image_shape), document.input.name(data)
    except ValueError as reason:
        return None, str(reason)


def _counts(values: Array, edges: Array) -> Counts:
    return Counts(edges, np.histogram(values, edges)[0], float(values.mean()))


def _edges(values: Array) -> Array:
    """Return the edges (BINS + 1,) of bins that contain all values."""
    low, high = float(values.min()), float(values.max())
    return np.linspace(low, max(high, low + 1e-6), BINS + 1)
