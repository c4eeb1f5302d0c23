"""GAN: a GAN beside the VAE of the document, decoded over the same plane, and what a GAN cannot say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.latent.document import Latent
from engine.latent.model import LoadedModel, Mosaic, Pixels8
from engine.latent.model_source import shipped_models
from engine.latent.training.models import read_card
from engine.latent.training.runs import checkpoint_path, checkpoints, run_folder
from engine.latent.vae.gan_recipe import WHOLE, GanRecipe, refusal
from engine.latent.vae.recipe import Recipe
from engine.memo import Recent
from engine.part import Part
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.gan.gan import Gan

NEWEST = -1  # of `step`: the newest checkpoint
KEPT = 3  # GANs in the memory
NO_RUN = "A GAN can begin with a shipped model or with a training of this computer. Open one of these, or train a VAE."
COMPLETE = "This GAN is complete. Change a setting of its training, such as γ or the steps, to train another one."
NO_GAN = "There is no GAN beside this model yet. Train one in the panel GAN training."
REFUSALS = {  # what a GAN cannot say, and why
    "ln p(x)": (
        "A GAN has no p(x|z): each z gives one image, without a spread. An image beside the sheet of all these images "
        "has no probability."
    ),
    "ELBO": "The ELBO needs ln p(x|z) and q(z|x). A GAN has neither, so that its training has no bound on ln p(x).",
    "posterior": (
        "Bayes' rule needs the likelihood p(x|z). A GAN has none. For an image beside its sheet, no z has a "
        "probability."
    ),
    "reconstruction": (
        "A GAN has no encoder. “Projection” searches the z whose image is the nearest to that of the page. It is no "
        "inference."
    ),
}


@SETTINGS.register
class GanSettings(Part, Setting, frozen=True, tag=True):
    """GAN: the settings of its training, the checkpoint that is shown, and whether difference and projection are.

    With `only`, the folder of a run, the settings of the training are those beside this run; other models have the
    usual ones.
    """

    gan: GanRecipe = GanRecipe()
    step: Annotated[
        int, Meta(ge=NEWEST, le=10**12, title="Checkpoint", description="The step that is shown; −1: the newest.")
    ] = NEWEST
    difference: Annotated[
        bool, Meta(title="Difference", description="Show the difference of both images, G(z) − E[x|z].")
    ] = False
    projection: Annotated[
        bool, Meta(title="Projection", description="Search the z whose G(z) is the nearest to the selected image.")
    ] = False
    only: Annotated[str, Meta(max_length=64)] = ""


class GanPlane(msgspec.Struct, frozen=True, eq=False):
    """The plane of a GAN after `step` steps, decoded in the viewport, and the steps of its checkpoints."""

    step: int
    checkpoints: tuple[int, ...]
    mosaic: Mosaic


def chosen(document: Latent) -> GanSettings:
    """Return the settings of the GAN beside the document's model: the usual ones if those are of another model."""
    settings = document[GanSettings]
    own = run_folder(document.trained.recipe).name if document.trained is not None else ""
    if settings.only in ("", own):
        return settings
    return replace(settings, gan=GanRecipe(), step=NEWEST, only="")


def vae_recipe(document: Latent) -> Recipe:
    """Return the recipe of the document's model. Raises ValueError if the model cannot be read."""
    if document.trained is not None:
        return document.trained.recipe
    path = document.path
    return _recipe_in(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=8)
def _recipe_in(path: Path, _: int) -> Recipe:
    return read_card(path).recipe


def unavailable(document: Latent) -> str:
    """Return why no GAN can be beside the document's model; "" if one can."""
    try:
        return refusal(vae_recipe(document))
    except (OSError, ValueError) as reason:
        return str(reason)


def gan_recipe(document: Latent) -> Recipe:
    """Return the recipe of the GAN beside the document's model. Raises ValueError as `vae_recipe`."""
    gan = chosen(document).gan
    if gan.fresh or document.trained is None:
        gan = replace(gan, begins_at=WHOLE)
    return vae_recipe(document).beside(gan)


def with_start(document: Latent) -> Latent:
    """Return the document whose GAN begins with the present model, for a training that starts now.

    Raises ValueError, in one sentence, if no GAN can begin with this model.
    """
    if reason := unavailable(document):
        raise ValueError(reason)
    settings = chosen(document)
    if document.trained is None and not settings.gan.fresh and document.model not in shipped_models():
        raise ValueError(NO_RUN)
    begins_at = WHOLE if settings.gan.fresh or document.trained is None else document.trained.step
    saved = checkpoints(gan_recipe(document))
    if saved and saved[-1] >= settings.gan.steps:
        raise ValueError(COMPLETE)
    if settings.gan.begins_at != WHOLE and saved:
        begins_at = settings.gan.begins_at  # the training of this GAN is continued
    return document.with_setting(replace(settings, step=NEWEST, gan=replace(settings.gan, begins_at=begins_at)))


def with_gan(document: Latent, gan: GanRecipe) -> Latent:
    """Return the document with other settings for the training of the GAN."""
    return document.with_setting(replace(document[GanSettings], gan=gan, step=NEWEST, only=""))


def toggle_difference(document: Latent) -> Latent:
    """Return the document with the difference of both images shown if it was hidden, and hidden if shown."""
    settings = document[GanSettings]
    return document.with_setting(replace(settings, difference=not settings.difference))


def toggle_projection(document: Latent) -> Latent:
    """Return the document with the projection of the selected image shown if it was hidden, and hidden if shown."""
    settings = document[GanSettings]
    return document.with_setting(replace(settings, projection=not settings.projection))


def shown_step(document: Latent) -> int | None:
    """Return the step of the checkpoint that is shown; None if there is no GAN beside the document's model."""
    if unavailable(document):
        return None
    saved = checkpoints(gan_recipe(document))
    step = chosen(document).step
    return step if step in saved else saved[-1] if saved else None


def gan_beside(document: Latent) -> LoadedModel | None:
    """Return the GAN beside the document's model, from the cache if it is loaded; None if there is none.

    Its mosaics are like those of a VAE, but it has no encoder and thus no embedding. Imports torch. Raises ValueError
    if its file is damaged.
    """
    key = _key(document)
    with _opening:
        return None if key is None else _opened.remember(key, lambda: _load(key[0]))


def network_of(gan: LoadedModel) -> Gan:
    """Return the generator and the discriminator of a loaded GAN."""
    return cast("Gan", gan.vae)


def image_beside(document: Latent, z: tuple[float, float]) -> Pixels8 | None:
    """Return G(z), (h, w[, 3]), if the GAN beside the document's model was opened before; else None.

    A GAN that no panel has shown is not loaded, so that the cursor costs nothing more.
    """
    if not _opened or (key := _key(document)) is None or (gan := _opened.get(key)) is None:
        return None
    image: Pixels8 = gan.decode(np.array([z]))[0]
    return image


Key = tuple[Path, int]
_opened: Recent[Key, LoadedModel] = Recent(KEPT)
_opening = threading.Lock()


def _key(document: Latent) -> Key | None:
    """The file of the GAN that is shown, and when it was written: a step by hand writes it again."""
    step = shown_step(document)
    if step is None:
        return None
    path = checkpoint_path(gan_recipe(document), step)
    try:
        return path, path.stat().st_mtime_ns
    except OSError:  # the run was deleted meanwhile
        return None


def _load(path: Path) -> LoadedModel:
    from engine.latent.vae.gan.gan import load_gan

    return LoadedModel(cast(Any, load_gan(path)))  # a mosaic needs only the decoder


@derived(GanPlane)
def gan_plane(document: Latent, viewport: Viewport) -> Iterator[GanPlane | None]:
    """Yield the plane of the GAN with more and more of it decoded; None if there is no GAN beside the model."""
    gan = gan_beside(document)
    if gan is None:
        yield None
        return
    steps = tuple(checkpoints(gan_recipe(document)))
    for mosaic in gan.mosaics(document.chart, viewport):
        yield GanPlane(network_of(gan).card.step, steps, mosaic)
