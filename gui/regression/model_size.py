"""Model size: how the evidence chooses among richer and poorer models of the same kind."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtWidgets import QHBoxLayout

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from engine.regression.document import Regression
from engine.regression.model_size import model_sizes, most_observations
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.curves.model_size import OrdersPlot
from gui.widgets.elided import Elided
from gui.widgets.numbers import nats

DEEPEST = 60.0  # nats below the best that are in sight at first
NOTHING = "Without an observation all models are equally good. Click in data space to make one."
TOO_MANY = "The orders are compared on at most {:,} observations. Step back to have fewer."
ROLES = ("prior", "likelihood", "evidence")
ERRORS = ("likelihood", "truth")
UNITS = ("nats", "log₁₀ mean square error", "nats an observation")
TINY = 1e-30  # a mean square that counts as none
NARROW = 10.0  # nats below the best log predictive density that are in sight at first


class ModelSize(PlotPanel):
    """Model size."""

    plane = "orders"
    hint = "Click: choose that order · Wheel: zoom"
    title = "Model size"
    shows = (model_sizes,)
    role = "evidence"
    place = Place(11, "Evidence", "tab", 81, 50)
    sentence = (
        "The same observations under every order of the basis, with the same α and β. A richer model fits better; the "
        "Occam factor is what it pays for all that it could have fitted as well. The evidence weighs both, from the "
        "training data alone; held-out data beside it (those that wait, or fresh draws from the truth) say how well."
    )
    equation = (
        r"\ln p(\mathbf{t})=\underbrace{\ln p(\mathbf{t}\mid\mathbf{m}_N)}_{\mathrm{fit}}"
        r"+\underbrace{\ln p(\mathbf{t})-\ln p(\mathbf{t}\mid\mathbf{m}_N)}_{\mathrm{Occam\ factor}}"
    )

    def __init__(self) -> None:
        self.orders = OrdersPlot("Model size, ln evidence and its two parts", ("order", "nats"), ROLES)
        self.errors = OrdersPlot("Mean square errors by order", ("order", "log₁₀ mean square error"), ERRORS)
        self.density = OrdersPlot("Log predictive density by order", ("order", "nats an observation"), ERRORS[1:])
        super().__init__(self.orders)
        self.column.removeWidget(self.orders)
        pictures, row = QHBoxLayout(), QHBoxLayout()
        pictures.setSpacing(0)
        for plot, share in ((self.orders, 5), (self.errors, 4), (self.density, 4)):
            pictures.addWidget(plot, share)
        for plot in (self.errors, self.density):
            plot.clicked.connect(self._on_clicked)
            plot.moved.connect(self._on_moved)
        self.legends = [Elided("What the lines are") for _ in range(3)]
        row.setContentsMargins(10, 4, 10, 6)
        for legend, share in zip(self.legends, (5, 4, 4), strict=True):
            row.addWidget(legend, share)
        self.column.addLayout(pictures, 1)
        self.column.addLayout(row)
        self.legends[0].say(("evidence", "ln evidence ="), ("likelihood", "fit +"), ("prior", "Occam factor"))
        self.legends[1].say(("likelihood", "training error"), ("truth", "held-out error"))
        self.legends[2].say(("truth", "held-out log predictive density"))

    def place_at(self, x: float, y: float) -> None:
        return None

    def click(self, x: float, y: float) -> Edit:
        model, orders = self.document.model, self.document.model.basis.orders
        order = min(max(round(x), orders[0]), orders[-1])
        made = self.document.with_model(replace(model, basis=model.basis.of_order(order)))
        return Edit(f"Choose {model.basis.order_name} {order}", made)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        known, basis = self.document, document.model.basis
        super().echo(document)
        if known is None or known.model.basis is not basis:
            for plot, unit in zip((self.orders, self.errors, self.density), UNITS, strict=True):
                plot.set_axes((basis.order_name, unit))
                plot.show_chosen(basis.order)
        most = most_observations(document.model)
        self.notice.say(NOTHING if not document.count else TOO_MANY.format(most) if document.count > most else "")

    def draw(self, scene: Scene) -> None:
        found = scene.get(model_sizes)
        if found is None:
            for plot in (self.orders, self.errors, self.density):
                plot.clear()
            self.caption_changed.emit("")
            return
        columns = (found.occam, found.fit, found.log_evidence)
        best = int(np.argmax(found.log_evidence))
        self.orders.show_columns(found.orders, columns, float(found.log_evidence[best]) - DEEPEST)
        errors = tuple(np.log10(np.maximum(column, TINY)) for column in (found.mean_square, found.held_out))
        lowest = min(float(np.min(column)) for column in errors)
        self.errors.show_columns(found.orders, errors, lowest)
        self.density.show_columns(found.orders, (found.log_density,), float(found.log_density.max()) - NARROW)
        height = f"{nats(float(found.log_evidence[best]))} nats"
        self.caption_changed.emit(
            f"the evidence is highest at {found.orders[best]}, {height}; held out: {found.source}"
        )

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return ANYWHERE
