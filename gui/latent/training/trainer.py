"""The trainer: runs the commands of training, and shows the newest checkpoint of the running training."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from engine.files import why
from engine.latent.model_source import SHIPPED, Trained
from engine.latent.training.exact_evidence import exact_recipe, no_teacher, taught_recipe, unavailable
from engine.latent.training.models import Standing, remove_run, standing, thin_runs
from engine.latent.training.process import Report
from engine.latent.training.runs import run_folder, state_path
from engine.latent.training.training import not_trained, recipes_of, with_longer_training
from engine.latent.vae.recipe import Recipe
from gui.latent.training.workshop import ENDS, Workshop
from gui.page.commands import Command
from gui.page.controller import Controller
from gui.page.store import Edit
from gui.widgets.dates import date_text
from gui.widgets.question import ask

RESTART_QUESTION = "Delete the saved training of this recipe, at {} ({}), and start at the first batch?"
DAMAGED_QUESTION = "The saved training of this recipe is damaged. Delete it, and start at the first batch?"
IDLE = "No training is running. Start one first."
OFTEN = 1.0  # seconds between two updates of the training curves


@dataclass(frozen=True)
class Pace:
    """The request to wait `rest` seconds after each batch."""

    rest: float


@dataclass(frozen=True)
class Status:
    """The request to send the latest report of the training again."""


@dataclass(frozen=True)
class News:
    """The latest report of the training, and whether it is paused."""

    report: Report
    is_paused: bool


class Trainer(Controller):
    """Trains the recipe of the document. Its newest checkpoint becomes the model, unless the user chose another one."""

    title = "Training"

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.workshop = Workshop(self)
        self.workshop.reported.connect(self._on_reported)
        self._recipe: Recipe | None = None  # the recipe whose newest checkpoint is shown
        self._followed: Trained | None = None  # the newest checkpoint when it was last shown
        self._news: News | None = None
        self._shown = 0.0  # the time of the last update of the curves, in seconds

    def start(self) -> None:
        """Start training the recipe, or continue its stopped training."""
        self._train(*recipes_of(self.document))

    def train_without_encoder(self) -> None:
        """Train the decoder of the document's model on the exact evidence, or continue this training."""
        self._train(exact_recipe(self.document))

    def teach_encoder(self) -> None:
        """Train the encoder of the document's model further, with the decoder kept, or continue this training."""
        self._train(taught_recipe(self.document))

    def _train(self, *recipes: Recipe) -> None:
        self._recipe, self._followed = recipes[0], None
        self._on_reported(recipes[0], Report("loading"))
        self.workshop.start(*recipes)

    def restart(self) -> None:
        """Delete the saved training of the recipe, after a question, and start at the first batch.

        Raises ValueError if the recipe is being trained.
        """
        recipe = recipes_of(self.document)[0]
        saved = standing(recipe)
        if recipe in self.workshop.processes:
            raise ValueError("This recipe is being trained. Stop the training first.")
        if saved is None and not state_path(recipe).exists():
            self.start()
            return
        question = DAMAGED_QUESTION
        if saved is not None:
            about = f"{saved.size / 1e6:,.0f} MB, saved {date_text(saved.time)}"
            question = RESTART_QUESTION.format(epoch_of(saved), about)
        ask(self.view, "Restart training", question, self._restart)

    def _restart(self) -> None:
        try:
            for recipe in recipes_of(self.document):
                if (folder := run_folder(recipe)).exists():
                    remove_run(folder)
        except OSError as error:
            self.refused.emit(f"The saved training was not deleted: {why(error)}.")
        except ValueError as error:
            self.refused.emit(str(error))
        else:
            if not self.document.path.exists():
                self.edited.emit(Edit("Restart training", self.document.with_model(SHIPPED)))
            self.start()

    def pause(self) -> None:
        """Pause or resume the training. Raises ValueError if no training is running."""
        if not self.workshop.busy:
            raise ValueError(IDLE)
        if self.workshop.is_paused:
            self.workshop.go(self.workshop.rest)
        else:
            self.workshop.pause()

    def step(self) -> None:
        """Train on one batch, then pause."""
        if not self.workshop.busy:
            self.start()
        self.workshop.step()

    def stop(self) -> None:
        """Save a checkpoint and end the training. Raises ValueError if no training is running."""
        if not self.workshop.busy:
            raise ValueError(IDLE)
        self.workshop.stop()

    def continue_training(self) -> None:
        """Continue the training of the model of the document for the same number of epochs."""
        self.edited.emit(Edit("Continue training", with_longer_training(self.document)))
        self.start()

    def accepts(self, request: Any) -> bool:
        return isinstance(request, Pace | Status)

    def take(self, request: Any, panel: Any) -> None:
        if isinstance(request, Pace):
            self.workshop.rest = request.rest
            self.workshop.go(request.rest)
        elif self._news is not None:
            self.reported.emit(self._news)

    def _on_reported(self, recipe: Recipe, report: Report) -> None:
        if recipe != self._recipe:
            return  # the report is of the autoencoder
        before, self._news = self._news, News(report, self.workshop.is_paused)
        self.reported.emit(self._news)
        if (
            before is None or before.is_paused != self._news.is_paused
        ):  # not with each report, because each redraws all icons
            self.running.emit(PAUSE, self._news.is_paused)
        if report.kept >= 0:
            self._follow(Trained(recipe, report.kept))
        if report.state in ENDS:
            self.outdated.emit()  # the training that is saved has changed

    def _follow(self, newest: Trained) -> None:
        """Open the newest checkpoint, unless the user chose another model, and update the curves."""
        before, self._followed = self._followed, newest
        if newest != before and (before is None or self.document.trained == before):
            self.edited.emit(Edit("Train", self.document.with_model(newest), ("train", id(self.workshop))))
        elif time.monotonic() - self._shown > OFTEN:
            self.outdated.emit()
        else:
            return
        self._shown = time.monotonic()

    def close(self) -> None:
        """End the trainings, and delete checkpoints of those that take much of the disk."""
        self.workshop.close()
        thin_runs(self.document.trained if self.document is not None else None)


def epoch_of(saved: Standing) -> str:
    """The epoch at which a saved training stands, such as “epoch 4 of 20”."""
    return f"epoch {min(saved.epoch + 1, saved.epochs)} of {saved.epochs}"


START = Command("Start training", "Model/Training", run=Trainer.start, keys="Ctrl+T",
                tip="Train the recipe, or continue its stopped training")  # fmt: skip
RESTART = Command("Restart training…", "Model/Training", run=Trainer.restart,
                 tip="Delete the saved training of the recipe, and start at the first batch")  # fmt: skip
PAUSE = Command("Pause training", "Model/Training", run=Trainer.pause, keys="Ctrl+Shift+T",
                tip="Pause or resume the training", while_running=("Resume training", ""))  # fmt: skip
ONE_BATCH = Command("Train on one batch", "Model/Training", run=Trainer.step, tip="Train on one batch, then pause")
STOP = Command("Stop training", "Model/Training", run=Trainer.stop, tip="Save a checkpoint and end the training")
CONTINUE = Command("Continue training", "Model/Training", run=Trainer.continue_training, unavailable=not_trained,
                   tip="Train the model for the same number of epochs again")  # fmt: skip
WITHOUT_ENCODER = Command("Train without an encoder", "Model/Training", run=Trainer.train_without_encoder,
                          unavailable=unavailable,
                          tip="Train the decoder of the model on the exact ln p(x), with the same recipe")  # fmt: skip
TEACH_ENCODER = Command("Teach the encoder", "Model/Training", run=Trainer.teach_encoder, unavailable=no_teacher,
                     tip="Keep the decoder of the model, and bring q nearer to the exact posteriors")  # fmt: skip
Trainer.commands = (START, RESTART, PAUSE, ONE_BATCH, STOP, CONTINUE, WITHOUT_ENCODER, TEACH_ENCODER)
