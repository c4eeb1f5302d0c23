"""The panel Gallery: the images of the data set of the model, one of which can be selected."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from engine.derived import Derived, Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.image.gallery import EVERY, GallerySettings, Shelf, shelf
from engine.latent.inputs.input import Blank, FromData
from engine.plane import Viewport
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.wall import Wall
from gui.widgets.controls import Combo, Line, labelled
from gui.widgets.notice import Notice
from gui.widgets.numbers import parsed

HINT = "Click, or arrows and Enter: select an image"
SETS = ("Test", "Training")
ALL = "All"
NO_SUCH_IMAGE = "This set has no images of this class. Choose another class or set."
CHOOSE = "Choose an image in the Gallery"  # the button of the panels that need an image


def deselect(document: Latent) -> Latent:
    """Return the document with no image selected."""
    return document.with_input(Blank())


def without_image(document: Latent) -> str:
    """Return why no image can be deselected; "" if one can."""
    return "No image is selected." if isinstance(document.input, Blank) else ""


def show_every_image(document: Latent) -> Latent:
    """Return the document with a gallery of all test images."""
    return document.with_setting(GallerySettings())


EVERY_IMAGE = Command("Show all images in the Gallery", "Observe", edit=show_every_image, tip="All test images")
DESELECT = Command("Deselect the image", "Observe", edit=deselect, unavailable=without_image, brings=False)


class GalleryPanel(Panel):
    """The panel Gallery."""

    title = "Gallery"
    place = Place(6, "Samples", "tab", 50, 54)
    also = (Place(107, "Completions", "tab", 54, 48, "unboxing"),)
    shows = (shelf,)
    commands = (DESELECT, EVERY_IMAGE)
    sentence = (
        "The test images or training images of the data set of the model, with their classes. Click one, or use the "
        "arrows and Enter, to select it. Its q(z|x) appears in the plane in purple, its ELBO in the panel Encoded "
        "image."
    )
    equation = r"\mathbf{x}_1,\ \mathbf{x}_2,\ \ldots"

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.wall = Wall("Images")
        self.shelf: Shelf | None = None
        self.sets, self.classes, self.number = Combo(SETS, "Set of images"), Combo((ALL,), "Class"), Line()
        self.number.setAccessibleName("Number of the image")
        self.number.setToolTip("Type the number of an image and press Enter to select the image")
        row = QHBoxLayout()
        row.setContentsMargins(6, 4, 6, 4)
        row.setSpacing(12)
        for widget, text in ((self.sets, "Set"), (self.classes, "Class"), (self.number, "Number")):
            row.addWidget(labelled(widget, text), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.wall, 1)
        self.notice = Notice(self.wall)
        self.notice.offer(NO_SUCH_IMAGE, "Show all test images", EVERY_IMAGE)
        self.notice.asked.connect(self.requested)
        self.notice.say("Loading the images…")
        self.setFocusProxy(self.wall)
        self.sets.activated.connect(self._on_filtered)
        self.classes.activated.connect(self._on_filtered)
        self.number.returnPressed.connect(self._on_number)
        self.wall.picked.connect(self._on_picked)
        self.wall.viewport_changed.connect(self._on_viewport_changed)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.wall.setAccessibleDescription(_selected(document))
        self._show_filter(document[GallerySettings])

    def draw(self, scene: Scene) -> None:
        images = scene.get(shelf)
        if images is None:
            return
        self.shelf = images
        names = [ALL, *images.classes]
        if [self.classes.itemText(i) for i in range(self.classes.count())] != names:
            self.classes.clear()
            self.classes.addItems(names)
        self._show_filter(self.document[GallerySettings])
        self.wall.show_shelf(images)
        self.notice.say("" if images.total else NO_SUCH_IMAGE)
        self.caption_changed.emit(f"{images.total:,} images")

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        """Return the rows on the screen."""
        return self.wall.shown

    def _show_filter(self, gallery: GallerySettings) -> None:
        self.sets.setCurrentIndex(0 if gallery.held_out else 1)
        self.classes.setCurrentIndex(min(gallery.label + 1, self.classes.count() - 1))

    def _on_viewport_changed(self, viewport: Viewport) -> None:
        if self.seen:
            self.viewport_changed.emit(shelf, viewport)

    def _on_filtered(self) -> None:
        held_out, label = self.sets.currentIndex() == 0, self.classes.currentIndex() - 1
        self.edited.emit(Edit("Filter the gallery", self.document.with_setting(GallerySettings(held_out, label))))

    def _on_picked(self, number: int) -> None:
        self.hint_changed.emit(HINT)
        self._choose(number, self.document[GallerySettings])

    def _on_number(self) -> None:
        """Select the image with the number that was typed, whatever its class."""
        number, images = parsed(self.number.text(), int), self.shelf.images if self.shelf else 0
        if number is None or not 0 <= number < images:
            kind = SETS[not self.document[GallerySettings].held_out].lower()
            self.refused.emit(
                f"There is no image “{self.number.text()}”: the {kind} images are numbered 0 to {images - 1:,}."
            )
            return
        self._choose(int(number), replace(self.document[GallerySettings], label=EVERY))

    def _choose(self, number: int, gallery: GallerySettings) -> None:
        chosen = self.document.with_setting(gallery).with_input(FromData(number, gallery.held_out))
        self.edited.emit(Edit("Select image", chosen))


def _selected(document: Latent) -> str:
    """The image of the data set that is selected, in words for a screen reader."""
    if not isinstance(document.input, FromData):
        return "no image of this data set is selected"
    return f"selected: {'test' if document.input.held_out else 'training'} image {document.input.index:,}"
