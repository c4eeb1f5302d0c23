"""Pinned: the pictures at the places that were clicked, to compare."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from engine.latent.scene import Scene
from gui.page.panel import Panel, Place
from gui.plots.images.strip import Strip
from gui.widgets.scrolling import scrolling


class Pinned(Panel):
    """Pinned."""

    title = "Pinned"
    place = Place(8, "Samples", "tab", 50, 54)
    also = (Place(119, "Completions", "tab", 54, 48, "unboxing"),)
    sentence = "The decoder's pictures at the numbered places of the plane. Drag a place to change its picture."
    equation = r"\boldsymbol{\pi}_\theta(\mathbf{z}_1),\ \boldsymbol{\pi}_\theta(\mathbf{z}_2),\ \ldots"

    def __init__(self) -> None:
        super().__init__()
        self.strip = Strip("Pinned pictures", "Click in the plane to keep a picture.", numbered=True, side=64)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.strip))

    def draw(self, scene: Scene) -> None:
        if scene.pins is not None:
            self.strip.show_ink(scene.pins.ink)
