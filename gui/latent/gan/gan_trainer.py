"""The trainer of the GAN beside the model: runs the commands of its training, which goes on beside that of a VAE."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtWidgets import QWidget

from engine.files import why
from engine.latent.gan.gan import gan_recipe, unavailable, with_start
from engine.latent.training.models import remove_run, standing
from engine.latent.training.process import Report
from engine.latent.training.runs import run_folder, state_path
from engine.latent.vae.recipe import Recipe
from gui.latent.training.workshop import ENDS, Workshop
from gui.page.commands import Command
from gui.page.controller import Controller
from gui.page.store import Edit
from gui.widgets.question import ask

DAMAGED_QUESTION = "The saved training of this GAN is damaged. Delete it, and start at the first step?"
RESTART_QUESTION = "Delete the saved training of this GAN, at step {:,} of {:,}, and start at the first step?"
IDLE = "No GAN is being trained. Start the training of the GAN first."
OFTEN = 1.0  # seconds between two updates of the panels


@dataclass(frozen=True)
class GanPace:
    """The request to wait `rest` seconds after each step of the GAN."""

    rest: float


@dataclass(frozen=True)
class GanStatus:
    """The request to send the latest report of the training of the GAN again."""


@dataclass(frozen=True)
class GanNews:
    """The latest report of the training of the GAN, and whether it is paused."""

    report: Report
    is_paused: bool


class GanTrainer(Controller):
    """Trains the GAN beside the model of the document. Its newest checkpoint is what the panels show."""

    title = "GAN training"

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.workshop = Workshop(self)
        self.workshop.reported.connect(self._on_reported)
        self._news: GanNews | None = None
        self._kept, self._updated = -1, 0.0  # the newest checkpoint, and when the panels were updated last

    def start(self) -> None:
        """Start to train the GAN, or continue its stopped training. Raises ValueError if no GAN can be trained."""
        changed = with_start(self.document)
        if changed != self.document:
            self.edited.emit(Edit("Train a GAN", changed))
        self._kept = -1
        self._on_reported(gan_recipe(changed), Report("loading"))
        self.workshop.start(gan_recipe(changed))

    def restart(self) -> None:
        """Delete the saved training of the GAN, after a question, and start at the first step.

        Raises ValueError if this GAN is being trained.
        """
        recipe = gan_recipe(self.document)
        if recipe in self.workshop.processes:
            raise ValueError("This GAN is being trained. Stop the training first.")
        saved = standing(recipe)
        if saved is None and not state_path(recipe).exists():
            self.start()
            return
        question = RESTART_QUESTION.format(saved.step, recipe.gan.steps) if saved is not None else DAMAGED_QUESTION
        ask(self.view, "Restart the training of the GAN", question, self._restart)

    def _restart(self) -> None:
        try:
            remove_run(run_folder(gan_recipe(self.document)))
            self.start()
        except OSError as error:
            self.refused.emit(f"The saved training was not deleted: {why(error)}.")
        except ValueError as error:
            self.refused.emit(str(error))

    def pause(self) -> None:
        """Pause or resume the training. Raises ValueError if no GAN is being trained."""
        if not self.workshop.busy:
            raise ValueError(IDLE)
        if self.workshop.is_paused:
            self.workshop.go(self.workshop.rest)
        else:
            self.workshop.pause()

    def step(self) -> None:
        """Train D and G once, then pause."""
        if not self.workshop.busy:
            self.start()
        self.workshop.step()

    def step_discriminator(self) -> None:
        """Train D alone once, then pause."""
        self._step_alone("D")

    def step_generator(self) -> None:
        """Train G alone once, then pause."""
        self._step_alone("G")

    def _step_alone(self, network: Literal["D", "G"]) -> None:
        if not self.workshop.busy:
            self.start()
        for process in self.workshop.processes.values():
            process.step_alone(network)

    def stop(self) -> None:
        """Save a checkpoint and end the training. Raises ValueError if no GAN is being trained."""
        if not self.workshop.busy:
            raise ValueError(IDLE)
        self.workshop.stop()

    def accepts(self, request: Any) -> bool:
        return isinstance(request, GanPace | GanStatus)

    def take(self, request: Any, panel: Any) -> None:
        if isinstance(request, GanPace):
            self.workshop.rest = request.rest
            self.workshop.go(request.rest)
        elif self._news is not None:
            self.reported.emit(self._news)

    def _on_reported(self, _: Recipe, report: Report) -> None:
        before, self._news = self._news, GanNews(report, self.workshop.is_paused)
        self.reported.emit(self._news)
        if before is None or before.is_paused != self._news.is_paused:
            self.running.emit(PAUSE, self._news.is_paused)
        is_new = report.kept != self._kept or before is None or before.report.state != report.state
        if report.state in ENDS or (is_new and time.monotonic() - self._updated > OFTEN) or report.state == "paused":
            self._kept, self._updated = report.kept, time.monotonic()
            self.outdated.emit()

    def close(self) -> None:
        """End the training."""
        self.workshop.close()


MENU = "Model/GAN"
START = Command("Train a GAN", MENU, run=GanTrainer.start, unavailable=unavailable,
                tip="Train a GAN beside the model, or continue its stopped training")  # fmt: skip
PAUSE = Command("Pause the GAN", MENU, run=GanTrainer.pause, tip="Pause or resume the training of the GAN",
                while_running=("Resume the GAN", ""))  # fmt: skip
BOTH = Command("Train the GAN on one batch", MENU, run=GanTrainer.step, unavailable=unavailable,
               tip="Train D and G once, then pause")  # fmt: skip
STEP_D = Command("Step of D alone", MENU, run=GanTrainer.step_discriminator, unavailable=unavailable,
                 tip="Train the discriminator once and the generator not at all, then pause")  # fmt: skip
STEP_G = Command("Step of G alone", MENU, run=GanTrainer.step_generator, unavailable=unavailable,
                 tip="Train the generator once and the discriminator not at all, then pause")  # fmt: skip
STOP = Command("Stop the GAN", MENU, run=GanTrainer.stop, tip="Save a checkpoint and end the training of the GAN")
RESTART = Command("Restart the GAN…", MENU, run=GanTrainer.restart, unavailable=unavailable,
                  tip="Delete the saved training of the GAN, and start at the first step")  # fmt: skip
GanTrainer.commands = (START, RESTART, PAUSE, BOTH, STEP_D, STEP_G, STOP)
