"""Observation: how the image is looked at, what that means, and by which density it is scored."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.observations.observation import Observation
from engine.latent.scene import Scene
from engine.latent.vae.likelihoods import Likelihood
from engine.part import Part, meaning_of
from gui.forms.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.widgets.scrolling import scrolling


class ObservationPanel(Panel):
    """Observation."""

    title = "Observation"
    role = "likelihood"
    place = Place(101, "Prior", "right", 22, 36, "unboxing")
    sentence = (
        "How the image is looked at: whole, in part, coarsened, blurred, or through noise. Whatever is chosen, the "
        "posterior is that of the latent given exactly what is seen, under the density named below."
    )
    equation = (
        r"p_\theta(\mathbf{y}\mid\mathbf{z})"
        r"=\int p(\mathbf{y}\mid\mathbf{x})\,p_\theta(\mathbf{x}\mid\mathbf{z})\,\mathrm{d}\mathbf{x}"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.form = Form(Latent, only=("observation",))
        self.meaning, self.density = QLabel(), QLabel()
        for label, name in ((self.meaning, "What it means"), (self.density, "By which density it is scored")):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setAccessibleName(name)
        self.fresh = QPushButton("Fresh noise")
        self.fresh.setToolTip("Look at the same image through other noise")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.form, self.meaning, self.fresh, self.density))
        self.form.changed.connect(self._on_form)
        self.fresh.clicked.connect(self._on_fresh)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document)
        self.meaning.setText(meaning_of(type(document.observation)))
        self.fresh.setVisible(hasattr(document.observation, "seed"))

    def draw(self, scene: Scene) -> None:
        self.density.setText(density(scene.document.observation, scene.card.recipe.likelihood))

    def _on_form(self, document: Part, _: str, gesture: object) -> None:
        assert isinstance(document, Latent)
        changed = self.document.with_observation(document.observation)
        self.edited.emit(Edit("Change the observation", changed, gesture))

    def _on_fresh(self) -> None:
        self.asked.emit("fresh_noise")


def density(observation: Observation, likelihood: Likelihood) -> str:
    """How p(seen | z) is had."""
    return f"p({observation.symbol}|z): {observation.density(likelihood)}. Pixels: {likelihood}."
