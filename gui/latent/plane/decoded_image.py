"""The panel Decoded image: the image decoded at the latent under the cursor, large."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.model_source import ModelSource
from engine.latent.plane.decoded_image import middle
from engine.latent.probes import Answer, UnboxedPlace
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.plots.images.picture import Picture
from gui.widgets.notice import LOADING, Notice
from gui.widgets.numbers import coordinate, nats
from gui.widgets.rows.stacking import Stacking, stacked
from gui.widgets.rows.wrapped import Wrapped

EMPTY = "Move the mouse, or press the arrow keys, in a plane to decode a latent."
MIDDLE = UnboxedPlace(0.0, 0.0)


class DecodedImage(Panel):
    """The panel Decoded image."""

    title = "Decoded image"
    role = "hovered"
    shows = (middle,)
    place = Place(1, "The plane", "right", 22, 46, folds=True)
    also = (Place(115, "Observed image", "tab", 22, 48, "unboxing"),)
    sentence = (
        "The image decoded at the latent under the cursor. Each pixel is its mean under p(x|z); for a Bernoulli "
        "likelihood this is the probability of ink. The image stays when the mouse leaves the plane, "
        "until another model is opened. At first it is the image of z = (0, 0)."
    )
    equation = (
        r"\mathbb{E}[\mathbf{x}\mid\mathbf{z}],\quad "
        r"p_\theta(\mathbf{x}\mid\mathbf{z})=\prod_i p(x_i\mid\pi_i(\mathbf{z}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.answer: Answer | None = None  # the last one
        self.model: ModelSource | None = None  # the model of the last document
        self.is_live = False  # whether the page repeats the probe for each new document
        self.picture = Picture("Decoded image", "")
        self.notice = Notice(self.picture)
        self.notice.offer(EMPTY, "Decode the middle", None)
        self.notice.asked.connect(self._on_asked)
        self.notice.say(LOADING)
        self.place_words = Wrapped("Position of the latent", keeps=True)
        self.prior_words = Wrapped("Prior density of the latent", keeps=True)
        self.nearest_words = Wrapped("Nearest test image", keeps=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.words = stacked(self.place_words, self.prior_words, self.nearest_words, gap=0)
        self.words.setContentsMargins(10, 2, 10, 2)
        self.words.hide()  # until there is an image
        column.addWidget(Stacking(("Image", self.picture, 1), ("In words", stacked(self.words), 0)))

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        before, self.model = self.model, document.model
        if before != self.model and not self.is_live:
            self._forget()

    def appear(self, seen: bool) -> None:
        super().appear(seen)
        self.is_live = self.is_live and seen  # a hidden panel does not hear that the cursor leaves

    def is_current(self, document: Document) -> bool:
        """Whether there is an image of the open model: it stays after edits that do not change the model."""
        return self.answer is not None

    def draw(self, scene: Scene) -> None:
        """Show the image at the middle of the plane, unless the cursor has been on a plane.

        A scene that was computed before the model changed can arrive after the change.
        """
        assert isinstance(scene.document, Latent)
        answer = scene.get(middle)
        if self.answer is None and scene.document.model == self.model and middle in scene:
            if answer is None:
                self.notice.say(EMPTY)
            else:
                self._show(answer)

    def fail(self, failure: Failure) -> None:
        """Stop saying that the model is loaded: the page says why it is not."""
        if self.answer is None:
            self.notice.say(EMPTY)

    def reveal(self, answer: Answer | None) -> None:
        self.is_live = answer is not None
        if answer is not None:
            self._show(answer)

    def _show(self, answer: Answer) -> None:
        self.answer = answer
        self.notice.say("")
        self.picture.show_ink(answer.ink)
        self.words.show()
        self.place_words.say(
            f"{answer.drawn} at {answer.symbol} = ({coordinate(answer.z[0])}, {coordinate(answer.z[1])})"
        )
        self.prior_words.say(f"ln {answer.prior_symbol} = {nats(answer.log_prior)} nats")
        self.nearest_words.say(nearest(answer))

    def _forget(self) -> None:
        """Show no image: the last one was decoded by another model."""
        self.answer = None
        self.notice.say("" if self.drawn else LOADING)  # the veil says it later
        self.picture.show_ink(None)
        self.words.hide()
        for line in (self.place_words, self.prior_words, self.nearest_words):
            line.say("")

    def _on_asked(self, _: object) -> None:
        self.probed.emit(MIDDLE)

    def resemble(self, other: DecodedImage) -> None:
        if other.answer is not None:
            self._show(other.answer)


def nearest(answer: Answer) -> str:
    """Return a text: the class of the nearest test image, and the distance of its encoder mean from z."""
    return f"nearest test image: “{answer.nearest}”, {coordinate(answer.distance)} away"
