"""The import of training images from a folder or a file, by dialogs over the page Latent space."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.latent.datasets.open_path import files_at
from gui.importing.image_dialog import ImportDialog
from gui.widgets.file_dialogs import choose_folder, choose_to_open

KINDS = "Images (*.npz *.npy *.idx *.idx.gz *-ubyte *-ubyte.gz);;All files (*)"


class Pictures(QObject):
    """Opens the dialogs for a folder or a file of images, then the import dialog."""

    recipe_agreed = Signal(object)  # the recipe to train on the images
    refused = Signal(str)  # the reason why nothing can be imported

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.view = view
        self.dialog: ImportDialog | None = None

    def ask_folder(self) -> None:
        """Open a dialog for a folder of images, then the import dialog."""
        if path := choose_folder(self.view, "images", "Train on a folder of images"):
            self.take(path)

    def ask_file(self) -> None:
        """Open a dialog for a file of images, then the import dialog."""
        if path := choose_to_open(self.view, "images", "Train on a file of images", KINDS):
            self.take(path)

    def take(self, path: Path) -> None:
        """Open the import dialog for a folder or file, or emit the reason why it cannot be used."""
        try:
            source = files_at(path)
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.close()
        self.dialog = ImportDialog(self.view, source)
        self.dialog.recipe_agreed.connect(self.recipe_agreed)
        self.dialog.finished.connect(self._on_finished)
        self.dialog.open()

    def close(self) -> None:
        """Close the import dialog without an import."""
        if self.dialog is not None:
            self.dialog.reject()

    def _on_finished(self) -> None:
        self.dialog = None
