"""The panel Pinned: the images decoded at the pinned latents, side by side."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from engine.derived import Scene
from engine.latent.plane.pinned import pin_middle, pinned
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.plots.images.strip import Strip
from gui.widgets.notice import Notice
from gui.widgets.scrolling import scrolling

EMPTY = "No pins yet. Click in the plane, or press Enter there, to pin the image that is decoded there."
PIN_MIDDLE = Command("Pin the middle of the plane", "View", edit=pin_middle, tip="Pin z = (0, 0)")


class Pinned(Panel):
    """The panel Pinned."""

    title = "Pinned"
    shows = (pinned,)
    commands = (PIN_MIDDLE,)
    place = Place(9, "Samples", "tab", 50, 54)
    also = (Place(119, "Completions", "tab", 54, 48, "unboxing"),)
    sentence = (
        "The images decoded at the pinned latents, with the numbers of their pins. Drag a pin in the plane to change "
        "its image."
    )
    equation = r"\boldsymbol{\pi}_\theta(\mathbf{z}_1),\ \boldsymbol{\pi}_\theta(\mathbf{z}_2),\ \ldots"

    def __init__(self) -> None:
        super().__init__()
        self.strip = Strip("Pinned images", "", numbered=True, side=64)
        self.notice = Notice(self)
        self.notice.offer(EMPTY, PIN_MIDDLE.text, PIN_MIDDLE)
        self.notice.asked.connect(self.requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(self.strip, growing=True))

    def draw(self, scene: Scene) -> None:
        if (images := scene.get(pinned)) is not None:
            self.strip.show_ink(images.ink)
            self.notice.say("" if len(images.ink) else EMPTY)
