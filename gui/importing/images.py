"""Pictures: how images to train on come into the Latent page from folders and files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.latent.datasets.open_path import files_at
from gui.importing.image_dialog import ImportDialog

KINDS = "Images (*.npz *.npy *.idx *.idx.gz *-ubyte *-ubyte.gz);;All files (*)"


class Pictures(QObject):
    """Asks for a folder or a file, and shows the import dialog over the view."""

    agreed = Signal(object)  # the data set to train on
    refused = Signal(str)

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self.view = view
        self.dialog: ImportDialog | None = None

    def ask_folder(self) -> None:
        """Ask for a folder of pictures."""
        name = QFileDialog.getExistingDirectory(self.view, "Train on a folder of pictures")
        if name:
            self.take(Path(name))

    def ask_file(self) -> None:
        """Ask for a file of images."""
        name, _ = QFileDialog.getOpenFileName(self.view, "Train on a file of images", "", KINDS)
        if name:
            self.take(Path(name))

    def take(self, path: Path) -> None:
        """Show what there is to train on, or say why there is nothing."""
        try:
            source = files_at(path)
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.close()
        self.dialog = ImportDialog(self.view, source)
        self.dialog.agreed.connect(self.agreed)
        self.dialog.finished.connect(self._on_finished)
        self.dialog.open()

    def close(self) -> None:
        """Train on nothing new."""
        if self.dialog is not None:
            self.dialog.reject()

    def _on_finished(self) -> None:
        self.dialog = None
