"""The panel Models: a list of shipped models, models in the library, and models trained on this computer."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QListWidgetItem, QVBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.model import Pixels8
from engine.latent.model_source import shipped_models
from engine.latent.training import models
from engine.latent.training.model_planes import planes
from engine.latent.training.models import Entry
from engine.latent.training.training import with_recipe
from gui.latent.training.model_files import SAVE_TO_LIBRARY, Delete, name_of
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.raster import image_of
from gui.shell import theme
from gui.widgets.button_grid import ButtonGrid
from gui.widgets.controls import Button, TextList
from gui.widgets.dates import date_text
from gui.widgets.numbers import nats

ICON = 64  # pixels
OPEN = "Open: "  # before the name of the model that is open


class Models(Panel):
    """The panel Models."""

    title = "Models"
    shows = (models.models, planes)
    place = Place(16, "Encoded image", "tab", 28, 46)
    also = (Place(117, "Observation", "tab", 24, 36, "unboxing"),)
    sentence = (
        "The models on this computer: shipped with the program, saved to the library, and trained here, with their "
        "test ELBO. Select one in the list; the buttons open it, use its recipe, or delete it."
    )
    equation = r"p_\theta(\mathbf{x}\mid\mathbf{z}),\ q_\phi(\mathbf{z}\mid\mathbf{x})"

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.entries: list[Entry] = []
        self.planes: dict[str, Pixels8] = {}
        self._opened = ("", "")  # kind and name of the model that is open
        self.list = TextList()
        self.list.setAccessibleName("Models")
        self.list.setWordWrap(True)
        self.list.setIconSize(QSize(ICON, ICON))
        self.list.setAlternatingRowColors(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self._on_open)
        self.opens = self._button("Open", "Open the model that is selected in the list", self._on_open)
        self.saves = self._button("Save…", "Save the present model to the library, under a name", self._on_save)
        self.uses = self._button(
            "Use recipe", "Use the recipe of the selected model for the next training", self._on_recipe
        )
        self.deletes = self._button("Delete…", "Delete the selected model from the disk", self.delete_chosen)
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 6)
        row.addWidget(ButtonGrid(self.opens, self.saves, self.uses, self.deletes))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list, 1)
        column.addLayout(row)

    def _button(self, text: str, tip: str, slot: object) -> Button:
        button = Button(text)
        button.setToolTip(tip)
        button.clicked.connect(slot)
        return button

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self._mark()

    def draw(self, scene: Scene) -> None:
        library, decoded = scene.get(models.models), scene.get(planes)
        if library is not None and library.all != self.entries:
            self.entries, row = library.all, self.list.currentRow()
            self.list.clear()
            for entry in self.entries:
                QListWidgetItem(in_words(entry), self.list)
            self.list.setCurrentRow(min(max(row, 0), len(self.entries) - 1))
        if decoded is not None:
            self.planes = decoded.by_path
        self._mark()

    def _mark(self) -> None:
        """Mark the model that is open, select it if it was opened since, and show the decoded planes."""
        table = theme.ink_map()
        for row, entry in enumerate(self.entries):
            item, is_open = self.list.item(row), models.is_open(self.document, entry)
            item.setText(f"{OPEN if is_open else ''}{in_words(entry)}")
            font = item.font()
            font.setBold(is_open)
            item.setFont(font)
            if is_open and (entry.kind, entry.name) != self._opened:
                self._opened = entry.kind, entry.name
                self.list.setCurrentRow(row)
            if (plane := self.planes.get(entry.path)) is not None:
                icon = QIcon(pixmap := QPixmap.fromImage(image_of(plane, table)))
                icon.addPixmap(pixmap, QIcon.Mode.Selected)  # otherwise the selection tints it
                item.setIcon(icon)

    @property
    def chosen(self) -> Entry | None:
        """The model that is selected in the list; None if the list is empty."""
        return self.entries[self.list.currentRow()] if self.entries else None

    def delete_chosen(self) -> None:
        """Request the deletion of the selected model."""
        if self.chosen is not None:
            self.requested.emit(Delete(self.chosen))

    def _on_open(self) -> None:
        if self.chosen is not None:
            opened = models.with_entry(self.document, self.chosen)
            self.edited.emit(Edit("Open model", opened))

    def _on_save(self) -> None:
        self.requested.emit(SAVE_TO_LIBRARY)

    def _on_recipe(self) -> None:
        if self.chosen is not None:
            self.edited.emit(Edit("Use recipe", with_recipe(self.document, self.chosen.card.recipe)))


def _shipped(name: str) -> Command:
    """The command that opens a shipped model."""
    return Command(
        f"Shipped model: {name}",
        "Model/Shipped models",
        edit=partial(Latent.with_model, model=name),
        checked=partial(_is_model, name),
        brings=False,
    )


def _is_model(name: str, document: Latent) -> bool:
    return document.model == name


DELETE = Command(
    "Delete model…", "Model", run=Models.delete_chosen, tip="Delete the model that is selected in the panel Models"
)
OPEN_SHIPPED = {name: _shipped(name) for name in shipped_models()}
Models.commands = (*OPEN_SHIPPED.values(), DELETE)


def in_words(entry: Entry) -> str:
    """Return a model as text in three lines: its name, its quality, its size and date."""
    recipe, card = entry.card.recipe, entry.card
    trained = f"after {card.epochs} epochs" if card.epochs else f"after {max(0, entry.step):,} batches"
    if entry.kind == "trained here" and card.epochs < recipe.epochs:
        trained = f"unfinished, {trained} of {recipe.epochs}" if card.epochs else f"unfinished, {trained}"
    quality = f"ELBO {nats(card.test_elbo.total)} nats" if recipe.objective != "AE" else "autoencoder, without an ELBO"
    quality += {"exact evidence": ", decoder trained without it", "encoder": ", encoder trained further"}.get(
        recipe.objective, ""
    )
    facts = f"{trained}, seed {recipe.seed}, {quality} ({recipe.likelihood})"
    saved = "" if entry.kind == "shipped" else f", {date_text(entry.time)}"
    megabytes = f"{entry.size / 1e6:,.{0 if entry.size >= 1e6 else 1}f}"
    return f"{name_of(entry)}\n{facts}\n{megabytes} MB{saved}"
