"""Model and data: which model this is, what it was trained on, and how good it was measured to be."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.scene import Scene
from engine.part import Part, title_of
from gui.page.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.shell.numbers import nats
from gui.shell.scrolling import scrolling


class ModelAndData(Panel):
    """Model and data."""

    title = "Model and data"
    place = Place(3, "Decoded picture", "right", 28, 46)
    sentence = (
        "How the plane is laid out, and what the model's file says of itself. Its ELBO bounds ln p(x) from below."
    )
    equation = (
        r"\ln p(\mathbf{x})\geq\mathbb{E}_{q_\phi(\mathbf{z}\mid\mathbf{x})}"
        r"[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]-\mathrm{KL}(q_\phi(\mathbf{z}\mid\mathbf{x})\,\|\,p(\mathbf{z}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.form = Form(Latent, only=("chart", "show_digits", "seed"))
        self.card = QLabel("Loading the model.")
        self.card.setWordWrap(True)
        self.card.setTextFormat(Qt.TextFormat.PlainText)
        self.card.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.form, self.card))
        self.form.changed.connect(self._on_form)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document)

    def draw(self, scene: Scene) -> None:
        card, elbo = scene.card, scene.card.test_elbo
        text = (
            f"{title_of(type(card.recipe.data))}, {card.recipe.likelihood}\n\n"
            f"Test ELBO {nats(elbo.total)} nats per image\n"
            f"= reconstruction {nats(elbo.reconstruction)} − KL {nats(elbo.kl)}\n"
            f"on {card.test_images:,} held-out images, of the file as it is\n\n"
            f"{title_of(type(card.recipe.architecture))}, {card.epochs} epochs, seed {card.recipe.seed}\n"
            f"{card.attribution}"
        )
        if text != self.card.text():
            self.card.setText(text)

    def _on_form(self, document: Part, what: str, gesture: object) -> None:
        assert isinstance(document, Latent)
        self.edited.emit(Edit(f"Change {what}", document, gesture))
