"""GAN training: the curves of the GAN beside the document's model, its checkpoints, and the risks of its settings."""

from __future__ import annotations

from contextlib import suppress

import msgspec
from msgspec.structs import replace

from engine.derived import derived
from engine.files import read_regular
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.gan.gan import GanSettings, chosen, gan_recipe, shown_step, unavailable, with_gan
from engine.latent.model_source import Trained
from engine.latent.training.models import read_card
from engine.latent.training.runs import HISTORY, SHIPPED_RUNS, checkpoints, run_folder, saved_folder, state_path
from engine.latent.training.training import LARGEST_HISTORY
from engine.latent.vae.gan.curves import Curves, StepScores, read_curves
from engine.latent.vae.gan_recipe import GanRecipe
from engine.plane import Viewport

COLLAPSE_STEPS = 1000  # half a minute for the shipped model; the training names the collapse after 500
COLLAPSES = (
    "New weights and γ = 0: expect a collapse. After 500 steps G draws nearly the same image everywhere, and the "
    "training says so. 1,000 steps take about half a minute."
)
ONE_DIRECTION = (
    "New weights: G draws all digits, but may use only one direction of the plane. The training then says that a "
    "direction is lost."
)
NOT_SMOOTH = (
    "γ = 0: no penalty keeps D smooth. With the weights of the VAE's decoder the GAN may last; with new weights it "
    "collapses."
)


def risks(gan: GanRecipe) -> str:
    """Return what is to be expected of settings with which a GAN often fails; "" for other settings."""
    if gan.gamma:
        return ONE_DIRECTION if gan.fresh else ""
    return COLLAPSES if gan.fresh else NOT_SMOOTH


def with_collapse(document: Latent) -> Latent:
    """Return the document with settings of the GAN with which its training collapses."""
    return with_gan(document, replace(chosen(document).gan, fresh=True, gamma=0.0, steps=COLLAPSE_STEPS))


def with_shipped_collapse(document: Latent) -> Latent:
    """Return the document with the shipped VAE beside which a GAN collapsed, and the settings of that GAN."""
    for path in sorted(SHIPPED_RUNS.glob("*/[0-9]*.safetensors"), reverse=True):
        with suppress(ValueError):
            recipe = read_card(path).recipe
            opened = with_collapse(document.with_model(Trained(recipe, int(path.stem))))
            opened = opened.with_setting(replace(opened[GanSettings], only=run_folder(recipe).name))
            if not unavailable(opened) and checkpoints(gan_recipe(opened)):
                return opened
    return document


class GanCurves(msgspec.Struct, frozen=True, eq=False):
    """The curves of a GAN's training, (n, 4): step, loss of D, loss of G in nats, and the gap of D's mean logits.

    `step` is the checkpoint that is shown, of all `checkpoints`. `resumes` says whether a training that was stopped
    can be continued. `scores` are those of G at some steps; None if the training has none.
    """

    table: Array
    checkpoints: tuple[int, ...]
    step: int
    steps: int
    resumes: bool
    scores: StepScores | None = None


@derived(GanCurves)
def gan_curves(document: Latent, _: Viewport) -> GanCurves | None:
    """Return the curves of the GAN beside the document's model; None if there is none."""
    step = None if unavailable(document) else shown_step(document)
    if step is None:
        return None
    recipe = gan_recipe(document)
    try:
        curves = read_curves(read_regular(saved_folder(recipe) / HISTORY, LARGEST_HISTORY))
    except ValueError:
        curves = Curves()
    saved = tuple(checkpoints(recipe))
    resumes = state_path(recipe).exists() and saved[-1] < recipe.gan.steps
    return GanCurves(curves.table, saved, step, recipe.gan.steps, resumes, curves.scores)
