"""Gaussian primer: points, and the normal density that is fitted to them by a few sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.regression.document import Regression
from engine.regression.gaussian_primer import HOME, WITHIN, Moments, Points, PrimerPoints, drawn, gaussian_primer
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.planes.primer import PrimerPlot
from gui.widgets.numbers import nats, shown
from gui.widgets.scrolling import scrolling

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
SUMS = ("n", "Σx", "Σy", "Σx²", "Σxy", "Σy²")
FITTED = ("mean μ", "Σ over n (drawn)", "", "Σ over n − 1", "", "correlation ρ", "ln p of the points")
LABELS = tuple(f"{times}σ holds {100 * share:.1f} %" for times, share in zip((1, 2), WITHIN, strict=True))
NONE = "–"


class GaussianPrimer(PlotPanel):
    """Gaussian primer."""

    plane = "primer"
    hint = "Click: make a point · Drag: move · Wheel: zoom · Right-click: remove a point"
    title = "Gaussian primer"
    shows = (gaussian_primer,)
    role = "evidence"
    place = Place(41, "Coverage", "tab", 81, 50)
    sentence = (
        "The normal density under which the points are likeliest: their mean, and their covariance over n (over n − 1 "
        "it is unbiased). Five sums are all it keeps of the points; each point more is one addition to each. In two "
        "dimensions the ellipse at 1σ holds 39.3 % and the one at 2σ 86.5 %, not 68 and 95."
    )
    equation = (
        r"\boldsymbol{\mu}=\frac1n\sum_{i=1}^{n}\mathbf{x}_i,\quad"
        r"\boldsymbol{\Sigma}=\frac1n\sum_{i=1}^{n}(\mathbf{x}_i-\boldsymbol{\mu})(\mathbf{x}_i-\boldsymbol{\mu})^{\top}"
    )

    def __init__(self) -> None:
        self.primer = PrimerPlot("Points in a plane, and the normal fitted to them", ("x", "y"), HOME)
        super().__init__(self.primer)
        self.notice.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.column.removeWidget(self.primer)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.primer, 5)
        row.addWidget(scrolling(self._buttons(), self._table()), 4)
        self.column.addLayout(row)

    def _buttons(self) -> QWidget:
        self.twenty, self.clear, holder = QPushButton("Draw 20"), QPushButton("Clear"), QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        for button, what, slot in (
            (self.twenty, "Draw 20 points from a normal about 0, deviations 1, correlation 0.6", self._on_twenty),
            (self.clear, "Remove all points of the primer", self._on_clear),
        ):
            button.setToolTip(what)
            button.setAccessibleName(what)
            button.clicked.connect(slot)
            row.addWidget(button)
        row.addStretch(1)
        return holder

    def _table(self) -> QWidget:
        """The sums on the left, what follows from them on the right."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        self.sums = [QLabel(NONE) for _ in SUMS]
        self.fitted = [(QLabel(NONE), QLabel(NONE)) for _ in FITTED]
        for row, (name, value) in enumerate(zip(SUMS, self.sums, strict=True)):
            value.setAccessibleName(name)
            value.setAlignment(RIGHT)
            grid.addWidget(QLabel(name), row, 0)
            grid.addWidget(value, row, 1)
        for row, (name, values) in enumerate(zip(FITTED, self.fitted, strict=True)):
            grid.addWidget(QLabel(name), row, 3)
            for column, value in enumerate(values, start=4):
                value.setAccessibleName(f"{name or FITTED[row - 1]}, {('left', 'right')[column - 4]}")
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
        known = self.document
        super().echo(document)
        if known is None or known[PrimerPoints] is not document[PrimerPoints]:
            self.primer.show_points(self._points)

    def draw(self, scene: Scene) -> None:
        found = scene.get(gaussian_primer)
        if found is None:
            return
        moments = found.moments
        self.primer.show_heatmap(found.density)
        self.primer.show_ellipses(found.ellipses, LABELS)
        self.primer.show_mean(moments.mean if moments.n else None)
        self.notice.say(moments.unavailable)
        for value, text in zip(self.sums, _sums(moments), strict=True):
            value.setText(text)
        for values, texts in zip(self.fitted, _fitted(moments), strict=True):
            for value, text in zip(values, texts, strict=True):
                value.setText(text)
        self.caption_changed.emit("" if moments.unavailable else "N(μ, Σ) by maximum likelihood, Σ over n")

    def _on_twenty(self) -> None:
        self.edited.emit(self._edit("Draw 20 points", drawn(self._points, self.document.seed, 20)))

    def _on_clear(self) -> None:
        self.edited.emit(self._edit("Clear the primer", ()))


def _sums(moments: Moments) -> list[str]:
    parts = (moments.x, moments.y, moments.xx, moments.xy, moments.yy)
    return [str(moments.n), *(shown(float(part)) for part in parts)]


def _fitted(moments: Moments) -> list[tuple[str, str]]:
    """Two texts for each of FITTED."""
    n, rho, log_likelihood = moments.n, moments.correlation, moments.log_likelihood
    mean = moments.mean if n else None
    one, other = (moments.covariance(unbiased=unbiased) if n > unbiased else None for unbiased in (False, True))
    rows: list[Any] = [mean, *_rows(one), *_rows(other)]
    made = [(NONE, NONE) if row is None else (shown(row[0]), shown(row[1])) for row in rows]
    made.append(("", NONE if rho is None else shown(rho)))
    made.append(("", NONE if log_likelihood is None else f"{nats(log_likelihood)} nats"))
    return made


def _rows(matrix: Any) -> tuple[Any, Any]:
    return (None, None) if matrix is None else (np.asarray(matrix)[0], np.asarray(matrix)[1])
