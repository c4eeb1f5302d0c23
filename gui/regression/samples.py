"""The panel Samples: functions drawn from the posterior or the prior, and an animation from draw to draw."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.regression.data_space import HOME, DataSpaceSettings, crowd
from engine.regression.model.student_t_grid import is_by_laplace
from engine.regression.samples import FRAMES, SamplesSettings, Walk, samples
from gui.page.commands import Command
from gui.page.panel import Place
from gui.page.store import Edit
from gui.plots.curves.curves import CurvesPlot
from gui.regression.data_space import DataPanel
from gui.widgets import motion
from gui.widgets.controls import ToolButton

TICK = 40  # milliseconds for each frame


class Samples(DataPanel):
    """The panel Samples."""

    title = "Samples"
    place = Place(8, "Evidence", "tab", 48, 50)
    sentence = (
        "Functions drawn from the posterior, or from the prior. Thick line: the mean; thin lines: the draws. Animate "
        "moves the lines smoothly from draw to draw; they remain draws from the same distribution."
    )
    equation = (
        r"y(x)=\mathbf{w}^{\top}\boldsymbol{\phi}(x),\quad\mathbf{w}\sim p(\mathbf{w}\mid\mathbf{t}),\quad"
        r"\mathbf{w}(a)=\mathbf{m}+\mathbf{L}(\boldsymbol{\varepsilon}\cos a+\boldsymbol{\varepsilon}'\sin a)"
    )
    shows = (samples, crowd)

    def __init__(self) -> None:
        super().__init__()
        self.walk: Walk | None = None
        self.frame = 0
        self.timer = QTimer(self)
        self.timer.setInterval(TICK)
        self.timer.timeout.connect(self._on_tick)
        self.walking, self.of_prior = QAction("Animate", self), QAction("From the prior", self)
        for action, slot in ((self.walking, self._on_walk), (self.of_prior, self._on_prior)):
            action.setCheckable(True)
            action.triggered.connect(slot)
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 6)
        row.setSpacing(6)
        for action in (self.walking, self.of_prior):
            button = ToolButton()
            button.setDefaultAction(action)
            button.setAccessibleName(action.text())
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)

    def make_plot(self) -> CurvesPlot:
        return CurvesPlot("Functions drawn from the posterior or the prior, over data space", ("x", "t"), HOME)

    def choices(self) -> list[QAction]:
        return [self.walking, self.of_prior, *super().choices()]

    def echo(self, document: Document) -> None:
        super().echo(document)
        source, n = self.document[SamplesSettings].of, max(1, self.document[DataSpaceSettings].samples)
        self.of_prior.setChecked(source == "prior")
        by_laplace = source == "posterior" and is_by_laplace(self.document.model, self.document.count)
        drawn_from = "Laplace's Gaussian" if by_laplace else f"the {source}"
        self.caption_changed.emit(f"mean and {n} function{'s' * (n > 1)} drawn from {drawn_from}")

    def draw(self, scene: Scene) -> None:
        walk = scene.get(samples)
        if walk is None:
            return
        self.walk = walk
        self.curves.mean.show_line(walk.x, walk.mean)
        self.curves.truth.show_line(walk.x, walk.truth)
        self.curves.show_crowd(scene.get(crowd))
        self._show_frame()

    def _show_frame(self) -> None:
        if self.walk is not None:
            self.frame %= len(self.walk.frames)
            self.curves.samples.show_lines(self.walk.x, self.walk.frames[self.frame])

    def appear(self, seen: bool) -> None:
        super().appear(seen)
        self._start_or_stop()

    def _start_or_stop(self) -> None:
        """Start the animation if the panel is visible; stop it at once if the panel is hidden.

        With reduced motion show the next draw, without the way to it.
        """
        if self.seen and self.walking.isChecked() and motion.is_reduced():
            self.walking.setChecked(False)
            self.frame += FRAMES
            self._show_frame()
        elif self.seen and self.walking.isChecked():
            self.timer.start()
        elif not self.seen:
            self.timer.stop()

    def _on_tick(self) -> None:
        self.frame += 1
        self._show_frame()
        if not self.walking.isChecked() and self.frame % FRAMES == 0:
            self.timer.stop()

    def _on_walk(self) -> None:
        self._start_or_stop()

    def _on_prior(self, ticked: bool) -> None:
        settings = SamplesSettings("prior" if ticked else "posterior")
        self.edited.emit(Edit("Change source of samples", self.document.with_setting(settings)))

    def toggle_walk(self) -> None:
        """Start or stop the animation."""
        self.walking.trigger()

    commands = (Command("Animate the samples", "Observe", run=toggle_walk, tip="Start or stop the animation"),)
