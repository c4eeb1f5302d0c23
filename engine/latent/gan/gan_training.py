"""GAN training: the losses of the GAN beside the document's model, the gap of D, and its checkpoints."""

from __future__ import annotations

import msgspec

from engine.derived import derived
from engine.files import read_regular
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.gan.gan import gan_recipe, shown_step, unavailable
from engine.latent.training.runs import HISTORY, checkpoints, saved_folder, state_path
from engine.latent.training.training import LARGEST_HISTORY
from engine.latent.vae.gan.curves import Curves, read_curves
from engine.plane import Viewport


class GanCurves(msgspec.Struct, frozen=True, eq=False):
    """The curves of a GAN's training, (n, 4): step, loss of D, loss of G in nats, and the gap of D's mean logits.

    `step` is the checkpoint that is shown, of all `checkpoints`. `resumes` says whether a training that was stopped
    can be continued.
    """

    table: Array
    checkpoints: tuple[int, ...]
    step: int
    steps: int
    resumes: bool


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
    return GanCurves(curves.table, saved, step, recipe.gan.steps, resumes)
