"""The panel Observation: how the image is measured, the meaning of that choice, and its likelihood."""

from __future__ import annotations

from functools import partial
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

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
from gui.widgets.controls import Button
from gui.widgets.scrolling import scrolling
from gui.widgets.value_label import ValueLabel

MENU = "Observe/Observation"
NEW_NOISE = Command("New noise", MENU, edit=fresh_noise, unavailable=no_noise, line=True,
                    tip="Observe the same image with new noise")  # fmt: skip


def _observation(document: Latent) -> Observation:
    return document.observation


def _half(which: Literal["top", "bottom"], text: str, tip: str) -> Command:
    half = Half(which)
    return Command(
        text, MENU, edit=partial(Latent.with_observation, observation=half), checked=partial(_is, half), tip=tip
    )


def _is(observation: Observation, document: Latent) -> bool:
    return document.observation == observation


UPPER_HALF = _half("top", "Upper half", "Observe the upper half of the image")
LOWER_HALF = _half("bottom", "Lower half", "Observe the lower half of the image")


class ObservationPanel(Panel):
    """The panel Observation."""

    title = "Observation"
    role = "likelihood"
    shows = (measurement_density,)
    commands = (
        *choices(OBSERVATIONS, MENU, observe, chosen=_observation, unavailable=unavailable),
        UPPER_HALF,
        LOWER_HALF,
        NEW_NOISE,
    )
    place = Place(101, "Prior", "right", 24, 36, "unboxing", folds=True)
    sentence = (
        "How the image is measured: completely, in part, coarsened, blurred or with noise. The posterior is that of "
        "the latent given exactly these measurements, under the likelihood named below."
    )
    equation = (
        r"p_\theta(\mathbf{y}\mid\mathbf{z})"
        r"=\int p(\mathbf{y}\mid\mathbf{x})\,p_\theta(\mathbf{x}\mid\mathbf{z})\,\mathrm{d}\mathbf{x}"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.form = Form(Latent, only=("observation",))
        self.meaning = ValueLabel("Meaning of the observation")
        self.density = ValueLabel("Likelihood of the measurements")
        for label in (self.meaning, self.density):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.new = Button("New noise")
        self.new.setToolTip(NEW_NOISE.tip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.form, self.meaning, self.new, self.density))
        self.form.changed.connect(self._on_form)
        self.new.clicked.connect(self._on_new)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document)
        self.meaning.setText(meaning_of(type(document.observation)))
        self.new.setVisible(not no_noise(document))

    def draw(self, scene: Scene) -> None:
        self.density.setText(scene.get(measurement_density) or "")

    def _on_form(self, document: Part, _: str, gesture: object) -> None:
        assert isinstance(document, Latent)
        changed = self.document.with_observation(document.observation)
        self.edited.emit(Edit("Change the observation", changed, gesture))

    def _on_new(self) -> None:
        self.requested.emit(NEW_NOISE)
