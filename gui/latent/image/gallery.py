"""Gallery: the images of the model's own data set, to choose one and look into it."""

from __future__ import annotations

from engine.latent.scene import Scene
from msgspec.structs import replace
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.image.gallery import EVERY, GallerySettings, Shelf
from engine.latent.inputs.input import FromData
from engine.plane import Viewport
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.wall import Wall
from gui.widgets.notice import Notice
from gui.widgets.numbers import parsed

HINT = "Click: look into an image · Arrows, Enter: the same by keyboard"
SETS = ("Test", "Training")
ALL = "All"


class GalleryPanel(Panel):
    """Gallery."""

    title = "Gallery"
    place = Place(5, "Samples", "tab", 50, 54)
    also = (Place(107, "Completions", "tab", 54, 48, "unboxing"),)
    draws = "gallery"
    sentence = (
        "The images of the model's own data set, with their classes: those it learnt from, or those held out to test "
        "it. Choose one, and its q(z|x) is drawn on the plane in purple, and the panel Encoded image shows the rest."
    )
    equation = r"\mathbf{x}_1,\ \mathbf{x}_2,\ \ldots"

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.wall = Wall("Images")
        self.shelf: Shelf | None = None
        self.sets, self.classes, self.number = _choice("Which images", SETS), _choice("Class", (ALL,)), QLineEdit()
        self.number.setPlaceholderText("Number")
        self.number.setAccessibleName("Number of an image")
        self.number.setToolTip("Type an image's number and press Enter to look into it")
        row = QHBoxLayout()
        row.setContentsMargins(6, 4, 6, 4)
        for widget in (self.sets, self.classes, self.number):
            row.addWidget(widget, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.wall, 1)
        self.notice, self.seen = Notice(self.wall), False
        self.notice.say("Loading the images.")
        self.setFocusProxy(self.wall)
        self.sets.activated.connect(self._on_filtered)
        self.classes.activated.connect(self._on_filtered)
        self.number.returnPressed.connect(self._on_number)
        self.wall.picked.connect(self._on_picked)
        self.wall.viewport_changed.connect(self._on_viewport_changed)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self._show_filter(document[GallerySettings])

    def draw(self, scene: Scene) -> None:
        shelf: Shelf | None = scene.pictures.get(self.draws)
        if shelf is None:
            return
        self.shelf = shelf
        names = [ALL, *shelf.classes]
        if [self.classes.itemText(i) for i in range(self.classes.count())] != names:
            self.classes.clear()
            self.classes.addItems(names)
        self._show_filter(self.document[GallerySettings])
        self.wall.show_shelf(shelf)
        self.notice.say("" if shelf.total else "There are no such images. Choose another class or the other set.")
        self.caption_changed.emit(f"{shelf.total:,} images")

    def appear(self, seen: bool) -> None:
        self.seen = seen
        self.viewport_changed.emit(self.draws, self.wall.shown if seen else None)

    def _show_filter(self, gallery: GallerySettings) -> None:
        self.sets.setCurrentIndex(0 if gallery.held_out else 1)
        self.classes.setCurrentIndex(min(gallery.label + 1, self.classes.count() - 1))

    def _on_viewport_changed(self, viewport: Viewport) -> None:
        if self.seen:
            self.viewport_changed.emit(self.draws, viewport)

    def _on_filtered(self) -> None:
        held_out, label = self.sets.currentIndex() == 0, self.classes.currentIndex() - 1
        self.edited.emit(Edit("Filter the gallery", self.document.with_setting(GallerySettings(held_out, label))))

    def _on_picked(self, number: int) -> None:
        self.hint_changed.emit(HINT)
        self._choose(number, self.document[GallerySettings])

    def _on_number(self) -> None:
        """Of whatever class it is."""
        number, images = parsed(self.number.text(), int), self.shelf.images if self.shelf else 0
        if number is None or not 0 <= number < images:
            kind = SETS[not self.document[GallerySettings].held_out].lower()
            self.refused.emit(
                f"There is no image {self.number.text()}: the {kind} images are numbered 0 to {images - 1:,}."
            )
            return
        self._choose(int(number), replace(self.document[GallerySettings], label=EVERY))

    def _choose(self, number: int, gallery: GallerySettings) -> None:
        chosen = self.document.with_setting(gallery).with_input(FromData(number, gallery.held_out))
        self.edited.emit(Edit("Choose image", chosen))


def _choice(name: str, options: tuple[str, ...]) -> QComboBox:
    combo = QComboBox()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(3)
    combo.setAccessibleName(name)
    combo.setToolTip(name)
    combo.addItems(options)
    return combo
