"""The panel Predictive: the distribution of a new observation at each x, and how much of its variance is noise."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.regression.data_space import HOME, crowd
from engine.regression.predictive import PredictiveSettings, predictive
from gui.page.panel import Place
from gui.page.store import Edit
from gui.plots.curves.predictive import PredictivePlot
from gui.regression.data_space import DataPanel
from gui.widgets.controls import ToolButton
from gui.widgets.elided import Elided
from gui.widgets.numbers import shown

BANDS, DENSITY = "bands of ±1σ and ±2σ, with and without noise", "density p(t|x)"
SMALL_BAND = 0.02  # of σ of the function; a smaller error of the mean and of the band is not stated
SMALL = 0.02  # nats; a smaller error of ln p(t|x) is not stated


class Predictive(DataPanel):
    """The panel Predictive."""

    title = "Predictive"
    place = Place(7, "Evidence", "tab", 48, 50)
    sentence = (
        "The distribution of a new observation at each x. Green line: the mean; green: ±1σ and ±2σ of the function "
        "alone (epistemic uncertainty); grey: ±1σ and ±2σ with noise. Observations narrow the green bands; the noise "
        "(aleatoric uncertainty) remains. The button Density shows p(t|x) instead of the bands."
    )
    equation = (
        r"\mathrm{Var}[t\mid x]=\underbrace{\mathbb{E}[\mathrm{Var}[t\mid f]]}_{\mathrm{noise}}"
        r"+\underbrace{\mathrm{Var}[f]}_{\mathrm{weights}};\quad\mathrm{Gaussian\ noise:}\ "
        r"\beta^{-1}+\boldsymbol{\phi}(x)^{\top}\mathbf{S}_N\boldsymbol{\phi}(x)"
    )
    shows = (predictive, crowd)

    def make_plot(self) -> PredictivePlot:
        self.predictive = PredictivePlot("Predictive distribution over data space", ("x", "t"), HOME)
        return self.predictive

    def __init__(self) -> None:
        super().__init__()
        self.doubts = {"density": "", "bands": ""}  # the error of the density and of the bands, in the caption
        self.as_density = QAction("Density", self)
        self.as_density.setCheckable(True)
        self.as_density.triggered.connect(self._on_density)
        button, self.legend, row = ToolButton(), Elided("Legend"), QHBoxLayout()
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
        self.as_density.setChecked(self.document[PredictiveSettings].shows == "density")
        self._caption()

    def draw(self, scene: Scene) -> None:
        distribution = scene.get(predictive)
        if distribution is None:
            return
        x, mean = distribution.x, distribution.mean
        if distribution.density is None:
            self.predictive.show_bands(x, mean, distribution.epistemic, distribution.total)
            self.doubts["bands"] = approximation_of_bands(distribution.error)
        else:
            self.predictive.show_density(distribution.density)
            self.doubts["density"] = approximation(distribution.error)
        self._caption()
        self.sketched_curves = [np.column_stack([x, mean + sign * distribution.total]) for sign in (-1, 1)]
        self.legend.say(*self.predictive.key)
        self.predictive.mean.show_line(x, mean)
        self.predictive.truth.show_line(x, distribution.truth)
        self.predictive.show_crowd(scene.get(crowd))

    def _caption(self) -> None:
        shows = self.document[PredictiveSettings].shows
        self.caption_changed.emit(f"mean, {DENSITY if shows == 'density' else BANDS}{self.doubts[shows]}")

    def _on_density(self, ticked: bool) -> None:
        settings = PredictiveSettings("density" if ticked else "bands")
        self.edited.emit(Edit("Change predictive display", self.document.with_setting(settings)))


def approximation(error: float) -> str:
    """Return what a caption adds to a density with this error of ln p(t|x), in nats; "" if it is small."""
    if error == float("inf"):
        return ", approximate (by Laplace's approximation)"
    return f", approximate: ± {shown(error, 1)} nats in ln p(t|x), sampled" if error > SMALL else ""


def approximation_of_bands(error: float) -> str:
    """Return what a caption adds to bands with this stated error, a fraction of σ of the function; "" if small."""
    if error == float("inf"):
        return approximation(error)
    return f", approximate: ± {100 * error:.0f} % of σ of the function, sampled" if error > SMALL_BAND else ""
