"""Translation: the half B of a pair given its half A, if the plane of B is turned by an angle.

A model of pairs is two decoders over one plane: p(x_A|z) and p(x_B|z). If the second plane is turned or mirrored,
p(x_B|Rz), then p(x_A) and p(x_B) stay the same for every R, because N(0, I) does not change. But every translation
p(x_B|x_A) changes. So the images of both kinds alone, without pairs, cannot decide which translation is right.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.datasets.pairs import Pairs
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, FromData, encoded_by
from engine.latent.model import Pixels8, as_shown
from engine.latent.observations.half import Half
from engine.latent.posterior.grid_density import WeightedCells, log_sum
from engine.latent.posterior.unboxing import Unboxing
from engine.latent.unboxing.completions import CompletionsSettings, coarsened
from engine.latent.unboxing.intractable import too_many
from engine.latent.unboxing.shared_posterior import unboxings_of
from engine.part import Part
from engine.plane import Viewport

NO_PAIRS = "The images of this model are not pairs. Open the model pairs, or train one with the data set Pairs."
NOT_LEFT = "Observe the left half of a pair: choose a test image, and the observation One half, left."
SHIPPED_PAIRS = "pairs"
CELLS = 2048  # cells of the posterior over which ln p(B|A) is summed


@SETTINGS.register
class TranslationSettings(Part, Setting, frozen=True, tag=True):
    """Translation: the angle of the plane of B, and whether the plane is mirrored."""

    angle: Annotated[
        float, Meta(ge=-180, le=180, title="Angle", description="Degrees by which the plane of B is turned.")
    ] = 0.0
    mirror: Annotated[bool, Meta(title="Mirror", description="Mirror the plane of B at its vertical axis first.")] = (
        False
    )


class Translated(msgspec.Struct, frozen=True, eq=False):
    """Samples of p(x_A, x_B | observed A): pairs (n, h, 2w[, 3]), and both log densities in nats.

    `log_a` is ln p(x_A), which no angle changes, and `log_b_given_a` is ln p(x_B|x_A) of the true half B of the image.
    `unavailable` is the reason if there are none.
    """

    unavailable: str = ""
    truth: Pixels8 | None = None
    pairs: Pixels8 = msgspec.field(default_factory=lambda: np.empty((0, 1, 1), np.uint8))
    log_a: float = 0.0
    log_b_given_a: float = 0.0


def rotation(degrees: float, mirror: bool = False) -> Array:
    """Return the orthogonal matrix R (2, 2): a rotation by an angle, counterclockwise, after a reflection z₀ → −z₀."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn * [-1.0, 1.0] if mirror else turn


@derived(Translated)
def translated(document: Latent, _: Viewport) -> Generator[Translated | Pending, None, None]:
    """Yield the translations of the observed half A, again for each more accurate posterior."""
    if not isinstance(document.loaded_model.vae.card.recipe.data, Pairs):
        yield Translated(NO_PAIRS)
        return
    if document.is_sliced:
        yield Translated(too_many(document.whole_model.latents))
        return
    if isinstance(document.input, Blank) or document.observation != Half("left") or not document.step:
        yield Translated(NOT_LEFT)
        return
    vae = document.loaded_model.vae
    image = vae.scored(encoded_by(document.loaded_model, document.input).pixels / np.float32(255))
    for better in unboxings_of(document):
        yield _translated(document, better, image) if isinstance(better, Unboxing) else better


def _translated(document: Latent, unboxing: Unboxing, x: Array) -> Translated:
    settings, chosen = document[TranslationSettings], document[CompletionsSettings]
    vae, turn = document.loaded_model.vae, rotation(settings.angle, settings.mirror)
    z = unboxing.mass.sample(np.random.default_rng(chosen.seed), chosen.samples)
    pairs = vae.decode(z)
    middle = pairs.shape[2] // 2
    pairs[:, :, middle:] = vae.decode(z @ turn.T)[:, :, middle:]
    found = log_translation(document, unboxing.mass, x, turn)
    return Translated("", as_shown(x, vae.light), as_shown(pairs, vae.light), unboxing.log_evidence, found)


def log_translation(document: Latent, mass: WeightedCells, x: Array, turn: Array) -> float:
    """Return ln p(x_B|x_A) = ln ∫ p(x_B|Rz) p(z|x_A) dz in nats, for an image x (h, 2w[, 3]) from 0 to 1.

    The integral is a sum over the cells of the posterior `mass` of A (sum and product rule: Bishop, PRML, eq. 1.10).
    """
    from engine.latent.posterior.scoring.at_latents import log_likelihoods

    cells = coarsened(mass, CELLS)
    fits = log_likelihoods(document.loaded_model.vae, Half("right").measure(x).measurements, cells.z @ turn.T)
    return float(log_sum(fits + np.log(np.maximum(cells.shares, 1e-300))))


def with_angle(document: Latent, degrees: float) -> Latent:
    """Return the document with another angle of the plane of B, in degrees."""
    return document.with_setting(replace(document[TranslationSettings], angle=float(degrees)))


def with_pairs(document: Latent) -> Latent:
    """Return the document with the shipped model of pairs."""
    return document.with_model(SHIPPED_PAIRS)


def with_left_half(document: Latent) -> Latent:
    """Return the document with the left half of the selected image observed; of the first test image if none is."""
    chosen = document.with_input(FromData(0)) if isinstance(document.input, Blank) else document
    return chosen.with_observation(Half("left"))
