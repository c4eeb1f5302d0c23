"""Training: a model that learns before one's eyes, and the way back through all it has been."""

from __future__ import annotations

import numpy as np
from engine.latent.scene import Scene
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from engine.document import Document
from engine.gaussian import Array
from engine.latent.document import Latent, Trained
from engine.latent.training.process import Report
from engine.latent.training.training import Learning, TrainingSettings
from engine.plane import Viewport
from gui.forms.editors import Combo
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.learning import LearningPlot
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import nats
from gui.widgets.progress import Progress

BEAT = 120  # milliseconds a moment is shown in a replay
PACES = {"Full speed": 0.0, "8 batches a second": 0.125, "2 batches a second": 0.5, "A batch in 2 seconds": 2.0}
CURVES = ("ELBO", "Reconstruction", "KL")
EMPTY = "Choose a recipe and press Start: the plane, the scatter and the reconstructions change while it learns."


class Training(Panel):
    """Training."""

    title = "Training"
    role = "likelihood"
    draws = "learning"
    place = Place(4, "Samples", "tab", 50, 54)
    also = (Place(114, "Completions", "tab", 54, 48, "unboxing"),)
    sentence = (
        "The evidence lower bound on the training images (as they were learnt from, with noise and jitter) and on "
        "held-out ones (of the averaged weights), in nats per image, and its two terms. The slider goes back through "
        "the moments that were kept, and everything on the page with it."
    )
    equation = (
        r"\mathrm{ELBO}=\mathbb{E}_{q_\phi(\mathbf{z}\mid\mathbf{x})}[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\mathrm{KL}(q_\phi(\mathbf{z}\mid\mathbf{x})\,\|\,p(\mathbf{z}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.learning: Learning | None = None
        self.timer = QTimer(self)
        self.timer.setInterval(BEAT)
        self.timer.timeout.connect(self._on_beat)
        self.plot = LearningPlot("Training curves", ("batches", "ELBO (nats)"))
        self.bar, self.words, self.legend = QProgressBar(), Elided("Progress"), Elided("What the lines are")
        self.remark = Elided("What there is to know of this training")
        self.progress = Progress()
        self.progress.cancelled.connect(self._on_cancelled)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self._build()
        self.legend.say(("likelihood", "training"), ("truth", "held out"), "")
        self.notice = Notice(self.plot)
        self.notice.say(EMPTY)
        self.plot.viewport_changed.connect(self._on_viewport_changed)

    def _build(self) -> None:
        self.bar.setTextVisible(False)
        self.bar.setMaximumHeight(6)
        self.bar.setAccessibleName("Progress of the training")
        self.slider.setAccessibleName("Moment of the training")
        self.slider.setToolTip("Go back through the moments that were kept")
        self.slider.valueChanged.connect(self._on_slid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        column.addWidget(_row(*self._buttons(), self.legend, shares=(0, 0, 0, 0, 0, 1)))
        column.addWidget(_row(self.beside, self.words, shares=(0, 1)))
        column.addWidget(_row(self.bar, shares=(1,)))
        column.addWidget(self.plot, 1)
        column.addWidget(self.remark)
        column.addWidget(_row(self.replay, self.slider, self.film, self.curve, self.unit, shares=(0, 1, 0, 0, 0)))
        column.addWidget(self.progress)
        self.remark.setVisible(False)

    def _buttons(self) -> tuple[QWidget, ...]:
        self.start = self._button("Start", "train_start", "Train by the recipe, or go on where it stopped")
        self.pause = self._button("Pause", "train_pause", "Wait, or go on")
        self.one = self._button("One batch", "train_step", "Train on one batch, then wait")
        self.stop = self._button("Stop", "train_stop", "Keep what there is and end")
        self.film = self._button("Animation…", "export_training", "Save all moments as animated GIF, PNG or WebP")
        self.replay = QPushButton("Replay")
        self.replay.setToolTip("Show all moments of the training one after the other")
        self.replay.clicked.connect(self._on_replay)
        self.pace, self.curve, self.unit = Combo(list(PACES)), Combo(list(CURVES)), Combo(["per image", "per pixel"])
        for combo, name in ((self.pace, "Pace"), (self.curve, "Curve"), (self.unit, "Unit")):
            combo.setMinimumContentsLength(6 if combo is self.pace else 9)
            combo.setAccessibleName(name)
            combo.activated.connect(self._on_pace if combo is self.pace else self._on_curve)
        self.beside = QCheckBox("Autoencoder beside")
        self.beside.setToolTip("Train the same network with the same seed without the noise and the KL, too")
        self.beside.clicked.connect(self._on_beside)
        return self.start, self.pause, self.one, self.stop, self.pace

    def _button(self, text: str, verb: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setProperty("verb", verb)
        button.clicked.connect(self._on_asked)
        return button

    @property
    def rest(self) -> float:
        """Seconds of rest after each batch."""
        return PACES[self.pace.currentText()]

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.beside.setChecked(document[TrainingSettings].with_autoencoder)
        self._show_moment()

    def draw(self, scene: Scene) -> None:
        self.learning = scene.pictures.get(self.draws)
        self._show_curves()
        self._show_moment()

    def _show_curves(self) -> None:
        found = self.learning
        self.notice.say("" if found else EMPTY)
        if found is None:
            self.plot.show_curves(np.empty((0, 2)), np.empty((0, 2)), 0)
            return
        scale = found.dimensions if self.unit.currentIndex() else 1
        which = self.curve.currentIndex()
        step = self.document.trained.step if self.document.trained else 0
        learnt, held_out = (_chosen(rows, which, scale) for rows in (found.learnt, found.held_out))
        self.plot.show_curves(learnt, held_out, step)
        self.plot.set_axes(("batches", f"{CURVES[which]} (nats)"))
        if len(found.held_out):
            self.caption_changed.emit(
                f"held-out ELBO {nats(found.held_out[-1, 1] - found.held_out[-1, 2])} nats per image"
            )

    def _show_moment(self) -> None:
        moments = self.learning.moments if self.learning else ()
        self.slider.setEnabled(len(moments) > 1)
        self.replay.setEnabled(len(moments) > 1)
        self.film.setEnabled(len(moments) > 1)
        if moments and self.document.trained:
            at = int(np.searchsorted(moments, self.document.trained.step))
            self.slider.blockSignals(True)
            self.slider.setMaximum(len(moments) - 1)
            self.slider.setValue(min(at, len(moments) - 1))
            self.slider.blockSignals(False)

    def tell(self, report: Report, waits: bool) -> None:
        """How the training goes."""
        self.bar.setMaximum(max(1, report.steps))
        self.bar.setValue(report.step)
        self.words.say(in_words(report))
        self.pause.setText("Go on" if waits else "Pause")
        self.remark.setVisible(bool(report.reason))
        self.remark.say(report.reason)

    def appear(self, seen: bool) -> None:
        self.viewport_changed.emit(self.draws, Viewport(0, 1, 0, 1) if seen else None)
        if not seen:
            self.timer.stop()
            self._name_replay()

    def _on_viewport_changed(self, _: Viewport) -> None:
        self.notice.setGeometry(self.plot.area)

    def _on_asked(self) -> None:
        self.asked.emit(self.sender().property("verb"))

    def _on_cancelled(self) -> None:
        self.asked.emit("cancel_export")

    def _on_pace(self) -> None:
        self.asked.emit("train_pace")

    def _on_curve(self) -> None:
        self._show_curves()

    def _on_beside(self, ticked: bool) -> None:
        self.edited.emit(Edit("Change autoencoder beside", self.document.with_beside(ticked)))

    def _on_slid(self, i: int) -> None:
        if self.learning and self.document.trained:
            moment = Trained(self.document.trained.recipe, self.learning.moments[i])
            self.edited.emit(Edit("Go to another moment", self.document.with_trained(moment), "moment"))

    def _on_replay(self) -> None:
        if self.timer.isActive():
            self.timer.stop()
        else:
            if self.slider.value() == self.slider.maximum():
                self.slider.setValue(0)
            self.timer.start()
        self._name_replay()

    def _on_beat(self) -> None:
        self.slider.setValue(self.slider.value() + 1)
        if self.slider.value() == self.slider.maximum():
            self.timer.stop()
            self._name_replay()

    def _name_replay(self) -> None:
        self.replay.setText("Stop replay" if self.timer.isActive() else "Replay")


def in_words(report: Report) -> str:
    """Where a training stands, and how long it will still take."""
    if report.state in ("loading", "saving"):
        return "Loading PyTorch and the images." if report.state == "loading" else "Stopped. Keeping what there is."
    if not report.steps:
        return "Failed."
    epoch = f"epoch {report.epoch + 1}, batch {report.step:,} of {report.steps:,}"
    if report.state == "running":
        return f"{epoch}, {report.rate:,.0f} images/s, {_time(report.left)} left"
    return f"{ {'paused': 'Paused', 'done': 'Done', 'stopped': 'Stopped', 'failed': 'Failed'}[report.state] }: {epoch}"


def _time(seconds: float) -> str:
    if seconds == float("inf"):
        return "some time"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02} min" if minutes else f"{seconds} s"


def _chosen(rows: Array, which: int, scale: int) -> Array:
    """Steps and the ELBO, the reconstruction or the KL, from rows of step, reconstruction, KL."""
    values = (rows[:, 1] - rows[:, 2], rows[:, 1], rows[:, 2])[which]
    return np.column_stack([rows[:, 0], values / scale])


def _row(*widgets: QWidget, shares: tuple[int, ...] = ()) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(10, 2, 10, 2)
    row.setSpacing(6)
    for i, widget in enumerate(widgets):
        row.addWidget(widget, shares[i] if shares else 0)
    if not shares:
        row.addStretch(1)
    return holder
