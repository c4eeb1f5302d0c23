"""The panel Inference: the same posterior by four methods: exact, on a grid, Laplace, variational."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.plane import subscript
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.inference import MOST_STEPS, Approximations, VariationalSettings, inference
from engine.regression.probes import Answer, WeightPlace
from engine.regression.weight_space import HOME, weight_planes
from gui.forms.forms import Form
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.curves.trace import TracePlot
from gui.plots.planes.inference_plane import InferencePlane
from gui.regression.model import Model
from gui.regression.weight_space import TOO_FEW
from gui.widgets import motion
from gui.widgets.controls import Button
from gui.widgets.folding import Folding
from gui.widgets.numbers import nats, shown
from gui.widgets.scrolling import scrolling
from gui.widgets.value_label import ValueLabel

TICK = 60  # milliseconds between the steps of a run
STRIDE = 4  # optimisation steps of q in each tick
ROWS = ("exact", "grid", "Laplace", "variational")
POSTERIOR = {
    "exact": "exact posterior",
    "grid": "posterior on a fine grid",
    "Laplace": "posterior by Laplace's approximation",
}
ONLY_TWO = "needs a model of two weights"
NO_CLOSED_FORM = "no closed form for this noise"


class Inference(PlotPanel):
    """The panel Inference."""

    plane = "weights"
    hint = "Click: set the start of q · Drag the square: move the start of q · Wheel: zoom"
    title = "Inference"
    shows = (inference, weight_planes)
    densities = (weight_planes,)
    role = "variational"
    place = Place(20, "Evidence", "tab", 48, 50)
    sentence = (
        "The posterior by four methods: exact, on a grid, Laplace, variational. Heatmap and white outline: the "
        "posterior; purple outline: the chosen approximation; purple path: the mean of q from its start. Outlines "
        "contain 95 %. The gap between the log evidence and the ELBO is KL(q‖p), as in a variational autoencoder."
    )
    equation = (
        r"\ln p(\mathbf{t})=\underbrace{\mathbb{E}_q[\ln p(\mathbf{t},\mathbf{w})]-\mathbb{E}_q[\ln q(\mathbf{w})]}"
        r"_{\mathrm{ELBO}}+\mathrm{KL}(q\,\|\,p),\quad"
        r"\mathbf{w}=\boldsymbol{\mu}+\mathbf{L}\boldsymbol{\varepsilon},\ "
        r"\boldsymbol{\varepsilon}\sim\mathcal{N}(\mathbf{0},\mathbf{I})"
    )

    def __init__(self) -> None:
        self.weights = InferencePlane("Posterior as a heatmap, with the chosen approximation", ("w₀", "w₁"), HOME)
        super().__init__(self.weights)
        self.trace = TracePlot("ELBO over the steps of q", ("step", "ELBO in nats"))
        self.form, self.timer = Form(VariationalSettings), QTimer(self)
        self.form.changed.connect(self._on_changed)
        self.notice.offer(TOO_FEW, "Show the panel Model", Model)
        self.notice.asked.connect(self.requested)
        self.timer.setInterval(TICK)
        self.timer.timeout.connect(self._on_tick)
        self.column.removeWidget(self.weights)
        settings = scrolling(self._buttons(), self._table(), self.form)
        self.column.addWidget(
            Folding(
                ("Weights", self.weights, 3, 14), ("ELBO", self.trace, 3, 14), ("Method and numbers", settings, 4, 21)
            )
        )

    def _buttons(self) -> QWidget:
        self.one, self.run, self.again = Button("Step"), Button("Run"), Button("Restart")
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        for button, tip, slot in (
            (self.one, "Step: one optimisation step of q", self._on_one),
            (self.run, "", self._on_run),
            (self.again, "Restart: reset q to its start", self._on_again),
        ):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(slot)
            row.addWidget(button)
        self._name_run()
        return holder

    def _table(self) -> QWidget:
        """Return the table of the log evidence, or its bound, by each method."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        self.names = [QLabel(name) for name in ROWS]
        self.values = [ValueLabel(f"ln evidence, {name}") for name in ROWS]
        for i, (name, value) in enumerate(zip(self.names, self.values, strict=True)):
            grid.addWidget(name, i, 0)
            grid.addWidget(value, i, 1)
        grid.setColumnStretch(1, 1)
        return holder

    def place_at(self, x: float, y: float) -> WeightPlace:
        return WeightPlace(x, y)

    def click(self, x: float, y: float) -> Edit:
        return self.drag(0, x, y, None)

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return self._edit("Move the start of q", gesture, start_0=x, start_1=y)

    def remove(self, handle: int) -> Edit:
        raise ValueError("The start of q cannot be removed. Drag the square to move it.")

    def _edit(self, text: str, gesture: object, **changes: Any) -> Edit:
        settings = replace(self.document[VariationalSettings], **changes)
        return Edit(text, self.document.with_setting(settings), gesture)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        before = self.document
        super().echo(document)
        self.form.show_part(document[VariationalSettings])
        if before is None or before.model is not document.model or before[Display] != document[Display]:
            across, up = document.pair
            self.weights.set_axes((f"w{subscript(across)}", f"w{subscript(up)}"))
        self.notice.say(TOO_FEW if document.model.basis.size < 2 else "")

    def draw(self, scene: Scene) -> None:
        results, planes = scene.get(inference), scene.get(weight_planes)
        if results is None or planes is None:
            return
        self.weights.show_heatmap(results.cells or planes.posterior.heatmap)
        self.weights.show_ellipse(planes.posterior.outline)
        variational = scene.document[VariationalSettings].way == "variational"
        self.weights.show_approximation(results.outline, results.path if variational else None)
        self.trace.show_trace(results.steps, results.trace, results.log_evidence)
        for value, text in zip(self.values, self._texts(results), strict=True):
            value.setText(text)
        elbo, gap = nats(results.elbo), shown(results.gap, 3)
        self.caption_changed.emit(f"{POSTERIOR[results.method]}; ELBO {elbo} nats, gap KL(q‖p) = {gap} nats")

    def _texts(self, results: Approximations) -> list[str]:
        exact = f"ln evidence {nats(results.log_evidence)} nats" if results.method == "exact" else NO_CLOSED_FORM
        return [
            exact,
            f"ln evidence {nats(results.by_grid)} nats"
            if results.method != "Laplace"
            else "needs a model of two weights",
            f"ln evidence {nats(results.by_laplace)} nats",
            f"ELBO {nats(results.elbo)} nats, gap {shown(results.gap, 3)} nats",
        ]

    def reveal(self, answer: Answer | None) -> None:
        place = answer.place if answer else None
        self.weights.show_here((place.across, place.up) if isinstance(place, WeightPlace) else None)

    def appear(self, seen: bool) -> None:
        super().appear(seen)
        if not seen:
            self.timer.stop()
            self._name_run()

    def _name_run(self) -> None:
        verb = "Stop" if self.timer.isActive() else "Run"
        self.run.setText(verb)
        self.run.setToolTip(f"{verb} the optimisation of q")
        self.run.setAccessibleName(f"{verb} the optimisation of q")

    def _on_changed(self, settings: VariationalSettings, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(settings), gesture))

    def _on_one(self) -> None:
        self._take(1)

    def _on_tick(self) -> None:
        self._take(STRIDE)

    def _take(self, steps: int) -> None:
        ahead = min(self.document[VariationalSettings].steps + steps, MOST_STEPS)
        if ahead == MOST_STEPS:
            self.timer.stop()
            self._name_run()
        self.edited.emit(self._edit("Steps of q", "steps of q", way="variational", steps=ahead))

    def _on_run(self) -> None:
        if motion.is_reduced():
            self._take(MOST_STEPS)
            return
        self.timer.stop() if self.timer.isActive() else self.timer.start()
        self._name_run()

    def _on_again(self) -> None:
        self.timer.stop()
        self._name_run()
        self.edited.emit(self._edit("Restart q", None, way="variational", steps=0))
