"""Checkpoints and curves of a training without a window, in the folder in which the window looks for a run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.files import unwritable, written
from engine.latent.training.runs import HISTORY, checkpoint_name, run_folder, squares
from engine.latent.vae.history import HELD_OUT
from engine.latent.vae.networks.checkpoint import save_model
from engine.latent.vae.training.training import Training, finish


class Checkpoints:
    """Saves `number` checkpoints of a training, at the squares of equal steps, and its curves, below a folder `runs`.

    The last checkpoint is measured on all test images, the others on HELD_OUT of them.
    """

    def __init__(self, training: Training, runs: Path, number: int) -> None:
        self.training = training
        self.folder = runs / run_folder(training.recipe).name
        self.steps = squares(training.steps, number)

    def save(self) -> str:
        """Save the present weights and the curves, if it is the turn of a checkpoint.

        Returns "", or one sentence if they cannot be written.
        """
        try:
            if self.training.step in self.steps:
                self._save(self.training)
        except OSError as error:
            return str(unwritable(self.folder, error))
        return ""

    def _save(self, training: Training) -> None:
        complete = training.step == training.steps
        how = {} if complete else {"most": HELD_OUT, "samples": 1}
        networks, card = finish(training, self.folder.name, **how)
        self.folder.mkdir(parents=True, exist_ok=True)
        save_model(self.folder / checkpoint_name(training.step), networks, card)
        with written(self.folder / HISTORY) as file:
            file.write(msgspec.json.encode(training.history))
