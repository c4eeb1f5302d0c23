"""What is drawn of a run: its curves, its moments, and the fixed images that are shown while it learns."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.files import read_regular
from engine.gaussian import Array
from engine.latent.datasets.data_set import DataSet
from engine.latent.document import Latent
from engine.latent.model import Ink, as_shown
from engine.latent.training.models import Entry, entries
from engine.latent.training.runs import HISTORY, checkpoints, run_folder
from engine.latent.vae.history import History
from engine.latent.vae.history import read_history as decode_history
from engine.latent.vae.recipe import Recipe
from engine.part import Part
from engine.plane import Viewport

SHOWN = 24  # fixed images
LARGEST_HISTORY = 2**26  # bytes


@SETTINGS.register
class TrainingSettings(Part, Setting, frozen=True, tag=True):
    """Training: the recipe that is trained next, and whether the same network is trained as an autoencoder too."""

    recipe: Recipe = Recipe()
    with_autoencoder: Annotated[
        bool, Meta(title="Autoencoder", description="Train the same networks as a plain autoencoder too.")
    ] = False

    def with_recipe(self, recipe: Recipe) -> TrainingSettings:
        """With another recipe to train next."""
        return replace(self, recipe=recipe)

    def with_data(self, data: DataSet) -> TrainingSettings:
        """With another data set to train on next."""
        return replace(self, recipe=replace(self.recipe, data=data))


class Learning(msgspec.Struct, frozen=True, eq=False):
    """A run's curves, (n, 3) of step, reconstruction, KL in nats per image, and after which steps a moment is kept.

    `dimensions` is how many numbers an image has.
    """

    learnt: Array
    held_out: Array
    moments: tuple[int, ...]
    dimensions: int


class Reconstructions(msgspec.Struct, frozen=True, eq=False):
    """Held-out images and what is decoded at the mean of each one's q_φ(z|x), both (n, h, w[, 3]) as they are shown."""

    images: Ink
    decoded: Ink


@derived(Learning)
def learning(document: Latent, _: Viewport) -> Learning | None:
    """Of the run that is looked at; None for a model that was not trained here."""
    if document.trained is None:
        return None
    recipe = document.trained.recipe
    history = read_history(recipe)
    dimensions = int(np.prod(document.manifold.vae.image_shape))
    return Learning(history.curve, history.table[:, [0, 3, 4]], tuple(checkpoints(recipe)), dimensions)


def read_history(recipe: Recipe) -> History:
    """The curves of a run, as far as they have come."""
    try:
        return decode_history(read_regular(run_folder(recipe) / HISTORY, LARGEST_HISTORY))
    except ValueError:
        return History()


@derived(Reconstructions)
def reconstructions(document: Latent, _: Viewport) -> Reconstructions:
    """Evenly spaced among the held-out images: the same ones for every moment of a run."""
    vae = document.manifold.vae
    pixels = vae.card.recipe.data.test().pixels
    chosen = pixels[np.linspace(0, len(pixels) - 1, min(SHOWN, len(pixels))).astype(int)] / np.float32(255)
    mean, _deviation = vae.encode(chosen)
    return Reconstructions(as_shown(chosen, vae.light), as_shown(vae.decode(mean), vae.light))


class Entries(msgspec.Struct, frozen=True):
    """The models that can be opened."""

    all: list[Entry]


@derived(Entries)
def models(_document: Latent, _: Viewport) -> Entries:
    """What is in the library now."""
    return Entries(entries())
