"""The panel Coverage: the empirical coverage of the bands over many repeats, next to the nominal coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from engine.regression.coverage import BANDS, CoverageSettings, coverage, observed
from engine.regression.coverage import Coverage as Counts
from engine.regression.data.truths import Unknown
from engine.regression.document import Regression
from gui.forms.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.coverage import CoveragePlot, LineSample
from gui.regression.truth_and_data import TruthAndData
from gui.widgets.bold import embolden
from gui.widgets.controls import Button
from gui.widgets.folding import Folding
from gui.widgets.notice import Notice
from gui.widgets.numbers import coordinate
from gui.widgets.scrolling import scrolling
from gui.widgets.value_label import ValueLabel

NO_VALUE = "The true function has no finite value between x from and x to. Change the expression or the range of x."
UNKNOWN = "The true function is unknown, so bands cannot be compared with it. Choose another one in Truth and data."
THIN = 6  # pixels, the height of the progress bar
FROM_PRIOR, FROM_SOURCE = "true functions drawn from the prior", "the true function of the panel Truth and data"
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
FAMILIES = (("The credible band", (0, 1)), ("The predictive band", (2, 3)))  # the name, and its rows of BANDS


class Coverage(Panel):
    """The panel Coverage."""

    title = "Coverage"
    role = "posterior"
    shows = (coverage,)
    place = Place(40, "Evidence", "tab", 48, 50)
    hint = "Move: the coverage at that x · Wheel: zoom"
    sentence = (
        "How often the true function lies in the credible band, and a new observation in the predictive band. Data "
        "are drawn and the model is fitted in each repeat. Thick lines: empirical coverage; thin lines: nominal "
        "coverage; grey: ±2 standard errors. A well-specified model has the nominal coverage on average over its "
        "prior; a misspecified model does not."
    )
    equation = (
        r"\Pr\left(|f(x)-m(x)|\leq\sigma_{\mathbf{w}}(x)\right)=68.27\,\%,\quad"
        r"\Pr\left(|f(x)-m(x)|\leq 2\,\sigma_{\mathbf{w}}(x)\right)=95.45\,\%"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Regression()
        self.counts: Counts | None = None
        self.pointed: float | None = None  # the x of the cursor
        self.stopped = False
        self.plot = CoveragePlot("Empirical coverage of each band over x", ("x", "coverage (%)"))
        self.plot.usage = f"{self.sentence} {self.hint}"
        self.notice, self.form = Notice(self.plot), Form(CoverageSettings)
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(
            Folding(
                ("Coverage over x", self.plot, 7, 20),
                ("Verdict", scrolling(self._table(), self._verdicts()), 7, 21),
                ("Experiment", scrolling(self._progress(), self.form), 5, 18),
            )
        )
        self.setFocusProxy(self.plot)
        self._fit = QAction("Fit", self)
        self._fit.triggered.connect(self.plot.go_home)
        self.plot.moved.connect(self._on_moved)
        self.plot.left.connect(self._on_left)
        self.plot.menu_wanted.connect(self.menu_wanted)
        self.form.changed.connect(self._on_changed)
        for reason in (NO_VALUE, UNKNOWN):
            self.notice.offer(reason, "Show the panel Truth and data", TruthAndData)
        self.notice.asked.connect(self.requested)

    def _table(self) -> QWidget:
        """Return the table of nominal coverage, empirical coverage over all x, and that at the cursor's x."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        self.cursor_heading = QLabel()
        headings = (QLabel("in %"), QLabel("nominal"), QLabel("empirical"), self.cursor_heading)
        kinds = ("nominal coverage", "empirical coverage", "empirical coverage at the cursor")
        self.promised, self.counted, self.at_cursor = (
            [ValueLabel(f"{band}, {kind}") for band in BANDS] for kind in kinds
        )
        columns: list[Sequence[QLabel]] = [
            [QLabel(band) for band in BANDS],
            self.promised,
            self.counted,
            self.at_cursor,
        ]
        for column, (heading, labels) in enumerate(zip(headings, columns, strict=True), start=1):
            for row, label in enumerate((heading, *labels)):
                label.setAlignment(RIGHT if column > 1 else LEFT)
                grid.addWidget(label, row, column)
        for row in range(len(BANDS)):
            grid.addWidget(LineSample(row), row + 1, 0)
        grid.setColumnStretch(4, 1)
        return holder

    def _verdicts(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        self.verdicts = [ValueLabel(f"Verdict on {name.lower()}") for name, _ in FAMILIES]
        for label in self.verdicts:
            label.setWordWrap(True)
            embolden(label)
            column.addWidget(label)
        return holder

    def _progress(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        self.progress, self.bar, self.button = QLabel(), QProgressBar(), Button("Stop")
        self.bar.setAccessibleName("Repeats done")
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(THIN)
        self._name_button()
        self.button.clicked.connect(self._on_button)
        grid.addWidget(self.progress, 0, 0)
        grid.addWidget(self.button, 0, 1)
        grid.addWidget(self.bar, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        return holder

    def choices(self) -> list[QAction]:
        return [self._fit]

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        same = _decides(self.document) == _decides(document)
        self.document = document
        self.form.show_part(document[CoverageSettings])
        if not same:
            self._forget()

    def _forget(self) -> None:
        """Clear the counts, which belong to another document."""
        self.counts = None
        self.drawn.clear()
        for label in (*self.promised, *self.counted):
            label.setText("–")
        for label in self.verdicts:
            label.setText("")
        self._point_at(None)
        self._show_progress(0)
        if self.stopped:
            self._stop(False)

    def _show_progress(self, repeats: int) -> None:
        wanted = self.document[CoverageSettings].repeats
        self.bar.setMaximum(wanted)
        self.bar.setValue(repeats)
        self.progress.setText(f"{repeats:,} of {wanted:,}")
        self.button.setEnabled(repeats < wanted)
        self._name_button()

    def _name_button(self) -> None:
        verb = "Resume" if self.stopped else "Stop"
        self.button.setText(verb)
        self.button.setToolTip(f"{verb} the repeats")
        self.button.setAccessibleName(f"{verb} the repeats")

    def draw(self, scene: Scene) -> None:
        counts = scene.get(coverage)
        if counts is None:
            self.notice.say(UNKNOWN if isinstance(scene.document.source.truth, Unknown) else NO_VALUE)
            self.plot.clear()
            self.button.setEnabled(False)
            return
        self.counts = counts
        self.notice.say("")
        self.plot.show_counts(counts.x, counts.held, counts.promised, 2 * counts.binomial)
        for row in range(len(BANDS)):
            self.promised[row].setText(f"{100 * counts.expected[row]:.2f}")
            self.counted[row].setText(f"{100 * counts.counted[row]:.1f} ± {100 * counts.error[row]:.1f}")
        for (name, rows), label in zip(FAMILIES, self.verdicts, strict=True):
            worst = max(rows, key=lambda row: abs(counts.off(row)))
            label.setText(f"{name} {counts.verdict(worst)}.")
        self._show_progress(counts.repeats)
        self._point_at(self.pointed)
        self.caption_changed.emit(_caption(counts, scene.document[CoverageSettings]))

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return None if self.stopped else ANYWHERE

    def _stop(self, stopped: bool) -> None:
        self.stopped = stopped
        self._show_progress(self.bar.value())
        self.want()

    def _on_button(self) -> None:
        self._stop(not self.stopped)

    def _on_changed(self, settings: CoverageSettings, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(settings), gesture))

    def _on_moved(self, x: float, y: float) -> None:
        self.hint_changed.emit(self.hint)
        self._point_at(x if self.counts is not None and self.counts.x[0] <= x <= self.counts.x[-1] else None)

    def _on_left(self) -> None:
        self.hint_changed.emit("")
        self._point_at(None)

    def _point_at(self, x: float | None) -> None:
        """Show the coverage at the counted x nearest to `x`, or none."""
        self.pointed = x
        self.plot.show_vertical(x)
        self.cursor_heading.setText("" if x is None else f"x = {coordinate(x)}")
        if x is None or self.counts is None:
            texts = [""] * len(BANDS)
        else:
            nearest = int(np.abs(self.counts.x - x).argmin())
            texts = [f"{100 * fraction:.1f}" for fraction in self.counts.held[:, nearest]]
        for label, text in zip(self.at_cursor, texts, strict=True):
            label.setText(text)


def _decides(document: Regression) -> object:
    """Return everything that the counts depend on."""
    settings = document[CoverageSettings]
    return document.model, settings, document.source, document.units, document.seed, observed(document)


def _caption(counts: Counts, settings: CoverageSettings) -> str:
    n, prior = counts.observations, settings.truth == "from the prior"
    data = f"{counts.repeats:,} repeats of {n:,} observation{'s' * (n > 1)}"
    return f"{data}, {FROM_PRIOR if prior else FROM_SOURCE}"
