"""Inference: exact, on a grid, by Laplace, variational: four ways to the same posterior."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

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
from gui.plots.planes.inference_plane import WaysPlot
from gui.regression.weight_space import TOO_FEW
from gui.widgets.numbers import nats, shown
from gui.widgets.scrolling import scrolling

TICK = 60  # milliseconds between the steps of a run
STRIDE = 4  # steps that each of them takes
ROWS = ("exact", "grid", "Laplace", "variational")


class Inference(PlotPanel):
    """Inference."""

    plane = "weights"
    hint = "Click: q starts there · Drag the square: move its start · Wheel: zoom"
    title = "Inference"
    shows = (inference, weight_planes)
    role = "variational"
    place = Place(20, "Model size", "tab", 81, 50)
    sentence = (
        "Four ways to the same posterior, which is the heatmap, outlined in white. Purple is the way that is chosen: "
        "Laplace's Gaussian, or q(w), which climbs the ELBO from its start; outlines hold 95 % of each. "
        "What the ELBO lacks to the log evidence is KL(q‖p), just as in a variational autoencoder."
    )
    equation = (
        r"\ln p(\mathbf{t})=\underbrace{\mathbb{E}_q[\ln p(\mathbf{t},\mathbf{w})]-\mathbb{E}_q[\ln q(\mathbf{w})]}"
        r"_{\mathrm{ELBO}}+\mathrm{KL}(q\,\|\,p),\quad"
        r"\mathbf{w}=\boldsymbol{\mu}+\mathbf{L}\boldsymbol{\varepsilon},\ "
        r"\boldsymbol{\varepsilon}\sim\mathcal{N}(\mathbf{0},\mathbf{I})"
    )

    def __init__(self) -> None:
        self.ways = WaysPlot("Four ways to the posterior, over a heatmap of it", ("w₀", "w₁"), HOME)
        super().__init__(self.ways)
        self.trace = TracePlot("The ELBO step by step", ("step", "ELBO in nats"))
        self.form, self.timer = Form(VariationalSettings), QTimer(self)
        self.form.changed.connect(self._on_changed)
        self.timer.setInterval(TICK)
        self.timer.timeout.connect(self._on_tick)
        self.column.removeWidget(self.ways)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.ways, 3)
        row.addWidget(self.trace, 3)
        row.addWidget(scrolling(self._buttons(), self._table(), self.form), 3)
        self.column.addLayout(row)

    def _buttons(self) -> QWidget:
        self.one, self.run, self.again = QPushButton("Step"), QPushButton("Run"), QPushButton("Restart")
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        for button, what, slot in (
            (self.one, "One step of q", self._on_one),
            (self.run, "Let q run, or stop it", self._on_run),
            (self.again, "Put q back to its start", self._on_again),
        ):
            button.setToolTip(what)
            button.setAccessibleName(what)
            button.clicked.connect(slot)
            row.addWidget(button)
        return holder

    def _table(self) -> QWidget:
        """What each way makes of the log evidence."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        self.names = [QLabel(name) for name in ROWS]
        self.values = [QLabel() for _ in ROWS]
        for i, (name, value) in enumerate(zip(self.names, self.values, strict=True)):
            value.setAccessibleName(f"ln evidence, {ROWS[i]}")
            grid.addWidget(name, i, 0)
            grid.addWidget(value, i, 1)
        grid.setColumnStretch(1, 1)
        return holder

    def place_at(self, x: float, y: float) -> WeightPlace:
        return WeightPlace(x, y)

    def click(self, x: float, y: float) -> Edit:
        return self.drag(0, x, y, None)

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        return self._edit("Move q's start", gesture, start_0=x, start_1=y)

    def remove(self, handle: int) -> Edit:
        raise ValueError("q has to start somewhere: drag the square elsewhere instead.")

    def _edit(self, text: str, gesture: object, **changes: Any) -> Edit:
        settings = replace(self.document[VariationalSettings], **changes)
        return Edit(text, self.document.with_setting(settings), gesture)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        known = self.document
        super().echo(document)
        self.form.show_part(document[VariationalSettings])
        if known is None or known.model is not document.model or known[Display] != document[Display]:
            across, up = document.pair
            self.ways.set_axes((f"w{subscript(across)}", f"w{subscript(up)}"))
        self.notice.say(TOO_FEW if document.model.basis.size < 2 else "")

    def draw(self, scene: Scene) -> None:
        found, planes = scene.get(inference), scene.get(weight_planes)
        if found is None or planes is None:
            return
        self.ways.show_heatmap(found.cells or planes.posterior.heatmap)
        self.ways.show_ellipse(planes.posterior.outline)
        climbing = scene.document[VariationalSettings].way == "variational"
        self.ways.show_way(found.outline, found.path if climbing else None)
        self.trace.show_trace(found.steps, found.trace, found.log_evidence)
        for value, text in zip(self.values, self._told(found), strict=True):
            value.setText(text)
        which = {"exact": "exact", "grid": "summed on a fine grid", "Laplace": "itself by Laplace"}[found.method]
        self.caption_changed.emit(
            f"posterior {which}; ELBO {nats(found.elbo)}, gap KL(q‖p) = {shown(found.gap, 3)} nats"
        )

    def _told(self, found: Approximations) -> list[str]:
        own = (
            f"ln evidence {nats(found.log_evidence)}" if found.method == "exact" else "no closed form under this noise"
        )
        return [
            own,
            f"ln evidence {nats(found.by_grid)}" if found.method != "Laplace" else "needs a model of two weights",
            f"ln evidence {nats(found.by_laplace)}",
            f"ELBO {nats(found.elbo)}, gap {shown(found.gap, 3)}",
        ]

    def reveal(self, answer: Answer | None) -> None:
        place = answer.place if answer else None
        self.ways.show_here((place.across, place.up) if isinstance(place, WeightPlace) else None)

    def appear(self, seen: bool) -> None:
        super().appear(seen)
        if not seen:
            self.timer.stop()
            self._name_run()

    def _name_run(self) -> None:
        self.run.setText("Stop" if self.timer.isActive() else "Run")

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
        self.timer.stop() if self.timer.isActive() else self.timer.start()
        self._name_run()

    def _on_again(self) -> None:
        self.timer.stop()
        self._name_run()
        self.edited.emit(self._edit("Restart q", None, way="variational", steps=0))
