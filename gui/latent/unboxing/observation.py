"""Observation: how the image is looked at, what that means, and by which density it is scored."""

from __future__ import annotations

from functools import partial
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.observations.half import Half
from engine.latent.observations.observation import OBSERVATIONS, Observation
from engine.latent.unboxing.observation import fresh_noise, measurement_density, no_noise, observe, unavailable
from engine.part import Part, meaning_of
from gui.forms.forms import Form
from gui.page.commands import Command, choices
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.widgets.scrolling import scrolling

MENU = "Observe/Observation"
FRESH = Command("Fresh noise", MENU, edit=fresh_noise, unavailable=no_noise, line=True,
                tip="Observe the same image through other noise")  # fmt: skip


def _observation(document: Latent) -> Observation:
    return document.observation


def _half(which: Literal["top", "bottom"], text: str, tip: str) -> Command:
    half = Half(which)
    return Command(
        text, MENU, edit=partial(Latent.with_observation, observation=half), checked=partial(_is, half), tip=tip
    )


def _is(observation: Observation, document: Latent) -> bool:
    return document.observation == observation


class ObservationPanel(Panel):
    """Observation."""

    title = "Observation"
    role = "likelihood"
    shows = (measurement_density,)
    commands = (
        *choices(OBSERVATIONS, MENU, observe, chosen=_observation, unavailable=unavailable),
        _half("top", "Upper half", "Its pixels as they are; the lower half is completed"),
        _half("bottom", "Lower half", "Its pixels as they are; the upper half is completed"),
        FRESH,
    )
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
        self.fresh.setToolTip(FRESH.tip)
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
        self.fresh.setVisible(not no_noise(document))

    def draw(self, scene: Scene) -> None:
        self.density.setText(scene.get(measurement_density) or "")

    def _on_form(self, document: Part, _: str, gesture: object) -> None:
        assert isinstance(document, Latent)
        changed = self.document.with_observation(document.observation)
        self.edited.emit(Edit("Change the observation", changed, gesture))

    def _on_fresh(self) -> None:
        self.requested.emit(FRESH)
