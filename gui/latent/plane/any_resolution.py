"""Any resolution: one latent as large as one likes, on the screen and in a file."""

from __future__ import annotations

from engine.latent.scene import Scene
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.any_resolution import ANY, AnyResolutionSettings, Drawn
from engine.latent.plane.any_resolution import AnyResolution as Size
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.widgets.progress import Progress

MOST = 1024  # pixels on a side that are drawn on the screen
LOADING = "The model is being loaded."
FIXED = (
    "This model draws fixed pixels. Train one with the architecture “Coordinates” to draw at any resolution: "
    "choose it in the panel Recipe and press Start in the panel Training."
)


class AnyResolution(Panel):
    """Any resolution."""

    title = "Any resolution"
    role = "hovered"
    draws = ANY
    place = Place(12, "Samples", "tab", 50, 54)
    sentence = (
        "A decoder that is asked for one place of the picture at a time has no pixels of its own: here it is asked for "
        "as many as there is room, in a file for as many as you choose. It draws the image that is looked into, else "
        "the last pin, else the middle of the plane."
    )
    equation = r"\pi_\theta(\mathbf{z};\,u,v),\quad (u,v)\in[-1,1]^2"

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.found: Drawn | None = None
        self._seen = False
        self.picture, self.form, self.progress = Canvas("One latent, large", LOADING), FormLine(Size), Progress()
        self.save = QPushButton("Save PNG…")
        self.save.setToolTip("Write the picture with so many pixels to a file")
        self.save.clicked.connect(self._on_save)
        self.form.changed.connect(self._on_form)
        self.picture.resized.connect(self._frame)
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
        found: Drawn = scene.pictures[self.draws]
        self.found = found
        self.picture.empty = FIXED
        self.picture.show_ink(found.ink)
        self.save.setEnabled(found.ink is not None)
        if found.ink is None:
            self.caption_changed.emit("")
            return
        size = " × ".join(str(side) for side in found.ink.shape[:2])
        learnt = " × ".join(str(side) for side in found.shape[:2])
        self.caption_changed.emit(f"{size} pixels, learnt from {learnt}; at {found.standing}")

    def appear(self, seen: bool) -> None:
        self._seen = seen
        self._frame()

    def _frame(self) -> None:
        """Ask for as many pixels as the screen has there."""
        ratio = self.devicePixelRatioF()
        w, h = (max(1, min(MOST, round(ratio * side))) for side in (self.picture.width(), self.picture.height()))
        self.viewport_changed.emit(self.draws, Viewport(0, 1, 0, 1, w, h) if self._seen else None)

    def _on_form(self, size: Size, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(size), gesture))

    def _on_save(self) -> None:
        self.asked.emit("export_any_resolution")

    def _on_cancelled(self) -> None:
        self.asked.emit("cancel_export")


class Canvas(Picture):
    """A picture that says when there is more or less room for it."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.resized.emit()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, 320)
