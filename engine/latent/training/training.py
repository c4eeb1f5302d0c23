"""Training: the recipe of the next training, and the curves and checkpoints of the document's training run."""

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
from engine.latent.training.models import Standing, standing
from engine.latent.training.runs import HISTORY, checkpoints, saved_folder
from engine.latent.vae.history import HELD_OUT, History
from engine.latent.vae.history import read_history as decode_history
from engine.latent.vae.recipe import Recipe
from engine.part import Part
from engine.plane import Viewport

NOT_TRAINED = "This model was not trained on this computer. Start a training first."
LARGEST_HISTORY = 2**26  # bytes


@SETTINGS.register
class TrainingSettings(Part, Setting, frozen=True, tag=True):
    """Training: the recipe of the next training, and whether an autoencoder is trained as well."""

    recipe: Recipe = Recipe()
    with_autoencoder: Annotated[
        bool, Meta(title="Autoencoder", description="Also train the same networks as a plain autoencoder.")
    ] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.recipe.objective == "GAN":  # its checkpoints are no models of the page
            raise ValueError("A GAN is trained beside a model, in the panel GAN training")

    def with_recipe(self, recipe: Recipe) -> TrainingSettings:
        """With another recipe for the next training."""
        return replace(self, recipe=recipe)

    def with_data(self, data: DataSet) -> TrainingSettings:
        """With another data set for the next training."""
        return replace(self, recipe=replace(self.recipe, data=data))


class Learning(msgspec.Struct, frozen=True, eq=False):
    """The curves of a training run, each (n, 3): step, reconstruction and KL, in nats per image; and its checkpoints.

    `learnt` is of the training images, `held_out` of the test images. `checkpoints` are steps. `dimensions` is the
    number of values of an image. `tested` test images are used for `held_out`; the card of a model uses all of them.
    If `is_exact`, reconstruction − KL is ln p(x) itself, and not a bound.
    """

    learnt: Array
    held_out: Array
    checkpoints: tuple[int, ...]
    dimensions: int
    tested: int = 0
    is_exact: bool = False


@derived(Learning)
def learning(document: Latent, _: Viewport) -> Learning | None:
    """Return the curves of the document's training run; None for a model that was not trained on this computer."""
    if document.trained is None:
        return None
    recipe = document.trained.recipe
    history, test = read_history(recipe), recipe.data.test()  # without the model, which takes seconds to load
    dimensions, tested = int(np.prod(test.pixels.shape[1:])), min(HELD_OUT, len(test))
    curves, saved = (history.curve, history.table[:, [0, 3, 4]]), tuple(checkpoints(recipe))
    return Learning(*curves, saved, dimensions, tested, recipe.is_exact)


@derived(Standing)
def saved_training(document: Latent, _: Viewport) -> Standing | None:
    """Return where the saved training of the next recipe stands; None if there is none."""
    return standing(document[TrainingSettings].recipe)


def read_history(recipe: Recipe) -> History:
    """The curves of a run, as far as they have come."""
    try:
        return decode_history(read_regular(saved_folder(recipe) / HISTORY, LARGEST_HISTORY))
    except ValueError:
        return History()


def recipes_of(document: Latent) -> tuple[Recipe, ...]:
    """Return the recipes of the next training: that of the model, and that of the autoencoder if it is chosen."""
    chosen = document[TrainingSettings]
    return (chosen.recipe, chosen.recipe.autoencoder()) if chosen.with_autoencoder else (chosen.recipe,)


def with_recipe(document: Latent, recipe: Recipe) -> Latent:
    """Return the document with another recipe for the next training. Only the objective “encoder” keeps a teacher."""
    plain = recipe if recipe.objective == "encoder" else replace(recipe, teacher="")
    return document.with_setting(document[TrainingSettings].with_recipe(plain))


def with_autoencoder(document: Latent) -> Latent:
    """Return the document with a next training that trains an autoencoder as well."""
    return document.with_setting(replace(document[TrainingSettings], with_autoencoder=True))


def with_data(document: Latent, data: DataSet) -> Latent:
    """Return the document with another data set for the next training."""
    return document.with_setting(document[TrainingSettings].with_data(data))


def with_longer_training(document: Latent) -> Latent:
    """Return the document with the recipe of its model, trained for as many epochs again.

    Raises ValueError if the model was not trained on this computer.
    """
    if document.trained is None:
        raise ValueError(NOT_TRAINED)
    return with_recipe(document, document.trained.recipe.continued())


def not_trained(document: Latent) -> str:
    """Return why the document's model has no training run; "" if it has one."""
    return NOT_TRAINED if document.trained is None else ""
