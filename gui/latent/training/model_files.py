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
from engine.latent.training.models import Entry, discard, keep, take_training
from engine.latent.training.training import with_recipe
from gui.latent.training.training import Training
from gui.page.commands import Command
from gui.page.controller import Controller
from gui.page.jobs import Latest
from gui.page.store import Edit
from gui.widgets.question import ask

YES = QMessageBox.StandardButton.Yes
FOREIGN_IMAGES = (
    "The model {} was trained on images that are not in its own folder. Do you want to read these images, "
    "so that they are shown?"
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
        try:
            keep(self.document.path, name.strip())
        except (OSError, ValueError) as error:
            raise ValueError(f"The model was not saved. {error}") from error
        self.outdated.emit()

    def accepts(self, request: Any) -> bool:
        return isinstance(request, Delete)

    def take(self, request: Any, panel: Any) -> None:
        assert isinstance(request, Delete)
        if request.entry.kind == "shipped" or self._agrees(request.entry):
            self._delete(request.entry)

    def _agrees(self, entry: Entry) -> bool:
        question = f"Delete this model from the disk ({entry.size / 1e6:,.0f} MB)? This cannot be undone."
        return QMessageBox.question(self.view, "Delete model", question) == YES

    def _delete(self, entry: Entry) -> None:
        try:
            discard(entry)
        except (OSError, ValueError) as error:
            self.refused.emit(f"The model was not deleted. {error}")
        if not self.document.path.exists():  # the model of the document was deleted
            self.edited.emit(Edit("Delete model", self.document.with_model(SHIPPED)))
        self.outdated.emit()

    def take_file(self, path: Path) -> None:
        """Open a model, or load a saved training so that it can be continued."""
        try:
            recipe = take_training(path)
            if recipe is None:
                path = path.resolve()
                check_name(path)
                self.edited.emit(Edit(f"Open {quoted(path.name)}", self.document.with_model(str(path))))
                return
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.edited.emit(Edit(f"Open {quoted(path.name)}", with_recipe(self.document, recipe)))
        self.brought.emit(Training)

    def close(self) -> None:
        self.images.close()


def _foreign_images(document: Latent) -> Files | None:
    """The images of the model if the user has to agree before they are read, in the worker thread.

    Raises ValueError if there is no sound model; the page shows the reason.
    """
    data = document.manifold.vae.card.recipe.data
    return data if isinstance(data, Files) and is_foreign(data) else None


SAVE_TO_LIBRARY = Command("Save model to library…", "Model", run=ModelFiles.save_to_library, line=True,
                          tip="Save the model under a name in the panel Models")  # fmt: skip
ModelFiles.commands = (SAVE_TO_LIBRARY,)
