"""The panel Reconstructions: a fixed set of test images, each above its reconstruction."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from engine.derived import Scene
from engine.latent.training.reconstructions import reconstructions
from gui.page.panel import Panel, Place
from gui.plots.images.pairs import Pairs
from gui.widgets.scrolling import scrolling


class Reconstructions(Panel):
    """The panel Reconstructions."""

    title = "Reconstructions"
    role = "posterior"
    shows = (reconstructions,)
    place = Place(10, "Samples", "tab", 50, 54)
    sentence = (
        "A fixed set of test images, each above its reconstruction, which is decoded at the mean of its q(z|x). The "
        "reconstructions change during training."
    )
    equation = (
        r"\mathbf{x}\ \longmapsto\ \boldsymbol{\mu}_\phi(\mathbf{x})\ \longmapsto\ "
        r"\boldsymbol{\pi}_\theta(\boldsymbol{\mu})"
    )

    def __init__(self) -> None:
        super().__init__()
        self.pairs = Pairs("Images above their reconstructions", "Loading the model…")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.pairs, growing=True))

    def draw(self, scene: Scene) -> None:
        pairs = scene.get(reconstructions)
        if pairs is not None:
            self.pairs.show_pairs(pairs.images, pairs.decoded)
            self.caption_changed.emit("image above, decoded at μ below")
