"""The Regression view: its panels, and the verbs of its menus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

import numpy as np

import gui.regression
from engine.document import Document
from engine.plane import Bayes, subscript
from engine.regression.data.export import Columns, ledger, observations, predictive_curve, samples
from engine.regression.data.observations import Observations
from engine.regression.document import Regression
from engine.regression.evidence import PrecisionPlace
from engine.regression.ledger import Entry, ObservationPlace
from engine.regression.scene import Answer, Scene, WeightPlace
from engine.regression.weight_space import Pair
from gui.page.shared.bayes_readout import bayes_words
from gui.page.stepper import SteppingView
from gui.regression.notation import written
from gui.regression.samples import Samples
from gui.widgets.elided import Spans
from gui.widgets.numbers import coordinate, nats, shown

if TYPE_CHECKING:
    from gui.importing.tables import Tables


class RegressionView(SteppingView):
    """Regression: prior × likelihood ∝ posterior over weights."""

    title = "Regression"
    name = "regression"
    package: ClassVar[ModuleType] = gui.regression
    start: ClassVar[type[Document]] = Regression
    takes = (".csv", ".tsv", ".txt")

    def __init__(self) -> None:
        super().__init__()
        self._tables: Tables | None = None

    @property
    def tables(self) -> Tables:
        """The way of observations in and out, made when it is first taken: the start can do without it."""
        from gui.importing.tables import Tables

        if self._tables is None:
            self._tables = Tables(self)
            self._tables.agreed.connect(self._on_agreed)
            self._tables.refused.connect(self.refused)
        return self._tables

    @property
    def _document(self) -> Regression:
        assert isinstance(self.document, Regression)
        return self.document

    @property
    def position(self) -> tuple[int, int]:
        """Up to which observation they are taken into account, of how many."""
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
        self.bring(Samples).walking.trigger()

    def remove_latest(self) -> None:
        """Remove the latest observation."""
        if (latest := self._document.latest) is not None:
            self.edit("Remove the latest observation", self._document.remove(latest))

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

    def stepped(self, n: int) -> Regression:
        """With the first `n` observations taken into account."""
        return self._document.step_to(n)

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
        from engine.regression.data.table_layout import TextFile

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
        if self._tables is not None:
            self._tables.close()

    def _on_agreed(self, read: Observations, adding: bool) -> None:
        self.edit("Import observations", self._document.imported(read, adding=adding))

    def _export(self, what: str, columns: Callable[[Scene], Columns], there: int) -> None:
        """Of what is on the screen, if anything of it is there."""
        if self.scene is not None and there:
            self.tables.export(what, columns, self.scene)
        else:
            self.refused.emit(f"There is nothing to export yet: no {what}.")

    def echo(self, document: Document) -> None:
        """What is selected stays so in another place."""
        assert isinstance(document, Regression)
        known = self.document
        super().echo(document)
        if isinstance(known, Regression) and isinstance(self.selection, ObservationPlace):
            self._follow(known, document, self.selection)

    def _follow(self, known: Regression, document: Regression, place: ObservationPlace) -> None:
        found = document.observations.find(place.n, known.observations)
        if found != place.n:
            self.select(None if found is None else ObservationPlace(found))

    def words(self, answer: Answer | None) -> Spans:
        """Bayes' rule at w, the prediction at x, or an observation."""
        if answer is None:
            return []
        if isinstance(answer.place, WeightPlace):
            return _bayes(answer.place, answer.bayes, self._document.pair)
        if isinstance(answer.place, PrecisionPlace):
            return _precisions(answer, answer.place, self._document.display.notation)
        if isinstance(answer.place, ObservationPlace):
            return _observation(answer.entry) if answer.entry else []
        assert answer.slice is not None
        place, there = answer.place, answer.slice
        band = f"{shown(there.mean)} ± {shown(float(np.hypot(there.epistemic, there.noise)))}"
        at = f"x = {coordinate(place.x)}" + ("" if np.isnan(place.t) else f", t = {coordinate(place.t)}")
        return [
            ("", at),
            ("posterior", f"prediction at this x: {band} (1σ, noise included)"),
        ]


def _observation(entry: Entry) -> Spans:
    standing = {"taken": "", "waits": ", which waits", "left out": ", which is left out"}[entry.standing]
    return [
        ("", f"observation {entry.n + 1}{standing}: x = {coordinate(entry.x)}, t = {coordinate(entry.t)}"),
        ("posterior", f"predicted by those before it: {shown(entry.mean)} ± {shown(entry.deviation)}"),
        ("evidence", f"surprise {nats(entry.surprise)} nats"),
    ]


def _precisions(answer: Answer, place: PrecisionPlace, notation: str) -> Spans:
    alpha, beta = shown(place.alpha), shown(place.beta)
    return [
        ("", written(f"at α = {alpha}, β = {beta}:", notation)),
        ("evidence", f"ln evidence {nats(answer.log_evidence)} nats"),
        ("", f"γ = {shown(answer.well_determined)} well-determined weights"),
    ]


def _bayes(place: WeightPlace, bayes: Bayes | None, pair: Pair) -> Spans:
    names = ", ".join(f"w{subscript(i)}" for i in pair)
    return bayes_words(f"at ({names}) = ({coordinate(place.across)}, {coordinate(place.up)}):", bayes)
