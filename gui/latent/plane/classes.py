"""The panel Classes: one latent decoded given each class, and the selected image written as each class."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.classes import (
    NO_CLASSES,
    ClassesSettings,
    Written,
    with_class_model,
    with_next_class,
    with_own_class,
    with_previous_class,
    written,
)
from engine.latent.probes import Answer, LatentPlace
from gui.forms.form_line import FormLine
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.class_row import ClassRow
from gui.plots.images.picture import Picture
from gui.widgets.notice import LOADING, Notice
from gui.widgets.numbers import coordinate
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import scrolling

NO_IMAGE = "Select an image to write it as another class."
HINT = "Click, or arrows and Enter: give this class"
OPEN_CLASSES = Command("Open the model that is given the class", "Model", edit=with_class_model, brings=False,
                       tip="Open the shipped model of digits whose networks are given the class")  # fmt: skip
OWN_CLASS = Command("Give the image's own class", "Model", edit=with_own_class,
                    tip="Give the model the class of the selected image of the data set")  # fmt: skip
NEXT_CLASS = Command("Give the next class", "Model", edit=with_next_class,
                     tip="Give a conditional model its next class")  # fmt: skip
PREVIOUS_CLASS = Command("Give the previous class", "Model", edit=with_previous_class,
                         tip="Give a conditional model its previous class")  # fmt: skip


class Classes(Panel):
    """The panel Classes."""

    title = "Classes"
    role = "hovered"
    shows = (written,)
    commands = (OPEN_CLASSES, OWN_CLASS, NEXT_CLASS, PREVIOUS_CLASS)
    place = Place(22, "Samples", "tab", 50, 54)
    also = (Place(124, "Completions", "tab", 54, 48, "unboxing"),)
    sentence = (
        "A conditional VAE is given the class y, so z says only how a digit is written. Above: the latent under the "
        "cursor, decoded given each class. Below: z of the selected image, decoded given each class. Click a picture "
        "to give its class: all panels then show the plane of this class."
    )
    equation = (
        r"p_\theta(\mathbf{x}\mid\mathbf{z},y),\quad q_\phi(\mathbf{z}\mid\mathbf{x},y),\qquad"
        r"\mathbf{x}\rightarrow p(\mathbf{z}\mid\mathbf{x},y)\rightarrow\mathbb{E}[\mathbf{x}\mid\mathbf{z},y']"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.shown: Written | None = None
        self.answer: Answer | None = None
        self.handwriting = Wrapped("The latent of the upper row")
        self.row = ClassRow("The latent under the cursor, given each class")
        self.image, self.image_words = Picture("The selected image", NO_IMAGE), Wrapped("The latent of the lower row")
        self.written = ClassRow("The selected image, written as each class")
        self.form, self.leak = FormLine(ClassesSettings), Wrapped("The leak of the class into z")
        self.content, self.rows = QWidget(), QWidget()
        self._lay_out()
        for row in (self.row, self.written):
            row.picked.connect(self._on_picked)
            row.pointed.connect(self._on_pointed)
        self.form.changed.connect(self._on_form)
        self.notice = Notice(self)
        self.notice.offer(NO_CLASSES, OPEN_CLASSES.text, OPEN_CLASSES)
        self.notice.asked.connect(self.requested)
        self._say(LOADING)

    def _lay_out(self) -> None:
        images, below, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self.rows)
        images.addWidget(self.image, 1)
        images.addWidget(self.written, 10)
        below.addWidget(self.leak, 1)
        below.addWidget(self.form)
        below.setContentsMargins(20, 0, 20, 6)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.handwriting)
        column.addWidget(self.row, 1)
        column.addWidget(self.image_words)
        column.addLayout(images, 1)
        inside, whole = QVBoxLayout(self.content), QVBoxLayout(self)
        for layout in (inside, whole):
            layout.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(scrolling(self.rows, growing=True), 1)
        inside.addLayout(below)
        whole.addWidget(self.content)

    # Actions of the user

    def _on_picked(self, y: int) -> None:
        assert self.shown is not None
        self.edited.emit(Edit(f"Give the class “{self.shown.classes[y]}”", self.document.with_given(y)))

    def _on_pointed(self, number: int | None) -> None:
        self.hint_changed.emit("" if number is None else HINT)

    def _on_form(self, chosen: ClassesSettings, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(chosen), gesture))

    # Display

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        if document.model != self.document.model:
            self.answer = None
        self.document = document
        self.form.show_part(document[ClassesSettings])

    def draw(self, scene: Scene) -> None:
        if (found := scene.get(written)) is None:
            return
        self.shown = found
        self._say(found.unavailable)
        if found.unavailable or found.middle is None:
            self.caption_changed.emit("")
            return
        self.caption_changed.emit(f"p(x|z, y), y = “{found.classes[found.given]}”")
        self._show_handwriting()
        self._show_image(found)
        if found.leak is not None:
            read, largest = (f"{100 * share:.0f} %" for share in (found.leak.read, found.leak.largest))
            self.leak.say(f"Leak: from z alone, the class of {read} of {found.leak.images:,} test images is read; "
                          f"without a leak {largest}.")  # fmt: skip

    def _show_handwriting(self) -> None:
        """Show the upper row: the latent under the cursor, or the middle of the plane."""
        if self.shown is None or self.shown.middle is None:
            return
        hovered = self.answer if self.answer is not None and self.answer.each is not None else None
        ink, z = (self.shown.middle, (0.0, 0.0)) if hovered is None else (hovered.each, hovered.z)
        assert ink is not None
        self.row.show_classes(ink, self.shown.classes, self.shown.given)
        self.handwriting.say(("hovered", f"One handwriting: z = ({coordinate(z[0])}, {coordinate(z[1])})"))

    def _show_image(self, found: Written) -> None:
        """Show the lower row: the selected image, written as each class."""
        for widget in (self.written, self.image_words):
            widget.setVisible(found.written is not None)
        self.image.show_ink(found.image)
        if found.written is None:
            return
        self.written.show_classes(found.written, found.classes, found.given)
        source = "exact p(z|x, y)" if found.exact else "encoder's q(z|x, y)"
        name, given = found.name, found.classes[found.given]
        place = f"({coordinate(found.z[0])}, {coordinate(found.z[1])})"
        self.image_words.say(("posterior" if found.exact else "variational",
                              f"{name}, read as “{given}”: z = {place} from the {source}"))  # fmt: skip

    def reveal(self, answer: Answer | None) -> None:
        if answer is not None and (answer.each is not None or isinstance(answer.place, LatentPlace)):
            self.answer = answer
            self._show_handwriting()

    def _say(self, reason: str) -> None:
        self.content.setVisible(not reason)
        self.notice.say(reason)

    def fail(self, failure: Failure) -> None:
        self._say(failure.reason)

    def resemble(self, other: Classes) -> None:
        self.reveal(other.answer)
