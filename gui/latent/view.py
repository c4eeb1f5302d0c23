"""The Latent view: its panels, and the verbs of its menus."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import ClassVar

from PySide6.QtGui import QGuiApplication

import gui.latent
from engine.document import Document
from engine.latent.charts import EqualProbability, Linear
from engine.latent.document import Latent
from engine.latent.pasted import Pasted
from engine.latent.scene import Answer
from engine.latent.subject import Blank
from gui.latent import picture_files
from gui.latent.gallery import GalleryPanel
from gui.latent.picture import nearest
from gui.latent.samples import AT_ONCE
from gui.latent.sketch_pad import SketchPad
from gui.page.jobs import Failure, Job, Latest
from gui.page.view import View
from gui.shell.elided import Spans
from gui.shell.numbers import coordinate, nats


class LatentView(View):
    """Latent space: the plane a VAE decodes."""

    title = "Latent space"
    name = "latent"
    package: ClassVar[ModuleType] = gui.latent
    start: ClassVar[type[Document]] = Latent
    takes = picture_files.SUFFIXES

    def __init__(self) -> None:
        super().__init__()
        self._reading: Latest | None = None

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

    def use_shipped(self) -> None:
        """The shipped model."""
        self.edit("Use the shipped model", self._document.with_model(Latent().model))

    def clear(self) -> None:
        """Remove samples and pins."""
        self.edit("Clear", self._document.clear())

    def show_gallery(self) -> None:
        """Bring the gallery to the front."""
        self.bring(GalleryPanel).setFocus()

    def show_sketch_pad(self) -> None:
        """Bring the sketch pad to the front."""
        self.bring(SketchPad)

    def toggle_eraser(self) -> None:
        """Draw or erase."""
        self.bring(SketchPad).eraser.toggle()

    def clear_subject(self) -> None:
        """Look into no image."""
        self.edit("Clear the image", self._document.with_subject(Blank()))

    def paste_picture(self) -> None:
        """Look into the picture in the clipboard."""
        copied = QGuiApplication.clipboard().mimeData()
        if (path := picture_files.path_in(copied)) is not None:
            self.take_file(path)
        elif copied.hasImage():
            self._read(partial(picture_files.from_image, QGuiApplication.clipboard().image(), "pasted picture"))
        else:
            self.refused.emit(picture_files.NO_PICTURE)

    def take_file(self, path: Path) -> None:
        self._read(partial(picture_files.from_file, path))

    def _read(self, job: Job) -> None:
        """In a thread of its own, made when the first picture comes: unpacking a large one takes its time."""
        if self._reading is None:
            self._reading = Latest("pictures", parent=self)
            self._reading.delivered.connect(self._on_read)
            self._reading.failed.connect(self._on_unread)
        self._reading.submit(job)

    def _on_read(self, picture: Pasted) -> None:
        self.edit("Paste a picture", self._document.with_subject(picture))

    def _on_unread(self, failure: Failure) -> None:
        self.refused.emit(failure.reason)

    def leave(self) -> None:
        if self._reading is not None:
            self._reading.close()

    def words(self, answer: Answer | None) -> Spans:
        """z and what is there."""
        if answer is None:
            return []
        return [
            ("hovered", f"z = ({coordinate(answer.z[0])}, {coordinate(answer.z[1])})"),
            ("prior", f"ln p(z) {nats(answer.log_prior)}"),
            ("", nearest(answer)),
        ]
