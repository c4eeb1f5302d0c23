"""Exact evidence: the decoder trained without an encoder beside the VAE, and what bound and encoder cost in nats."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import suppress

import msgspec
import numpy as np

from engine.derived import Pending, derived, last_of
from engine.gaussian import Array
from engine.latent.datasets.data_set import Images
from engine.latent.document import Latent
from engine.latent.gan.gan import vae_recipe
from engine.latent.model import LoadedModel, Mosaic, open_model
from engine.latent.model_source import Trained, shipped_models
from engine.latent.training.autoencoder import EMBEDDED
from engine.latent.training.models import read_card
from engine.latent.training.runs import SHIPPED_RUNS, checkpoint_in, checkpoints, run_folder
from engine.latent.vae.recipe import Recipe
from engine.memo import remember
from engine.plane import Viewport

IMAGES = 250  # test images, evenly spaced
NODES = 200  # on each axis of the grid for ln p(x)
DRAWS = 32  # of z from q for each image
VAE, EXACT, TAUGHT = "VAE", "exact evidence", "taught encoder"
NAMES = {EXACT: EXACT, "encoder": TAUGHT}  # of models, by the objectives of their recipes; a VAE otherwise
TWO = "ln p(x) is summed on a grid of two latents. Open a VAE with two latents and without a class."
NO_VAE = "An autoencoder has no p(x). Open a VAE with two latents."
NO_TEACHER = (
    "Only the encoder of a shipped model, or of a model trained on this computer, can be trained further. "
    "Open such a model."
)


class Nats(msgspec.Struct, frozen=True):
    """A mean over test images in nats, and its standard error, which is NaN for a single image."""

    mean: float
    error: float


class Cost(msgspec.Struct, frozen=True):
    """The numbers of one model on the same test images: exact ln p(x), the ELBO of its encoder, and the gap.

    `change` is the mean difference of ln p(x) and of the ELBO from those of the first model, image by image; None for
    the first one, which is the VAE or the teacher.
    """

    name: str
    step: int
    log_evidence: Nats
    elbo: Nats
    gap: Nats
    change: tuple[Nats, Nats] | None = None


class ModelsCompared(msgspec.Struct, frozen=True, eq=False):
    """The plane of the decoder without an encoder, after `step` batches, and the numbers of the models so far.

    `mosaic` is None if no such decoder was trained.
    """

    mosaic: Mosaic | None
    step: int
    costs: tuple[Cost, ...] = ()
    images: int = IMAGES


def unavailable(document: Latent) -> str:
    """Return why ln p(x) of the document's model cannot be a sum on a grid; "" if it can."""
    try:
        recipe = vae_recipe(document)
    except (OSError, ValueError) as reason:
        return str(reason)
    if recipe.objective == "AE":
        return NO_VAE
    return TWO if recipe.latents > 2 or recipe.given_class else ""


def exact_recipe(document: Latent) -> Recipe:
    """Return the recipe of the decoder without an encoder beside the document's model. Raises ValueError.

    Beside a taught encoder it is that of its teacher, which has the same decoder and the epochs of a whole training.
    """
    if reason := unavailable(document):
        raise ValueError(reason)
    own = vae_recipe(document)
    for _, teacher in _teacher(document, own.teacher):
        own = vae_recipe(teacher)
    return own.vae().on_exact_evidence()


def taught_recipe(document: Latent) -> Recipe:
    """Return the recipe that trains the encoder of the document's model further. Raises ValueError if it cannot."""
    if reason := no_teacher(document):
        raise ValueError(reason)
    return vae_recipe(document).taught(teacher_of(document))


def no_teacher(document: Latent) -> str:
    """Return why the encoder of the document's model cannot be trained further; "" if it can."""
    return unavailable(document) or ("" if teacher_of(document) else NO_TEACHER)


def teacher_of(document: Latent) -> str:
    """Return the name of the document's model as a teacher; "" if it has none, as a file from elsewhere."""
    if document.trained is not None:
        return f"{run_folder(document.trained.recipe).name}/{document.trained.step}"
    return document.model if document.model in shipped_models() else ""


def models(document: Latent) -> list[tuple[str, Latent]]:
    """Return the models to compare, as documents with names; the VAE or the teacher comes first if it is known.

    A taught encoder has the decoder of its teacher, so the decoder without an encoder is beside both.
    """
    own = vae_recipe(document)
    if own.objective == "VAE":
        found = [(VAE, document), *_last(EXACT, document, own.on_exact_evidence())]
        teacher = teacher_of(document)
        return found + (_last(TAUGHT, document, own.taught(teacher)) if teacher else [])
    if own.is_exact:
        return [*_last(VAE, document, own.vae()), (EXACT, document)]
    teachers = _teacher(document, own.teacher)
    beside = [pair for name, each in teachers if name == VAE for pair in _last(EXACT, document, exact_recipe(each))]
    return [*teachers, *beside, (TAUGHT, document)]


def _last(name: str, document: Latent, recipe: Recipe) -> list[tuple[str, Latent]]:
    """The last checkpoint of a recipe, if it was trained."""
    saved = checkpoints(recipe)
    return [(name, document.with_model(Trained(recipe, saved[-1])))] if saved else []


def _teacher(document: Latent, teacher: str) -> list[tuple[str, Latent]]:
    """The model whose encoder was trained further, if it is on this computer."""
    if teacher in shipped_models():
        return [(VAE, document.with_model(teacher))]
    folder, _, step = teacher.partition("/")
    with suppress(ValueError):  # deleted, or damaged
        recipe = read_card(checkpoint_in(folder, int(step))).recipe
        return [(NAMES.get(recipe.objective, VAE), document.with_model(Trained(recipe, int(step))))]
    return []


def shipped_pair() -> Trained | None:
    """Return the shipped VAE beside which a decoder without an encoder is shipped; None if there is none."""
    for path in sorted(SHIPPED_RUNS.glob("*/[0-9]*.safetensors"), reverse=True):
        with suppress(ValueError):
            recipe = read_card(path).recipe
            if recipe.is_exact:
                return Trained(recipe.vae(), int(path.stem))
    return None


def with_shipped_pair(document: Latent) -> Latent:
    """Return the document with the shipped VAE beside which a decoder without an encoder is shipped."""
    pair = shipped_pair()
    return document if pair is None else document.with_model(pair)


@derived(ModelsCompared)
def exact_evidence(document: Latent, viewport: Viewport) -> Generator[ModelsCompared | Pending | None, None, None]:
    """Yield the plane of the decoder without an encoder, then the costs of one model after the other.

    None if ln p(x) of the document's model cannot be summed on a grid.
    """
    if unavailable(document):
        yield None
        return
    compared = models(document)
    beside = ModelsCompared(None, 0)
    exact = dict(compared).get(EXACT)
    if exact is not None:
        model = _opened(exact)
        for mosaic in model.mosaics(document.chart, viewport):
            beside = ModelsCompared(mosaic, exact.trained.step if exact.trained else 0)
            yield beside
    first: tuple[Array, Array] | None = None
    costs: list[Cost] = []
    for name, each in compared:
        yield beside
        both = yield from _measured(_opened(each))
        step = each.trained.step if each.trained else 0
        costs.append(_cost(name, step, both, first))
        first = both if first is None else first
        beside = msgspec.structs.replace(beside, costs=tuple(costs), images=len(both[0]))
        yield beside


def _opened(document: Latent) -> LoadedModel:
    return open_model(str(document.path), EMBEDDED) if document.trained is not None else document.whole_model


def _measured(model: LoadedModel) -> Generator[Pending, None, tuple[Array, Array]]:
    """ln p(x) and the ELBO (n,) of some test images in nats, from the cache if possible."""
    known: dict[str, tuple[Array, Array]] = remember(model, "costs of bound and encoder", dict)
    if not known:
        from engine.latent.vae.training.exact_evidence import elbos, log_evidences

        networks, images = model.vae.networks, model.vae.card.test()
        chosen = np.unique(np.linspace(0, len(images) - 1, min(IMAGES, len(images))).astype(int))
        some = Images(images.pixels[chosen], images.labels[chosen], images.classes)
        log_evidence = yield from last_of(log_evidences(networks, some, NODES))
        known["both"] = log_evidence, elbos(networks, some, DRAWS)
    return known["both"]


def _cost(name: str, step: int, both: tuple[Array, Array], first: tuple[Array, Array] | None) -> Cost:
    log_evidence, elbo = both
    change = None if first is None else (_mean(log_evidence - first[0]), _mean(elbo - first[1]))
    return Cost(name, step, _mean(log_evidence), _mean(elbo), _mean(log_evidence - elbo), change)


def _mean(values: Array) -> Nats:
    spread = float(values.std(ddof=1)) if len(values) > 1 else math.nan
    return Nats(float(values.mean()), spread / math.sqrt(len(values)))
