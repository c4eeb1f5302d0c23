"""The Latent view: its panels, and the verbs of its menus."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import ClassVar

from engine.latent.scene import Answer, UnboxedPlace
from PySide6.QtGui import QGuiApplication

import gui.latent
from engine.document import Document
from engine.latent.charts import EqualProbability, Linear
from engine.latent.datasets.open_path import ENDS, holds_images
from engine.latent.document import Latent
from engine.latent.image.reparameterisation import ReparameterisationSettings
from engine.latent.inputs.input import Blank
from engine.latent.inputs.pasted import Pasted
from engine.latent.plane.overlays.aggregate_posterior import AggregatePosterior
from engine.latent.plane.overlays.decoder_sensitivity import DecoderSensitivity
from engine.latent.plane.overlays.factor_contours import FactorContours
from engine.latent.plane.overlays.overlay import Nothing, Overlay
from engine.latent.plane.overlays.reconstruction_error import ReconstructionError
from engine.latent.plane.plane import PlaneSettings
from gui.latent.image import picture_files
from gui.latent.image.gallery import GalleryPanel
from gui.latent.image.reparameterisation import Reparameterisation
from gui.latent.image.sketch_pad import SketchPad
from gui.latent.plane.decoded_image import nearest
from gui.latent.plane.pinned import Pinned
from gui.latent.plane.samples import AT_ONCE
from gui.latent.plane.travelling import TravellingView
from gui.latent.unboxing.bounding import BoundingView
from gui.latent.unboxing.completing import CompletingView
from gui.latent.unboxing.generation import GeneratingView
from gui.page.jobs import Failure, Job, Latest
from gui.page.shared.bayes_readout import bayes_words
from gui.widgets.elided import Spans
from gui.widgets.numbers import coordinate, nats

MODEL = ".safetensors"


class LatentView(TravellingView, BoundingView, GeneratingView, CompletingView):
    """Latent space: the plane a VAE decodes."""

    title = "Latent space"
    name = "latent"
    package: ClassVar[ModuleType] = gui.latent
    start: ClassVar[type[Document]] = Latent
    takes = (MODEL, *ENDS, *picture_files.SUFFIXES)

    def __init__(self) -> None:
        super().__init__()
        self._reading: Latest | None = None

    def draw_samples(self) -> None:
        """Draw latents from the prior."""
        self.edit("Draw samples", self._document.draw(AT_ONCE))

    def toggle_digits(self) -> None:
        """Show or hide where real images land."""
        self.edit(
            "Show or hide test images", self._document.with_digits(not self._document[PlaneSettings].show_test_images)
        )

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
        self.bring(Reparameterisation)
        self.edit("Draw fresh ε", self._document.with_setting(self._document[ReparameterisationSettings].fresh()))

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
        self.edit("Clear the image", self._document.with_input(Blank()))

    def paste_picture(self) -> None:
        """Look into the picture in the clipboard."""
        copied = QGuiApplication.clipboard().mimeData()
        if (path := picture_files.path_in(copied)) is not None:
            self.take_file(path)
        elif copied.hasImage():
            self._read(partial(picture_files.from_image, QGuiApplication.clipboard().image(), "pasted picture"))
        else:
            self.refused.emit(picture_files.NO_PICTURE)

    @classmethod
    def accepts(cls, path: Path) -> bool:
        return super().accepts(path) or path.is_dir()

    def take_file(self, path: Path) -> None:
        if path.suffix.lower() == MODEL:
            self.take_model(path)
        elif holds_images(path):
            self.pictures.take(path)
        else:
            self._read(partial(picture_files.from_file, path))

    def _read(self, job: Job) -> None:
        """In a thread of its own, made when the first picture comes: unpacking a large one takes its time."""
        if self._reading is None:
            self._reading = Latest("pictures", parent=self)
            self._reading.delivered.connect(self._on_read)
            self._reading.failed.connect(self._on_unread)
        self._reading.submit(job)

    def _on_read(self, picture: Pasted) -> None:
        self.edit("Paste a picture", self._document.with_input(picture))

    def _on_unread(self, failure: Failure) -> None:
        self.refused.emit(failure.reason)

    def echo(self, document: Document) -> None:
        """What is pinned comes to the front, unless it is wanted by what is there."""
        assert isinstance(document, Latent)
        known = self.document
        super().echo(document)
        if isinstance(known, Latent) and len(document.pins) > len(known.pins) and not self._seen & self.takes_pins:
            self.docks[Pinned.title].raise_()

    def leave(self) -> None:
        super().leave()
        if self._reading is not None:
            self._reading.close()

    def words(self, answer: Answer | None) -> Spans:
        """z and what is there."""
        if answer is None:
            return []
        if isinstance(answer.place, UnboxedPlace):
            return bayes_words(f"at z = ({coordinate(answer.z[0])}, {coordinate(answer.z[1])}):", answer.bayes)
        return [
            ("hovered", f"z = ({coordinate(answer.z[0])}, {coordinate(answer.z[1])})"),
            ("prior", f"ln p(z) {nats(answer.log_prior)}"),
            ("", nearest(answer)),
        ]
