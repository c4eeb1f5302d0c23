"""The teacher: a trained model whose decoder is kept while its encoder is trained further."""

from __future__ import annotations

from pathlib import Path

from engine.latent.model_source import model_path, shipped_models
from engine.latent.training.runs import checkpoint_in
from engine.latent.vae.networks.checkpoint import load_model
from engine.latent.vae.networks.networks import Networks
from engine.latent.vae.recipe import Recipe

MISSING = "The model whose encoder is to be trained further is not on this computer. Train this model first."
UNPAIRED = (
    "Only the objective “encoder” keeps a decoder, and it needs the model of this decoder. "
    "Set both the objective and the teacher, or neither."
)


def teacher_path(teacher: str) -> Path:
    """Return the file of a teacher: the name of a shipped model, or the folder of a run and a step.

    Raises ValueError, in one sentence, if it is not on this computer.
    """
    if teacher in shipped_models():
        return model_path(teacher)
    folder, _, step = teacher.partition("/")
    path = checkpoint_in(folder, int(step)) if step else Path()
    if not path.is_file():
        raise ValueError(MISSING)
    return path


def begin(networks: Networks, recipe: Recipe) -> None:
    """Load the weights of the recipe's teacher, if it has one, and keep the decoder and the likelihood as they are.

    p(x) is then that of the teacher to the last bit, and only the ELBO can change. Raises ValueError, in one sentence,
    if the teacher is not on this computer, has other networks or does not belong to the objective.
    """
    if bool(recipe.teacher) != (recipe.objective == "encoder"):
        raise ValueError(UNPAIRED)
    if not recipe.teacher:
        return
    try:
        networks.load_state_dict(load_model(str(teacher_path(recipe.teacher))).networks.state_dict())
    except RuntimeError as error:
        raise ValueError(MISSING) from error
    networks.decoder.requires_grad_(False)
    if networks.log_sigma is not None:
        networks.log_sigma.requires_grad_(False)
