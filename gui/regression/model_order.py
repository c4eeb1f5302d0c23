"""Model order: how the evidence chooses among richer and poorer models of the same kind."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout

from engine.document import Document
from engine.plane import Viewport
from engine.regression.document import Regression
from engine.regression.evidence import most_ordered
from engine.regression.scene import Scene
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.orders import OrdersPlot
from gui.shell.elided import Elided
from gui.shell.numbers import nats

DEEPEST = 60.0  # nats below the best that are in sight at first
NOTHING = "Without an observation all models are equally good. Click in data space to make one."
TOO_MANY = "The orders are compared on at most {:,} observations. Step back to have fewer."
ROLES = ("prior", "likelihood", "evidence")


class ModelOrder(PlotPanel):
    """Model order."""

    plane = "orders"
    hint = "Click: choose that order · Wheel: zoom"
    title = "Model order"
    role = "evidence"
    place = Place(11, "Evidence", "tab", 81, 50)
    sentence = (
        "The same observations under every order of the basis, with the same α and β. A richer model fits better; the "
        "Occam factor is what it pays for all that it could have fitted as well. The evidence weighs both."
    )
    equation = (
        r"\ln p(\mathbf{t})=\underbrace{\ln p(\mathbf{t}\mid\mathbf{m}_N)}_{\mathrm{fit}}"
        r"+\underbrace{\ln p(\mathbf{t})-\ln p(\mathbf{t}\mid\mathbf{m}_N)}_{\mathrm{Occam\ factor}}"
    )

    def __init__(self) -> None:
        self.orders = OrdersPlot("Model order, ln evidence and its two parts", ("order", "nats"), ROLES)
        self.seen = False
        super().__init__(self.orders)
        self.legend, row = Elided("What the lines are"), QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 6)
        row.addWidget(self.legend)
        self.column.addLayout(row)
        parts = (("evidence", "ln evidence"), ("", "="), ("likelihood", "fit, ln p(t|m_N)"))
        self.legend.say(*parts, ("", "+"), ("prior", "Occam factor"))

    def place_at(self, x: float, y: float) -> None:
        return None

    def click(self, x: float, y: float) -> Edit:
        model, orders = self.document.model, self.document.model.basis.orders
        order = min(max(round(x), orders[0]), orders[-1])
        made = self.document.modelled_by(model.basis.of_order(order))
        return Edit(f"Choose {model.basis.order_name} {order}", made)

    def remove(self, handle: int) -> Edit:
        raise ValueError("There is nothing to remove here.")

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        raise ValueError("There is nothing to drag here.")

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        known, basis = self.document, document.model.basis
        super().echo(document)
        if known is None or known.model.basis is not basis:
            self.orders.set_axes((basis.order_name, "nats"))
            self.orders.show_chosen(basis.order)
        most = most_ordered(document.model)
        self.notice.say(NOTHING if not document.count else TOO_MANY.format(most) if document.count > most else "")

    def draw(self, scene: Scene) -> None:
        found = scene.pictures.get(self.plane)
        if found is None:
            return
        columns = (found.occam, found.fit, found.log_evidence)
        best = int(np.argmax(found.log_evidence))
        self.orders.show_columns(found.orders, columns, float(found.log_evidence[best]) - DEEPEST)
        height = f"{nats(float(found.log_evidence[best]))} nats"
        self.captioned.emit(
            f"the evidence is highest at {found.orders[best]}, {height}" if scene.document.count else ""
        )

    def appear(self, seen: bool) -> None:
        self.seen = seen
        self.framed.emit(self.plane, self.plot.shown if seen else None)

    def _on_framed(self, viewport: Viewport) -> None:
        self.notice.setGeometry(self.plot.area)
