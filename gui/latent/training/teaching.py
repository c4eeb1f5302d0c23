"""Teaching: the half of the Latent view that trains models, keeps them and opens them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog, QMessageBox

from engine.latent.datasets.own_files import Files
from engine.latent.document import SHIPPED, Trained
from engine.latent.training import models as library
from engine.latent.training.process import Report
from engine.latent.training.training import TrainingSettings
from engine.latent.vae.presets import COORDINATES, DIGITS, FACES
from engine.latent.vae.recipe import Recipe
from gui.latent.training.models import Models
from gui.latent.training.recipe import Recipe as RecipePanel
from gui.latent.training.training import Training
from gui.latent.training.workshop import Workshop
from gui.latent.unboxing.stepping import UnboxingView

if TYPE_CHECKING:
    from gui.importing.images import Pictures

YES = QMessageBox.StandardButton.Yes
OFTEN = 1.0  # seconds between two looks at the curves of a training


class TeachingView(UnboxingView):
    """The verbs of training. The newest moment of what is trained is the model that is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.workshop = Workshop(self)
        self.workshop.reported.connect(self._on_reported)
        self._learns: Recipe | None = None  # whose moments are shown as they come
        self._followed: Trained | None = None  # the moment that is shown because it was the newest
        self._drawn, self._waited = 0.0, False
        self._pictures: Pictures | None = None

    @property
    def pictures(self) -> Pictures:
        """The way of images in, made when it is first taken."""
        from gui.importing.images import Pictures

        if self._pictures is None:
            self._pictures = Pictures(self)
            self._pictures.agreed.connect(self._on_images)
            self._pictures.refused.connect(self.refused)
        return self._pictures

    def train_on_folder(self) -> None:
        """Choose a folder of pictures to train on."""
        self.pictures.ask_folder()

    def train_on_file(self) -> None:
        """Choose a file of images to train on."""
        self.pictures.ask_file()

    def _on_images(self, data: Files) -> None:
        self.edit(f"Train on {data.name}", self._document.with_data(data))

    def recipe_digits(self) -> None:
        """The default recipe."""
        self.edit("Recipe for digits", self._document.with_recipe(DIGITS))
        self.bring(RecipePanel)

    def recipe_faces(self) -> None:
        """One that learns the degree of smile and the turn of the head."""
        self.edit("Recipe for faces", self._document.with_recipe(FACES))
        self.bring(RecipePanel)

    def recipe_coordinates(self) -> None:
        """One whose decoder draws at any resolution."""
        self.edit("Recipe for any resolution", self._document.with_recipe(COORDINATES))
        self.bring(RecipePanel)

    def train_start(self) -> None:
        """Train by the recipe, or go on with what was begun."""
        document = self._document
        recipes = (
            (document[TrainingSettings].recipe, document[TrainingSettings].recipe.autoencoder())
            if document[TrainingSettings].with_autoencoder
            else (document[TrainingSettings].recipe,)
        )
        self._learns, self._followed = document[TrainingSettings].recipe, None
        self.workshop.rest = self.panel(Training).rest
        self.workshop.start(*recipes)
        self._on_reported(document[TrainingSettings].recipe, Report("loading"))

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
        if self._waited != self.workshop.waits:  # not with each report: it costs all icons
            self._waited = self.workshop.waits
            self.switched.emit("train_pause", self._waited)
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

    def continue_training(self) -> None:
        """Train what is looked at for as many epochs again."""
        trained = self._document.trained
        if trained is None:
            self.refused.emit("Only what was trained here can be trained further: start a training first.")
            return
        self.edit("Continue training", self._document.with_recipe(trained.recipe.continued()))
        self.train_start()

    def keep_model(self) -> None:
        """Keep the model that is looked at in the library, under a name."""
        name, agreed = QInputDialog.getText(self, "Keep model", "Its name in the panel Models:")
        if not agreed:
            return
        try:
            library.keep(self._document.path, name.strip())
        except (OSError, ValueError) as error:
            self.refused.emit(f"The model was not kept. {error}")
        self.outdated.emit()

    def delete_model(self) -> None:
        """Delete the model that is chosen in the panel Models, once the user has agreed."""
        entry = self.bring(Models).chosen
        if entry is None:
            return
        size = f"{entry.size / 1e6:,.0f} MB"
        question = f"Delete this model from the disk ({size})? This cannot be undone."
        if entry.kind != "shipped" and QMessageBox.question(self, "Delete model", question) != YES:
            return
        try:
            library.discard(entry)
        except (OSError, ValueError) as error:
            self.refused.emit(f"Nothing was deleted. {error}")
        if not self._document.path.exists():  # it was the one that is looked at
            self.edit("Delete model", self._document.with_model(SHIPPED))
        self.outdated.emit()

    def take_model(self, path: Path) -> None:
        """Open a model's file, or take in a training to go on with it."""
        try:
            recipe = library.take_training(path)
        except (OSError, ValueError) as error:
            self.refused.emit(f"{path.name} was not opened. {error}")
            return
        if recipe is None:
            self.edit(f"Open {path.name}", self._document.with_model(str(path.resolve())))
        else:
            self.edit(f"Open {path.name}", self._document.with_recipe(recipe))
            self.docks[Training.title].raise_()

    def leave(self) -> None:
        self.workshop.close()
        if self._pictures is not None:
            self._pictures.close()
