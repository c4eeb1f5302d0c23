"""The panel Encoded image: the selected image, its reconstruction, their difference, and the ELBO of the image."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.image.encoded_image import Measures, measures
from engine.latent.image.encoding import encoding
from engine.latent.image.q_outlines import Outlines
from engine.latent.inputs.input import Blank, Encoded, is_light
from engine.latent.observations.full import Full
from engine.latent.training.model_and_data import model_facts
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.vae.recipe import Card
from engine.part import title_of
from engine.plane import Viewport
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.controller import Controller
from gui.page.panel import Panel, Place
from gui.page.view import View
from gui.plots.images.difference import Difference, Scale
from gui.plots.images.picture import Picture
from gui.widgets.controls import Button
from gui.widgets.notice import Notice
from gui.widgets.numbers import coordinate, nats, shown
from gui.widgets.scrolling import scrolling
from gui.widgets.value_label import ValueLabel

ROWS = ("mean μ", "deviation σ", "reconstruction", "− KL(q‖p)", "= ELBO", "nearest class")
LOADING = "Loading PyTorch and the model. The page Regression can be used meanwhile."
NAMES = ("image", "recon\u00adstruc\u00adtion", "differ\u00adence")  # with the hyphens of narrow panels
WITHOUT_Q = "The decoder was trained without this q: the encoder learned it from the exact posteriors."
ROOM = 2.5  # the half width of the zoomed plane, as a multiple of the half width of the 2σ ellipse
LEAST, MOST = 48, 224  # the smallest and the largest side of each image, in pixels


class EncodedImage(Panel):
    """The panel Encoded image."""

    title = "Encoded image"
    role = "variational"
    shows = (encoding, measures, model_facts)
    place = Place(3, "Decoded image", "right", 28, 46, folds=True)
    also = (Place(118, "Observed image", "tab", 22, 48, "unboxing"),)
    sentence = (
        "The selected image, its reconstruction (decoded at the mean of q(z|x)), and the difference between them. The "
        "table is in nats: E_q[ln p(x|z)] is a mean over samples from q, with its standard error. The KL has a closed "
        "form. The difference of both, the ELBO, is a lower bound on ln p(x)."
    )
    equation = (
        r"\mathrm{ELBO}=\mathbb{E}_{q_\phi(\mathbf{z}\mid\mathbf{x})}[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\mathrm{KL}(q_\phi(\mathbf{z}\mid\mathbf{x})\,\|\,p(\mathbf{z})),\quad\mathrm{KL}="
        r"\tfrac12\sum_i\left(\mu_i^2+\sigma_i^2-1-\ln\sigma_i^2\right)"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self._note_numbers = ""  # how the numbers in the table were computed
        self.encoded: Encoded | None = None
        self.card: Card | None = None
        self.outlines: Outlines | None = None
        self.image, self.decoded = Picture("Selected image", ""), Picture("Reconstruction", "")
        self.difference, self.scale = Difference("Reconstruction − image", ""), Scale("Colours of the difference")
        self.closer = Button("Zoom to q(z|x)")
        self.closer.setToolTip("Zoom the plane to q(z|x)")
        self.closer.clicked.connect(self._on_closer)
        self.note = QLabel()
        self.note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.content = scrolling(self._pictures(), self._table(), self.closer, self.note)
        self.content.hide()
        column.addWidget(self.content)
        self.notice = Notice(self)
        self.notice.say(NO_IMAGE)
        offer_ways_out(self.notice, self)

    def _pictures(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for i, picture in enumerate((self.image, self.decoded, self.difference)):
            picture.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            picture.setMinimumWidth(LEAST)
            name = QLabel(NAMES[i])
            name.setWordWrap(True)
            name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(picture, 0, i)
            grid.addWidget(name, 1, i)
            grid.setColumnStretch(i, 1)
        grid.addWidget(self.scale, 2, 0, 1, 3)
        return holder

    def _table(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(4)
        self.values = {name: ValueLabel(name, "–") for name in ROWS}
        for value in self.values.values():
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setWordWrap(True)
        for i, (name, value) in enumerate(self.values.items()):
            label = QLabel(name.replace("reconstruction", NAMES[1]))
            label.setWordWrap(True)
            grid.addWidget(label, i, 0)
            grid.addWidget(value, i, 1)
        grid.setColumnStretch(1, 1)
        return holder

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self._write_note()
        if isinstance(document.input, Blank):
            self.notice.say(NO_IMAGE)
        elif self.encoded is None and self.notice.text() == NO_IMAGE:
            self.notice.say(LOADING)

    def draw(self, scene: Scene) -> None:
        """Show the image, which is in the first scene of an edit, and the numbers, which are in a later scene."""
        encoded, facts = scene.get(encoding), scene.get(model_facts)
        if encoded is None or facts is None:
            return
        self.outlines = encoded.outlines
        self.notice.say("" if encoded.image else encoded.unavailable or NO_IMAGE)
        if encoded.image is not self.encoded or facts.card is not self.card:
            self._show(facts.card, encoded.image)
        if encoded.image is not None and (numbers := scene.get(measures)) is not None:
            self._write(facts.card, encoded.image, numbers)

    def _show(self, card: Card, image: Encoded | None) -> None:
        self.encoded, self.card = image, card
        self.content.setVisible(image is not None)
        self.image.show_ink(image.ink if image else None)
        self.decoded.show_ink(image.reconstruction if image else None)
        self.difference.show_difference(image.difference if image else None)
        light = is_light(card.recipe.data, card.shape)
        self.scale.show_ends(*(("darker", "brighter") if light else ("less ink", "more ink")))
        self.caption_changed.emit(image.name if image else "")
        for value in self.values.values():
            value.setText("–")  # the numbers of another image

    def _write(self, card: Card, image: Encoded, numbers: Measures) -> None:
        """Write the table, and the note on how its values were computed."""
        texts = (
            f"({', '.join(coordinate(value) for value in image.mean)})",
            f"({', '.join(shown(float(value), 2) for value in image.deviation)})",
            f"{nats(numbers.reconstruction)} ± {nats(numbers.error)}",
            f"{nats(-numbers.kl)}",
            f"{nats(numbers.elbo)} ± {nats(numbers.error)}",
            f"“{numbers.nearest}”, {coordinate(numbers.distance)} away",
        )
        for value, text in zip(self.values.values(), texts, strict=True):
            value.setText(text)
        self._note_numbers = (
            f"In nats. Reconstruction: mean over {numbers.samples} samples of z from q, ± its standard error."
        )
        if card.recipe.objective == "AE":
            self._note_numbers += " An autoencoder is trained without σ and without the ELBO, so only μ has a meaning."
        if card.recipe.is_exact:
            self._note_numbers += f" {WITHOUT_Q}"
        self._write_note()

    def _write_note(self) -> None:
        """Write how the values were computed, and that an observation of a part does not change them."""
        part = type(self.document.observation)
        whole = f"This is q of the whole image. The observation “{title_of(part)}” is used on the tab Exact posterior."
        self.note.setText(self._note_numbers + ("" if part is Full else f" {whole}"))

    def _on_closer(self) -> None:
        if self.outlines is None:
            return
        x, y = self.outlines.mean
        half = ROOM * float(abs(self.outlines.two - self.outlines.mean).max())
        self.navigated.emit("plane", Viewport(x - half, x + half, y - half, y + half))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the three images square."""
        super().resizeEvent(event)
        side = min(max((self.width() - 48) // 3, LEAST), MOST)
        for picture in (self.image, self.decoded, self.difference):
            picture.setFixedHeight(side)


class EncodedInFront(Controller):
    """Raises the panel Encoded image when an image is selected, sketched or pasted on the page Latent space."""

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent) and isinstance(self.view, View)
        before = self.document
        super().echo(document)
        if before is None or before.input == document.input or isinstance(document.input, Blank):
            return
        if self.view.arrangement == EncodedImage.place.arrangement:
            self.view.docks[EncodedImage.title].raise_()
