"""Image files: an image from the clipboard or from a file becomes the selected image."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from engine.latent.inputs.pasted import Pasted
from gui.latent.image import picture_files
from gui.page.commands import Command, Key
from gui.page.controller import Controller
from gui.page.jobs import Failure, Job, Latest
from gui.page.store import Edit


class ImageFiles(Controller):
    """Reads images in a thread of its own, because decoding a large image is slow. The first image starts it."""

    title = "Images"
    opens = "picture"

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._line: Latest | None = None

    def paste(self) -> None:
        """Select the image in the clipboard. Raises ValueError if the clipboard contains no image."""
        copied = QGuiApplication.clipboard().mimeData()
        if copied is not None and (path := picture_files.path_in(copied)) is not None:
            self.take_file(path)
        elif copied is not None and copied.hasImage():
            self._read(partial(picture_files.from_image, QGuiApplication.clipboard().image(), "pasted image"))
        else:
            raise ValueError(picture_files.NO_CLIPBOARD_IMAGE)

    def take_file(self, path: Path) -> None:
        self._read(partial(picture_files.from_file, path))

    def _read(self, job: Job) -> None:
        if self._line is None:
            self._line = Latest("images", parent=self)
            self._line.delivered.connect(self._on_read)
            self._line.failed.connect(self._on_failed)
        self._line.submit(job)

    def _on_read(self, image: Pasted) -> None:
        self.edited.emit(Edit("Paste an image", self.document.with_input(image)))

    def _on_failed(self, failure: Failure) -> None:
        self.refused.emit(failure.reason)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()


PASTE = Command("Paste an image", "Observe", run=ImageFiles.paste, keys=Key.Paste, line=True,
                tip="Select the image in the clipboard")  # fmt: skip
ImageFiles.commands = (PASTE,)
