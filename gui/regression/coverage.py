"""Coverage: whether the bands keep their promise, counted over many repeats."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.plane import Viewport
from engine.regression.coverage import BANDS, CoverageSettings, coverage, observed
from engine.regression.coverage import Coverage as Counts
from engine.regression.document import Regression
from gui.forms.forms import Form
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.coverage import CoveragePlot, LineSample
from gui.widgets.bold import embolden
from gui.widgets.notice import Notice
from gui.widgets.numbers import coordinate
from gui.widgets.scrolling import scrolling

NO_VALUE = "The truth has no finite value between x from and x to. Change the expression or the range of x."
THIN = 6  # pixels of the bar that grows
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
FAMILIES = (("The weights' band", (0, 1)), ("The band with noise", (2, 3)))


class Coverage(Panel):
    """Coverage."""

    title = "Coverage"
    role = "posterior"
    shows = (coverage,)
    place = Place(40, "Inference", "tab", 81, 50)
    hint = "Move: the counts at that x · Wheel: zoom"
    sentence = (
        "Data are drawn and the model is fitted many times over. Counted is how often the function lies in its band, "
        "and a new observation in the one with noise. A right model keeps what it promises (thin lines; grey is "
        "±2 standard errors), on average over the truths that its prior holds possible. A wrong one is found out."
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
        self.plot = CoveragePlot("Share of repeats that each band holds, over x", ("x", "held, in %"))
        self.plot.setAccessibleDescription(f"{self.sentence} {self.hint}")
        self.notice, self.form = Notice(self.plot), Form(CoverageSettings)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.plot, 5)
        row.addWidget(scrolling(self._table(), self._verdicts()), 6)
        row.addWidget(scrolling(self._progress(), self.form), 4)
        self.setFocusProxy(self.plot)
        self._fit = QAction("Fit", self)
        self._fit.triggered.connect(self.plot.go_home)
        self.plot.moved.connect(self._on_moved)
        self.plot.left.connect(self._on_left)
        self.plot.menu_wanted.connect(self.menu_wanted)
        self.form.changed.connect(self._on_changed)

    def _table(self) -> QWidget:
        """What each band promised, what was counted over all x, and what at the cursor's."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        self.here = QLabel()
        headings = (QLabel("in %"), QLabel("promised"), QLabel("counted"), self.here)
        self.promised, self.counted, self.there = ([QLabel() for _ in BANDS] for _ in range(3))
        columns = [[QLabel(band) for band in BANDS], self.promised, self.counted, self.there]
        for column, (heading, labels) in enumerate(zip(headings, columns, strict=True), start=1):
            for row, label in enumerate((heading, *labels)):
                label.setAlignment(RIGHT if column > 1 else LEFT)
                grid.addWidget(label, row, column)
        for row, band in enumerate(BANDS):
            grid.addWidget(LineSample(row), row + 1, 0)
            for what, labels in zip(("promised", "counted", "counted at the cursor"), columns[1:], strict=True):
                labels[row].setAccessibleName(f"{band}, {what}")
        grid.setColumnStretch(4, 1)
        return holder

    def _verdicts(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        self.verdicts = [QLabel() for _ in FAMILIES]
        for (name, _), label in zip(FAMILIES, self.verdicts, strict=True):
            label.setAccessibleName(f"Verdict on {name.lower()}")
            label.setWordWrap(True)
            embolden(label)
            column.addWidget(label)
        return holder

    def _progress(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        self.progress, self.bar, self.button = QLabel(), QProgressBar(), QPushButton("Stop")
        self.bar.setAccessibleName("Repeats done")
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(THIN)
        self.button.setToolTip("Stop counting, or go on")
        self.button.setAccessibleName("Stop counting, or go on")
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
        """Clear the counts: they belong to another document."""
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
        self.button.setText("Go on" if self.stopped else "Stop")

    def draw(self, scene: Scene) -> None:
        found = scene.get(coverage)
        if found is None:
            self.notice.say(NO_VALUE)
            self.plot.clear()
            self.button.setEnabled(False)
            return
        self.counts = found
        self.notice.say("")
        self.plot.show_counts(found.x, found.held, found.promised, 2 * found.binomial)
        for row in range(len(BANDS)):
            self.promised[row].setText(f"{100 * found.expected[row]:.2f}")
            self.counted[row].setText(f"{100 * found.counted[row]:.1f} ± {100 * found.error[row]:.1f}")
        for (name, rows), label in zip(FAMILIES, self.verdicts, strict=True):
            worst = max(rows, key=lambda row: abs(found.off(row)))
            label.setText(f"{name} {found.verdict(worst)}.")
        self._show_progress(found.repeats)
        self._point_at(self.pointed)
        self.caption_changed.emit(_caption(found, scene.document[CoverageSettings]))

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
        """The counts at the place nearest to x, or none."""
        self.pointed = x
        self.plot.show_upright(x)
        self.here.setText("" if x is None else f"x = {coordinate(x)}")
        if x is None or self.counts is None:
            texts = [""] * len(BANDS)
        else:
            at = int(np.abs(self.counts.x - x).argmin())
            texts = [f"{100 * share:.1f}" for share in self.counts.held[:, at]]
        for label, text in zip(self.there, texts, strict=True):
            label.setText(text)


def _decides(document: Regression) -> object:
    """All that the counts depend on."""
    settings = document[CoverageSettings]
    return document.model, settings, document.source, document.units, document.seed, observed(document)


def _caption(found: Counts, settings: CoverageSettings) -> str:
    n, prior = found.observations, settings.truth == "from the prior"
    data = f"{found.repeats:,} repeats of {n:,} observation{'s' * (n > 1)}"
    return f"{data}, {'each of another truth from the prior' if prior else 'all of the truth in Truth and data'}"
