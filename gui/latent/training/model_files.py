"""Model files: opens models and saved trainings, saves models to the library, and deletes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QInputDialog, QMessageBox

from engine.files import check_name, quoted
from engine.latent.model_source import SHIPPED
from engine.latent.training.models import Entry, discard, keep, take_training
from engine.latent.training.training import with_recipe
from gui.latent.training.training import Training
from gui.page.commands import Command
from gui.page.controller import Controller
from gui.page.store import Edit

YES = QMessageBox.StandardButton.Yes


@dataclass(frozen=True)
class Delete:
    """The request to delete a model, after the user has confirmed it."""

    entry: Entry


class ModelFiles(Controller):
    """Saves models to the library, deletes them, and opens files of models and of trainings."""

    title = "Models"
    opens = "model"

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


SAVE_TO_LIBRARY = Command("Save model to library…", "Model", run=ModelFiles.save_to_library, line=True,
                          tip="Save the model under a name in the panel Models")  # fmt: skip
ModelFiles.commands = (SAVE_TO_LIBRARY,)
