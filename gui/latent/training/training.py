"""The panel Training: the controls of training, the training curves, and a slider over the checkpoints."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from engine.derived import Scene
from engine.document import Document
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.model_source import Trained
from engine.latent.training.models import Standing
from engine.latent.training.process import Report
from engine.latent.training.runs import state_path
from engine.latent.training.training import Learning, TrainingSettings, learning, not_trained, saved_training
from gui.latent.plane.export_requests import CancelExport, CopyFile, Film
from gui.latent.training.control_row import control_row
from gui.latent.training.trainer import CONTINUE, ONE_BATCH, PAUSE, RESTART, START, STOP, News, Pace, Status, epoch_of
from gui.latent.training.workshop import ENDS
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.learning import NO_CURVES, LearningPlot
from gui.widgets import motion
from gui.widgets.controls import Button, CheckBox, Combo, Slider, labelled
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import nats
from gui.widgets.progress import Progress
from gui.widgets.rows.stacking import Stacking, stacked

BEAT = 120  # milliseconds that a checkpoint is shown in a replay
PACES = {"Full speed": 0.0, "8 batches per second": 0.125, "2 batches per second": 0.5, "1 batch in 2 seconds": 2.0}
CURVES = ("ELBO", "Reconstruction", "KL")
UNITS = ("per image", "per pixel")
EMPTY = "No training yet. Choose a recipe and press Start (Ctrl+T)."
READING = "The saved trainings are being read."
STOPPED = "The open model has no training here. Press Resume to continue the stopped training of this recipe (Ctrl+T)."


class Training(Panel):
    """The panel Training."""

    title = "Training"
    role = "likelihood"
    shows = (learning, saved_training)
    place = Place(5, "Samples", "tab", 50, 54)
    also = (Place(114, "Completions", "tab", 54, 48, "unboxing"),)
    sentence = (
        "The training curves: ELBO, reconstruction or KL, in nats per image, over batches. Orange: training images, "
        "with noise on z and augmentation. Vermillion: test images, with the EMA of the weights. The slider chooses a "
        "saved checkpoint, and the whole page shows it."
    )
    equation = (
        r"\mathrm{ELBO}=\mathbb{E}_{q_\phi(\mathbf{z}\mid\mathbf{x})}[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\mathrm{KL}(q_\phi(\mathbf{z}\mid\mathbf{x})\,\|\,p(\mathbf{z}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.learning: Learning | None = None
        self.saved: Standing | None = None  # the saved training of the recipe
        self.busy = False
        self.timer = QTimer(self)
        self.timer.setInterval(BEAT)
        self.timer.timeout.connect(self._on_beat)
        self.plot = LearningPlot("Training curves", ("batches", "ELBO (nats)"))
        self.bar, self.words, self.legend = QProgressBar(), Elided("Progress"), Elided("Legend", whole=True)
        self.remark = Elided("Remark on the training")
        self.progress = Progress()
        self.progress.cancelled.connect(lambda: self.requested.emit(CancelExport()))
        self.slider = Slider()
        self._build()
        self._name_start()
        self.legend.say(("likelihood", "training"), ("truth", "test (dashed)"), "")
        self.notice = Notice(self.plot)
        self.notice.offer(EMPTY, "Start", START)
        self.notice.offer(STOPPED, "Resume", START)
        self.notice.asked.connect(self.requested)
        self.notice.say(READING)
        self.is_read = False  # whether the saved trainings are known

    def _build(self) -> None:
        self.bar.setTextVisible(False)
        self.bar.setMaximumHeight(6)
        self.bar.setAccessibleName("Progress of the training")
        self.slider.setAccessibleName("Checkpoint of the training")
        self.slider.setToolTip("Choose a saved checkpoint")
        self.slider.valueChanged.connect(self._on_slid)
        first = control_row(*self._buttons())
        second = (self.restart, self.longer, self.autoencoder, self.words, self.legend)
        controls = stacked(first, control_row(*second, shares=(0, 0, 0, 2, 1)), control_row(self.bar, shares=(1,)))
        curves = stacked(self.plot, self.remark)
        last = control_row(self.replay, self.slider, self.film, *self._choices(), shares=(0, 1, 0, 0, 0))
        parts = ("Controls", controls, 0), ("Curves", curves, 1), ("Checkpoints", stacked(last, self.progress), 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.addWidget(Stacking(*parts, front=1))
        self.remark.setVisible(False)

    def _buttons(self) -> tuple[QWidget, ...]:
        texts = {"Start": START, "Restart…": RESTART, "Continue": CONTINUE, "Pause": PAUSE, "One batch": ONE_BATCH}
        texts["Stop"] = STOP
        buttons = [_button(text, command.tip, self._on_command) for text, command in texts.items()]
        self.start, self.restart, self.longer, self.pause, self.one, self.stop = buttons
        self._commands = dict(zip(buttons, texts.values(), strict=True))
        self.restart.setVisible(False)
        self.longer.setVisible(False)
        self.film = _button("Animation…", "Save all checkpoints as animated GIF, PNG or WebP", self.export_film)
        self.replay = _button("Replay", REPLAY.tip, self.play)
        self.pace, self.curve, self.unit = Combo(PACES, "Pace"), Combo(CURVES, "Curve"), Combo(UNITS, "Unit")
        for combo in (self.pace, self.curve, self.unit):
            combo.setMinimumContentsLength(6 if combo is self.pace else 9)
            combo.activated.connect(self._on_pace if combo is self.pace else self._show_curves)
        self.autoencoder = CheckBox("Autoencoder")
        self.autoencoder.setToolTip(
            "Also train the same network with the same seed, without noise on z and without the KL term"
        )
        self.autoencoder.clicked.connect(self._on_autoencoder)
        return self.start, self.pause, self.one, self.stop, labelled(self.pace, "Pace")

    def _choices(self) -> tuple[QWidget, ...]:
        return labelled(self.curve, "Curve"), labelled(self.unit, "Unit")

    @property
    def rest(self) -> float:
        """Seconds to wait after each batch."""
        return PACES[self.pace.currentText()]

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        before, self.document = self.document.trained, document
        if before is not None and (document.trained is None or document.trained.recipe != before.recipe):
            self._forget_report()
        self.autoencoder.setChecked(document[TrainingSettings].with_autoencoder)
        self._show_checkpoint()

    def is_current(self, document: Document) -> bool:
        """Whether the values on the screen belong to `document`. The curves are those of all checkpoints of a run."""
        assert isinstance(document, Latent)
        shown = self.subject.trained if isinstance(self.subject, Latent) else None
        is_same_run = shown is not None and document.trained is not None and shown.recipe == document.trained.recipe
        return is_same_run or super().is_current(document)

    def draw(self, scene: Scene) -> None:
        self.learning, self.saved = scene.get(learning), scene.get(saved_training)
        self.is_read = self.is_read or {learning, saved_training} <= scene.values.keys()
        self._name_start()
        self._show_curves()
        self._show_checkpoint()

    def _show_curves(self) -> None:
        curves = self.learning
        empty = STOPPED if self._resumes() else EMPTY if self.is_read else READING
        self.notice.say("" if curves else empty)
        self.caption_changed.emit("")
        if curves is None:
            self.plot.show_curves(np.empty((0, 2)), np.empty((0, 2)), 0)
            self.plot.set_home(NO_CURVES)
            return
        scale = curves.dimensions if self.unit.currentIndex() else 1
        which = self.curve.currentIndex()
        total = "ln p(x)" if curves.is_exact else CURVES[0]  # without a bound, the sum of both terms is ln p(x)
        step = self.document.trained.step if self.document.trained else 0
        training, test = (_curve(rows, which, scale) for rows in (curves.learnt, curves.held_out))
        self.sketched_curves = [curve for curve in (training, test) if len(curve)]
        self.plot.show_curves(training, test, step)
        self.plot.set_axes(("batches", f"{(total, *CURVES[1:])[which]} (nats)"))
        if len(curves.held_out):
            latest = curves.held_out[-1, 1] - curves.held_out[-1, 2]
            self.caption_changed.emit(f"test {total} {nats(latest)} nats per image, on {curves.tested:,} test images")

    def _show_checkpoint(self) -> None:
        checkpoints = self.learning.checkpoints if self.learning else ()
        self.slider.setEnabled(len(checkpoints) > 1)
        self.replay.setEnabled(len(checkpoints) > 1)
        self.film.setEnabled(len(checkpoints) > 1)
        if checkpoints and self.document.trained:
            position = int(np.searchsorted(checkpoints, self.document.trained.step))
            self.slider.blockSignals(True)
            self.slider.setMaximum(len(checkpoints) - 1)
            self.slider.setValue(min(position, len(checkpoints) - 1))
            self.slider.blockSignals(False)

    def _name_start(self) -> None:
        """Name the button Start by what it does: a saved training is resumed where it stopped."""
        resumes = self._resumes()
        self.start.setText(f"Resume at {epoch_of(self.saved)}" if resumes and self.saved else "Start")
        self.restart.setVisible(self.saved is not None and not self.busy)
        self.longer.setVisible(self.document.trained is not None and not self.busy and not resumes)
        for button in (self.pause, self.stop):
            button.setEnabled(self.busy)

    def _resumes(self) -> bool:
        return self.saved is not None and not self.saved.is_complete and not self.busy

    def fail(self, failure: Failure) -> None:
        """Stop saying that trainings are being read: the page says why they are not."""
        self.is_read = True
        self._show_curves()

    def hear(self, report: Any) -> None:
        if isinstance(report, News):
            self._show_report(report.report, report.is_paused)

    def _show_report(self, report: Report, is_paused: bool) -> None:
        self.bar.setMaximum(max(1, report.steps))
        self.bar.setValue(report.step)
        self.words.say(progress_of(report))
        if self.busy != (report.state not in ENDS):
            self.busy = not self.busy
            self._name_start()
        self.pause.setText("Resume" if is_paused else "Pause")
        self.remark.setVisible(bool(report.reason))
        self.remark.say(report.reason)

    def _forget_report(self) -> None:
        """Show no progress and no remark: they belong to the training of another model."""
        self.bar.setValue(0)
        self.words.say("")
        self.remark.setVisible(False)

    def appear(self, seen: bool) -> None:
        super().appear(seen)
        if seen:
            self.requested.emit(Status())
        else:
            self.timer.stop()
            self._name_replay()

    def export_film(self) -> None:
        """Save all checkpoints of the training of the model as an animation."""
        if self.document.trained is not None:
            self.requested.emit(Film(self.document.trained.recipe, BEAT, self.document.given))

    def save_model(self) -> None:
        """Save the model in a file."""
        self.requested.emit(CopyFile("Save model as", self.document.path))

    def save_training(self) -> None:
        """Save the state of the training of the model in a file, from which any computer can continue it."""
        if self.document.trained is not None:
            self.requested.emit(CopyFile("Save training as", state_path(self.document.trained.recipe)))

    def _on_command(self) -> None:
        button = self.sender()
        assert isinstance(button, Button)
        self.requested.emit(self._commands[button])

    def _on_pace(self) -> None:
        self.requested.emit(Pace(self.rest))

    def _on_autoencoder(self, ticked: bool) -> None:
        chosen = replace(self.document[TrainingSettings], with_autoencoder=ticked)
        self.edited.emit(Edit("Change autoencoder", self.document.with_setting(chosen)))

    def _on_slid(self, i: int) -> None:
        if self.learning and self.document.trained:
            checkpoint = Trained(self.document.trained.recipe, self.learning.checkpoints[i])
            self.edited.emit(Edit("Go to another checkpoint", self.document.with_model(checkpoint), "checkpoint"))

    def play(self) -> None:
        """Show all checkpoints in order, or stop. Raises ValueError if there is nothing to show."""
        if self.learning is None:
            raise ValueError("The checkpoints are still being read. Try again in a moment.")
        if not self.slider.isEnabled():
            raise ValueError("There is nothing to replay: fewer than two checkpoints of this training are kept.")
        if motion.is_reduced():
            self.slider.setValue(self.slider.maximum())
        elif self.timer.isActive():
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


SAVE_MODEL = Command("Save model as…", "File", run=Training.save_model, line=True)
SAVE_TRAINING = Command("Save training as…", "File", run=Training.save_training, unavailable=not_trained,
                        tip="Save the training, to continue it on another computer")  # fmt: skip
EXPORT = Command("Training as an animation…", "File/Export", run=Training.export_film, unavailable=not_trained,
                 tip="Save all checkpoints as animated GIF, PNG or WebP")  # fmt: skip
REPLAY = Command("Replay the training", "Model/Training", run=Training.play, unavailable=not_trained,
                 tip="Show all checkpoints of the training in order, or stop")  # fmt: skip
Training.commands = (SAVE_MODEL, SAVE_TRAINING, EXPORT, REPLAY)


def progress_of(report: Report) -> str:
    """Return the progress of a training as text, with the time that is left."""
    if report.state in ("loading", "saving"):
        return "Loading PyTorch and the images." if report.state == "loading" else "Stopped. Saving the checkpoint."
    if not report.steps:
        return "Stopped." if report.state == "stopped" else "Failed."
    epoch = f"epoch {report.epoch + 1}, batch {report.step:,} of {report.steps:,}"
    if report.state == "running":
        return f"{epoch}, {report.rate:,.0f} images/s, {_time(report.left)} left"
    return f"{ {'paused': 'Paused', 'done': 'Done', 'stopped': 'Stopped', 'failed': 'Failed'}[report.state] }: {epoch}"


def _time(seconds: float) -> str:
    if seconds == float("inf"):
        return "unknown time"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02} min" if minutes else f"{seconds} s"


def _curve(rows: Array, which: int, scale: int) -> Array:
    """Return (step, value / scale) (n, 2) from rows (step, reconstruction, KL); the value is that of CURVES[which]."""
    values = (rows[:, 1] - rows[:, 2], rows[:, 1], rows[:, 2])[which]
    return np.column_stack([rows[:, 0], values / scale])


def _button(text: str, tip: str, slot: object) -> Button:
    button = Button(text)
    button.setToolTip(tip)
    button.clicked.connect(slot)
    return button
