"""The panel Exact evidence: the plane of a decoder trained without an encoder, and what bound and encoder cost."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtWidgets import QLabel, QTableWidgetItem, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.plane import test_image_places
from engine.latent.probes import Answer, LatentPlace
from engine.latent.training.exact_evidence import (
    EXACT,
    TAUGHT,
    VAE,
    Cost,
    ModelsCompared,
    Nats,
    exact_evidence,
    unavailable,
    with_shipped_pair,
)
from gui.latent.gan.pinning import PinningPanel
from gui.latent.gan.score_table import ScoreTable
from gui.latent.training.trainer import TEACH_ENCODER, WITHOUT_ENCODER, News, Status
from gui.latent.training.training import progress_of
from gui.latent.training.workshop import ENDS
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Place
from gui.plots.planes.mosaic import MosaicPlot
from gui.widgets.controls import Button
from gui.widgets.folding import Folding
from gui.widgets.notice import Notice
from gui.widgets.numbers import nats
from gui.widgets.rows.flow import flowing
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import scrolling

PAIR = Command("VAE with an exact decoder beside it", "Model/Shipped models", edit=with_shipped_pair, brings=False,
               tip="Open small networks that were trained twice: on the ELBO, and on the exact ln p(x)")  # fmt: skip
NONE = (
    "No decoder without an encoder was trained for this model yet. A pair of small networks comes with the program. "
    "The numbers of the model on the page are in the table."
)
COMPUTING = "Summing ln p(x) of test images on a fine grid…"
COLUMNS = {  # heading: what it means
    "ln p(x)": "The exact log evidence of an image, summed on a grid of z, in nats",
    "ELBO": "The bound with the encoder's q, in nats",
    "gap": "ln p(x) − ELBO = KL(q‖p(z|x)), in nats",
}
ROWS = (VAE, EXACT, TAUGHT)


class ExactEvidence(PinningPanel):
    """The panel Exact evidence."""

    title = "Exact evidence"
    role = "evidence"
    shows = (exact_evidence, test_image_places)
    commands = (PAIR,)
    place = Place(70, "Samples", "tab", 50, 54)
    hint = "Click: pin · Drag: move both planes · Wheel: zoom"
    sentence = (
        "With two latents ln p(x) is a sum over a grid of z. So a decoder can be trained on ln p(x) itself: without an "
        "encoder, and without a bound. Its plane is beside that of the VAE with the same networks and seed. The bound "
        "costs the decoder of the VAE some nats of ln p(x), because the bound is close to ln p(x) only where the "
        "posterior is nearly Gaussian. The encoder of the exact decoder learned from the exact posteriors. This "
        "decoder does not depend on it."
    )
    equation = (
        r"\ln p_\theta(\mathbf{x})=\ln\int p_\theta(\mathbf{x}\mid\mathbf{z})\,p(\mathbf{z})\,d\mathbf{z}"
        r"\approx\ln\sum_k w_k\,p_\theta(\mathbf{x}\mid\mathbf{z}_k)"
    )

    def __init__(self) -> None:
        start = Latent()
        self.mosaic = MosaicPlot("The plane of the decoder without an encoder", start.chart.axes, start.chart.home)
        super().__init__(self.mosaic)
        self.table = ScoreTable("Nats of each model", [*COLUMNS], ROWS)
        for i, (heading, tip) in enumerate(COLUMNS.items()):
            item = QTableWidgetItem(heading)
            item.setToolTip(tip)
            self.table.setHorizontalHeaderItem(i, item)
        self.words = QLabel(COMPUTING)
        self.words.setWordWrap(True)
        self.training = Wrapped("Progress of the training", pale=True)  # there while one runs
        self.training.hide()
        self.buttons = [_button(command, self._on_button) for command in (PAIR, WITHOUT_ENCODER, TEACH_ENCODER)]
        self._lay_out()
        self.notice, self.absent = Notice(self), Notice(self.left)
        self.absent.offer(NONE, PAIR.text, PAIR)
        self.absent.asked.connect(self.requested)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.table, self.words, self.training, flowing(*self.buttons)):
            column.addWidget(widget)
        column.addStretch(1)
        self.side = scrolling(inside, growing=True)
        self.left = QWidget()
        self.column.removeWidget(self.mosaic)
        around = QVBoxLayout(self.left)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.mosaic)
        self.parts = Folding(("Plane", self.left, 5, 10), ("Numbers", self.side, 6, 26), column_from=26)
        self.column.addWidget(self.parts)

    def clear(self) -> None:
        self.mosaic.clear()

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        super().echo(document)
        self.mosaic.show_pins(document.pin_places)

    def draw(self, scene: Scene) -> None:
        self.fit_as_the_plane(scene)
        beside = scene.get(exact_evidence)
        assert isinstance(scene.document, Latent)
        self.notice.say("" if beside else unavailable(scene.document))
        self.parts.setVisible(beside is not None)
        if beside is None:
            self.mosaic.clear()
            self.caption_changed.emit("")
            return
        self.absent.say(NONE if beside.mosaic is None else "")
        self.mosaic.setVisible(beside.mosaic is not None)  # axes below the words would be read with them
        self.buttons[0].setVisible(beside.mosaic is not None)  # else the button of the words is the same
        if beside.mosaic is None:
            self.mosaic.clear()
        else:
            self.mosaic.show_mosaic(beside.mosaic)
        self.caption_changed.emit(f"after {beside.step:,} batches" if beside.step else "")
        self._write(beside)

    def _write(self, beside: ModelsCompared) -> None:
        """Write the rows that are computed, and what they mean."""
        costs = {cost.name: cost for cost in beside.costs}
        for i, name in enumerate(ROWS):
            cost = costs.get(name)
            means = () if cost is None else (cost.log_evidence.mean, cost.elbo.mean, cost.gap.mean)
            self.table.write(i, [nats(mean) for mean in means] or ["–"] * len(COLUMNS))
        sentences = [sentence for cost in beside.costs if (sentence := in_words(cost))]
        if costs:
            worst = [
                max(errors) for errors in zip(*((c.log_evidence.error, c.gap.error) for c in beside.costs), strict=True)
            ]
            counted = f"Means over {beside.images:,} test images" if beside.images > 1 else "Of the only test image"
            sentences.append(f"{counted}, in nats.")
        if costs and beside.images > 1:
            sentences.append(f"Standard errors: ln p(x) at most {nats(worst[0])}, gap at most {nats(worst[1])}.")
        self.words.setText(" ".join(sentences) or COMPUTING)

    def hear(self, report: Any) -> None:
        """Say how far a training is: its button is here, and the panel Training may be out of sight."""
        if isinstance(report, News):
            self.training.setVisible(report.report.state not in ENDS)
            self.training.say(f"A training runs. {progress_of(report.report)}")

    def appear(self, seen: bool) -> None:
        super().appear(seen)
        if seen:
            self.requested.emit(Status())

    def reveal(self, answer: Answer | None) -> None:
        place = answer.place if answer else None
        self.mosaic.show_here((place.across, place.up) if isinstance(place, LatentPlace) else None)

    def fail(self, failure: Failure) -> None:
        self.parts.hide()
        self.notice.say(failure.reason)

    def _on_button(self) -> None:
        button = self.sender()
        command = next(
            each for each in (PAIR, WITHOUT_ENCODER, TEACH_ENCODER) if each.text == button.property("command")
        )
        self.requested.emit(command)


def _button(command: Command, slot: object) -> Button:
    button = Button(command.text)
    button.setToolTip(command.tip)
    button.setProperty("command", command.text)
    button.clicked.connect(slot)
    return button


def _text(value: Nats) -> str:
    """A mean with its standard error, unless a single image has none."""
    return nats(value.mean) if math.isnan(value.error) else f"{nats(value.mean)} ± {nats(value.error)}"


def in_words(cost: Cost) -> str:
    """Return what the change of a model from the VAE means, in one sentence; "" for the VAE."""
    if cost.change is None:
        return ""
    evidence, elbo = cost.change
    if cost.name == TAUGHT:
        return f"The taught encoder changes the ELBO by {_text(elbo)} nats; ln p(x) stays."
    if evidence.mean > 0:
        return f"The bound costs the decoder {_text(evidence)} nats of ln p(x)."
    return f"The decoder without a bound has {_text(Nats(-evidence.mean, evidence.error))} nats less ln p(x)."
