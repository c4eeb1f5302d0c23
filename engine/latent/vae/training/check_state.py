"""The check of a saved training that somebody else made: in full, without its images."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.files import quoted
from engine.latent.datasets.data_set import Images
from engine.latent.datasets.own_files import check_shape
from engine.latent.vae.recipe import Recipe
from engine.latent.vae.training.training import Training
from engine.latent.vae.training.training_state import read_state


def check_state(path: Path) -> Recipe:
    """The recipe of the training saved in a file, which is checked in full but for its images.

    Raises ValueError, in one sentence, if the file is not sound.
    """
    state = read_state(path)
    shape = state.position.shape
    try:
        check_shape("it", shape)
        blank = np.broadcast_to(np.zeros((), np.uint8), shape)  # takes no memory
        training = Training(state.position.recipe, Images(blank, np.zeros(0, np.uint8), state.position.classes))
        if not state.position.step <= training.steps:
            raise ValueError("it has more steps than its recipe.")
        training.load(state)
    except ValueError as error:
        raise ValueError(f"{quoted(path.name)} cannot be continued: {error}") from error
    return state.position.recipe
