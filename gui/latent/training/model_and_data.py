"""The panel Model and data: chart of the plane, training data, networks and test ELBO of the model."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.plane import PlaneSettings
from engine.latent.plane.samples import PriorSamples
from engine.latent.training.model_and_data import model_facts
from engine.latent.vae.recipe import Card
from engine.part import Part, title_of
from gui.forms.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.widgets.numbers import nats, shown
from gui.widgets.scrolling import scrolling

EXACT = "The decoder was trained on the exact ln p(x), without q. The encoder learned from the exact posteriors."
TAUGHT = "The encoder of the model {} was trained further; its decoder was kept."


class ModelAndData(Panel):
    """The panel Model and data."""

    title = "Model and data"
    shows = (model_facts,)
    place = Place(14, "Encoded image", "tab", 28, 46)
    also = (Place(116, "Observation", "tab", 24, 36, "unboxing"),)
    sentence = (
        "The chart of the plane, and the card of the model: its data, networks and test ELBO. The ELBO is a lower "
        "bound on ln p(x)."
    )
    equation = (
        r"\ln p(\mathbf{x})\geq\mathbb{E}_{q_\phi(\mathbf{z}\mid\mathbf{x})}"
        r"[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]-\mathrm{KL}(q_\phi(\mathbf{z}\mid\mathbf{x})\,\|\,p(\mathbf{z}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.form = Form(Latent, only=("chart",))
        self.plane, self.samples = (
            Form(PlaneSettings, only=("show_test_images", "show_labels")),
            Form(PriorSamples, only=("seed",)),
        )
        self.card = QLabel("Loading the model…")
        self.card.setWordWrap(True)
        self.card.setTextFormat(Qt.TextFormat.PlainText)
        self.card.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.deviation = Picture("Learned σ of each pixel", "")
        self.deviation.setFixedHeight(140)
        self.deviation.hide()
        column.addWidget(scrolling(self.form, self.plane, self.samples, self.card, self.deviation))
        self.form.changed.connect(self._on_form)
        self.plane.changed.connect(self._on_setting)
        self.samples.changed.connect(self._on_setting)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document)
        self.plane.show_part(document[PlaneSettings])
        self.samples.show_part(document[PriorSamples])

    def draw(self, scene: Scene) -> None:
        facts = scene.get(model_facts)
        if facts is None:
            return
        text, deviation = in_words(facts.card), facts.deviation
        if deviation is not None:
            low, high = deviation.min(), deviation.max()
            text += f"\n\nLearned σ of each pixel, from {shown(low, 2)} (dark) to {shown(high, 2)} (bright):"
            grey = deviation.mean(axis=-1) if deviation.ndim == 3 else deviation
            self.deviation.show_ink((254 * (grey - low) / max(high - low, 1e-9)).astype(np.uint8))
        self.deviation.setVisible(deviation is not None)
        if text != self.card.text():
            self.card.setText(text)

    def _on_form(self, document: Part, what: str, gesture: object) -> None:
        assert isinstance(document, Latent)
        self.edited.emit(Edit(f"Change {what}", document, gesture))

    def _on_setting(self, setting: PlaneSettings | PriorSamples, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(setting), gesture))


def in_words(card: Card) -> str:
    """Return the card of a model as text: its data, its test ELBO in nats per image, its networks and its training."""
    recipe, elbo = card.recipe, card.test_elbo
    images = f"on {card.test_images:,} test images, with the saved weights"
    measured = (
        f"Test ELBO {nats(elbo.total)} nats per image\n"
        f"= reconstruction {nats(elbo.reconstruction)} − KL {nats(elbo.kl)}\n{images}"
    )
    if recipe.objective == "AE":
        measured = (
            f"An autoencoder has no ELBO. Reconstruction {nats(elbo.reconstruction)} nats per image at μ\n{images}"
        )
    elif recipe.beta != 1 and not recipe.is_exact:
        measured += f"\ntrained with β = {shown(recipe.beta, 3)}"
    if recipe.is_exact:
        measured += f"\n{EXACT}"
    if recipe.objective == "encoder":
        measured += f"\n{TAUGHT.format(recipe.teacher.partition('/')[0])}"
    if recipe.mistake != "none":
        measured += f"\ntrained with the mistake “{recipe.mistake}”"
    turns = ["mirrored"] if recipe.mirror else []
    turns += [f"rotated by {shown(recipe.rotation, 4)}°"] if recipe.rotation else []
    plane = f"\nThe plane was {' and '.join(turns)} after the training." if turns else ""
    networks = f"{title_of(type(recipe.architecture))}, {recipe.latents} latents"
    return (
        f"{title_of(type(recipe.data))}, {recipe.likelihood}\n\n{measured}\n\n"
        f"{networks}, {card.epochs} epochs, seed {recipe.seed}{plane}\n{card.attribution}"
    )
