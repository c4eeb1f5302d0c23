"""Samples: pictures decoded from latents drawn from the prior."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.scene import Scene
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.strip import Strip
from gui.widgets.scrolling import scrolling

AT_ONCE = 64


class Samples(Panel):
    """Samples."""

    title = "Samples"
    role = "prior"
    place = Place(2, "Decoded picture", "below", 50, 54)
    sentence = "Latents drawn from the prior, decoded. Each picture is the mean of p(x|z), not a sample of it."
    equation = r"\mathbf{z}\sim\mathcal{N}(\mathbf{0},\mathbf{I}),\quad\pi_i=\pi_i(\mathbf{z};\theta)"

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.button = QPushButton(f"Draw {AT_ONCE} from p(z)")
        empty = "Draw latents from the prior to see what the model makes up."
        self.strip = Strip("Decoded samples", empty, numbered=False, side=42)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.button, self.strip))
        self.button.clicked.connect(self._on_draw)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document

    def draw(self, scene: Scene) -> None:
        if scene.samples is not None:
            self.strip.show_ink(scene.samples.ink)
            self.caption_changed.emit("z ~ N(0, I)" if len(scene.samples.ink) else "")

    def _on_draw(self) -> None:
        self.edited.emit(Edit("Draw samples", self.document.draw(AT_ONCE)))
