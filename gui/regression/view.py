"""The Regression view: its panels, and the verbs of its menus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np

import gui.regression
from engine.document import Document
from engine.regression.document import Regression
from engine.regression.export import Columns, ledger, observations, predictive_curve, samples
from engine.regression.layout import TextFile
from engine.regression.observations import Observations
from engine.regression.planes import Pair, subscript
from engine.regression.precisions import PrecisionPlace
from engine.regression.scene import Answer, Scene, WeightPlace
from gui.page.view import View
from gui.regression.samples import Samples
from gui.regression.tables import Tables
from gui.shell.elided import Spans
from gui.shell.numbers import coordinate, nats, shown


class RegressionView(View):
    """Regression: prior × likelihood ∝ posterior over weights."""

    title = "Regression"
    name = "regression"
    package: ClassVar[ModuleType] = gui.regression
    start: ClassVar[type[Document]] = Regression

    def __init__(self) -> None:
        super().__init__()
        self.tables = Tables(self)
        self.tables.agreed.connect(self._on_agreed)
        self.tables.refused.connect(self.refused)

    @property
    def _document(self) -> Regression:
        assert isinstance(self.document, Regression)
        return self.document

    @property
    def position(self) -> tuple[int, int]:
        """How many observations are taken into account, of how many."""
        return self._document.step, len(self._document.observations)

    def draw_one(self) -> None:
        """Draw a point from the truth."""
        self.edit("Draw a point", self._document.draw(1))

    def draw_twenty(self) -> None:
        """Draw 20 points from the truth."""
        self.edit("Draw 20 points", self._document.draw(20))

    def observe_best(self) -> None:
        """Observe where it helps most, as far as the truth is drawn from."""
        if self.scene is not None:
            self.edit("Observe where it helps most", self._document.measure(self.scene.curves.best))

    def walk(self) -> None:
        """Let the samples wander from draw to draw, or rest."""
        self.docks[Samples.title].raise_()
        self.panel(Samples).walking.trigger()

    def remove_latest(self) -> None:
        """Remove the latest observation."""
        if self._document.step:
            self.edit("Remove the latest observation", self._document.remove(self._document.step - 1))

    def prior_flat(self) -> None:
        """A prior that says nearly nothing."""
        self._believe("Flat")

    def prior_lecture(self) -> None:
        """The lecture's prior."""
        self._believe("The lecture's")

    def prior_wrong(self) -> None:
        """A prior that is sure of what is not so."""
        self._believe("Confident and wrong")

    def _believe(self, name: str) -> None:
        self.edit(f"{name} prior", self._document.believed(name))

    def clear(self) -> None:
        """Remove all observations and pins."""
        self.edit("Clear", self._document.clear())

    def step_first(self) -> None:
        """To before the first observation."""
        self._step(0)

    def step_back(self) -> None:
        """One observation fewer."""
        self._step(self._document.step - 1)

    def step_forward(self) -> None:
        """One observation more."""
        self._step(self._document.step + 1)

    def step_last(self) -> None:
        """To after the last observation."""
        self._step(len(self._document.observations))

    def _step(self, n: int) -> None:
        document = self._document.step_to(n)
        self.edit(f"Step to {document.step}", document, "step")

    def standardise(self) -> None:
        """Model standardised x and t, or x and t as they are again."""
        document = self._document
        if not document.units.are_original:
            self.edit("Back to the original units", document.in_original_units())
        elif len(document.observations):
            self.edit("Standardise x and t", document.standardised())
        else:
            self.refused.emit("There is no observation to standardise by. Click in data space to make one.")

    def take_file(self, path: Path) -> None:
        """Import the observations in a file."""
        self.tables.take(TextFile(path), len(self._document.observations))

    def import_observations(self) -> None:
        """Import observations from a file."""
        self.tables.ask(len(self._document.observations))

    def paste_observations(self) -> None:
        """Import observations from the clipboard."""
        self.tables.paste(len(self._document.observations))

    def export_observations(self) -> None:
        """Write the observations to a file."""
        self._export("observations", observations, len(self._document.observations))

    def export_ledger(self) -> None:
        """Write the rows of the ledger to a file."""
        self._export("ledger", ledger, self._document.step)

    def export_predictive_curve(self) -> None:
        """Write the mean and its standard deviations to a file."""
        self._export("predictive curve", predictive_curve, 1)

    def export_samples(self) -> None:
        """Write the sample lines to a file."""
        self._export("samples", samples, self._document.display.samples)

    def leave(self) -> None:
        self.tables.close()

    def _on_agreed(self, read: Observations, adding: bool) -> None:
        self.edit("Import observations", self._document.imported(read, adding=adding))

    def _export(self, what: str, columns: Callable[[Scene], Columns], there: int) -> None:
        """Of what is on the screen, if anything of it is there."""
        if self.scene is not None and there:
            self.tables.export(what, columns, self.scene)
        else:
            self.refused.emit(f"There is nothing to export yet: no {what}.")

    def words(self, answer: Answer | None) -> Spans:
        """Bayes' rule at w, or the prediction at x."""
        if answer is None:
            return []
        if isinstance(answer.place, WeightPlace):
            return _bayes(answer, self._document.pair)
        if isinstance(answer.place, PrecisionPlace):
            return _precisions(answer, answer.place)
        assert answer.slice is not None
        place, there = answer.place, answer.slice
        band = f"{shown(there.mean)} ± {shown(float(np.hypot(there.epistemic, there.noise)))}"
        at = f"x = {coordinate(place.x)}" + ("" if np.isnan(place.t) else f", t = {coordinate(place.t)}")
        return [
            ("", at),
            ("posterior", f"prediction at this x: {band} (1σ, noise included)"),
        ]


def _precisions(answer: Answer, place: PrecisionPlace) -> Spans:
    alpha, beta = shown(place.alpha), shown(place.beta)
    return [
        ("", f"at α = {alpha}, β = {beta}:"),
        ("evidence", f"ln evidence {nats(answer.log_evidence)} nats"),
        ("", f"γ = {shown(answer.well_determined)} well-determined weights"),
    ]


def _bayes(answer: Answer, pair: Pair) -> Spans:
    place, bayes = answer.place, answer.bayes
    assert isinstance(place, WeightPlace)
    names = ", ".join(f"w{subscript(i)}" for i in pair)
    at = ("", f"at ({names}) = ({coordinate(place.across)}, {coordinate(place.up)}):")
    if bayes is None:
        return [at]
    prior = ("prior", f"ln prior {nats(bayes.log_prior)}")
    posterior = ("posterior", f"ln posterior {nats(bayes.log_posterior)}")
    if bayes.log_likelihood is None or bayes.log_evidence is None:
        return [at, prior, ("", "="), posterior, ("", "(no observation yet)")]
    likelihood = ("likelihood", f"ln likelihood {nats(bayes.log_likelihood)}")
    evidence = ("evidence", f"ln evidence {nats(bayes.log_evidence)}")
    return [at, prior, ("", "+"), likelihood, ("", "−"), evidence, ("", "="), posterior]
