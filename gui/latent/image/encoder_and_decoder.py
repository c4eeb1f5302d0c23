"""The panel Encoder and decoder: one pass of the selected image through the VAE, with the terms of its loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.derived import ANYWHERE, Derived, Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ, rounded
from engine.latent.image.encoder_and_decoder import (
    EncoderAndDecoderSettings,
    Passed,
    new_noise,
    one_pass,
    with_noise,
)
from engine.latent.image.reparameterisation import sample
from engine.latent.inputs.input import Blank
from engine.latent.probes import LatentPlace
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.commands import Command
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.plots.planes.linked import LinkedPlot
from gui.widgets.controls import Button
from gui.widgets.notice import Notice
from gui.widgets.numbers import coordinate, nats
from gui.widgets.rows.stacking import Stacking, stacked
from gui.widgets.rows.wrapped import Wrapped

GRIPS = 3  # the handles of q before that of z: its centre and its two widths
OTHERS = ", the other latents fixed"  # on a plane of more than two latents
HOME = Viewport(-3.2, 3.2, -3.2, 3.2)
ROOM = 4.2  # half of the width of the plane of z, in standard deviations of q
LOADING = "Loading PyTorch and the model."

NEW_NOISE = Command(
    "Draw a new ε for the encoder and decoder", "Model", edit=new_noise, tip="Draw a new ε from N(0, I)"
)


class EncoderAndDecoder(PlotPanel):
    """The panel Encoder and decoder."""

    plane = "machine"
    shows = (one_pass,)
    commands = (NEW_NOISE,)
    hint = "Drag a square: move or stretch q · Drag the disc: move z and ε · Right-click: reset · Wheel: zoom"
    title = "Encoder and decoder"
    role = "variational"
    place = Place(4, "Samples", "tab", 50, 54)
    sentence = (
        "The VAE, from left to right. The encoder maps the image x to the mean μ and the standard deviation σ of q. A "
        "noise ε gives one z = μ + σ ⊙ ε. The decoder maps z to an image. Purple: q at 1σ and 2σ; disc: z; dashed: the "
        "prior. Below: the two terms of the loss, in nats."
    )
    equation = (
        r"-\mathrm{loss}=\ln p_\theta(\mathbf{x}\mid\boldsymbol{\mu}+\boldsymbol{\sigma}\odot\boldsymbol{\varepsilon})"
        r"-\mathrm{KL}(q_\phi(\mathbf{z}\mid\mathbf{x})\,\|\,p(\mathbf{z})),\quad"
        r"\boldsymbol{\varepsilon}\sim\mathcal{N}(\mathbf{0},\mathbf{I})"
    )

    def __init__(self) -> None:
        self.z = LinkedPlot("Samples of q: the plane of z", ("z₀", "z₁"), HOME)
        super().__init__(self.z)
        self.image, self.decoded = Picture("Image x", ""), Picture("Decoded image", "")
        self.passed: Passed | None = None
        self._dragging = False
        self.q_form = FormLine(GaussianQ)
        self.q_form.changed.connect(self._on_q_form)
        self.noise_words, self.loss_words, self.mean_words = Wrapped("Noise"), Wrapped("Loss"), Wrapped("Mean loss")
        self.new, self.reset = Button("New ε"), Button("Reset q")
        self.new.setToolTip("Draw a new ε from N(0, I)")
        self.reset.setToolTip("Reset μ and σ to those of the encoder")
        self.new.clicked.connect(self._on_new)
        self.reset.clicked.connect(self._on_reset)
        self.content = QWidget()
        self._lay_out()
        self.empty = Notice(self)
        offer_ways_out(self.empty, self)
        self._say(LOADING)

    def _lay_out(self) -> None:
        self.column.removeWidget(self.z)
        pictures = QWidget()
        grid = QGridLayout(pictures)
        grid.setContentsMargins(10, 6, 10, 0)
        grid.setHorizontalSpacing(6)
        titles = ("image x", "→", "encoder: q(z|x) and z = μ + σ ⊙ ε", "→", "decoder: image")
        for i, title in enumerate(titles):
            label = QLabel(title)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(i in (0, 2, 4))
            grid.addWidget(label, 1 if i in (1, 3) else 0, i)
        for i, widget in ((0, self.image), (2, self.z), (4, self.decoded)):
            grid.addWidget(widget, 1, i)
            grid.setColumnStretch(i, 4 if i == 2 else 3)
        grid.setRowStretch(1, 1)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 6)
        self.q_form.rows.setContentsMargins(10, 0, 10, 0)
        lines = [_row(self.noise_words, self.new, self.reset), _row(self.loss_words), _row(self.mean_words)]
        numbers = stacked(self.q_form, *lines, gap=2)
        column.addWidget(Stacking(("Images", pictures, 1), ("Numbers", numbers, 0)))
        self.column.addWidget(self.content)

    # Actions of the user

    def place_at(self, x: float, y: float) -> LatentPlace:
        across, up = self.document.chart.to_place([x, y])
        return LatentPlace(float(across), float(up))

    def click(self, x: float, y: float) -> Edit:
        """Move z, and ε with it, to the place of a click."""
        return self._move_z(x, y)

    def _move_z(self, x: float, y: float, gesture: object = None) -> Edit:
        if self.passed is None:
            raise ValueError(NO_IMAGE)
        q = self._q
        return Edit("Move z", with_noise(self.document, (np.array([x, y]) - q.mean) / q.deviation), gesture)

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        self._dragging, q = True, self._q
        if handle >= GRIPS:
            return self._move_z(x, y, gesture)
        changes: dict[str, float] = {"mean_0": x, "mean_1": y}
        if handle:
            axis, wide = handle - 1, abs((x, y)[handle - 1] - q.mean[handle - 1])
            changes = {f"deviation_{axis}": float(np.clip(wide, 1e-3, 10))}
        return Edit("Move q", self.document.with_q(replace(q, **changes)), gesture)

    def remove(self, handle: int) -> Edit:
        if handle >= GRIPS:
            return Edit(NEW_NOISE.text, new_noise(self.document))
        return Edit("Reset q to the encoder's q", self.document.with_q(None))

    def _on_dropped(self) -> None:
        super()._on_dropped()
        self._dragging = False
        self._centre()

    def _on_new(self) -> None:
        self.requested.emit(NEW_NOISE)

    def _on_reset(self) -> None:
        self.edited.emit(Edit("Reset q to the encoder's q", self.document.with_q(None)))

    def _on_q_form(self, q: GaussianQ, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_q(q), gesture))

    # Display

    @property
    def _q(self) -> GaussianQ:
        return self.document.q or (self.passed.encoder if self.passed else GaussianQ())

    def viewport_of(self, key: Derived[Any]) -> Viewport | None:
        return ANYWHERE

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        super().echo(document)
        self.z.set_axes(document.slice.names)
        self.reset.setEnabled(document.q is not None and not isinstance(document.input, Blank))
        if isinstance(document.input, Blank):
            self._say(NO_IMAGE)
        elif self.passed is not None:
            self._show_point()

    def draw(self, scene: Scene) -> None:
        passed = scene.get(one_pass)
        if not isinstance(passed, Passed):
            self.passed = None
            self._say(passed or NO_IMAGE)
            return
        before, self.passed = self.passed, passed
        self._say("")
        self.image.show_ink(passed.image.ink)
        self.decoded.show_ink(passed.ink)
        if before is None or before.encoder != passed.encoder:
            self._centre()
        self._show_point()
        self._write(passed)
        self.caption_changed.emit(passed.image.name + (OTHERS if passed.sliced else ""))

    def _write(self, passed: Passed) -> None:
        epsilon, z = (f"({coordinate(pair[0])}, {coordinate(pair[1])})" for pair in (passed.epsilon, passed.z))
        self.noise_words.say(f"ε = {epsilon}", ("variational", f"z = μ + σ ⊙ ε = {z}"))
        self.loss_words.say(
            f"−loss {nats(passed.elbo)} =",
            ("likelihood", f"reconstruction ln p(x|z) {nats(passed.log_likelihood)}"),
            ("prior", f"− KL(q‖p(z)) {nats(-passed.kl)}"),
        )
        mean, error = nats(passed.mean - passed.kl), nats(passed.error)
        self.mean_words.say(f"mean over all ε: ELBO {mean} ± {error} nats")

    def _show_point(self) -> None:
        q, epsilon = self._q, self.document[EncoderAndDecoderSettings].epsilon[None]
        z = sample(q.mean, q.deviation, epsilon)
        self.q_form.show_part(q if self.document.q else rounded(q))
        self.z.show_prior(True)
        self.z.show_points(q.mean, q.deviation, z, epsilon, grips=True)
        self.z.highlight(q.mean, z[0], None)

    def _centre(self) -> None:
        """Centre the plane on q, and show z; leave it unchanged while q is dragged."""
        if self._dragging:
            return
        q = self._q
        reach = ROOM * float(q.deviation.max())
        (left, bottom), (right, top) = q.mean - reach, q.mean + reach
        self.z.set_home(Viewport(float(left), float(right), float(bottom), float(top)), stay=True)

    def _say(self, text: str) -> None:
        self.content.setVisible(not text)
        self.empty.say(text)
        if text:
            self.caption_changed.emit("")


def _row(*widgets: QWidget) -> QWidget:
    """Return a row of widgets, with buttons as narrow as possible."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(10, 0, 10, 0)
    for widget in widgets:
        row.addWidget(widget, 0 if isinstance(widget, Button) else 1)
    return holder
