"""Reconstructions: a fixed set of held-out images, each above what is decoded of it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from engine.latent.scene import Scene
from engine.latent.training.training import Reconstructions as Found
from engine.plane import Viewport
from gui.page.panel import Panel, Place
from gui.plots.images.pairs import Pairs
from gui.widgets.scrolling import scrolling


class Reconstructions(Panel):
    """Reconstructions."""

    title = "Reconstructions"
    role = "posterior"
    draws = "reconstructions"
    place = Place(9, "Samples", "tab", 50, 54)
    sentence = (
        "Held-out images, the same ones always, each above what the decoder draws at the mean of its q(z|x). "
        "They change while a model learns."
    )
    equation = (
        r"\mathbf{x}\ \longmapsto\ \boldsymbol{\mu}_\phi(\mathbf{x})\ \longmapsto\ "
        r"\boldsymbol{\pi}_\theta(\boldsymbol{\mu})"
    )

    def __init__(self) -> None:
        super().__init__()
        self.pairs = Pairs("Images above their reconstructions", "The model is being loaded.")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.pairs))

    def draw(self, scene: Scene) -> None:
        found: Found | None = scene.pictures.get(self.draws)
        if found is not None:
            self.pairs.show_pairs(found.images, found.decoded)
            self.caption_changed.emit("image above, decoded at μ below")

    def appear(self, seen: bool) -> None:
        self.viewport_changed.emit(self.draws, Viewport(0, 1, 0, 1) if seen else None)
