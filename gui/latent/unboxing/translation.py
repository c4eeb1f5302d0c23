"""The panel Translation: samples of the half B of a pair given its half A, if the plane of B is turned."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.unboxing.translation import (
    NO_PAIRS,
    NOT_LEFT,
    TranslationSettings,
    translated,
    with_angle,
    with_left_half,
    with_pairs,
)
from gui.forms.form_line import FormLine
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.pairs import Pairs
from gui.plots.images.picture import Picture
from gui.widgets.controls import Slider
from gui.widgets.notice import LOADING, Notice
from gui.widgets.numbers import nats
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import scrolling

SAMPLES = "Samples: A above, B below"
OPEN_PAIRS = Command("Open the model of pairs", "Model", edit=with_pairs, tip="Open the shipped model of pairs")
LEFT_HALF = Command("Observe the half A of a pair", "Observe", edit=with_left_half,
                    tip="Select a test image if none is selected, and observe its left half")  # fmt: skip


class Translation(Panel):
    """The panel Translation."""

    title = "Translation"
    role = "posterior"
    shows = (translated,)
    commands = (OPEN_PAIRS, LEFT_HALF)
    place = Place(120, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "The left half A of a pair is observed, and B is drawn from p(B|A). The slider turns the plane of B, and "
        "“Mirror” mirrors it: B is decoded at another z. p(A) and p(B) stay, because the prior has no preferred "
        "direction, but each A has another B. Without pairs, the images cannot decide between the planes."
    )
    equation = (
        r"p_R(\mathbf{x}_B\mid\mathbf{x}_A)=\int p(\mathbf{x}_B\mid R\mathbf{z})\,"
        r"p(\mathbf{z}\mid\mathbf{x}_A)\,d\mathbf{z},\qquad R\mathbf{z}\sim\mathcal{N}(\mathbf{0},I)"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self._gesture = object()
        self.form = FormLine(TranslationSettings)
        self.form.changed.connect(self._on_form)
        self.slider = Slider()
        self.slider.setRange(-180, 180)
        self.slider.setAccessibleName("Angle")
        self.slider.valueChanged.connect(self._on_slid)
        self.slider.sliderReleased.connect(self._on_released)
        self.truth = Picture("The selected pair", "")
        self.samples = Pairs(SAMPLES, LOADING)
        self.numbers = Wrapped("Log densities of A, and of B given A")
        turn, images, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        turn.addWidget(self.slider, 2)
        turn.addWidget(self.form, 1)
        images.addWidget(self.truth, 1)
        images.addWidget(scrolling(self.samples, growing=True), 2)
        column.setContentsMargins(10, 4, 10, 6)
        column.addLayout(turn)
        column.addLayout(images, 1)
        column.addWidget(self.numbers)
        self.notice = Notice(self, lambda: self.rect().adjusted(0, turn.geometry().bottom() + 1, 0, 0))
        self.notice.offer(NO_PAIRS, OPEN_PAIRS.text, OPEN_PAIRS)
        self.notice.offer(NOT_LEFT, LEFT_HALF.text, LEFT_HALF)
        self.notice.asked.connect(self.requested)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document[TranslationSettings])
        self.slider.blockSignals(True)
        self.slider.setValue(round(document[TranslationSettings].angle))
        self.slider.blockSignals(False)

    def draw(self, scene: Scene) -> None:
        if (found := scene.get(translated)) is None:
            return
        self._say(found.unavailable)
        if found.unavailable:
            self.caption_changed.emit("")
            return
        middle = found.pairs.shape[2] // 2
        self.truth.show_ink(found.truth)
        self.samples.show_pairs(found.pairs[:, :, :middle], found.pairs[:, :, middle:])
        self.caption_changed.emit(SAMPLES)
        self.numbers.say(
            ("posterior", f"ln p(A) = {nats(found.log_a)} nats at every angle"),
            ("truth", f"ln p(B|A) = {nats(found.log_b_given_a)} nats of the true B at this angle"),
        )

    def _say(self, reason: str) -> None:
        for widget in (self.truth, self.samples, self.numbers):
            widget.setVisible(not reason)
        self.notice.say(reason)

    def fail(self, failure: Failure) -> None:
        self._say(failure.reason)

    def _on_form(self, chosen: TranslationSettings, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(chosen), gesture))

    def _on_slid(self, value: int) -> None:
        self.edited.emit(Edit("Change Angle", with_angle(self.document, value), (id(self), self._gesture)))

    def _on_released(self) -> None:
        self._gesture = object()
