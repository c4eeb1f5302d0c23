"""The child process that trains a GAN for the window; controls and reports are those of other trainings."""

from __future__ import annotations

import platform
import time

import numpy as np
import torch
from msgspec.structs import replace

from engine.latent.training.process import Control
from engine.latent.training.runs import HISTORY, STATE, checkpoint_name
from engine.latent.vae.cli.worker import SPARING, USUAL, Worker, or_anew, report
from engine.latent.vae.gan.curves import StepScores, read_curves
from engine.latent.vae.gan.gan import Card, Gan, save_gan
from engine.latent.vae.gan.gan_diagnosis import diagnose, spread_of
from engine.latent.vae.gan.gan_training import GanTraining
from engine.latent.vae.gan.step_scores import take_scores
from engine.latent.vae.history import HELD_OUT
from engine.latent.vae.training.training_state import read_state

RECENT = 20  # points of the curves whose mean is the present gap


def card_of(training: GanTraining, name: str) -> Card:
    """Return the card of a checkpoint of a GAN's training."""
    data = training.recipe.data
    made_with = f"torch {torch.__version__}, Python {platform.python_version()}, {torch.get_num_threads()} thread(s)"
    return Card(
        name=name,
        recipe=training.recipe,
        shape=training.images.pixels.shape[1:],
        step=training.step,
        licence=data.licence,
        attribution=data.attribution,
        seconds=round(training.seconds, 1),
        made_with="; ".join([made_with, *training.remarks]),
    )


def finished(training: GanTraining, name: str) -> Gan:
    """Return the present GAN, rounded to half precision as in its file."""
    networks = training.model()
    with torch.no_grad():
        for weight in networks.parameters():
            weight.copy_(weight.half().float())
    return Gan(card_of(training, name), networks)


def present_gap(training: GanTraining) -> float:
    """Return the recent mean gap of D's logits; 0 before the first step."""
    recent = training.history.table[-RECENT:, 3]
    return float(recent.mean()) if len(recent) else 0.0


class GanWorker(Worker):
    """The training of a GAN in the child process."""

    training: GanTraining  # type: ignore[assignment]  # has the same attributes as far as they are used

    def _begin(self) -> GanTraining:  # type: ignore[override]
        report("loading")
        training = GanTraining(self.recipe, self.recipe.data.train())
        self.held_out = self.recipe.data.test().first(HELD_OUT)
        if (state := self.folder / STATE).exists():
            with or_anew("“Restart the GAN…”"):
                training.load(read_state(state))
            training.history.scores = self._saved_scores(training.step)
        take_scores(training)
        return training

    def _saved_scores(self, step: int) -> StepScores | None:
        """Return the scores up to a step from the file of the curves; the training state does not have them."""
        try:
            scores = read_curves((self.folder / HISTORY).read_bytes()).scores
        except (OSError, ValueError):
            return None
        return scores and replace(scores, rows=[row for row in scores.rows if row[0] <= step])

    def judge(self) -> None:
        """Score G at some steps. The training itself is judged when a checkpoint is saved."""
        if take_scores(self.training):
            self.write_curves()

    def save_checkpoint(self) -> None:
        """Save a checkpoint of the present weights, and diagnose the training."""
        started = time.monotonic()
        gan = finished(self.training, self.folder.name)
        save_gan(self.folder / checkpoint_name(self.training.step), gan.networks, gan.card)
        found = spread_of(gan.decode, self.held_out.pixels / np.float32(255))
        self.reason = diagnose(found, present_gap(self.training), self.training.step)
        self.saved_step, self.due = self.training.step, False
        self.write_curves()
        now = time.monotonic()
        self.rested_until = now + SPARING * min(now - started, USUAL)

    def save_result(self) -> None:
        """The last checkpoint is complete: a GAN has no ELBO to measure."""

    def wait(self) -> str:
        """Wait as other trainings do; on demand, train one network alone and pause again."""
        super().wait()
        self.obey_alone()
        return self.now.do

    def obey_alone(self) -> None:
        """Train one network alone and pause, as long as that is demanded."""
        while self.now.do in ("step D", "step G"):
            self.train_alone(self.now.do.removeprefix("step "))
            self.now = Control("pause")
            self.pause()

    def work(self) -> None:
        """Train as other trainings do; what was demanded during the loading goes before the first step of both."""
        while self.now.do == "go" and not self.controls.empty():
            self.now = self.controls.get()
        self.obey_alone()
        if self.now.do == "stop":
            self.end("stopped")
        else:
            super().work()

    def train_alone(self, network: str) -> None:
        """Train D or G once, and save a checkpoint."""
        if network == "D":
            loss, gap = self.training.train_discriminator()
            said = f"D alone took a step: loss of D {loss:.3f} nats, gap of the mean logits {gap:.3f}."
        else:
            said = f"G alone took a step: loss of G {self.training.train_generator():.3f} nats."
        self.save_checkpoint()
        self.reason = said
