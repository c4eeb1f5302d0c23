"""The panel Compare: least squares, MAP and Bayes as curves, as weights and by their prediction errors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QAbstractTableModel, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHeaderView, QLabel, QTableView

from engine.derived import Scene
from engine.document import Document
from engine.plane import subscript
from engine.regression.compare import Comparison, comparison
from engine.regression.data_space import HOME, crowd
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.evidence import has_surface
from engine.regression.model.linear_model import known_precision
from gui.page.panel import Place
from gui.page.shared.columns import Columns
from gui.page.shared.ledger_table import LEFT, NOWHERE, Index, Role
from gui.page.store import Edit
from gui.plots.curves.compare import ComparePlot, key
from gui.regression.data_space import DataPanel
from gui.regression.predictive import SMALL
from gui.widgets.controls import ToolButton
from gui.widgets.folding import Folding, Foot
from gui.widgets.numbers import shown

NAMES = {
    "Bishop": ("Least squares", "MAP", "Bayes"),
    "scikit-learn": ("LinearRegression", "Ridge", "BayesianRidge"),
}
WIDEST = "−0.00 ± 0.00"
LOW = 12  # lines of text; a lower panel has no words below its table
ERROR = (
    "The mean of (t − y(x))². Used: observations taken into account; unused: observations of later steps; "
    "set aside: every fifth of your own observations, predicted by models fitted without them; new: draws from the "
    "true function. A value below the noise variance means luck or overfitting."
)
DENSITY = (
    "The mean of ln p(t|x) in nats, under the noise alone. For Bayes it includes the uncertainty of the weights. "
    "“±” is the error of a sampled value: at least twice its standard error."
)
WEIGHT = "For Bayes: the mean and the standard deviation."
SAME = "The mode of this posterior is its mean: MAP and the mean of Bayes are the same curve. Only Bayes has a band."
OTHER = "The mode of this posterior is not its mean: MAP and the mean of Bayes differ. Only Bayes has a band."
MINIMUM_NORM = "The data determine {} of {} weights. Of all least-squares solutions the one with minimum norm is shown."


class Line(NamedTuple):
    """One row of the table: its name, its tooltip and one text for each estimator."""

    name: str
    tip: str
    cells: tuple[str, ...]


class _Lines(QAbstractTableModel):
    """The table's rows, with the names in the first column and one column for each estimator."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self.names = NAMES["Bishop"]

    def show_lines(self, lines: list[Line], names: tuple[str, str, str]) -> None:
        """Replace the rows; if neither their number nor the headings changed, only the texts in them."""
        if len(lines) == len(self.lines) and names == self.names:
            self.lines = lines
            self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, 3))
            return
        self.beginResetModel()
        self.lines, self.names = lines, names
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:  # noqa: N802
        if orientation == Qt.Orientation.Vertical or not section:
            return None
        return {Role.DisplayRole: self.names[section - 1], Role.DecorationRole: key(section - 1)}.get(Role(role))

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        line, column = self.lines[index.row()], index.column()
        if role == Role.DisplayRole:
            return line.cells[column - 1] if column else line.name
        if role == Role.TextAlignmentRole:
            return LEFT
        return line.tip if role == Role.ToolTipRole else None


class Compare(DataPanel):
    """The panel Compare."""

    title = "Compare"
    place = Place(30, "Evidence", "tab", 48, 50)
    sentence = (
        "Three estimates of the weights from the same observations. Least squares minimises the squared residuals; "
        "MAP maximises the posterior density (under a Gaussian prior: ridge regression); Bayes averages over the "
        "posterior. The table lists errors on used observations, on unused ones, and on new draws from the true "
        "function."
    )
    equation = (
        r"\mathbf{w}_{\mathrm{LS}}=\boldsymbol{\Phi}^{+}\mathbf{t},\quad\mathbf{w}_{\mathrm{MAP}}="
        r"\left(\tfrac{\alpha}{\beta}\mathbf{I}+\boldsymbol{\Phi}^{\top}\boldsymbol{\Phi}\right)^{-1}"
        r"\boldsymbol{\Phi}^{\top}\mathbf{t},\quad p(t\mid x,\mathbf{t})=\int p(t\mid x,\mathbf{w})\,"
        r"p(\mathbf{w}\mid\mathbf{t})\,\mathrm{d}\mathbf{w}"
    )
    shows = (comparison, crowd)

    def make_plot(self) -> ComparePlot:
        self.estimates = ComparePlot("Least squares, MAP and Bayes over data space", ("x", "t"), HOME)
        return self.estimates

    def __init__(self) -> None:
        super().__init__()
        self.column.removeWidget(self.plot)
        self.column.addWidget(Folding(("Errors and weights", self._table(), 3, 28), ("Curves", self.plot, 2, 18)), 1)
        self.column.addWidget(self._foot())

    def _table(self) -> QTableView:
        self.lines, self.table = _Lines(), QTableView()
        self.table.setModel(self.lines)
        self.table.setTabKeyNavigation(False)  # Tab leaves the table
        self.table.setAccessibleName("Errors and weights of the three estimators")
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(LEFT)  # the colour of an estimator is at the left of its name
        Columns(self.table, self._widest)
        return self.table

    def _widest(self) -> tuple[str, ...]:
        """Return the longest text of each column."""
        names = [line.name for line in self.lines.lines]
        return max(names, key=self.fontMetrics().horizontalAdvance, default=""), WIDEST, WIDEST, WIDEST

    def _foot(self) -> Foot:
        """Return the row below plot and table: the sentence about the estimators, and the button for the notation."""
        self.words, self.other_names = QLabel(), QAction("Use scikit-learn's terms", self)
        self.words.setWordWrap(True)
        self.other_names.setCheckable(True)
        self.other_names.triggered.connect(self._on_names)
        button, foot = ToolButton(), Foot(self, LOW)
        button.setDefaultAction(self.other_names)
        button.setAccessibleName(self.other_names.text())
        foot.row.addWidget(self.words, 1)
        foot.row.addWidget(button)
        return foot

    def choices(self) -> list[QAction]:
        return [self.other_names, *super().choices()]

    def echo(self, document: Document) -> None:
        super().echo(document)
        self.other_names.setChecked(self.document[Display].notation == "scikit-learn")
        self.caption_changed.emit(caption(self.document))

    def draw(self, scene: Scene) -> None:
        estimates = scene.get(comparison)
        if estimates is None:
            return
        self.estimates.show_estimates(estimates.x, estimates.curves, estimates.band)
        self.estimates.truth.show_line(estimates.x, estimates.truth)
        self.estimates.show_crowd(scene.get(crowd))
        self.lines.show_lines(table(estimates), NAMES[scene.document[Display].notation])
        k = estimates.weights.shape[1]
        minimum_norm = MINIMUM_NORM.format(estimates.rank, k) if estimates.rank < k else ""
        self.words.setText(" ".join([SAME if estimates.coincide else OTHER, minimum_norm]))

    def _on_names(self, ticked: bool) -> None:
        display = replace(self.document[Display], notation="scikit-learn" if ticked else "Bishop")
        self.edited.emit(Edit("Change notation", self.document.with_setting(display)))


def caption(document: Regression) -> str:
    """Return the function that MAP minimises if MAP is ridge regression (PRML eq. 3.55), else a general caption."""
    units = "" if document.units.are_original else "; errors and ln p in original units"
    return f"{_map_in_words(document)}{units}"


def _map_in_words(document: Regression) -> str:
    if not has_surface(document):
        return "MAP under the model's prior and noise"
    penalty = shown(document.model.prior_precision / known_precision(document.model.noise))
    if document[Display].notation == "scikit-learn":
        return f"Ridge(alpha={penalty}, fit_intercept=False), alpha = lambda_/alpha_"
    return f"MAP is ridge regression, ‖t − Φw‖² + λ‖w‖² with λ = α/β = {penalty}"


def table(estimates: Comparison) -> list[Line]:
    """Return the rows of the table: squared errors, log densities in nats, and weights."""
    sets = [f"{n:,} {name}" for n, name in zip(estimates.counts, estimates.sets, strict=True)]
    errors = [Line(f"MSE, {name}", ERROR, _cells(row)) for name, row in zip(sets, estimates.errors, strict=True)]
    densities = [
        Line(f"ln p, {name}", DENSITY, _with_error(_cells(row), float(error)))
        for name, row, error in zip(sets[1:], estimates.log_densities, estimates.density_errors, strict=True)
    ]
    weights = []
    for i, (of_least_squares, of_map, mean) in enumerate(estimates.weights.T):
        of_bayes = f"{shown(mean, 3)} ± {shown(estimates.deviations[i], 3)}"
        weights.append(Line(f"w{subscript(i)}", WEIGHT, (shown(of_least_squares), shown(of_map), of_bayes)))
    return [*errors, *densities, *weights]


def _with_error(cells: tuple[str, ...], error: float) -> tuple[str, ...]:
    """The cells of one row, with the error of the last, in nats, if it is not small."""
    if error <= SMALL or cells[-1] == "–":
        return cells
    return *cells[:-1], f"{cells[-1]} (Laplace)" if error == float("inf") else f"{cells[-1]} ± {shown(error, 1)}"


def _cells(values: Any) -> tuple[str, ...]:
    return tuple("–" if np.isnan(value) else shown(value) for value in values)
