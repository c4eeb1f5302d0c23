"""Any resolution: one latent decoded with any number of pixels, on the screen and in a file."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from engine.derived import Derived, Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.any_resolution import AnyResolutionSettings, Drawn, rendered_image
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.latent.plane.export_requests import CancelExport, Large
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.widgets.progress import Progress

MOST = 1024  # pixels on a side that are drawn on the screen
LOADING = "The model is being loaded."
FIXED = (
    "This model decodes fixed pixels. Train one with the architecture “Coordinates” to decode any resolution: "
    "choose it in the panel Recipe and press Start in the panel Training."
)


class AnyResolution(Panel):
    """Any resolution."""

    title = "Any resolution"
    role = "hovered"
    shows = (rendered_image,)
    uses_pins = True
    place = Place(12, "Samples", "tab", 50, 54)
    sentence = (
        "A decoder that computes each pixel from its coordinates has no resolution of its own: here it decodes as many "
        "pixels as the panel has, in a file as many as you choose. Decoded is the selected image, else the last pin, "
        "else the middle of the plane."
    )
    equation = r"\pi_\theta(\mathbf{z};\,u,v),\quad (u,v)\in[-1,1]^2"

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.found: Drawn | None = None
        self.picture, self.progress = Canvas("One latent, large", LOADING), Progress()
        self.form = FormLine(AnyResolutionSettings)
        self.save = QPushButton("Save PNG…")
        self.save.setToolTip("Write the image with so many pixels to a file")
        self.save.clicked.connect(self._on_save)
        self.form.changed.connect(self._on_form)
        self.picture.resized.connect(self.want)
        self.progress.cancelled.connect(self._on_cancelled)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.form, 1)
        row.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 6)
        column.setSpacing(6)
        column.addWidget(self.picture, 1)
        column.addWidget(self.progress)
        column.addLayout(row)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document[AnyResolutionSettings])

    def draw(self, scene: Scene) -> None:
        found = self.found = scene.get(rendered_image)
        if found is None:
            return
        self.picture.empty = FIXED
        self.picture.show_ink(found.ink)
        self.save.setEnabled(found.ink is not None)
        if found.ink is None:
            self.caption_changed.emit("")
            return
        size = " × ".join(str(side) for side in found.ink.shape[:2])
        learnt = " × ".join(str(side) for side in found.shape[:2])
        self.caption_changed.emit(f"{size} pixels, learnt from {learnt}; at {found.name}")

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        """As many pixels as the screen has there."""
        ratio = self.devicePixelRatioF()
        w, h = (max(1, min(MOST, round(ratio * side))) for side in (self.picture.width(), self.picture.height()))
        return Viewport(0, 1, 0, 1, w, h)

    def export(self) -> None:
        """Write the image to a file. Raises ValueError if the model decodes fixed pixels."""
        if self.found is None or self.found.ink is None:
            raise ValueError(FIXED)
        self.requested.emit(Large(self.document, self.found.z, self.found.saved))

    def _on_form(self, size: AnyResolutionSettings, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(size), gesture))

    def _on_save(self) -> None:
        self.requested.emit(EXPORT)

    def _on_cancelled(self) -> None:
        self.requested.emit(CancelExport())


class Canvas(Picture):
    """A picture that says when there is more or less room for it."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.resized.emit()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, 320)


EXPORT = Command("Image at any resolution…", "File/Export", run=AnyResolution.export,
                 tip="The image in the panel Any resolution, as PNG")  # fmt: skip
AnyResolution.commands = (EXPORT,)
