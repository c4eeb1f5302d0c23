"""The panel Recipe: the data, the networks and all other settings of the next training."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.training.training import TrainingSettings, with_recipe
from engine.latent.vae import recipe as recipes
from engine.latent.vae.presets import PRESETS
from gui.forms.forms import Form
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.widgets.controls import Button
from gui.widgets.scrolling import scrolling

FIRST = ("data", "latents", "epochs", "objective", "beta", "seed")  # the settings of a lecture; the others are folded


def _preset(name: str, recipe: recipes.Recipe) -> Command:
    """The command that uses a preset for the next training."""
    return Command(
        f"Recipe for {name}",
        "Model/Recipe",
        edit=partial(with_recipe, recipe=recipe),
        checked=partial(_is_recipe, recipe),
    )


def _is_recipe(recipe: recipes.Recipe, document: Latent) -> bool:
    return document[TrainingSettings].recipe == recipe


USE_RECIPE = {name: _preset(name, recipe) for name, recipe in PRESETS.items()}


class Recipe(Panel):
    """The panel Recipe."""

    title = "Recipe"
    place = Place(15, "Encoded image", "tab", 28, 46)
    commands = tuple(USE_RECIPE.values())
    sentence = (
        "All settings of the next training: the images, the networks, the likelihood of the pixels, and the "
        "optimisation of the ELBO. The same recipe and the same seed give the same weights, to the last bit."
    )
    equation = (
        r"\max_{\theta,\phi}\ \mathbb{E}_{q_\phi(\mathbf{z}\mid\mathbf{x})}[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\beta\,\mathrm{KL}(q_\phi(\mathbf{z}\mid\mathbf{x})\,\|\,p(\mathbf{z}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.form = Form(recipes.Recipe, only=FIRST)
        self.others = Form(recipes.Recipe, only=tuple(name for name in recipes.EDITED if name not in FIRST))
        self.more = Button("More settings")
        self.more.setToolTip("Show or hide the networks, the likelihood, the optimisation and the augmentation")
        self.more.setCheckable(True)
        self.more.toggled.connect(self.others.setVisible)
        self.others.hide()
        for form in (self.form, self.others):
            form.changed.connect(self._on_form)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.form, self.more, self.others))

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        for form in (self.form, self.others):
            form.show_part(document[TrainingSettings].recipe)

    def _on_form(self, recipe: recipes.Recipe, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", with_recipe(self.document, recipe), gesture))
