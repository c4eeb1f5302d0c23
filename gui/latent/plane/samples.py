"""The panel Samples: images decoded from latents that are drawn from the prior."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.plane.samples import AT_ONCE, PriorSamples, draw_samples, samples, without_marks
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.plots.images.strip import Strip
from gui.widgets.controls import Button
from gui.widgets.scrolling import scrolling

NONE = "No samples. Press the button to draw latents from the prior and decode them."
LOADING = "Loading PyTorch and the model."
DRAW = Command(f"Draw {AT_ONCE} samples from p(z)", "Model", edit=draw_samples, icon="samples",
               tip="Draw latents from the prior and decode them")  # fmt: skip
CLEAR = Command("Clear samples and pins", "View", edit=without_marks, icon="clear", brings=False,
                tip="Remove the samples and the pins from the plane")  # fmt: skip


class Samples(Panel):
    """The panel Samples."""

    title = "Samples"
    role = "prior"
    shows = (samples,)
    commands = (DRAW, CLEAR)
    place = Place(2, "Decoded image", "below", 50, 54)
    sentence = (
        "Images decoded from latents that are drawn from the prior. Each image is the mean of p(x|z), not a sample "
        "of it."
    )
    equation = r"\mathbf{z}\sim\mathcal{N}(\mathbf{0},\mathbf{I}),\quad\pi_i=\pi_i(\mathbf{z};\theta)"

    def __init__(self) -> None:
        super().__init__()
        self.button = Button(f"Draw {AT_ONCE} from p(z)")
        self.strip = Strip("Decoded samples", NONE, numbered=False, side=30)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.button, self.strip, growing=True))
        self.button.clicked.connect(self._on_draw)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.strip.empty = LOADING if document[PriorSamples].count else NONE
        self.strip.update()

    def draw(self, scene: Scene) -> None:
        if (drawn := scene.get(samples)) is not None:
            self.strip.show_ink(drawn.ink)
            self.caption_changed.emit("z ~ N(0, I)" if len(drawn.ink) else "")

    def _on_draw(self) -> None:
        self.requested.emit(DRAW)
