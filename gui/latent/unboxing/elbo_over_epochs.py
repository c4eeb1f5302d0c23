"""ELBO over epochs: what ln p(x) of the image that is looked into was made of, at each checkpoint of a training."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.model_source import Trained
from engine.latent.unboxing.elbo_over_epochs import NOT_TRAINED, OverEpochs, elbo_over_epochs
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.curves.elbo_over_epochs import OverEpochsPlot
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import nats
from gui.widgets.progress import Progress

HINT = "Click: go to the nearest checkpoint of the training · Wheel: zoom"


class ElboOverEpochs(Panel):
    """ELBO over epochs."""

    title = "ELBO over epochs"
    role = "variational"
    shows = (elbo_over_epochs,)
    place = Place(113, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "What ln p(x) of the image that is looked into was made of at each checkpoint of the training. On the left the "
        "reconstruction, ln p(x) and the encoder's ELBO, with the gap between these two; on the right the gap and "
        "KL(q‖p(z)) on a scale of their own. Click to go to a checkpoint, and the whole page with it."
    )
    equation = (
        r"\ln p_\theta(\mathbf{x})=\mathbb{E}_{q_\phi}[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\mathrm{KL}(q_\phi\,\|\,p(\mathbf{z}))+\mathrm{KL}(q_\phi\,\|\,p_\theta(\mathbf{z}\mid\mathbf{x}))"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.found: OverEpochs | None = None
        roles = ("likelihood", "evidence", "variational")
        self.levels = OverEpochsPlot("Reconstruction, ln p and ELBO", ("batches", "nats"), roles, filled=True)
        self.parts = OverEpochsPlot("KL and gap", ("batches", "nats"), ("prior", "variational"), filled=False)
        self.words, self.progress = Elided("The checkpoint that is looked at"), Progress()
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
            plot.setAccessibleDescription(f"{self.sentence} {HINT}")
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
        self.notice.say(NOT_TRAINED)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        if self.found is not None and document.trained is not None:
            self._show(self.found)

    def draw(self, scene: Scene) -> None:
        found = scene.get(elbo_over_epochs)
        self.notice.say(found if isinstance(found, str) else "")
        self.found = found if isinstance(found, OverEpochs) else None
        self.plots.setVisible(self.found is not None)
        if self.found is None:
            self.words.say("")
            self.progress.tell("", None)
            self.caption_changed.emit("")
            return
        self._show(self.found)

    def fail(self, failure: Failure) -> None:
        self.notice.say(failure.reason)

    def _show(self, found: OverEpochs) -> None:
        now = self.document.trained.step if self.document.trained else 0
        last = found.checkpoints[-1] if found.checkpoints else 0
        self.levels.show_columns(found.steps, (found.reconstruction, found.log_evidence, found.elbo), now, last)
        self.parts.show_columns(found.steps, (found.kl, found.gap), now, last)
        self._tell(found, now)
        done, wanted = len(found.steps), len(found.checkpoints)
        words = f"{done} of {wanted} checkpoints" if done < wanted else ""
        self.progress.tell(words, done / wanted if words else None)
        self.progress.cancel.hide()

    def _tell(self, found: OverEpochs, now: int) -> None:
        at = np.flatnonzero(found.steps == now)
        if not len(at):
            self.words.say(f"Batch {now:,} is being looked into.")
            return
        i, x = int(at[0]), found.symbol
        self.words.say(
            ("evidence", f"ln p({x}) {nats(found.log_evidence[i])}"),
            ("likelihood", f"reconstruction {nats(found.reconstruction[i])}"),
            ("prior", f"KL {nats(found.kl[i])}"),
            ("variational", f"ELBO {nats(found.elbo[i])}, gap {nats(found.gap[i])}"),
        )
        self.caption_changed.emit(f"gap {nats(found.gap[i])} nats after {now:,} batches")

    def _on_moved(self, x: float, y: float) -> None:
        self.hint_changed.emit(HINT)

    def _on_left(self) -> None:
        self.hint_changed.emit("")

    def _on_clicked(self, x: float, y: float) -> None:
        if self.found is None or not self.found.checkpoints or self.document.trained is None:
            return
        nearest = min(self.found.checkpoints, key=lambda step: abs(step - x))
        checkpoint = Trained(self.document.trained.recipe, nearest)
        self.edited.emit(Edit("Go to another checkpoint", self.document.with_model(checkpoint), "checkpoint"))
