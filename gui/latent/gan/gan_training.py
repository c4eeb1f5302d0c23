"""The panel GAN training: its controls, the losses of D and G, the gap of D, and a slider over the checkpoints."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.gan.gan import NEWEST, chosen, unavailable, with_gan
from engine.latent.gan.gan_training import GanCurves, gan_curves, risks, with_collapse
from engine.latent.training.process import Report
from engine.latent.vae.gan.curves import StepScores
from engine.latent.vae.gan_recipe import GanRecipe
from gui.forms.forms import Form
from gui.latent.gan.gan_trainer import (
    BOTH,
    MENU,
    PAUSE,
    RESTART,
    START,
    STEP_D,
    STEP_G,
    STOP,
    GanNews,
    GanPace,
    GanStatus,
)
from gui.latent.training.control_row import control_row
from gui.latent.training.workshop import ENDS
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.losses import LossesPlot
from gui.widgets.controls import Button, Combo, Slider, labelled
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import shown
from gui.widgets.rows.stacking import Stacking, stacked
from gui.widgets.scrolling import scrolling

SCORES = {  # name and label of the axis, in the order of the rows of StepScores
    "Precision": "precision",
    "Recall": "recall",
    "Density": "density",
    "Coverage": "coverage",
    "Fréchet distance": "distance",
    "Edge per ink": "edge per ink",
    "Grey pixels": "fraction of grey pixels",
    "KL of the classes": "KL of the classes (nats)",
}
PACES = {"Full speed": 0.0, "8 steps per second": 0.125, "2 steps per second": 0.5, "1 step in 2 seconds": 2.0}
CURVES = ("Losses", "Gap of D", *SCORES)
NO_SCORES = "No scores: the images are not MNIST digits, or an earlier version of the program trained this GAN."
EDITED = tuple(name for name in GanRecipe.__struct_fields__ if name != "begins_at")
NO_CURVES = "No GAN beside this model has been trained. Press Train."
WORDS = {"paused": "Paused", "done": "Done", "stopped": "Stopped", "failed": "Failed"}
TEXTS = {"Train": START, "Pause": PAUSE, "Step D": STEP_D, "Step G": STEP_G, "Step both": BOTH, "Stop": STOP}

COLLAPSE = Command("Settings of a collapse", MENU, edit=with_collapse, unavailable=unavailable,
                   tip="Choose new weights and γ = 0, with which G draws the same image everywhere")  # fmt: skip

USUAL = Command("Usual settings of a GAN", MENU, edit=partial(with_gan, gan=GanRecipe()), unavailable=unavailable,
                tip="Choose the settings with which the GAN beside the model of the digits was trained")  # fmt: skip


class GanTraining(Panel):
    """The panel GAN training."""

    title = "GAN training"
    role = "likelihood"
    shows = (gan_curves,)
    commands = (COLLAPSE, USUAL)
    place = Place(62, "Samples", "tab", 50, 54)
    sentence = (
        "The training of the GAN beside the model. Vermillion: the loss of the discriminator D. Blue: the loss of the "
        "generator G. Both are ln 2 = 0.693 nats, the dashed line, if D cannot tell the images apart. The losses say "
        "nothing about the quality of the images. Train D or G alone to see what each does."
    )
    equation = (
        r"L_D=-\mathbb{E}[\ln\sigma(D(\mathbf{x})-D(G(\mathbf{z})))],\quad"
        r"L_G=-\mathbb{E}[\ln\sigma(D(G(\mathbf{z}))-D(\mathbf{x}))]"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.curves: GanCurves | None = None
        self.busy = False
        self.plot = LossesPlot("Losses of the GAN", ("steps", "nats"))
        self.bar, self.words, self.remark = QProgressBar(), Elided("Progress"), Elided("Remark on the training")
        self.legend, self.slider, self.risks = Elided("Legend", whole=True), Slider(), QLabel()
        self.pace = Combo(PACES, "Pace")
        self.curve, self.form = Combo(CURVES, "Curve"), Form(GanRecipe, only=EDITED)
        self.more, self.restart = Button("Settings"), Button("Restart…")
        self.buttons = {text: Button(text) for text in TEXTS}
        self._lay_out()
        self.notice = Notice(self.plot)
        self.notice.offer(NO_CURVES, START.text, START)
        self.notice.asked.connect(self.requested)
        self.notice.say(NO_CURVES)
        self._show_busy()

    def _lay_out(self) -> None:
        for text, button in self.buttons.items():
            button.setToolTip(TEXTS[text].tip)
            button.clicked.connect(self._on_command)
        self.restart.setToolTip(RESTART.tip)
        self.restart.clicked.connect(self._on_restart)
        self.bar.setTextVisible(False)
        self.bar.setMaximumHeight(6)
        self.bar.setAccessibleName("Progress of the training of the GAN")
        self.slider.setAccessibleName("Checkpoint of the GAN")
        self.slider.setToolTip("Choose a saved checkpoint of the GAN")
        self.slider.valueChanged.connect(self._on_slid)
        self.curve.activated.connect(self._show_curves)
        self.pace.activated.connect(self._on_pace)
        self.pace.setMinimumContentsLength(6)
        self.more.setCheckable(True)
        self.more.setToolTip("Show or hide the settings of the training")
        self.form.changed.connect(self._on_form)
        self.settings = scrolling(self.form)
        self.settings.hide()
        self.more.toggled.connect(self.settings.setVisible)
        self.remark.hide()
        self.risks.setWordWrap(True)
        column, between = QVBoxLayout(self), QWidget()
        middle = QHBoxLayout(between)
        middle.setContentsMargins(0, 0, 0, 0)
        column.setContentsMargins(0, 0, 0, 4)
        middle.addWidget(self.plot, 3)
        middle.addWidget(self.settings, 2)
        second = control_row(self.more, self.restart, self.words, self.legend, shares=(0, 0, 5, 3))
        controls = stacked(control_row(*self.buttons.values()), second, control_row(self.bar, shares=(1,)))
        remarks = control_row(self.remark, shares=(1,)), control_row(self.risks, shares=(1,))
        choices = labelled(self.pace, "Pace"), labelled(self.curve, "Curve")
        checkpoints = control_row(self.slider, *choices, shares=(1, 0, 0))
        parts = ("Controls", controls, 0), ("Losses", stacked(between, *remarks), 1), ("Checkpoints", checkpoints, 0)
        column.addWidget(Stacking(*parts, front=1))

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        gan = chosen(document).gan
        self.form.show_part(gan)
        self.risks.setText(risks(gan))
        self.risks.setVisible(bool(risks(gan)))

    def draw(self, scene: Scene) -> None:
        self.curves = scene.get(gan_curves)
        self._show_curves()
        self._show_checkpoint()
        self._show_busy()

    def _show_curves(self) -> None:
        curves, chosen = self.curves, self.curve.currentText()
        table = curves.table if curves else np.empty((0, 4))
        steps, discriminator, generator, gap = table.T
        step = curves.step if curves else 0
        self.notice.say("" if curves else NO_CURVES)
        if chosen in SCORES:
            self._show_scores(list(SCORES).index(chosen) + 1, curves.scores if curves else None, step)
            return
        if chosen == CURVES[0]:
            self.plot.set_axes(("steps", "loss (nats)"))
            self.plot.show_curves(steps, discriminator, generator, math.log(2), step)
            self.legend.say(("truth", "D"), ("prior", "G"), "dashed: ln 2")
        else:
            self.plot.set_axes(("steps", "gap of D"))
            self.plot.show_curves(steps, gap, None, 0.0, step)
            self.legend.say(("truth", "D(x) − D(G(z))"))
        if not len(table):
            self.caption_changed.emit("")
            return
        _, d, g, between = table[-1]
        self.caption_changed.emit(f"loss of D {shown(d, 3)}, of G {shown(g, 3)} nats, gap {shown(between, 2)}")

    def _show_scores(self, column: int, scores: StepScores | None, step: int) -> None:
        """Show one column of the scores over the steps; the dashed level is that of training images."""
        name = self.curve.currentText()
        self.plot.set_axes(("steps", SCORES[name]))
        table = np.empty((0, 9)) if scores is None else scores.table
        level = 0.0 if scores is None else scores.real[column]
        self.plot.show_curves(table[:, 0], None, table[:, column], level, step)
        if scores is None or not len(table):
            self.notice.say(NO_SCORES if self.curves else NO_CURVES)
            self.legend.say()
            self.caption_changed.emit("")
            return
        self.legend.say(("prior", "G"), "dashed: training images")
        last = shown(float(table[-1, column]), 4)
        self.caption_changed.emit(f"{name} {last} after {table[-1, 0]:,.0f} steps, of {scores.images:,} images each")

    def _show_checkpoint(self) -> None:
        saved = self.curves.checkpoints if self.curves else ()
        self.slider.setEnabled(len(saved) > 1)
        if self.curves is not None and saved:
            self.slider.blockSignals(True)
            self.slider.setMaximum(len(saved) - 1)
            self.slider.setValue(saved.index(self.curves.step) if self.curves.step in saved else len(saved) - 1)
            self.slider.blockSignals(False)

    def _show_busy(self) -> None:
        """Enable the buttons that have an effect, and name the first by what it does."""
        resumes = self.curves is not None and self.curves.resumes and not self.busy
        self.buttons["Train"].setText("Resume" if resumes else "Train")
        self.buttons["Train"].setEnabled(not self.busy)
        for text in ("Pause", "Stop"):
            self.buttons[text].setEnabled(self.busy)
        self.restart.setVisible(self.curves is not None and not self.busy)

    def hear(self, report: Any) -> None:
        if not isinstance(report, GanNews):
            return
        said = report.report
        self.bar.setMaximum(max(1, said.steps))
        self.bar.setValue(said.step)
        self.words.say(in_words(said))
        if self.busy != (said.state not in ENDS):
            self.busy = not self.busy
            self._show_busy()
        self.buttons["Pause"].setText("Resume" if report.is_paused else "Pause")
        self.remark.setVisible(bool(said.reason))
        self.remark.say(said.reason)

    def appear(self, seen: bool) -> None:
        super().appear(seen)
        if seen:
            self.requested.emit(GanStatus())

    def _on_command(self) -> None:
        button = self.sender()
        for text, own in self.buttons.items():
            if own is button:
                self.requested.emit(TEXTS[text])

    def _on_restart(self) -> None:
        self.requested.emit(RESTART)

    def _on_pace(self) -> None:
        self.requested.emit(GanPace(PACES[self.pace.currentText()]))

    def _on_form(self, gan: GanRecipe, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", with_gan(self.document, gan), gesture))

    def _on_slid(self, i: int) -> None:
        if self.curves is not None:
            saved = self.curves.checkpoints
            step = NEWEST if i == len(saved) - 1 else saved[i]
            settings = replace(chosen(self.document), step=step)
            self.edited.emit(Edit("Go to another checkpoint of the GAN", self.document.with_setting(settings), "gan"))


def in_words(report: Report) -> str:
    """Return the progress of the training of a GAN as text."""
    if report.state in ("loading", "saving"):
        return "Loading PyTorch and the images." if report.state == "loading" else "Stopped. Saving the checkpoint."
    if not report.steps:
        return "Stopped." if report.state == "stopped" else "Failed."
    steps = f"step {report.step:,} of {report.steps:,}"
    if report.state == "running":
        left = "" if report.left == float("inf") else f", {report.left:.0f} s left"
        return f"{steps}, {report.rate:,.0f} images/s{left}"
    return f"{WORDS[report.state]}: {steps}"
