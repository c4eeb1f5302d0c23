"""Model and data: which model this is, what it was trained on, and how good it was measured to be."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.scene import Scene
from engine.latent.vae.recipe import Card
from engine.part import Part, title_of
from gui.forms.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.widgets.numbers import nats, shown
from gui.widgets.scrolling import scrolling


class ModelAndData(Panel):
    """Model and data."""

    title = "Model and data"
    place = Place(3, "Decoded picture", "right", 28, 46)
    also = (Place(116, "Observation", "tab", 22, 36, "unboxing"),)
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
        self.deviation = Picture("The learned σ of each pixel", "")
        self.deviation.setFixedHeight(140)
        self.deviation.hide()
        column.addWidget(scrolling(self.form, self.card, self.deviation))
        self.form.changed.connect(self._on_form)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document)

    def draw(self, scene: Scene) -> None:
        text = in_words(scene.card)
        if scene.deviation is not None:
            low, high = scene.deviation.min(), scene.deviation.max()
            text += f"\n\nLearned σ of each pixel, from {shown(low, 2)} (dark) to {shown(high, 2)} (bright):"
            span = scene.deviation.mean(axis=-1) if scene.deviation.ndim == 3 else scene.deviation
            self.deviation.show_ink((254 * (span - low) / max(high - low, 1e-9)).astype(np.uint8))
        self.deviation.setVisible(scene.deviation is not None)
        if text != self.card.text():
            self.card.setText(text)

    def _on_form(self, document: Part, what: str, gesture: object) -> None:
        assert isinstance(document, Latent)
        self.edited.emit(Edit(f"Change {what}", document, gesture))


def in_words(card: Card) -> str:
    """What a model's file says of itself, in a few lines."""
    recipe, elbo = card.recipe, card.test_elbo
    images = f"on {card.test_images:,} held-out images, of the file as it is"
    measured = (
        f"Test ELBO {nats(elbo.total)} nats per image\n"
        f"= reconstruction {nats(elbo.reconstruction)} − KL {nats(elbo.kl)}\n{images}"
    )
    if recipe.objective == "AE":
        measured = f"An autoencoder: no ELBO. Reconstruction {nats(elbo.reconstruction)} nats per image at μ\n{images}"
    elif recipe.beta != 1:
        measured += f"\ntrained with β = {shown(recipe.beta, 3)}"
    return (
        f"{title_of(type(recipe.data))}, {recipe.likelihood}\n\n{measured}\n\n"
        f"{title_of(type(recipe.architecture))}, {card.epochs} epochs, seed {recipe.seed}\n{card.attribution}"
    )
