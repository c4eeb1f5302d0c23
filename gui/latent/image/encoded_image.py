"""Encoded image: the image that is looked into, what is decoded at its mean, how they differ, and its ELBO."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.image.encoded_image import Measures
from engine.latent.image.q_outlines import Outlines
from engine.latent.inputs.input import Encoded, is_light
from engine.latent.scene import Scene
from engine.plane import Viewport
from gui.page.panel import Panel, Place
from gui.plots.images.difference import Difference, Scale
from gui.plots.images.picture import Picture
from gui.widgets.notice import Notice
from gui.widgets.numbers import coordinate, nats
from gui.widgets.scrolling import scrolling

EMPTY = (
    "No image is looked into yet. Choose one in the Gallery, draw one on the Sketch pad, or drop or paste a picture."
)
ROWS = ("mean μ", "deviation σ", "reconstruction", "− KL(q‖p)", "= ELBO", "nearest class")
NAMES = ("image", "decoded", "difference")
ROOM = 2.5  # times as far as the outer ellipse the plane reaches when it looks closer
LEAST, MOST = 48, 224  # pixels of each picture on a side
ONCE = Viewport(0, 1, 0, 1, 1, 1)  # the numbers are the same whatever is on the screen


class EncodedImage(Panel):
    """Encoded image."""

    title = "Encoded image"
    role = "variational"
    draws = "encoded_image"
    place = Place(17, "Decoded picture", "tab", 22, 50)
    also = (Place(118, "Observed image", "tab", 24, 48, "unboxing"),)
    sentence = (
        "The image that is looked into, what the decoder draws at the mean of its q(z|x), and decoded − given, pixel "
        "by pixel. In numbers, in nats: the reconstruction E_q[ln p(x|z)] is a mean over samples of z from q, with its "
        "standard error; the KL has a closed form; their difference, the ELBO, is a lower bound on ln p(x)."
    )
    equation = (
        r"\mathrm{ELBO}=\mathbb{E}_{q_\phi(\mathbf{z}\mid\mathbf{x})}[\ln p_\theta(\mathbf{x}\mid\mathbf{z})]"
        r"-\mathrm{KL}(q_\phi(\mathbf{z}\mid\mathbf{x})\,\|\,p(\mathbf{z})),\quad\mathrm{KL}="
        r"\tfrac12\sum_i\left(\mu_i^2+\sigma_i^2-1-\ln\sigma_i^2\right)"
    )

    def __init__(self) -> None:
        super().__init__()
        self.subject: Encoded | None = None
        self.outlines: Outlines | None = None
        self.image, self.decoded = Picture("The image", ""), Picture("What is decoded at its mean", "")
        self.difference, self.scale = Difference("Decoded − given", ""), Scale("Colours of the difference")
        self.closer = QPushButton("Look closer on the plane")
        self.closer.setToolTip("Zoom the plane to where q(z|x) lies")
        self.closer.clicked.connect(self._on_closer)
        self.whence = QLabel()
        self.whence.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.content = scrolling(self._pictures(), self._table(), self.closer, self.whence)
        self.content.hide()
        column.addWidget(self.content)
        self.notice = Notice(self)
        self.notice.say(EMPTY)

    def _pictures(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for i, picture in enumerate((self.image, self.decoded, self.difference)):
            picture.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            picture.setMinimumWidth(LEAST)
            name = QLabel(NAMES[i])
            name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(picture, 0, i)
            grid.addWidget(name, 1, i)
        grid.addWidget(self.scale, 2, 0, 1, 3)
        return holder

    def _table(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(4)
        self.values = {name: QLabel("–") for name in ROWS}
        for i, (name, value) in enumerate(self.values.items()):
            value.setAccessibleName(name)
            grid.addWidget(QLabel(name), i, 0)
            grid.addWidget(value, i, 1)
        grid.setColumnStretch(1, 1)
        return holder

    def appear(self, seen: bool) -> None:
        self.viewport_changed.emit(self.draws, ONCE if seen else None)

    def part(self, scene: Scene) -> Any:
        """The pictures are there with the first scene of an edit, the numbers with a later one."""
        return scene

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)

    def draw(self, scene: Scene) -> None:
        self.outlines = scene.outlines
        self.notice.say("" if scene.subject else scene.lacking or EMPTY)
        if scene.subject is not self.subject:
            self._show(scene, scene.subject)
        if scene.subject is not None and scene.pictures.get(self.draws) is not None:
            self._tell(scene, scene.subject, scene.pictures[self.draws])

    def _show(self, scene: Scene, subject: Encoded | None) -> None:
        self.subject = subject
        self.content.setVisible(subject is not None)
        self.image.show_ink(subject.ink if subject else None)
        self.decoded.show_ink(subject.reconstruction if subject else None)
        self.difference.show_difference(subject.difference if subject else None)
        light = is_light(scene.card.recipe.data, scene.card.shape)
        self.scale.show_ends(*(("darker", "brighter") if light else ("less ink", "more ink")))
        self.caption_changed.emit(subject.name if subject else "")

    def _tell(self, scene: Scene, subject: Encoded, found: Measures) -> None:
        texts = (
            f"({coordinate(subject.mean[0])}, {coordinate(subject.mean[1])})",
            f"({subject.deviation[0]:.2g}, {subject.deviation[1]:.2g})",
            f"{nats(found.reconstruction)} ± {nats(found.error)}",
            f"{nats(found.kl)}",
            f"{nats(found.elbo)} ± {nats(found.error)}",
            f"“{found.nearest}”, {coordinate(found.distance)} away",
        )
        for value, text in zip(self.values.values(), texts, strict=True):
            value.setText(text)
        text = f"In nats. Reconstruction: mean of {found.samples} samples of z from q, ± its standard error."
        if scene.card.recipe.objective == "AE":
            text += " An autoencoder was trained for neither σ nor ELBO: only μ is to be taken seriously."
        self.whence.setText(text)

    def _on_closer(self) -> None:
        if self.outlines is None:
            return
        x, y = self.outlines.mean
        half = ROOM * float(abs(self.outlines.two - self.outlines.mean).max())
        self.navigated.emit("plane", Viewport(x - half, x + half, y - half, y + half))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The pictures are square, three to a row."""
        super().resizeEvent(event)
        side = min(max((self.width() - 48) // 3, LEAST), MOST)
        for picture in (self.image, self.decoded, self.difference):
            picture.setFixedHeight(side)
