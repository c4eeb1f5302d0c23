"""The teacher: a trained model whose decoder is kept while its encoder is trained further."""

from __future__ import annotations

from pathlib import Path

from engine.latent.model_source import model_path, shipped_models
from engine.latent.training.runs import checkpoint_in
from engine.latent.vae.networks.checkpoint import load_model
from engine.latent.vae.networks.networks import Networks

MISSING = "The model whose encoder is to be trained further is not on this computer. Train this model first."


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


def begin(networks: Networks, teacher: str) -> None:
    """Load the weights of the teacher, and keep the decoder and the likelihood as they are.

    p(x) is then that of the teacher to the last bit, and only the ELBO can change. Raises ValueError, in one sentence,
    if the teacher is not on this computer or has other networks.
    """
    try:
        networks.load_state_dict(load_model(str(teacher_path(teacher))).networks.state_dict())
    except RuntimeError as error:
        raise ValueError(MISSING) from error
    networks.decoder.requires_grad_(False)
    if networks.log_sigma is not None:
        networks.log_sigma.requires_grad_(False)
