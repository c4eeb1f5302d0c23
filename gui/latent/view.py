"""The Latent view: its panels, and the verbs of its menus."""

from __future__ import annotations

import time
from types import ModuleType
from typing import ClassVar

import gui.latent
from engine.document import Document
from engine.latent.charts import EqualProbability, Linear
from engine.latent.document import Latent, Trained
from engine.latent.overlays import (
    AggregatePosterior,
    DecoderSensitivity,
    FactorContours,
    Nothing,
    Overlay,
    ReconstructionError,
)
from engine.latent.scene import Answer
from engine.latent.vae.recipe import Recipe
from engine.latent.workshop import Report
from gui.latent.picture import nearest
from gui.latent.reparameterisation import Reparameterisation
from gui.latent.samples import AT_ONCE
from gui.latent.training import Training
from gui.latent.workshop import Workshop
from gui.page.view import View
from gui.shell.elided import Spans
from gui.shell.numbers import coordinate, nats

OFTEN = 0.5  # seconds between two looks at the curves of a training


class LatentView(View):
    """Latent space: the plane a VAE decodes."""

    title = "Latent space"
    name = "latent"
    package: ClassVar[ModuleType] = gui.latent
    start: ClassVar[type[Document]] = Latent

    def __init__(self) -> None:
        super().__init__()
        self.workshop = Workshop(self)
        self.workshop.reported.connect(self._on_reported)
        self._learns: Recipe | None = None  # whose moments are shown as they come
        self._followed: Trained | None = None  # the moment that is shown because it was the newest
        self._drawn = 0.0

    @property
    def _document(self) -> Latent:
        assert isinstance(self.document, Latent)
        return self.document

    def draw_samples(self) -> None:
        """Draw latents from the prior."""
        self.edit("Draw samples", self._document.draw(AT_ONCE))

    def toggle_digits(self) -> None:
        """Show or hide where real images land."""
        self.edit("Show or hide test images", self._document.with_digits(not self._document.show_digits))

    def toggle_chart(self) -> None:
        """The other chart."""
        other = EqualProbability() if isinstance(self._document.chart, Linear) else Linear()
        self.edit("Change chart", self._document.with_chart(other))

    def overlay_none(self) -> None:
        """Nothing over the plane."""
        self._lay(Nothing())

    def overlay_aggregate(self) -> None:
        """Where images land against where the prior expects them."""
        self._lay(AggregatePosterior())

    def overlay_error(self) -> None:
        """How badly images are drawn again."""
        self._lay(ReconstructionError())

    def overlay_sensitivity(self) -> None:
        """How much the picture changes with z."""
        self._lay(DecoderSensitivity())

    def overlay_factors(self) -> None:
        """Where pictures have how much of what they were made from."""
        self._lay(FactorContours())

    def _lay(self, kind: Overlay) -> None:
        self.edit("Change the overlay", self._document.with_overlay(kind))

    def fresh_epsilon(self) -> None:
        """Draw other ε, and show them."""
        self.docks[Reparameterisation.title].raise_()
        self.edit("Draw fresh ε", self._document.with_trick(self._document.trick.fresh()))

    def use_shipped(self) -> None:
        """The shipped model."""
        self.edit("Use the shipped model", self._document.with_model(Latent().model))

    def clear(self) -> None:
        """Remove samples and pins."""
        self.edit("Clear", self._document.clear())

    def train_start(self) -> None:
        """Train by the recipe, or go on with what was begun."""
        document = self._document
        recipes = (document.recipe, document.recipe.autoencoder()) if document.beside else (document.recipe,)
        self._learns, self._followed = document.recipe, None
        self.workshop.rest = self.panel(Training).rest
        self.workshop.start(*recipes)
        self._on_reported(document.recipe, Report("loading"))

    def train_pause(self) -> None:
        """Wait, or go on."""
        if not self.workshop.busy:
            self.refused.emit("No training is under way. Press Start first.")
        elif self.workshop.waits:
            self.train_pace()
        else:
            self.workshop.pause()

    def train_step(self) -> None:
        """One batch."""
        if not self.workshop.busy:
            self.train_start()
        self.workshop.step()

    def train_pace(self) -> None:
        """Train on as fast as the Training panel says."""
        self.workshop.go(self.panel(Training).rest)

    def train_stop(self) -> None:
        """Keep what there is and end."""
        self.workshop.stop()

    def _on_reported(self, recipe: Recipe, report: Report) -> None:
        if recipe != self._learns:
            return  # the autoencoder beside
        self.panel(Training).tell(report, self.workshop.waits)
        self.switched.emit("train_pause", self.workshop.waits)
        if report.kept >= 0:
            self._follow(Trained(recipe, report.kept))

    def _follow(self, newest: Trained) -> None:
        """Show the newest moment, unless another one was chosen; the curves grow meanwhile."""
        known, self._followed = self._followed, newest
        if newest != known and (known is None or self._document.trained == known):
            self.edit("Train", self._document.with_trained(newest), ("train", id(self.workshop)))
        elif time.monotonic() - self._drawn > OFTEN:
            self.outdated.emit()
        else:
            return
        self._drawn = time.monotonic()

    def leave(self) -> None:
        self.workshop.close()

    def words(self, answer: Answer | None) -> Spans:
        """z and what is there."""
        if answer is None:
            return []
        return [
            ("hovered", f"z = ({coordinate(answer.z[0])}, {coordinate(answer.z[1])})"),
            ("prior", f"ln p(z) {nats(answer.log_prior)}"),
            ("", nearest(answer)),
        ]
