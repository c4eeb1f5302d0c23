"""The panel ELBO over epochs: ln p(x) of the selected image and its parts, at each checkpoint of a training."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.model_source import Trained
from engine.latent.unboxing.elbo_over_epochs import NOT_TRAINED, OverEpochs, elbo_over_epochs
from engine.latent.unboxing.observation import approximation
from gui.latent.training.trainer import START
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.elbo_over_epochs import OverEpochsPlot
from gui.widgets.notice import Notice
from gui.widgets.numbers import nats, shown
from gui.widgets.progress import Progress
from gui.widgets.rows.wrapped import Wrapped

HINT = "Click: open the nearest checkpoint · Wheel: zoom"


class ElboOverEpochs(Panel):
    """The panel ELBO over epochs."""

    title = "ELBO over epochs"
    role = "variational"
    shows = (elbo_over_epochs, approximation)
    place = Place(113, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "ln p(x) of the selected image and its parts, at each checkpoint of the training. Left: reconstruction, "
        "ln p(x) and the encoder's ELBO, with the gap between the last two. Right: the gap and KL(q‖p(z)), on another "
        "scale. Click to open a checkpoint on the whole page."
    )
    equation = (
        r"\ln p_\theta(\mathbf{x})=\mathbb{E}_{q_\phi}[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\mathrm{KL}(q_\phi\,\|\,p(\mathbf{z}))+\mathrm{KL}(q_\phi\,\|\,p_\theta(\mathbf{z}\mid\mathbf{x}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.epochs: OverEpochs | None = None
        self.mark = ""
        roles = ("likelihood", "evidence", "variational")
        self.levels = OverEpochsPlot("Reconstruction, ln p and ELBO", ("batches", "nats"), roles, filled=True)
        self.parts = OverEpochsPlot("KL and gap", ("batches", "nats"), ("prior", "variational"), filled=False)
        self.words, self.progress = Wrapped("Values at the present checkpoint"), Progress()
        self.progress.cancel.hide()
        self.plots, column, lines = QWidget(), QVBoxLayout(self), QVBoxLayout()
        plots = QHBoxLayout(self.plots)
        policy = self.plots.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.plots.setSizePolicy(policy)
        self.plots.hide()
        plots.setContentsMargins(0, 8, 0, 0)
        for plot in (self.levels, self.parts):
            plots.addWidget(plot)
            plot.usage = f"{self.sentence} {HINT}"
            plot.clicked.connect(self._on_clicked)
            plot.moved.connect(self._on_moved)
            plot.left.connect(self._on_left)
            plot.menu_wanted.connect(self.menu_wanted)
        lines.setContentsMargins(10, 2, 10, 4)
        lines.addWidget(self.words)
        lines.addWidget(self.progress)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plots, 1)
        column.addLayout(lines)
        self.notice = Notice(self)
        offer_ways_out(self.notice, self)
        self.notice.offer(NOT_TRAINED, "Start a training", START)
        self.notice.say(NOT_TRAINED)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        if self.epochs is not None and document.trained is not None:
            self._show(self.epochs)

    def draw(self, scene: Scene) -> None:
        value = scene.get(elbo_over_epochs)  # the values, or a reason as a string
        self.notice.say(value if isinstance(value, str) else "")
        self.epochs = value if isinstance(value, OverEpochs) else None
        self.mark = scene.get(approximation) or ""
        self.plots.setVisible(self.epochs is not None)
        if self.epochs is None:
            self.words.say("")
            self.progress.tell("", None)
            self.caption_changed.emit("")
            return
        self._show(self.epochs)

    def fail(self, failure: Failure) -> None:
        self.notice.say(failure.reason)

    def _show(self, epochs: OverEpochs) -> None:
        now = self.document.trained.step if self.document.trained else 0
        last = epochs.checkpoints[-1] if epochs.checkpoints else 0
        self.levels.show_columns(epochs.steps, (epochs.reconstruction, epochs.log_evidence, epochs.elbo), now, last)
        self.parts.show_columns(epochs.steps, (epochs.kl, epochs.gap), now, last)
        self._write(epochs, now)
        done, total = len(epochs.steps), len(epochs.checkpoints)
        words = f"{done} of {total} checkpoints" if done < total else ""
        self.progress.tell(words, done / total if words else None)
        self.progress.cancel.hide()

    def _write(self, epochs: OverEpochs, now: int) -> None:
        """Write the values at the present checkpoint, which is that after `now` batches."""
        rows = np.flatnonzero(epochs.steps == now)
        if not len(rows):
            self.words.say(f"Computing the values after {now:,} batches…")
            return
        i, x = int(rows[0]), epochs.symbol
        self.words.say(
            ("evidence", f"ln p({x}) {nats(epochs.log_evidence[i])} ± {shown(float(epochs.error[i]), 1)}"),
            ("likelihood", f"reconstruction {nats(epochs.reconstruction[i])}"),
            ("prior", f"KL {nats(epochs.kl[i])}"),
            ("variational", f"ELBO {nats(epochs.elbo[i])}, gap {nats(epochs.gap[i])} nats"),
        )
        self.caption_changed.emit(f"gap {nats(epochs.gap[i])} nats after {now:,} batches{self.mark}")

    def _on_moved(self, x: float, y: float) -> None:
        self.hint_changed.emit(HINT)

    def _on_left(self) -> None:
        self.hint_changed.emit("")

    def _on_clicked(self, x: float, y: float) -> None:
        if self.epochs is None or not self.epochs.checkpoints or self.document.trained is None:
            return
        nearest = min(self.epochs.checkpoints, key=lambda step: abs(step - x))
        checkpoint = Trained(self.document.trained.recipe, nearest)
        self.edited.emit(Edit("Go to another checkpoint", self.document.with_model(checkpoint), "checkpoint"))
