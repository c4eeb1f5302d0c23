"""Models: those that are shipped, those that were kept under a name, and what was trained here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout

from engine.document import Document
from engine.latent.document import Latent, Trained
from engine.latent.scene import Scene
from engine.latent.training.models import Entry
from engine.latent.training.training import Entries
from engine.part import title_of
from engine.plane import Viewport
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.widgets.numbers import nats


class Models(Panel):
    """Models."""

    title = "Models"
    draws = "models"
    place = Place(14, "Model and data", "tab", 28, 46)
    also = (Place(117, "Observation", "tab", 22, 36, "unboxing"),)
    sentence = (
        "The models on this computer: shipped with the program, kept by you under a name, and trained here, with the "
        "ELBO that each file says was measured on held-out images."
    )
    equation = r"p_\theta(\mathbf{x}\mid\mathbf{z}),\ q_\phi(\mathbf{z}\mid\mathbf{x})"

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.entries: list[Entry] = []
        self.list = QListWidget()
        self.list.setAccessibleName("Models")
        self.list.setWordWrap(True)
        self.list.setAlternatingRowColors(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self._on_open)
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 6)
        self.opens = self._button("Open", "Explore the plane of the chosen model", self._on_open)
        self.keeps = self._button("Keep…", "Keep the model that is looked at under a name", self._on_keep)
        self.uses = self._button("Recipe", "Train next by the recipe of the chosen model", self._on_recipe)
        self.deletes = self._button("Delete…", "Delete the chosen model from the disk", self._on_delete)
        for button in (self.opens, self.keeps, self.uses, self.deletes):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        column.addLayout(row)

    def _button(self, text: str, tip: str, slot: object) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(slot)
        return button

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document

    def draw(self, scene: Scene) -> None:
        found: Entries = scene.pictures[self.draws]
        if found.all == self.entries:
            return
        self.entries, chosen = found.all, self.list.currentRow()
        self.list.clear()
        for entry in self.entries:
            QListWidgetItem(in_words(entry), self.list)
        self.list.setCurrentRow(max(0, min(chosen, len(self.entries) - 1)))

    def appear(self, seen: bool) -> None:
        self.viewport_changed.emit(self.draws, Viewport(0, 1, 0, 1) if seen else None)

    @property
    def chosen(self) -> Entry | None:
        """The model in the list that is chosen."""
        return self.entries[self.list.currentRow()] if self.entries else None

    def _on_open(self) -> None:
        entry = self.chosen
        if entry is None:
            return
        if entry.kind == "trained here":
            made = self.document.with_trained(Trained(entry.card.recipe, entry.step))
        else:
            made = self.document.with_model(entry.name if entry.kind == "shipped" else str(Path(entry.path)))
        self.edited.emit(Edit(f"Open {entry.kind} model", made))

    def _on_keep(self) -> None:
        self.asked.emit("keep_model")

    def _on_delete(self) -> None:
        self.asked.emit("delete_model")

    def _on_recipe(self) -> None:
        if self.chosen is not None:
            self.edited.emit(Edit("Take recipe", self.document.with_recipe(self.chosen.card.recipe)))


def in_words(entry: Entry) -> str:
    """A model in two lines."""
    recipe, card = entry.card.recipe, entry.card
    name = f"{title_of(type(recipe.data))}, {title_of(type(recipe.architecture))}"
    heads = {"shipped": f"Shipped: {entry.name}", "kept": entry.name, "trained here": f"Trained here: {name}"}
    how_far = f"after {card.epochs} epochs" if card.epochs else f"after {max(0, entry.step):,} batches"
    if recipe.objective == "AE":
        return f"{heads[entry.kind]}, autoencoder\n{how_far}, seed {recipe.seed}, without an ELBO ({recipe.likelihood})"
    elbo = f"ELBO {nats(card.test_elbo.total)} nats ({recipe.likelihood})"
    size = f"{entry.size / 1e6:,.0f} MB"
    return f"{heads[entry.kind]}\n{how_far}, seed {recipe.seed}, {size}, {elbo}"
