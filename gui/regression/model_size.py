"""The panel Model size: evidence, training error and held-out error for each size of the basis."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from engine.regression.document import Regression
from engine.regression.model_size import ModelSizes, model_sizes, most_observations
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.stepper import FORWARD
from gui.page.store import Edit
from gui.plots.curves.model_size import ModelSizePlot
from gui.regression.ledger import with_error
from gui.regression.predictive import approximation
from gui.regression.truth_and_data import DRAW_TWENTY
from gui.widgets.elided import Elided
from gui.widgets.folding import Folding
from gui.widgets.numbers import nats, shown

DEEPEST = 60.0  # nats below the highest evidence that the home viewport reaches
NOTHING = "No observations yet: all models have the evidence 1. Click in Data space, or press Ctrl+D, to make one."
NOT_STEPPED = (
    "No observation is used at this step: all models have the evidence 1. Press Space to step forward to the first one."
)
TOO_MANY = "Models are compared for at most {:,} observations. Step back, or leave observations out."
ROLES = ("prior", "likelihood", "evidence")
ERRORS = ("likelihood", "truth")
UNITS = ("nats", "log₁₀ MSE", "nats per observation")
TINY = 1e-30  # smaller mean squares are drawn as this one, so that the logarithm is finite
NARROW = 10.0  # nats below the highest log predictive density that the home viewport reaches


class ModelSize(PlotPanel):
    """The panel Model size."""

    plane = "orders"
    hint = "Click: choose that model size · Wheel: zoom"
    title = "Model size"
    shows = (model_sizes,)
    role = "evidence"
    place = Place(11, "Evidence", "tab", 48, 50)
    sentence = (
        "The evidence and the errors for each size of the basis, with the same α and β. The fit improves with the "
        "size; the Occam factor penalises flexibility that the data do not need. Their sum is the log evidence, from "
        "the training data alone. Held-out observations (unused ones, or new draws from the true function) check it."
    )
    equation = (
        r"\ln p(\mathbf{t})=\underbrace{\ln p(\mathbf{t}\mid\mathbf{m}_N)}_{\mathrm{fit}}"
        r"+\underbrace{\ln p(\mathbf{t})-\ln p(\mathbf{t}\mid\mathbf{m}_N)}_{\mathrm{Occam\ factor}}"
    )

    def __init__(self) -> None:
        self.orders = ModelSizePlot("Log evidence, fit and Occam factor over model size", ("size", UNITS[0]), ROLES)
        self.errors = ModelSizePlot("Mean squared errors over model size", ("size", UNITS[1]), ERRORS)
        self.density = ModelSizePlot("Log predictive density over model size", ("size", UNITS[2]), ERRORS[1:])
        super().__init__(self.orders)
        self.column.removeWidget(self.orders)
        self.sizes: ModelSizes | None = None
        self.summary = ""
        self.legends = [Elided("Legend") for _ in range(3)]
        plots = (self.orders, self.errors, self.density)
        evidence, errors, density = (_above(plot, words) for plot, words in zip(plots, self.legends, strict=True))
        self.column.addWidget(
            Folding(("Evidence", evidence, 5, 17), ("Errors", errors, 4, 16), ("Held-out log density", density, 4, 16)),
            1,
        )
        for plot in (self.errors, self.density):
            plot.clicked.connect(self._on_clicked)
            plot.moved.connect(self._on_moved)
            plot.left.connect(self._on_left)
        self.notice.offer(NOTHING, "Draw 20 observations", DRAW_TWENTY)
        self.notice.offer(NOT_STEPPED, "Step forward", FORWARD)
        self.notice.asked.connect(self._on_asked)
        self.legends[0].say(("evidence", "log evidence ="), ("likelihood", "fit +"), ("prior", "Occam factor"))
        self.legends[1].say(("likelihood", "training"), ("truth", "held out (dashed)"))
        self.legends[2].say(("truth", "held-out log predictive density"))

    def place_at(self, x: float, y: float) -> None:
        return None

    def click(self, x: float, y: float) -> Edit:
        model, orders = self.document.model, self.document.model.basis.orders
        order = min(max(round(x), orders[0]), orders[-1])
        document = self.document.with_model(replace(model, basis=model.basis.of_order(order)))
        return Edit(f"Choose {model.basis.order_name} {order}", document)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        before, basis = self.document, document.model.basis
        super().echo(document)
        if before is None or before.model.basis is not basis:
            for plot, unit in zip((self.orders, self.errors, self.density), UNITS, strict=True):
                plot.set_axes((basis.order_name, unit))
                plot.show_chosen(basis.order)
        most = most_observations(document.model)
        nothing = NOT_STEPPED if len(document.observations) else NOTHING
        reason = nothing if not document.count else TOO_MANY.format(most) if document.count > most else ""
        if document.count > most:
            self.notice.offer(reason, f"Step back to {most:,}", most)
        self.notice.say(reason)
        if reason:
            self._clear()  # curves of other observations would be under the sentence

    def draw(self, scene: Scene) -> None:
        sizes = scene.get(model_sizes)
        if sizes is None:
            self._clear()
            return
        columns = (sizes.occam, sizes.fit, sizes.log_evidence)
        best = int(np.argmax(sizes.log_evidence))
        self.orders.show_columns(sizes.orders, columns, float(sizes.log_evidence[best]) - DEEPEST)
        errors = tuple(np.log10(np.maximum(column, TINY)) for column in (sizes.mean_square, sizes.held_out))
        lowest = float(np.nanmin(errors))
        self.errors.show_columns(sizes.orders, errors, lowest)
        highest = float(np.max(sizes.log_density, initial=-np.inf, where=np.isfinite(sizes.log_density)))
        if np.isfinite(highest):
            self.density.show_columns(sizes.orders, (sizes.log_density,), highest - NARROW)
        else:  # nothing is held out
            self.density.clear()
        self.sizes = sizes
        size = f"{scene.document.model.basis.order_name} {sizes.orders[best]}"
        height = with_error(float(sizes.log_evidence[best]), float(sizes.error[best]))
        doubt = approximation(float(np.max(sizes.density_error)))
        standardised = "" if scene.document.units.are_original else "; all of standardised t"
        self.summary = f"highest evidence: {size}, {height}; held out: {sizes.source}{doubt}{standardised}"
        self.caption_changed.emit(self.summary)

    def _on_asked(self, request: Any) -> None:
        """Step back to the number of observations that the button names, or pass a command to the page."""
        if isinstance(request, int):
            self.edited.emit(Edit(f"Step back to {request:,}", self.document.step_to(request), "step"))
        else:
            self.requested.emit(request)

    def _on_moved(self, x: float, y: float) -> None:
        """Write the numbers of the model size under the cursor in the title."""
        super()._on_moved(x, y)
        if self.sizes is not None:
            i = int(np.argmin(np.abs(self.sizes.orders - x)))
            self.caption_changed.emit(in_words(self.document.model.basis.order_name, self.sizes, i))

    def _on_left(self) -> None:
        super()._on_left()
        self.caption_changed.emit(self.summary)

    def _clear(self) -> None:
        for plot in (self.orders, self.errors, self.density):
            plot.clear()
        self.sizes, self.summary = None, ""
        self.caption_changed.emit("")

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return ANYWHERE


def in_words(name: str, sizes: ModelSizes, i: int) -> str:
    """Return the numbers of the model size at position `i` as text, in nats."""
    evidence, fit, occam = (nats(float(column[i])) for column in (sizes.log_evidence, sizes.fit, sizes.occam))
    text = f"{name} {sizes.orders[i]}: ln evidence {evidence} = fit {fit} + Occam factor {occam} nats"
    held_out = f", held-out error {shown(float(sizes.held_out[i]), 3)}" if np.isfinite(sizes.held_out[i]) else ""
    return f"{text}; training error {shown(float(sizes.mean_square[i]), 3)}{held_out}"


def _above(plot: ModelSizePlot, words: Elided) -> QWidget:
    """Return a plot above its legend."""
    holder, row = QWidget(), QHBoxLayout()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    row.setContentsMargins(10, 4, 10, 6)
    row.addWidget(words)
    column.addWidget(plot, 1)
    column.addLayout(row)
    return holder
