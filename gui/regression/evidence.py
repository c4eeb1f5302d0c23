"""The panel Evidence: ln p(t | α, β) over both precisions, with the path of re-estimation and its end points."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QLabel

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.evidence import HOME, EvidenceMap, evidence_map, has_surface, log_evidence, power
from engine.regression.model.linear_model import known_precision
from engine.regression.model.log_evidence import FixedPoint
from engine.regression.model.noise import HIGHEST, LOWEST
from engine.regression.probes import Answer, PrecisionPlace
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.stepper import FORWARD
from gui.page.store import Edit
from gui.plots.planes.surface import SurfacePlot
from gui.regression.model import Model
from gui.regression.notation import written
from gui.regression.truth_and_data import DRAW_TWENTY
from gui.widgets.controls import Button
from gui.widgets.elided import Spans
from gui.widgets.folding import Foot
from gui.widgets.numbers import nats, shown

LOW = 11  # lines of text; a lower panel has no words below its map
OTHERWISE = "This surface needs an isotropic prior and Gaussian noise of known β. Choose both in the panel Model."
NOTHING = "No observations yet: the evidence is 1 for every α and β. Click in Data space, or press Ctrl+D, to make one."
NOT_STEPPED = (
    "No observation is used at this step: the evidence is 1 for every α and β. Press Space to step forward to the "
    "first one."
)
OFFERS: dict[str, tuple[str, Any]] = {
    OTHERWISE: ("Show the panel Model", Model),
    NOTHING: ("Draw 20 observations", DRAW_TWENTY),
    NOT_STEPPED: ("Step forward", FORWARD),
}


class Evidence(PlotPanel):
    """The panel Evidence."""

    plane = "precisions"
    hint = "Click or drag the point: choose α and β · Wheel: zoom"
    title = "Evidence"
    shows = (evidence_map, log_evidence)
    densities = (evidence_map,)
    role = "evidence"
    place = Place(6, "Data space", "right", 48, 50)
    sentence = (
        "The log evidence ln p(t|α, β) for each prior precision α and noise precision β: the weights are integrated "
        "out. The colours reach 20 nats below the maximum in view; the contours are 1, 3 and 10 nats below it. Point: "
        "the model's α and β; dots: its re-estimation; crosses: end points of re-estimation."
    )
    equation = (
        r"\ln p(\mathbf{t}\mid\alpha,\beta)=\tfrac{k}{2}\ln\alpha+\tfrac{N}{2}\ln\beta-E(\mathbf{m}_N)"
        r"-\tfrac12\ln|\mathbf{S}_N^{-1}|-\tfrac{N}{2}\ln 2\pi"
    )

    def __init__(self) -> None:
        self.surface = SurfacePlot("Evidence, a heatmap over both precisions", ("log₁₀ α", "log₁₀ β"), HOME)
        self.rests: tuple[FixedPoint, ...] = ()
        self.path = np.empty((0, 2))
        super().__init__(self.surface)
        self.words, self.one, self.maximise = QLabel(), Button("One step"), Button("Maximise")
        self.one.setEnabled(False)
        self.one.clicked.connect(self._on_one)
        self.words.setWordWrap(True)
        self.maximise.setEnabled(False)
        self.maximise.clicked.connect(self._on_maximise)
        foot = Foot(self, LOW)
        foot.row.addWidget(self.words, 1)
        foot.row.addWidget(self.one)
        foot.row.addWidget(self.maximise)
        self.column.addWidget(foot)
        self.notice.asked.connect(self.requested)

    def legend_entries(self) -> Spans:
        return [
            ("", "Contours: 1, 3 and 10 nats below the maximum"),
            ("", "point: the model"),
            ("", "dots: re-estimation"),
            ("", "crosses: its end points"),
        ]

    def place_at(self, x: float, y: float) -> PrecisionPlace:
        return PrecisionPlace(x, y)

    def click(self, x: float, y: float) -> Edit:
        return self.drag(0, x, y, None)

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        if not has_surface(self.document):
            raise ValueError(self._written(OTHERWISE))
        place = PrecisionPlace(x, y)
        return Edit(self._written("Choose α and β"), self.document.with_precisions(place.alpha, place.beta), gesture)

    def remove(self, handle: int) -> Edit:
        raise ValueError(self._written("α and β of the model cannot be removed. Drag the point to change both."))

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        before, model = self.document, document.model
        super().echo(document)
        if before is None or before[Display].notation != document[Display].notation:
            self.surface.set_axes((self._written("log₁₀ α"), self._written("log₁₀ β")))
            self.one.setToolTip(self._written("Set α and β to the next step of re-estimation"))
            self.maximise.setToolTip(self._written("Set α and β to the maximum of the evidence"))
        if before is None or before.model is not model:
            self.surface.show_point(own_place(document))
        nothing = NOT_STEPPED if len(document.observations) else NOTHING
        reason = OTHERWISE if not has_surface(document) else "" if document.count else nothing
        if reason:  # the button belongs to the words that are shown, in the present notation
            self.notice.offer(self._written(reason), *OFFERS[reason])
        self.notice.say(self._written(reason))
        if reason:
            self._show(None)  # a map of other observations would be under the sentence

    def _written(self, text: str) -> str:
        return written(text, self.document[Display].notation)

    def draw(self, scene: Scene) -> None:
        if evidence_map in scene:
            self._show(scene.get(evidence_map))

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return ANYWHERE if key is log_evidence else super().viewport_of(key)

    def _show(self, surface: EvidenceMap | None) -> None:
        rests, path = (surface.rests, surface.path) if surface else ((), np.empty((0, 2)))
        self.rests, self.path = rests, path
        if surface:
            self.surface.set_home(surface.home, stay=True)
        self.surface.show_heatmap(surface.heatmap if surface else None)
        self.surface.contours.show_outline(surface.contours if surface else None)
        ends = [(rest.alpha, rest.beta) for rest in rests if reachable(rest)]
        self.surface.show_climb(path, np.log10(ends))
        self.words.setText(self._written("; ".join(in_words(rest, rest is rests[0]) for rest in rests)))
        self.one.setEnabled(len(path) > 1)
        self.maximise.setEnabled(any(reachable(rest) for rest in rests))
        standardised = "" if self.document.units.are_original else ", of standardised t"
        height = nats(surface.height) if surface else ""
        caption = f"ln p(t|α, β) = {height} nats at the point{standardised}"
        self.caption_changed.emit(self._written(caption) if surface else "")

    def reveal(self, answer: Answer | None) -> None:
        place = answer.place if answer else None
        self.surface.show_here((place.across, place.up) if isinstance(place, PrecisionPlace) else None)

    def _on_one(self) -> None:
        alpha, beta = (float(power(logarithm)) for logarithm in self.path[1])
        self.edited.emit(Edit(self._written("Re-estimate α and β"), self.document.with_precisions(alpha, beta)))

    def _on_maximise(self) -> None:
        best = next(rest for rest in self.rests if reachable(rest))
        self.edited.emit(Edit("Maximise the evidence", self.document.with_precisions(best.alpha, best.beta)))


def own_place(document: Regression) -> tuple[float, float] | None:
    """Return (log₁₀ α, log₁₀ β) of the document; None if it has no such surface."""
    if not has_surface(document):
        return None
    return float(np.log10(document.model.prior_precision)), float(np.log10(known_precision(document.model.noise)))


def reachable(rest: FixedPoint) -> bool:
    """Return whether a model may have these precisions."""
    return rest.kind == "maximum" and all(LOWEST <= value <= HIGHEST for value in (rest.alpha, rest.beta))


def in_words(rest: FixedPoint, best: bool) -> str:
    """Return a text about one end point of re-estimation; `best` if no other end point is higher."""
    height = f"ln evidence {nats(rest.log_evidence)} nats"
    if rest.kind == "unbounded":
        alpha = "α → ∞" if np.isinf(rest.alpha) else f"α = {shown(rest.alpha)}"
        return f"{alpha}, β → ∞: the evidence is unbounded, because the weights fit every observation exactly"
    if rest.kind == "no function":
        why = "; the evidence is highest for weights of zero" if best else ""
        return f"α → ∞, β = {shown(rest.beta)}: {height}{why}"
    if rest.kind == "no noise":
        return f"α = {shown(rest.alpha)}, β → ∞: {height}; the weights fit every observation exactly"
    effective = f"γ = {shown(rest.gamma)} effective weights"
    return f"Maximum: α = {shown(rest.alpha)}, β = {shown(rest.beta)}, {height}, {effective}"
