"""Model files: opens models and saved trainings, saves models to the library, and deletes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QInputDialog, QMessageBox, QWidget

from engine.document import Document
from engine.files import check_name, quoted
from engine.latent.datasets.own_files import Files, is_foreign, trust
from engine.latent.document import Latent
from engine.latent.model_source import SHIPPED, shipped_models
from engine.latent.training.models import Entry, discard, holds_training, keep, take_training
from engine.latent.training.training import with_recipe
from engine.latent.vae.recipe import Recipe
from engine.part import title_of
from gui.latent.training.training import Training
from gui.page.commands import Command
from gui.page.controller import Controller
from gui.page.jobs import Failure, Latest
from gui.page.store import Edit
from gui.widgets.dates import date_text
from gui.widgets.question import ask

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
FOREIGN_IMAGES = (
    "The model {} was trained on images that are not in its own folder. Do you want to read these images, "
    "so that they are shown?"
)
TAKE = (
    "The file {} holds a training. Do you want to copy it to the trainings on this computer, so that it is continued?"
)


@dataclass(frozen=True)
class Delete:
    """The request to delete a model, after the user has confirmed it."""

    entry: Entry


class ModelFiles(Controller):
    """Saves models to the library, deletes them, and opens files of models and of trainings."""

    title = "Models"
    opens = "model"

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.images = Latest("model images", parent=self)
        self.images.delivered.connect(self._on_loaded)
        self.trainings = Latest("trainings", parent=self)
        self.trainings.delivered.connect(self._on_taken)
        self.trainings.failed.connect(self._on_failed)

    def echo(self, document: Document) -> None:
        """Take a new document. If its model is another file, find out whether its images may be read."""
        assert isinstance(document, Latent)
        before, self.document = self.document, document
        is_file = document.trained is None and document.model not in shipped_models()
        if is_file and (before is None or before.model != document.model):
            self.images.submit(partial(_foreign_images, document))

    def _on_loaded(self, images: Files | None) -> None:
        """Ask the user before the images of a model from elsewhere are read."""
        if images is not None:
            question = FOREIGN_IMAGES.format(quoted(self.document.path.name))
            paths = [str(path) for path in images.paths]
            ask(self.view, "Images of the model", question, partial(self._trust, images), paths)

    def _trust(self, images: Files) -> None:
        trust(images)
        self.outdated.emit()

    def save_to_library(self) -> None:
        """Save the model of the document to the library, under a name. Raises ValueError if that fails."""
        name, agreed = QInputDialog.getText(self.view, "Save model to library", "Name in the panel Models:")
        if not agreed:
            return
        keep(self.document.path, name.strip())
        self.outdated.emit()

    def accepts(self, request: Any) -> bool:
        return isinstance(request, Delete)

    def take(self, request: Any, panel: Any) -> None:
        assert isinstance(request, Delete)
        if request.entry.kind == "shipped" or self._agrees(request.entry):
            self._delete(request.entry)

    def _agrees(self, entry: Entry) -> bool:
        about = f"{entry.size / 1e6:,.0f} MB, saved {date_text(entry.time)}"
        question = f"Delete “{quoted(name_of(entry))}” ({about}) from the disk? This cannot be undone."
        return QMessageBox.question(self.view, "Delete model", question, YES | NO, NO) == YES

    def _delete(self, entry: Entry) -> None:
        try:
            discard(entry)
        except ValueError as error:
            self.refused.emit(str(error))
        if not self.document.path.exists():  # the model of the document was deleted
            self.edited.emit(Edit("Delete model", self.document.with_model(SHIPPED)))
        self.outdated.emit()

    def take_file(self, path: Path) -> None:
        """Open a model, or copy a saved training, after a question, so that it can be continued."""
        name = quoted(path.name)
        try:
            if holds_training(path):
                ask(self.view, "Open training", TAKE.format(name), partial(self._copy_training, path))
                return
            path = path.resolve()
            check_name(path)
        except ValueError as error:
            self.refused.emit(str(error))
        else:
            self.edited.emit(Edit(f"Open {name}", self.document.with_model(str(path))))

    def _copy_training(self, path: Path) -> None:
        self.trainings.submit(partial(_taken, path))

    def _on_taken(self, taken: tuple[str, Recipe]) -> None:
        """Use the recipe of the training that was copied, and show the panel from which it is continued."""
        name, recipe = taken
        self.edited.emit(Edit(f"Open {name}", with_recipe(self.document, recipe)))
        self.brought.emit(Training)

    def _on_failed(self, failure: Failure) -> None:
        self.refused.emit(failure.reason)

    def close(self) -> None:
        self.images.close()
        self.trainings.close()


def name_of(entry: Entry) -> str:
    """The name of a model in the list of models."""
    recipe = entry.card.recipe
    if entry.kind == "trained here":
        data = recipe.data.name if isinstance(recipe.data, Files) else title_of(type(recipe.data))
        return f"Trained here: {quoted(data)}, {title_of(type(recipe.architecture))}"
    return f"Shipped: {entry.name}" if entry.kind == "shipped" else entry.name


def _foreign_images(document: Latent) -> Files | None:
    """The images of the model if the user has to agree before they are read, in the worker thread.

    Raises ValueError if there is no sound model; the page shows the reason.
    """
    data = document.whole_model.vae.card.recipe.data
    return data if isinstance(data, Files) and is_foreign(data) else None


def _taken(path: Path) -> tuple[str, Recipe]:
    """Return the name of a file, and the recipe of its training, which was copied, in the worker thread.

    Raises ValueError, in one sentence, if the training is not sound.
    """
    name, recipe = quoted(path.name), take_training(path)
    if recipe is None:
        raise ValueError(f"{name} was changed while it was opened: open it again.")
    return name, recipe


SAVE_TO_LIBRARY = Command("Save model to library…", "Model", run=ModelFiles.save_to_library, line=True,
                          tip="Save the model under a name in the panel Models")  # fmt: skip
ModelFiles.commands = (SAVE_TO_LIBRARY,)
