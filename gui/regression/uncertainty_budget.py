"""The panel Uncertainty budget: expected information gain over x, and weights against noise at the cursor's x."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from engine.regression.data.observations import CROWD
from engine.regression.document import Regression
from engine.regression.probes import Answer, DataPlace
from engine.regression.uncertainty_budget import Slice, gains
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.curves.profile import ProfilePlot
from gui.regression.predictive import approximation
from gui.widgets.controls import Button
from gui.widgets.folding import Folding
from gui.widgets.numbers import coordinate, shown
from gui.widgets.scrolling import scrolling
from gui.widgets.value_label import ValueLabel

ROWS = (
    "x",
    "mean of t",
    "σ of the weights",
    "σ of the noise",
    "total σ",
    "weights' fraction of σ²",
    "expected information gain",
)


class AtBest:
    """The request to observe at the most informative x."""


class UncertaintyBudget(PlotPanel):
    """The panel Uncertainty budget."""

    plane = "budget"
    hint = "Move: the prediction at that x · Click: observe there"
    title = "Uncertainty budget"
    shows = (gains,)
    role = "posterior"
    place = Place(9, "Evidence", "tab", 48, 50)
    sentence = (
        "The expected information gain of one more observation at each x, in nats. For Gaussian noise of known β it "
        "is ½ ln of the factor by which the observation reduces the variance of f. Dashed line: the most informative "
        "x. To the right: the predictive density at the cursor's x. No observation reduces the noise."
    )
    equation = (
        r"\mathrm{I}(t;\mathbf{w}\mid\mathbf{t})=\mathrm{H}(t)-\mathbb{E}[\mathrm{H}(t\mid\mathbf{w})];\quad"
        r"\mathrm{known}\ \beta:\ "
        r"\tfrac12\ln\left(1+\beta\,\boldsymbol{\phi}(x)^{\top}\mathbf{S}_N\boldsymbol{\phi}(x)\right)"
    )

    def __init__(self) -> None:
        self.gain = ProfilePlot("Expected information gain over x", ("x", "gain in nats"), "posterior")
        self.density = ProfilePlot("Predictive density at the cursor's x, over t", ("t", "p(t|x)"), "posterior")
        super().__init__(self.gain)
        self.column.removeWidget(self.gain)
        self.best: float | None = None
        self.most, self.doubt = "", ""  # both parts of the caption: the largest gain, and the error of the density
        self._follows_best = True  # until the cursor chooses another x
        numbers = scrolling(self._table(), self._button())
        self.column.addWidget(
            Folding(
                ("Information gain", self.gain, 4, 13),
                ("Density of t", self.density, 4, 13),
                ("Numbers", numbers, 4, 19),
            )
        )

    def _table(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        self.values = {name: ValueLabel(name, "–") for name in ROWS}
        for i, (name, value) in enumerate(self.values.items()):
            grid.addWidget(QLabel(name), i, 0)
            grid.addWidget(value, i, 1)
        return holder

    def _button(self) -> Button:
        self.button = Button("Observe at the most informative x")
        self.button.setToolTip("Draw an observation at the x of the dashed line")
        self.button.clicked.connect(self._on_best)
        return self.button

    def place_at(self, x: float, y: float) -> DataPlace:
        self._follows_best = False
        return DataPlace(x, float("nan"))

    def click(self, x: float, y: float) -> Edit:
        return Edit(f"Observe at x = {coordinate(x)}", self.document.measure(x))

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        super().echo(document)
        self.gain.set_axes((document.names[0], "gain in nats"))
        self.density.set_axes((document.names[1], f"p({document.names[1]}|x)"))
        used = document.observations.first(min(document.step, CROWD))
        self.gain.show_data(used.x)

    def draw(self, scene: Scene) -> None:
        profile = scene.get(gains)
        if profile is None:
            return
        self.best = profile.best
        self.gain.show_profile(profile.x, profile.gain)
        self.gain.show_vertical(self.gain.best, profile.best)
        if self._follows_best:
            self.probed.emit(DataPlace(profile.best, float("nan")))
        height = float(np.max(profile.gain))
        self.most = f"most informative x = {coordinate(profile.best)}: {shown(height, 3)} nats"
        self.caption_changed.emit(self.most + self.doubt)

    def reveal(self, answer: Answer | None) -> None:
        prediction: Slice | None = answer.slice if answer else None
        self.gain.show_vertical(self.gain.cursor, prediction.x if prediction else None)
        if prediction is None:
            return
        self.density.show_profile(prediction.t, prediction.density)
        self.density.show_vertical(self.density.cursor, prediction.mean)
        before, self.doubt = self.doubt, approximation(prediction.error)
        if self.doubt != before:
            self.caption_changed.emit(self.most + self.doubt)
        total = float(np.hypot(prediction.epistemic, prediction.noise))
        fraction = f"{100 * (prediction.epistemic / total) ** 2:.1f} %"
        numbers = (prediction.mean, prediction.epistemic, prediction.noise, total)
        texts = [coordinate(prediction.x), *map(shown, numbers), fraction, f"{shown(prediction.gain, 3)} nats"]
        for value, text in zip(self.values.values(), texts, strict=True):
            value.setText(text)

    def appear(self, seen: bool) -> None:
        super().appear(seen)
        self._follows_best |= seen
        if seen and self.best is not None:
            self.probed.emit(DataPlace(self.best, float("nan")))

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return ANYWHERE

    def _on_best(self) -> None:
        self.requested.emit(AtBest())
