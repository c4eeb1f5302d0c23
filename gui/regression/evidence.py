"""Evidence: ln p(t | α, β) over both precisions, the ways up it, and where they end."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.evidence import HOME, EvidenceMap, evidence_map, has_surface, log_evidence, power
from engine.regression.model.linear_model import known_precision
from engine.regression.model.log_evidence import FixedPoint
from engine.regression.probes import Answer, PrecisionPlace
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.planes.surface import SurfacePlot
from gui.regression.notation import written
from gui.widgets.numbers import nats, shown

OTHERWISE = "This surface needs an isotropic prior and Gaussian noise of known β: choose them in the panel Model."
NOTHING = "The evidence of no observation is 1 under every α and β. Click in data space to make one."


class Evidence(PlotPanel):
    """Evidence."""

    plane = "precisions"
    hint = "Click or drag the point: choose α and β · Wheel: zoom"
    title = "Evidence"
    shows = (evidence_map, log_evidence)
    role = "evidence"
    place = Place(10, "Ledger", "tab", 81, 50)
    sentence = (
        "How probable the observations are under each prior precision α and noise precision β, with all weights "
        "integrated out: ln p(t|α, β), down to 20 nats below its maximum here, with lines at 1, 3 and 10. The point is "
        "the model's own α and β; from it the steps of re-estimation lead up; crosses are where such paths end."
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
        self.words, self.one, self.maximise = QLabel(), QPushButton("One step"), QPushButton("Maximise")
        self.one.setEnabled(False)
        self.one.clicked.connect(self._on_one)
        self.words.setWordWrap(True)
        self.maximise.setEnabled(False)
        self.maximise.clicked.connect(self._on_maximise)
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 6)
        row.addWidget(self.words, 1)
        row.addWidget(self.one)
        row.addWidget(self.maximise)
        self.column.addLayout(row)

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
        raise ValueError(self._written("The model needs an α and a β: drag the point elsewhere instead."))

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        known, model = self.document, document.model
        super().echo(document)
        self.surface.set_axes((self._written("log₁₀ α"), self._written("log₁₀ β")))
        self.one.setToolTip(self._written("Set α and β to the next step of re-estimation"))
        self.maximise.setToolTip(self._written("Set α and β to where the evidence is highest"))
        if known is None or known.model is not model:
            self.surface.show_point(own_place(document))
        why = OTHERWISE if not has_surface(document) else "" if document.count else NOTHING
        self.notice.say(self._written(why))

    def _written(self, text: str) -> str:
        return written(text, self.document[Display].notation)

    def draw(self, scene: Scene) -> None:
        if evidence_map in scene:
            self._show(scene.get(evidence_map), scene.get(log_evidence) or 0.0)

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return ANYWHERE if key is log_evidence else super().viewport_of(key)

    def _show(self, found: EvidenceMap | None, height: float) -> None:
        rests, path = (found.rests, found.path) if found else ((), np.empty((0, 2)))
        self.rests, self.path = rests, path
        self.surface.show_heatmap(found.heatmap if found else None)
        self.surface.contours.show_outline(found.contours if found else None)
        ends = [(rest.alpha, rest.beta) for rest in rests if reachable(rest)]
        self.surface.show_climb(path, np.log10(ends))
        self.words.setText(self._written("; ".join(told(rest, rest is rests[0]) for rest in rests)))
        self.one.setEnabled(len(path) > 1)
        self.maximise.setEnabled(any(reachable(rest) for rest in rests))
        caption = f"ln p(t|α, β) = {nats(height)} nats at the point"
        self.caption_changed.emit(self._written(caption) if found else "")

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
    """Where the document's own α and β are in the plane, if it has both."""
    if not has_surface(document):
        return None
    return float(np.log10(document.model.prior_precision)), float(np.log10(known_precision(document.model.noise)))


def reachable(rest: FixedPoint) -> bool:
    """Whether a model can have these precisions."""
    return rest.kind == "maximum"


def told(rest: FixedPoint, best: bool) -> str:
    """Where a path ends, in words; `best` if no other end is higher."""
    height = f"ln evidence {nats(rest.log_evidence)}"
    if rest.kind == "unbounded":
        alpha = "α → ∞" if np.isinf(rest.alpha) else f"α = {shown(rest.alpha)}"
        return f"{alpha}, β → ∞: the evidence grows without bound, because the weights explain the observations exactly"
    if rest.kind == "no function":
        why = "; the evidence is highest for weights of zero" if best else ""
        return f"α → ∞, β = {shown(rest.beta)}: {height}{why}"
    if rest.kind == "no noise":
        return f"α = {shown(rest.alpha)}, β → ∞: {height}; the weights explain every point"
    return f"α = {shown(rest.alpha)}, β = {shown(rest.beta)}: {height}, γ = {shown(rest.gamma)}"
