"""Training images: opens the user's own images, sets the recipe that suits these images, and starts the training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from engine.latent.datasets.own_files import Files
from engine.latent.training.training import with_recipe
from engine.latent.vae.recipe import Recipe
from gui.latent.training.trainer import START
from gui.latent.training.training import Training
from gui.page.commands import Command
from gui.page.controller import Controller
from gui.page.store import Edit

if TYPE_CHECKING:
    from gui.importing.images import Pictures


class TrainingImages(Controller):
    """Opens folders and files of images, and trains on the images when the user presses the button of the dialog."""

    title = "Training images"
    opens = "images"

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._pictures: Pictures | None = None

    @property
    def pictures(self) -> Pictures:
        """The dialogs for choosing images, created when they are first needed."""
        from gui.importing.images import Pictures

        if self._pictures is None:
            self._pictures = Pictures(self.view)
            self._pictures.recipe_agreed.connect(self._on_recipe_agreed)
            self._pictures.refused.connect(self.refused)
        return self._pictures

    def train_on_folder(self) -> None:
        """Choose a folder of images to train on."""
        self.pictures.ask_folder()

    def train_on_file(self) -> None:
        """Choose a file of images to train on."""
        self.pictures.ask_file()

    def take_file(self, path: Path) -> None:
        self.pictures.take(path)

    def _on_recipe_agreed(self, recipe: Recipe) -> None:
        """Set the recipe as one edit, show the panel Training, and start the training."""
        assert isinstance(recipe.data, Files)
        self.edited.emit(Edit(f"Train on {recipe.data.name}", with_recipe(self.document, recipe)))
        self.brought.emit(Training)
        self.requested.emit(START)

    def close(self) -> None:
        if self._pictures is not None:
            self._pictures.close()


ON_FOLDER = Command("Train on a folder of images…", "File", run=TrainingImages.train_on_folder, line=True,
                    tip="Each folder in it is a class")  # fmt: skip
ON_FILE = Command("Train on a file of images…", "File", run=TrainingImages.train_on_file,
                  tip="Train on images in an IDX or NPZ file")  # fmt: skip
TrainingImages.commands = (ON_FOLDER, ON_FILE)
