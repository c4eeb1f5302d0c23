"""Samples: images decoded from latents drawn from the prior."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout

from engine.derived import Scene
from engine.latent.plane.samples import AT_ONCE, draw_samples, samples, without_marks
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.plots.images.strip import Strip
from gui.widgets.scrolling import scrolling

DRAW = Command(f"Draw {AT_ONCE} samples from p(z)", "Model", edit=draw_samples, icon="samples",
               tip="Draw latents from the prior and decode them")  # fmt: skip
CLEAR = Command("Clear samples and pins", "View", edit=without_marks, icon="clear", brings=False,
                tip="Remove the samples and the pins from the plane")  # fmt: skip


class Samples(Panel):
    """Samples."""

    title = "Samples"
    role = "prior"
    shows = (samples,)
    commands = (DRAW, CLEAR)
    place = Place(2, "Decoded image", "below", 50, 54)
    sentence = "Latents drawn from the prior, decoded. Each image is the mean of p(x|z), not a sample of it."
    equation = r"\mathbf{z}\sim\mathcal{N}(\mathbf{0},\mathbf{I}),\quad\pi_i=\pi_i(\mathbf{z};\theta)"

    def __init__(self) -> None:
        super().__init__()
        self.button = QPushButton(f"Draw {AT_ONCE} from p(z)")
        empty = "Draw latents from the prior to see which images the model generates."
        self.strip = Strip("Decoded samples", empty, numbered=False, side=42)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.button, self.strip))
        self.button.clicked.connect(self._on_draw)

    def draw(self, scene: Scene) -> None:
        if (found := scene.get(samples)) is not None:
            self.strip.show_ink(found.ink)
            self.caption_changed.emit("z ~ N(0, I)" if len(found.ink) else "")

    def _on_draw(self) -> None:
        self.requested.emit(DRAW)
