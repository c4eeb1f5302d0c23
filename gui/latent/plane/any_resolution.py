"""The panel Any resolution: one latent decoded with any number of pixels, on the screen and in a file."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from engine.derived import Derived, Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.any_resolution import AnyResolutionSettings, Drawn, rendered_image
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.latent.plane.export_requests import CancelExport, Large
from gui.latent.training.models import OPEN_SHIPPED
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.widgets.controls import Button
from gui.widgets.notice import Notice
from gui.widgets.progress import Progress

MOST = 1024  # pixels on a side of the image on the screen, at most
LOADING = "Loading the model…"
FIXED = (
    "This model decodes a fixed number of pixels. Open the shipped model of any resolution, or train a model with the "
    "architecture “Coordinates” (panels Recipe and Training)."
)


class AnyResolution(Panel):
    """The panel Any resolution."""

    title = "Any resolution"
    role = "hovered"
    shows = (rendered_image,)
    place = Place(13, "Samples", "tab", 50, 54)
    sentence = (
        "One latent, decoded with as many pixels as the panel has; a saved file has as many as you choose. A "
        "coordinate decoder maps (x, y, z) to one pixel value, so it can be rendered at any resolution. The latent is "
        "that of the selected image, else the last pin, else the middle of the plane."
    )
    equation = r"\pi_\theta(\mathbf{z};\,u,v),\quad (u,v)\in[-1,1]^2"

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.image: Drawn | None = None
        self.picture, self.progress = Canvas("One latent, decoded large", LOADING), Progress()
        self.notice = Notice(self.picture)
        self.notice.offer(FIXED, "Open the shipped model", OPEN_SHIPPED["coordinates"])
        self.notice.asked.connect(self.requested)
        self.form = FormLine(AnyResolutionSettings)
        self.save = Button("Save PNG…")
        self.save.setToolTip("Save the image with this number of pixels to a file")
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
        image = self.image = scene.get(rendered_image)
        if image is None:
            return
        self.picture.empty = ""
        self.picture.show_ink(image.ink)
        self.notice.say(FIXED if image.ink is None else "")
        self.save.setEnabled(image.ink is not None)
        if image.ink is None:
            self.caption_changed.emit("")
            return
        size = " × ".join(str(side) for side in image.ink.shape[:2])
        trained_on = " × ".join(str(side) for side in image.shape[:2])
        self.caption_changed.emit(f"{size} pixels, trained on {trained_on}; at {image.name}")

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        """Return a viewport with as many pixels as the image has room for on the screen."""
        ratio = self.devicePixelRatioF()
        w, h = (max(1, min(MOST, round(ratio * side))) for side in (self.picture.width(), self.picture.height()))
        return Viewport(0, 1, 0, 1, w, h)

    def export(self) -> None:
        """Save the image to a file. Raises ValueError if the model decodes a fixed number of pixels."""
        if self.image is None or self.image.ink is None:
            raise ValueError(FIXED)
        self.requested.emit(Large(self.document, self.image.z, self.image.saved))

    def _on_form(self, size: AnyResolutionSettings, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(size), gesture))

    def _on_save(self) -> None:
        self.requested.emit(EXPORT)

    def _on_cancelled(self) -> None:
        self.requested.emit(CancelExport())


class Canvas(Picture):
    """An image that reports each change of its size."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.resized.emit()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, 320)


EXPORT = Command("Image at any resolution…", "File/Export", run=AnyResolution.export,
                 tip="Save the image in the panel Any resolution as PNG")  # fmt: skip
AnyResolution.commands = (EXPORT,)
