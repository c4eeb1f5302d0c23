"""Model: the basis, the two precisions, and what is drawn of the posterior."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout

from engine.document import Document
from engine.part import Part
from engine.regression.data.units import Units
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.linear_model import LinearModel
from gui.forms.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.regression.notation import words_of, written
from gui.widgets.numbers import shown
from gui.widgets.scrolling import scrolling


class Model(Panel):
    """Model."""

    title = "Model"
    place = Place(1, "Prior", "right", 19, 58)
    sentence = "What is assumed before any observation, and what is drawn of what is known after them."
    equation = r"t=\mathbf{w}^{\top}\boldsymbol{\phi}(x)+\varepsilon,\quad\varepsilon\sim\mathcal{N}(0,\ \beta^{-1})"

    def __init__(self) -> None:
        super().__init__()
        self.document = Regression()
        self.model, self.display, self.seed = Form(LinearModel), Form(Display), Form(Regression, only=("seed",))
        self.units = QLabel()
        self.units.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.units, self.model, self.seed, self.display))
        self.model.changed.connect(self._on_model)
        self.seed.changed.connect(self._on_seed)
        self.display.changed.connect(self._on_display)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        if document.display.notation != self.document.display.notation:
            self.model.reword(words_of(document.display.notation))
        self.document = document
        self.model.show_part(document.model)
        self.display.show_part(document.display)
        self.seed.show_part(document)
        self.units.setText(written(told(document.units), document.display.notation))
        self.units.setVisible(not document.units.are_original)

    def _on_model(self, model: LinearModel, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.modelled(model), gesture))

    def _on_seed(self, document: Part, what: str, gesture: object) -> None:
        assert isinstance(document, Regression)
        self.edited.emit(Edit(f"Change {what}", document, gesture))

    def _on_display(self, display: Display, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.shown(display), gesture))


def told(units: Units) -> str:
    """What the numbers of the model refer to while it works on standardised observations."""
    x, t = standardised("x", units.x_shift, units.x_scale), standardised("t", units.t_shift, units.t_scale)
    return f"Basis, α, β and weights refer to standardised x and t:\n{x}\n{t}"


def standardised(name: str, shift: float, scale: float) -> str:
    """As in (x − 1.5) / 0.3."""
    sign = "+" if shift < 0 else "−"
    return f"({name} {sign} {shown(abs(shift), 6)}) / {shown(scale)}"
