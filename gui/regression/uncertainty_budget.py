"""Uncertainty budget: noise against weights at the cursor, and what one more observation there would buy."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from engine.regression.document import Regression
from engine.regression.probes import Answer, DataPlace
from engine.regression.uncertainty_budget import Slice, gains, observe_where_it_helps_most
from gui.page.commands import Command
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.curves.profile import ProfilePlot
from gui.widgets.numbers import coordinate, shown
from gui.widgets.scrolling import scrolling

ROWS = ("at x", "mean of t", "σ of the weights", "σ of the noise", "σ in all", "weights' share of σ²", "would buy")


OBSERVE_BEST = Command("Observe where it helps most", "Observe", edit=observe_where_it_helps_most, keys="Ctrl+B",
                       brings=False, tip="Draw a point from the truth at the most informative x")  # fmt: skip


class UncertaintyBudget(PlotPanel):
    """Uncertainty budget."""

    plane = "budget"
    hint = "Move: the prediction at that x · Click: observe there"
    title = "Uncertainty budget"
    shows = (gains,)
    commands = (OBSERVE_BEST,)
    role = "posterior"
    place = Place(8, "Samples", "tab", 81, 50)
    sentence = (
        "What the next observation would teach, for every x it could be made at: half the logarithm of how many times "
        "less is left unknown, in nats; it does not depend on what is observed. Beside it the prediction at the "
        "cursor's x, in any panel, and how much of its variance is noise, which no observation takes away."
    )
    equation = (
        r"\tfrac12\ln\left(1+\beta\,\boldsymbol{\phi}(x)^{\top}\mathbf{S}_N\boldsymbol{\phi}(x)\right)"
        r"=\mathrm{I}(t;\mathbf{w}\mid\mathbf{t})"
    )

    def __init__(self) -> None:
        self.gain = ProfilePlot("What one more observation would buy, over x", ("x", "gain in nats"), "posterior")
        self.density = ProfilePlot("Predictive density at the cursor's x, over t", ("t", "p(t|x)"), "posterior")
        super().__init__(self.gain)
        self.column.removeWidget(self.gain)
        self.best: float | None = None
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.gain, 4)
        row.addWidget(self.density, 4)
        row.addWidget(scrolling(self._table(), self._button()), 3)
        self.column.addLayout(row)

    def _table(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        self.values = {name: QLabel("–") for name in ROWS}
        for i, (name, value) in enumerate(self.values.items()):
            value.setAccessibleName(name)
            grid.addWidget(QLabel(name), i, 0)
            grid.addWidget(value, i, 1)
        return holder

    def _button(self) -> QPushButton:
        self.button = QPushButton(OBSERVE_BEST.text)
        self.button.setToolTip("Draw a point from the truth at the x marked by the dashed line")
        self.button.clicked.connect(self._on_best)
        return self.button

    def place_at(self, x: float, y: float) -> DataPlace:
        return DataPlace(x, float("nan"))

    def click(self, x: float, y: float) -> Edit:
        return Edit(f"Observe at x = {coordinate(x)}", self.document.measure(x))

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        super().echo(document)

    def draw(self, scene: Scene) -> None:
        first, found = self.best is None, scene.get(gains)
        if found is None:
            return
        self.best = found.best
        self.gain.show_profile(found.x, found.gain)
        self.gain.show_upright(self.gain.best, found.best)
        if first:  # until the cursor is at another place
            self.probed.emit(DataPlace(found.best, float("nan")))
        height = float(np.max(found.gain))
        self.caption_changed.emit(f"it helps most at x = {coordinate(found.best)}: {shown(height, 3)} nats")

    def reveal(self, answer: Answer | None) -> None:
        there: Slice | None = answer.slice if answer else None
        self.gain.show_upright(self.gain.cursor, there.x if there else None)
        if there is None:
            return
        self.density.show_profile(there.t, there.density)
        self.density.show_upright(self.density.cursor, there.mean)
        total = float(np.hypot(there.epistemic, there.noise))
        share = (there.epistemic / total) ** 2
        numbers = (there.mean, there.epistemic, there.noise, total)
        texts = [coordinate(there.x), *map(shown, numbers), f"{100 * share:.1f} %", f"{shown(there.gain, 3)} nats"]
        for value, text in zip(self.values.values(), texts, strict=True):
            value.setText(text)

    def appear(self, seen: bool) -> None:
        super().appear(seen)
        if seen and self.best is not None:
            self.probed.emit(DataPlace(self.best, float("nan")))

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return ANYWHERE

    def _on_best(self) -> None:
        self.requested.emit(OBSERVE_BEST)
