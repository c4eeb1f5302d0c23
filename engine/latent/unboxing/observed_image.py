"""The observed image: its observed and hidden pixels, and the image decoded at the posterior mean of z."""

from __future__ import annotations

from collections.abc import Generator

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.derived import Pending, derived
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank
from engine.latent.model import Pixels8, as_shown
from engine.latent.observations.measurement import Measurement, NoisyPixels, Pixels
from engine.latent.observations.observation import Measurements
from engine.latent.posterior.unboxing import Unboxing
from engine.latent.unboxing.shared_posterior import seen_of, unboxings_of
from engine.plane import Viewport

Mask = NDArray[np.bool_]


class Decoded(msgspec.Struct, frozen=True, eq=False):
    """A latent z and the image decoded from it; `drawn` names the quantity of p(x|z) that the pixels show."""

    z: tuple[float, float]
    ink: Pixels8
    drawn: str


class Observed(msgspec.Struct, frozen=True, eq=False):
    """The `whole` image (h, w[, 3]) as the likelihood receives it, and its observed pixels `seen` at the present step.

    `known` (h, w) are the pixels that are observed at all, `added` (steps, h, w) those that each measurement adds, the
    waiting ones included, and `measured` describes the size of each measurement. `mean` is the image decoded at the
    posterior mean, when it is computed. `unavailable` is the reason if the observation cannot be applied.
    """

    whole: Pixels8
    seen: Pixels8
    known: Mask
    added: Mask
    measured: tuple[str, ...]
    step: int
    mean: Decoded | None = None
    unavailable: str = ""


@derived(Observed)
def observed_image(document: Latent, _: Viewport) -> Generator[Observed | Pending | None, None, None]:
    """Yield the observed pixels first, later also the image decoded at E[z | y]. None if no image is selected."""
    if isinstance(document.input, Blank):
        yield None
        return
    try:
        seen = seen_of(document)
        assert seen is not None
    except ValueError as refusal:
        yield _unseen(document, str(refusal))
        return
    observed = _observed(document, seen)
    yield observed
    for unboxing in unboxings_of(document):
        if isinstance(unboxing, Unboxing):
            yield msgspec.structs.replace(observed, mean=_decoded(document, unboxing.mass.mean))
        else:
            yield unboxing


def _observed(document: Latent, seen: Measurements) -> Observed:
    light, step = document.loaded_model.vae.light, document.step
    added = seen.known[1:] & ~seen.known[:-1]
    shown = as_shown(seen.pictures[step], light)
    return Observed(_whole(document), shown, seen.known[step], added, measures(seen), step)


def _unseen(document: Latent, why: str) -> Observed:
    """An image to which the observation cannot be applied, or that the model cannot encode."""
    h, w = document.loaded_model.vae.image_shape[:2]
    nothing = np.zeros((0, h, w), bool)
    try:
        whole = _whole(document)
    except ValueError:
        whole = as_shown(np.zeros(document.loaded_model.vae.image_shape), document.loaded_model.vae.light)
    return Observed(whole, np.zeros_like(whole), np.zeros((h, w), bool), nothing, (), 0, unavailable=why)


def _whole(document: Latent) -> Pixels8:
    vae = document.loaded_model.vae
    pixels = document.input.pixels(vae.card.recipe.data, vae.image_shape)
    return as_shown(vae.scored(pixels / np.float32(255)), vae.light)


def _decoded(document: Latent, z: Array) -> Decoded:
    model = document.loaded_model
    return Decoded((float(z[0]), float(z[1])), model.decode(z[None])[0], model.vae.card.recipe.likelihood.drawn)


def measures(seen: Measurements) -> tuple[str, ...]:
    """Describe the size of each measurement."""
    channels = seen.pictures[0].size // seen.known[0].size
    return tuple(measured(measurement, channels) for measurement in seen.measurements)


def measured(measurement: Measurement, channels: int) -> str:
    """Describe the size of a measurement of an image with the given number of channels."""
    n = len(measurement.values)
    if isinstance(measurement, Pixels):
        return _many(n // channels, "pixel")
    if isinstance(measurement, NoisyPixels):
        return _many(n // channels, "noisy pixel")
    return _many(n, "measured number")


def _many(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
