"""Recipe: which network is trained on what, and how."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.training.training import TrainingSettings
from engine.latent.vae.recipe import Recipe as Trained
from gui.forms.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.widgets.scrolling import scrolling


class Recipe(Panel):
    """Recipe."""

    title = "Recipe"
    place = Place(13, "Model and data", "tab", 28, 46)
    sentence = (
        "All that decides what the next training makes: the images, the networks, the likelihood of their pixels, and "
        "how the ELBO is climbed. With one recipe and one seed the weights are the same to the last bit."
    )
    equation = (
        r"\max_{\theta,\phi}\ \mathbb{E}_{q_\phi(\mathbf{z}\mid\mathbf{x})}[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\beta\,\mathrm{KL}(q_\phi(\mathbf{z}\mid\mathbf{x})\,\|\,p(\mathbf{z}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.form = Form(Trained)
        self.form.changed.connect(self._on_form)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.form))

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document[TrainingSettings].recipe)

    def _on_form(self, recipe: Trained, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_recipe(recipe), gesture))
