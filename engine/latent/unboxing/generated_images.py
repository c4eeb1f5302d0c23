"""Generated images: latents drawn and decoded, images drawn from p(x|z), and the nearest training images."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.datasets.data_set import DataSet, Images
from engine.latent.document import Latent
from engine.latent.model import LoadedModel, Pixels8, as_shown
from engine.latent.plane.overlays.aggregate_posterior import Aggregate
from engine.latent.posterior.nearest import NearestImages, nearest_images
from engine.memo import Resumable, remember
from engine.part import Part
from engine.plane import Viewport

MOST = 24  # pictures at once
HELD_OUT = 100  # images whose distances are compared with
RARE = 0.05  # of them are nearer than what is called near
HOLE = 0.1  # times what the prior has: where q̄ has less, the decoder has hardly learnt what to draw
Source = Literal["prior p(z)", "aggregate posterior q̄(z)"]
PRIOR: Source = "prior p(z)"


@SETTINGS.register
class GeneratedImagesSettings(Part, Setting, frozen=True, tag=True):
    """Generated images: how many pictures are made, and where their latents come from."""

    source: Annotated[
        Source,
        Meta(
            title="z from",
            description="The prior, or the average of q(z|x) over held-out images: where images are encoded.",
        ),
    ] = PRIOR
    count: Annotated[int, Meta(ge=1, le=MOST, title="Pictures", description="How many are generated.")] = 8
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Same seed, same pictures.")] = 1

    def fresh(self) -> GeneratedImagesSettings:
        """With other draws."""
        return replace(self, seed=(self.seed + 1) % 2**31)

    def latents(self, aggregate: Aggregate) -> Array:
        """z (count, 2). A higher count leaves the first ones as they are."""
        noise = np.random.default_rng((self.seed, 0)).standard_normal((self.count, 2))
        if self.source == PRIOR:
            return noise
        chosen = np.random.default_rng((self.seed, 1)).integers(len(aggregate.mean), size=self.count)
        return np.asarray(aggregate.mean[chosen] + aggregate.deviation[chosen] * noise)


def generate_again(document: Latent) -> Latent:
    """Return the document with other generated images."""
    return document.with_setting(document[GeneratedImagesSettings].fresh())


class Nearest(msgspec.Struct, frozen=True, eq=False):
    """The training images nearest to E[x|z]: their numbers (n,), classes (n,), ink (n, h, w[, 3]) and distances (n,).

    A distance is ‖E[x|z] − x‖ over all pixels, from 0 to 1 each.
    """

    number: NDArray[np.intp]
    classes: tuple[str, ...]
    ink: Pixels8
    distance: Array


class Reference(msgspec.Struct, frozen=True):
    """How far so many real, held-out images lie from their nearest training image: the median, and where few do."""

    images: int
    median: float
    low: float


class Generated(msgspec.Struct, frozen=True, eq=False):
    """What the panel draws: latents z (n, 2), E[x|z] and one x ~ p(x|z) each, as they are shown, (n, h, w[, 3]).

    `holes` (n,) says which z lie where hardly any image is encoded, and `hole_mass` how much of the prior does. The
    nearest training images come later; `unavailable` says why there are none. `likelihood` is the name of p(x|z).
    """

    source: Source
    likelihood: str
    z: Array
    mean: Pixels8
    sampled: Pixels8
    holes: NDArray[np.bool_]
    hole_mass: float
    nearest: Nearest | None = None
    reference: Reference | None = None
    unavailable: str = ""

    @property
    def near(self) -> NDArray[np.bool_]:
        """Which (n,) are nearer to a training image than nearly all real images are."""
        if self.nearest is None or self.reference is None:
            return np.zeros(len(self.z), bool)
        return np.asarray(self.nearest.distance < self.reference.low)


@derived(Generated, last=True)
def generated_images(document: Latent, _: Viewport) -> Generator[Generated | Pending, None, None]:
    """The pictures at once, then the nearest training images, then how near real images are."""
    model, chosen = document.loaded_model, document[GeneratedImagesSettings]
    made, means = remember(model, chosen, lambda: _generated(model, chosen))
    yield made
    data = model.vae.card.recipe.data
    try:
        train = yield from data.train_in_steps()
        _check_shape(train, model)
    except (OSError, ValueError) as reason:
        yield replace(made, unavailable=f"There are no training images to compare with. {reason}")
        return
    search = remember(model, (chosen, "nearest"), lambda: Resumable(nearest_images(train.pixels, means)))
    made = replace(made, nearest=_nearest(train, (yield from search.result()), model.vae.light))
    yield made
    yield replace(made, reference=_reference((yield from _held_out(data).result())))


def _generated(model: LoadedModel, chosen: GeneratedImagesSettings) -> tuple[Generated, NDArray[np.float32]]:
    from engine.latent.vae.networks.sampling import sample

    vae, embedding = model.vae, model.embedding
    aggregate = Aggregate(embedding.mean, embedding.deviation)
    z = chosen.latents(aggregate)
    means, sampled = vae.decode(z), sample(vae, z, np.random.default_rng((chosen.seed, 2)))
    holes, mass = aggregate.in_hole(z, HOLE), aggregate.holes(HOLE)
    shown = as_shown(means, vae.light), as_shown(np.clip(sampled, 0, 1), vae.light)
    return Generated(chosen.source, type(vae.networks.likelihood).__name__, z, *shown, holes, mass), means


def _check_shape(train: Images, model: LoadedModel) -> None:
    if not len(train) or train.pixels.shape[1:] != tuple(model.vae.image_shape):
        raise ValueError("They are not of the model's shape.")


def _nearest(train: Images, found: NearestImages, light: bool) -> Nearest:
    number = found.number
    classes = tuple(train.classes[label] for label in train.labels[number])
    return Nearest(number, classes, as_shown(train.pixels[number] / np.float32(255), light), found.distance)


@lru_cache(maxsize=1)
def _held_out(data: DataSet) -> Resumable[NearestImages]:
    """The same for every model of the data, and every moment of its training."""
    test = data.test().pixels
    chosen = test[np.linspace(0, len(test) - 1, min(HELD_OUT, len(test))).astype(int)]
    return Resumable(nearest_images(data.train().pixels, chosen / np.float32(255)))


def _reference(found: NearestImages) -> Reference:
    low, median = np.quantile(found.distance, (RARE, 0.5))
    return Reference(len(found.distance), float(median), float(low))
