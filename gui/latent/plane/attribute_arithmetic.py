"""The panel Attribute arithmetic: the difference between the mean latents of two attributes, added to a latent."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.model_source import SHIPPED
from engine.latent.plane.attribute_arithmetic import ArithmeticSettings, Attribute, Sum, attribute_sum
from gui.forms.form_line import FormLine
from gui.latent.image.gallery import GalleryPanel
from gui.latent.training.models import OPEN_SHIPPED
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.widgets.controls import Button, Combo, Slider, labelled
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import coordinate, shown, spelled
from gui.widgets.rows.stacking import Stacking
from gui.widgets.rows.wrapped import Wrapped

PARTS = 100  # slider steps for each unit of strength
TOO_FEW = "The test images of this model do not have two classes or attributes."
NO_IMAGE = "No image selected."
LOADING = "Loading the model…"


class AttributeArithmetic(Panel):
    """The panel Attribute arithmetic."""

    title = "Attribute arithmetic"
    role = "hovered"
    shows = (attribute_sum,)
    place = Place(12, "Samples", "tab", 50, 54)
    sentence = (
        "An image, its reconstruction, and the image decoded after an attribute vector was added to its latent. The "
        "attribute vector is the mean latent of “to” minus the mean latent of “from”. On the plane, an arrow shows the "
        "addition and marks show both means. It works if the attribute lies along one direction of the latent space."
    )
    equation = (
        r"\mathbf{z}=\boldsymbol{\mu}+s\,(\bar{\mathbf{z}}_{\mathrm{to}}-\bar{\mathbf{z}}_{\mathrm{from}}),\quad"
        r"\bar{\mathbf{z}}_a=\frac{1}{N_a}\sum_{n\,\mathrm{has}\,a}\boldsymbol{\mu}_\phi(\mathbf{x}_n)"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.sum: Sum | None = None
        self._gesture = object()
        self.start, self.end = self._combo("From"), self._combo("To")
        self.swap = Button("Swap")
        self.swap.setToolTip("Exchange the two attributes")
        self.swap.clicked.connect(self._on_swap)
        self.form = FormLine(ArithmeticSettings, only=("strength", "keep"))
        self.form.changed.connect(self._on_form)
        self.slider = Slider()
        self.slider.setRange(-2 * PARTS, 2 * PARTS)
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setTickInterval(PARTS)
        self.slider.setAccessibleName("Strength")
        self.slider.valueChanged.connect(self._on_slid)
        self.slider.sliderReleased.connect(self._on_released)
        self.numbers, self.counts = Wrapped("The sum in numbers"), Wrapped("Number of images in each mean", pale=True)
        self._build()
        self.notice, self.no_image = Notice(self), Notice(self.image)
        self.notice.offer(TOO_FEW, "Open the shipped digits", OPEN_SHIPPED[SHIPPED])
        self.no_image.offer(NO_IMAGE, "Gallery", GalleryPanel)
        for notice in (self.notice, self.no_image):
            notice.asked.connect(self.requested)

    def _combo(self, name: str) -> Combo:
        combo = Combo(name=name)
        combo.activated.connect(self._on_chosen)
        return combo

    def _build(self) -> None:
        self.image, self.reconstruction = Picture("Image", ""), Picture("Reconstruction", LOADING)
        self.result = Picture("Result", LOADING)
        self.captions = [Elided(f"Caption of image {i + 1}") for i in range(3)]
        pictures = QGridLayout()
        pictures.setHorizontalSpacing(8)
        pictures.setVerticalSpacing(2)
        pictures.setRowStretch(0, 1)
        for i, picture in enumerate((self.image, self.reconstruction, self.result)):
            pictures.addWidget(picture, 0, i)
            pictures.addWidget(self.captions[i], 1, i)
            pictures.setColumnStretch(i, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 6)
        column.setSpacing(4)
        column.addLayout(_row((labelled(self.start, "From"), 1), (labelled(self.end, "to"), 1), (self.swap, 0)))
        images, words = QWidget(), QWidget()
        above, below = QVBoxLayout(images), QVBoxLayout(words)
        for inside in (above, below):
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(4)
        above.addLayout(pictures, 1)
        above.addLayout(_row((self.slider, 2), (self.form, 3)))
        below.addWidget(self.numbers)
        below.addWidget(self.counts)
        column.addWidget(Stacking(("Images", images, 1), ("Numbers", words, 0)))

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document[ArithmeticSettings])
        self.slider.blockSignals(True)
        self.slider.setValue(round(PARTS * document[ArithmeticSettings].strength))
        self.slider.blockSignals(False)

    def draw(self, scene: Scene) -> None:
        sum_ = self.sum = scene.get(attribute_sum)
        self.notice.say("" if sum_ else TOO_FEW)
        if sum_ is None:
            return
        self.form.editors["keep"].setVisible(sum_.kept is not None)
        for combo, chosen in ((self.start, sum_.start), (self.end, sum_.end)):
            _fill(combo, sum_.attributes, chosen)
        self.image.show_ink(sum_.image)
        self.no_image.say(NO_IMAGE if sum_.image is None else "")
        self.reconstruction.show_ink(sum_.reconstruction)
        self.result.show_ink(sum_.result)
        self._write(sum_)

    def _write(self, sum_: Sum) -> None:
        """Write the captions of the images and the numbers of the sum."""
        strength = spelled(self.document[ArithmeticSettings].strength)
        self.caption_changed.emit(f"starts at {sum_.name}")
        self.captions[0].say("" if sum_.image is None else "selected image")
        self.captions[1].say(f"at {sum_.name}" if sum_.image is None else "decoded at μ")
        self.captions[2].say(("hovered", "decoded sum"))
        self.numbers.say(_sum_in_words(sum_, strength))
        about, like = ("about ", f", with similar {' and '.join(sum_.kept)}") if sum_.kept else ("", "")
        self.counts.say(
            f"means over {about}{sum_.end.count:,} test images (“{sum_.end.name}”) and {about}{sum_.start.count:,} "
            f"test images (“{sum_.start.name}”){like}"
        )

    def _edit(self, text: str, arithmetic: ArithmeticSettings, gesture: object = None) -> None:
        self.edited.emit(Edit(text, self.document.with_setting(arithmetic), gesture))

    def _on_chosen(self) -> None:
        start, end = self.start.currentText(), self.end.currentText()
        self._edit("Choose attributes", replace(self.document[ArithmeticSettings], start=start, end=end))

    def _on_swap(self) -> None:
        if self.sum is not None:
            start, end = self.sum.end.name, self.sum.start.name
            self._edit("Swap attributes", replace(self.document[ArithmeticSettings], start=start, end=end))

    def _on_form(self, arithmetic: ArithmeticSettings, what: str, gesture: object) -> None:
        self._edit(f"Change {what}", arithmetic, gesture)

    def _on_slid(self, value: int) -> None:
        changed = replace(self.document[ArithmeticSettings], strength=value / PARTS)
        self._edit("Change Strength", changed, (id(self), self._gesture))

    def _on_released(self) -> None:
        self._gesture = object()


def _fill(combo: Combo, attributes: tuple[Attribute, ...], chosen: Attribute) -> None:
    names = [attribute.name for attribute in attributes]
    if names != [combo.itemText(i) for i in range(combo.count())]:
        combo.clear()
        combo.addItems(names)
    combo.setCurrentText(chosen.name)


def _sum_in_words(sum_: Sum, strength: str) -> str:
    """Return the sum in numbers; for more than two latents on the plane, with the length of the attribute vector."""
    d = len(sum_.z)
    if d == 2:
        return f"z = {_pair(sum_.base)} + {strength} × {_pair(sum_.difference)} = {_pair(sum_.z)}"
    length = shown(float(np.linalg.norm(sum_.difference)), 3)
    return (
        f"{strength} × a difference of length {length} is added in all {d} latents; "
        f"on the plane {_pair(sum_.places[0])} → {_pair(sum_.places[1])}"
    )


def _pair(z: Array) -> str:
    return f"({coordinate(float(z[0]))}, {coordinate(float(z[1]))})"


def _row(*widgets: tuple[QWidget, int]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget, share in widgets:
        row.addWidget(widget, share)
    return row
