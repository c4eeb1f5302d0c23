"""Written or generated: a quiz of images, some from the test images and some decoded from latents of the prior.

The audience marks the images that it holds for written. The answer shows the written ones, and the training image
nearest to each image.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.model import LoadedModel, Pixels8, as_shown
from engine.latent.posterior.nearest import nearest_images
from engine.memo import Resumable, remember
from engine.part import Part
from engine.plane import Viewport

IMAGES = 8
Position = Annotated[int, Meta(ge=0, lt=IMAGES)]


@SETTINGS.register
class WrittenOrGeneratedSettings(Part, Setting, frozen=True, tag=True):
    """Written or generated: how many images were written, the marked images, and whether the answer is shown."""

    written: Annotated[
        int, Meta(ge=0, le=IMAGES, title="Written", description="The number of images from the test images.")
    ] = 3
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Seed", description="The same seed asks about the same images.")
    ] = 1
    votes: Annotated[
        tuple[Position, ...],
        Meta(max_length=IMAGES, title="Marked", description="The images that are held for written, counted from 0."),
    ] = ()
    answered: Annotated[bool, Meta(title="Answer", description="Show which images were written.")] = False

    def with_vote(self, i: int) -> WrittenOrGeneratedSettings:
        """With image `i` marked as written, or without its mark."""
        others = tuple(vote for vote in self.votes if vote != i)
        return replace(self, votes=others if i in self.votes else tuple(sorted((*others, i))))

    def fresh(self) -> WrittenOrGeneratedSettings:
        """With other images, without marks and without the answer."""
        return replace(self, seed=(self.seed + 1) % 2**31, votes=(), answered=False)


def ask_again(document: Latent) -> Latent:
    """Return the document with a new quiz."""
    return document.with_setting(document[WrittenOrGeneratedSettings].fresh())


def answer(document: Latent) -> Latent:
    """Return the document with the answer shown, or hidden again."""
    chosen = document[WrittenOrGeneratedSettings]
    return document.with_setting(replace(chosen, answered=not chosen.answered))


class Quiz(msgspec.Struct, frozen=True, eq=False):
    """The images (n, h, w[, 3]) as shown, and which of them were `written` (n,).

    `nearest` (n, h, w[, 3]) are the training images with the smallest ‖x − xₙ‖, and `distance` (n,) are these norms
    over pixels from 0 to 1. Both are computed only for the answer. `unavailable` is the reason if there are none.
    """

    images: Pixels8
    written: NDArray[np.bool_]
    nearest: Pixels8 | None = None
    distance: Array | None = None
    unavailable: str = ""


@derived(Quiz)
def quiz(document: Latent, _: Viewport) -> Generator[Quiz | Pending, None, None]:
    """Yield the images, then for the answer also the nearest training images."""
    model, chosen = document.whole_model, document[WrittenOrGeneratedSettings]
    key = chosen.written, chosen.seed
    asked, pixels = remember(model, ("quiz", *key), lambda: _asked(model, *key))
    yield asked
    if not chosen.answered:
        return
    try:
        train = yield from model.vae.card.recipe.data.train_in_steps()
        if train.pixels.shape[1:] != pixels.shape[1:]:
            raise ValueError("Their shape differs from that of the model's images.")
    except (OSError, ValueError) as reason:
        yield replace(asked, unavailable=f"There are no training images to compare with. {reason}")
        return
    search = remember(model, ("quiz", *key, "nearest"), lambda: Resumable(nearest_images(train.pixels, pixels)))
    found = yield from search.result()
    light = model.vae.light
    nearest = as_shown(train.pixels[found.number] / np.float32(255), light)
    yield replace(asked, nearest=nearest, distance=found.distance)


def _asked(model: LoadedModel, written: int, seed: int) -> tuple[Quiz, NDArray[np.float32]]:
    """Return the images in random order, and their pixels (n, h, w[, 3]) from 0 to 1."""
    vae, test = model.vae, model.vae.card.test()
    written = min(written, len(test))
    chosen = np.random.default_rng((seed, 0)).choice(len(test), written, replace=False)
    z = np.random.default_rng((seed, 1)).standard_normal((IMAGES - written, vae.latents))
    real = test.pixels[chosen].reshape(-1, *vae.image_shape) / np.float32(255)
    pixels = np.concatenate([real, vae.decode(z).reshape(-1, *vae.image_shape)])
    order = np.random.default_rng((seed, 2)).permutation(IMAGES)
    return Quiz(as_shown(pixels[order], vae.light), order < written), pixels[order].astype(np.float32)
