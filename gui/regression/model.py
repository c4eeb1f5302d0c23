"""The panel Model: the basis, the prior, the noise, and the display settings.

The weights, α, β and the basis belong to the model's units: on standardised data the panel says so.
"""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace
from PySide6.QtWidgets import QLabel, QVBoxLayout

from engine.document import Document, Setting
from engine.part import Part
from engine.regression.data.units import Units
from engine.regression.data_space import DataSpaceSettings
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.linear_model import LinearModel
from engine.regression.model.prior import PRESETS
from engine.regression.weight_space import HeatmapSettings
from gui.forms.forms import Form
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.regression.notation import words_of, written
from gui.widgets.numbers import shown
from gui.widgets.scrolling import scrolling


def toggle_standardised(document: Regression) -> Regression:
    """Change between a model of standardised x and t and a model in original units."""
    return document.standardised() if document.units.are_original else document.in_original_units()


def is_standardised(document: Regression) -> bool:
    """Return whether the model is one of standardised x and t."""
    return not document.units.are_original


def with_preset(name: str, document: Regression) -> Regression:
    """Return the document with the prior of that name."""
    alpha, shape = PRESETS[name]
    return document.with_model(replace(document.model, prior_precision=alpha, prior_shape=shape))


PRIORS = tuple(
    Command(text, "Model", edit=partial(with_preset, name), brings=False, tip=tip)
    for name, text, tip in (
        ("Flat", "Flat prior", "α = 0.0001, nearly uninformative"),
        ("The lecture's", "The lecture's prior", "Isotropic, α = 2"),
        ("Confident and wrong", "Confident and wrong prior", "A narrow prior centred on wrong weights"),
    )
)
STANDARDISE = Command("Standardise x and t", "Model", edit=toggle_standardised, keys="Ctrl+U", brings=False, line=True,
                      checked=is_standardised,
                      tip="Fit (x − mean)/σ and (t − mean)/σ; again: return to the original units")  # fmt: skip


class Model(Panel):
    """The panel Model."""

    title = "Model"
    commands = (*PRIORS, STANDARDISE)
    place = Place(1, "Prior", "right", 24, 58, folds=True)
    sentence = (
        "The settings of the model: its basis functions, the prior of the weights and the noise; below, what the "
        "plots show. α is the precision of an isotropic prior, β the precision of Gaussian noise. A precision is the "
        "reciprocal of a variance."
    )
    equation = r"t=\mathbf{w}^{\top}\boldsymbol{\phi}(x)+\varepsilon,\quad\varepsilon\sim\mathcal{N}(0,\ \beta^{-1})"

    def __init__(self) -> None:
        super().__init__()
        self.document = Regression()
        self.model, self.seed = Form(LinearModel), Form(Regression, only=("seed",))
        self.lines, self.display, self.heatmaps = Form(DataSpaceSettings), Form(Display), Form(HeatmapSettings)
        self.units = QLabel()
        self.units.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.units, self.model, self.seed, self.lines, self.display, self.heatmaps))
        self.model.changed.connect(self._on_model)
        self.seed.changed.connect(self._on_seed)
        for form in (self.lines, self.display, self.heatmaps):
            form.changed.connect(self._on_setting)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        notation = document[Display].notation
        if notation != self.document[Display].notation:
            self.model.reword(words_of(notation))
        self.document = document
        self.model.show_part(document.model)
        self.lines.show_part(document[DataSpaceSettings])
        self.display.show_part(document[Display])
        self.heatmaps.show_part(document[HeatmapSettings])
        self.seed.show_part(document)
        self.units.setVisible(not document.units.are_original)
        if not document.units.are_original:
            self.units.setText(written(in_words(document.units), notation))

    def _on_model(self, model: LinearModel, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_model(model), gesture))

    def _on_seed(self, document: Part, what: str, gesture: object) -> None:
        assert isinstance(document, Regression)
        self.edited.emit(Edit(f"Change {what}", document, gesture))

    def _on_setting(self, setting: Setting, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(setting), gesture))


def in_words(units: Units) -> str:
    """Return the text about the units of the model's numbers while the observations are standardised."""
    x, t = standardised("x", units.x_shift, units.x_scale), standardised("t", units.t_shift, units.t_scale)
    return f"Basis, α, β and weights refer to standardised x and t:\n{x}\n{t}"


def standardised(name: str, shift: float, scale: float) -> str:
    """Return a formula such as "(x − 1.5) / 0.3"."""
    sign = "+" if shift < 0 else "−"
    return f"({name} {sign} {shown(abs(shift), 6)}) / {shown(scale)}"
