"""The panel Gaussian primer: points in a plane, and the maximum-likelihood Gaussian, computed from a few sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.regression.document import Regression
from engine.regression.gaussian_primer import HOME, WITHIN, Moments, Points, PrimerPoints, drawn, gaussian_primer
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.planes.primer import PrimerPlot
from gui.widgets.controls import Button
from gui.widgets.folding import Folding
from gui.widgets.numbers import nats, shown
from gui.widgets.scrolling import scrolling
from gui.widgets.value_label import ValueLabel

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
SUMS = ("n", "Σx", "Σy", "Σx²", "Σxy", "Σy²")
FITTED = ("mean μ", "Σ, divisor n (drawn)", "", "Σ, divisor n − 1", "", "correlation ρ", "ln p of the points")
LABELS = tuple(f"{times}σ: {100 * fraction:.1f} %" for times, fraction in zip((1, 2), WITHIN, strict=True))
NONE = "–"


class GaussianPrimer(PlotPanel):
    """The panel Gaussian primer."""

    plane = "primer"
    hint = "Click: make a point · Drag: move · Wheel: zoom · Right-click: remove a point"
    title = "Gaussian primer"
    shows = (gaussian_primer,)
    role = "evidence"
    place = Place(41, "Evidence", "tab", 48, 50)
    sentence = (
        "The maximum-likelihood Gaussian of the points: their mean, and their covariance with divisor n (with n − 1 "
        "it is unbiased). It depends on the points only through n and five sums; a new point adds one term to each "
        "sum. In two dimensions the 1σ ellipse contains 39.3 % and the 2σ ellipse 86.5 %."
    )
    equation = (
        r"\boldsymbol{\mu}=\frac1n\sum_{i=1}^{n}\mathbf{x}_i,\quad"
        r"\boldsymbol{\Sigma}=\frac1n\sum_{i=1}^{n}(\mathbf{x}_i-\boldsymbol{\mu})(\mathbf{x}_i-\boldsymbol{\mu})^{\top}"
    )

    def __init__(self) -> None:
        self.primer = PrimerPlot("Points in a plane, and their maximum-likelihood Gaussian", ("x", "y"), HOME)
        super().__init__(self.primer)
        self.notice.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.notice.asked.connect(self._on_twenty)
        self.column.removeWidget(self.primer)
        numbers = scrolling(self._buttons(), self._table())
        self.column.addWidget(Folding(("Points", self.primer, 5, 14), ("Sums and numbers", numbers, 5, 19)))

    def _buttons(self) -> QWidget:
        self.twenty, self.clear, holder = Button("Draw 20"), Button("Clear"), QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        for button, tip, slot in (
            (self.twenty, "Draw 20 points from a Gaussian: mean 0, σ = 1, correlation 0.6", self._on_twenty),
            (self.clear, "Clear all points of the primer", self._on_clear),
        ):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(slot)
            row.addWidget(button)
        row.addStretch(1)
        return holder

    def _table(self) -> QWidget:
        """Return the table with the sums on the left and the fitted parameters on the right."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        self.sums = [ValueLabel(name, NONE) for name in SUMS]
        names = [name or FITTED[row - 1] for row, name in enumerate(FITTED)]
        self.fitted = [(ValueLabel(f"{name}, left", NONE), ValueLabel(f"{name}, right", NONE)) for name in names]
        for row, (name, value) in enumerate(zip(SUMS, self.sums, strict=True)):
            value.setAlignment(RIGHT)
            grid.addWidget(QLabel(name), row, 0)
            grid.addWidget(value, row, 1)
        for row, (name, values) in enumerate(zip(FITTED, self.fitted, strict=True)):
            grid.addWidget(QLabel(name), row, 3)
            for column, value in enumerate(values, start=4):
                value.setAlignment(RIGHT)
                grid.addWidget(value, row, column)
        grid.setColumnMinimumWidth(2, 16)
        for column in (1, 4, 5):
            grid.setColumnStretch(column, 1)
        return holder

    def place_at(self, x: float, y: float) -> None:
        return None

    def click(self, x: float, y: float) -> Edit:
        return self._edit("Make a point", (*self._points, (x, y)))

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        points = self._points
        return self._edit("Move a point", (*points[:handle], (x, y), *points[handle + 1 :]), gesture)

    def remove(self, handle: int) -> Edit:
        points = self._points
        return self._edit("Remove a point", points[:handle] + points[handle + 1 :])

    def _edit(self, text: str, points: Points, gesture: object = None) -> Edit:
        return Edit(text, self.document.with_setting(PrimerPoints(points)), gesture)

    @property
    def _points(self) -> Points:
        points: Points = self.document[PrimerPoints].points
        return points

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        before = self.document
        super().echo(document)
        if before is None or before[PrimerPoints] is not document[PrimerPoints]:
            self.primer.show_points(self._points)

    def draw(self, scene: Scene) -> None:
        fit = scene.get(gaussian_primer)
        if fit is None:
            return
        self.sketched_curves = list(fit.ellipses[:1])
        moments = fit.moments
        self.primer.show_heatmap(fit.density)
        self.primer.show_ellipses(fit.ellipses, LABELS)
        self.primer.show_mean(moments.mean if moments.n else None)
        if moments.unavailable:
            self.notice.offer(moments.unavailable, "Draw 20 points", None)
        self.notice.say(moments.unavailable)
        for value, text in zip(self.sums, _sums(moments), strict=True):
            value.setText(text)
        for values, texts in zip(self.fitted, _fitted(moments), strict=True):
            for value, text in zip(values, texts, strict=True):
                value.setText(text)
        self.caption_changed.emit("" if moments.unavailable else "N(μ, Σ) by maximum likelihood, Σ with divisor n")

    def _on_twenty(self) -> None:
        self.edited.emit(self._edit("Draw 20 points", drawn(self._points, self.document.seed, 20)))

    def _on_clear(self) -> None:
        self.edited.emit(self._edit("Clear the primer", ()))


def _sums(moments: Moments) -> list[str]:
    sums = (moments.x, moments.y, moments.xx, moments.xy, moments.yy)
    return [str(moments.n), *(shown(float(value)) for value in sums)]


def _fitted(moments: Moments) -> list[tuple[str, str]]:
    """Return two texts for each row of FITTED."""
    n, rho, log_likelihood = moments.n, moments.correlation, moments.log_likelihood
    mean = moments.mean if n else None
    biased, unbiased = (moments.covariance(unbiased=one) if n > one else None for one in (False, True))
    rows: list[Any] = [mean, *_rows(biased), *_rows(unbiased)]
    texts = [(NONE, NONE) if row is None else (shown(row[0]), shown(row[1])) for row in rows]
    texts.append(("", NONE if rho is None else shown(rho)))
    texts.append(("", NONE if log_likelihood is None else f"{nats(log_likelihood)} nats"))
    return texts


def _rows(matrix: Any) -> tuple[Any, Any]:
    return (None, None) if matrix is None else (np.asarray(matrix)[0], np.asarray(matrix)[1])
