"""Predictive: where a new observation would fall, and how much of that is noise."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton

from engine.derived import Scene
from engine.document import Document
from engine.regression.data_space import HOME, crowd
from engine.regression.predictive import PredictiveSettings, predictive
from gui.page.panel import Place
from gui.page.store import Edit
from gui.plots.curves.predictive import PredictivePlot
from gui.regression.data_space import DataPanel
from gui.widgets.elided import Elided


class Predictive(DataPanel):
    """Predictive."""

    title = "Predictive"
    place = Place(6, "Data space", "tab", 81, 50)
    sentence = (
        "Where a new observation would fall at each x: its mean, ±1σ and ±2σ, in green for the function alone, in grey "
        "with the noise. Green shrinks with every observation near it (epistemic); what grey adds is noise and stays "
        "(aleatoric). The button changes to the density itself."
    )
    equation = (
        r"\sigma_N^2(x)=\underbrace{\beta^{-1}}_{\mathrm{noise}}"
        r"+\underbrace{\boldsymbol{\phi}(x)^{\top}\mathbf{S}_N\boldsymbol{\phi}(x)}_{\mathrm{weights}}"
    )
    shows = (predictive, crowd)

    def make_plot(self) -> PredictivePlot:
        self.predictive = PredictivePlot("Predictive distribution over data space", ("x", "t"), HOME)
        return self.predictive

    def __init__(self) -> None:
        super().__init__()
        self.as_density = QAction("Density", self)
        self.as_density.setCheckable(True)
        self.as_density.triggered.connect(self._on_density)
        button, self.legend, row = QToolButton(), Elided("What the colours stand for"), QHBoxLayout()
        button.setDefaultAction(self.as_density)
        button.setAccessibleName("Density instead of bands")
        row.setContentsMargins(10, 4, 10, 6)
        row.setSpacing(14)
        row.addWidget(button)
        row.addWidget(self.legend, 1)
        self.column.addLayout(row)

    def choices(self) -> list[QAction]:
        return [self.as_density, *super().choices()]

    def echo(self, document: Document) -> None:
        super().echo(document)
        density = self.document[PredictiveSettings].shows == "density"
        self.as_density.setChecked(density)
        what = "density p(t|x)" if density else "bands of ±1σ and ±2σ, with and without noise"
        self.caption_changed.emit(f"mean, {what}")

    def draw(self, scene: Scene) -> None:
        found = scene.get(predictive)
        if found is None:
            return
        if found.density is None:
            self.predictive.show_bands(found.x, found.mean, found.epistemic, found.total)
        else:
            self.predictive.show_density(found.density)
        self.legend.say(*self.predictive.key)
        self.predictive.mean.show_line(found.x, found.mean)
        self.predictive.truth.show_line(found.x, found.truth)
        self.predictive.show_crowd(scene.get(crowd))

    def _on_density(self, ticked: bool) -> None:
        settings = PredictiveSettings("density" if ticked else "bands")
        self.edited.emit(Edit("Change what Predictive shows", self.document.with_setting(settings)))
