"""The panel Common mistakes: wrong code for the loss beside the right code, and what both print for the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.training.common_mistakes import Terms, loss_terms, mistake_of, with_mistake, without_mistake
from engine.latent.training.training import TrainingSettings
from engine.latent.vae.mistakes import GREY, MISTAKES, Mistake, kl_factor
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.widgets.controls import Button
from gui.widgets.numbers import shown
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import scrolling

USE, IN_USE = "Use in recipe", "In the recipe"
DIGITS = 4
BREAKS = re.compile(r"[.,=(]+(?=\S)")  # a line of code may break after these marks


def _commands() -> Iterator[Command]:
    """Yield one command for each mistake, and one for none."""
    yield Command("Loss without a mistake", "Model/Recipe", edit=without_mistake, checked=partial(_has, "none"))
    for mistake in MISTAKES:
        yield Command(
            f"Mistake: {mistake.name}",
            "Model/Recipe",
            edit=partial(with_mistake, name=mistake.name),
            checked=partial(_has, mistake.name),
        )


def _has(name: str, document: Latent) -> bool:
    return mistake_of(document[TrainingSettings].recipe) == name


class Block(QWidget):
    """One mistake: its name and effect, the right and the wrong code, and the numbers that both print."""

    used = Signal(str)  # the name of the mistake, when its button is pressed

    def __init__(self, mistake: Mistake) -> None:
        super().__init__()
        self.mistake = mistake
        self.use = Button(USE)
        self.use.setCheckable(True)
        self.use.clicked.connect(self._on_clicked)
        self.use.setAccessibleName(f"{USE}: {mistake.name}")
        self.name, self.effect = Copied(mistake.name), Copied(mistake.effect)
        self.codes = Code(mistake.right), Code(mistake.wrong)
        self.right = Wrapped(f"Loss of the right code: {mistake.name}")
        self.wrong = Wrapped(f"Printed by the wrong code: {mistake.name}")
        head = QHBoxLayout()
        head.addWidget(self.name, 1)
        head.addWidget(self.use)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addLayout(head, 0, 0, 1, 2)
        grid.addWidget(self.effect, 1, 0, 1, 2)
        for i, (word, number) in enumerate((("Right:", self.right), ("Wrong:", self.wrong))):
            grid.addWidget(QLabel(word), 2 + 2 * i, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.codes[i], 2 + 2 * i, 1)
            grid.addWidget(number, 3 + 2 * i, 1)
        self._set_fonts()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._set_fonts()

    def _set_fonts(self) -> None:
        """Make the name bold, in the present size of the text."""
        bold = QFont(self.font())  # a figure gives the size in pixels, a window in points
        bold.setBold(True)
        self.name.setFont(bold)

    def _on_clicked(self) -> None:
        self.used.emit(self.mistake.name)

    def show_terms(self, terms: Terms) -> None:
        """Show the numbers of a model."""
        name, factor = self.mistake.name, kl_factor(self.mistake.name, terms.pixels, terms.latents)
        self.name.setText(name if factor == 1 else f"{name} (β = {factor:,.0f})")
        self.right.say(("truth", f"{shown(terms.loss, DIGITS)} nats per image"))
        floor = f", and never less than {shown(terms.least_bce, DIGITS)}" if name == GREY else ""
        self.wrong.say(("likelihood", f"prints {shown(terms.printed(name), DIGITS)}{floor}"))


class Copied(QLabel):
    """A label that breaks its lines, and whose text can be copied."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setText(text)


class Code(Copied):
    """A line of code, which may also break after a point, a comma and a bracket. Screen readers read it unbroken."""

    def setText(self, text: str) -> None:  # noqa: N802
        super().setText(BREAKS.sub("\\g<0>\u200b", text))
        self.setAccessibleName(text)


class CommonMistakes(Panel):
    """The panel Common mistakes."""

    title = "Common mistakes"
    shows = (loss_terms,)
    place = Place(19, "Samples", "tab", 50, 54)
    commands = tuple(_commands())
    sentence = (
        "Five common mistakes in the loss of a VAE, each with the right line of code. The numbers are for the model on "
        "the page: its loss in nats per image, and what the wrong code prints. The button puts a mistake into the "
        "recipe of the next training, so that you see its effect."
    )
    equation = (
        r"-\mathrm{ELBO}=-\mathbb{E}_{q_\phi(\mathbf{z}\mid\mathbf{x})}[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"+\frac12\sum_{d}(\mu_d^2+\sigma_d^2-1-\ln\sigma_d^2)"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.blocks = [Block(mistake) for mistake in MISTAKES]
        for block in self.blocks:
            block.used.connect(self._on_use)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(*self.blocks))

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        for block in self.blocks:
            used = _has(block.mistake.name, document)
            block.use.setText(IN_USE if used else USE)
            block.use.setChecked(used)

    def draw(self, scene: Scene) -> None:
        if (terms := scene.get(loss_terms)) is None:
            return
        self.caption_changed.emit(f"loss {shown(terms.loss, DIGITS)} nats per image")
        for block in self.blocks:
            block.show_terms(terms)

    def _on_use(self, name: str) -> None:
        chosen = "none" if _has(name, self.document) else name
        text = "Remove the mistake from the recipe" if chosen == "none" else f"Put “{name}” into the recipe"
        self.edited.emit(Edit(text, with_mistake(self.document, chosen)))
