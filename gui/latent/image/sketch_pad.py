"""Sketch pad: where an image of one's own is drawn, encoded as it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from engine.latent.scene import Scene
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.inputs.centring import BOX
from engine.latent.inputs.input import Blank, is_light
from engine.latent.inputs.sketch import Sketch
from engine.latent.inputs.stroke import WIDTHS
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.plots.images.sketch_surface import Pad

HINT = "Drag: draw · Pen: pressure is width, its other end erases"
SEEN = 64  # pixels of what the model sees, on a side
NOTHING = "There is nothing to erase yet: draw something first."


class SketchPad(Panel):
    """Sketch pad."""

    title = "Sketch pad"
    place = Place(6, "Samples", "tab", 50, 54)
    also = (Place(108, "Completions", "tab", 54, 48, "unboxing"),)
    sentence = (
        "Draw an image with mouse or pen: each stroke is encoded as it is drawn, and the purple q(z|x) on the plane "
        "follows. Ink is sized and centred as MNIST's digits were, before the model sees it. Undo takes back a stroke."
    )
    equation = (
        r"\mathbf{x}\mapsto q_\phi(\mathbf{z}\mid\mathbf{x})"
        r"=\mathcal{N}(\mathbf{z}\mid\boldsymbol{\mu},\mathrm{diag}\,\boldsymbol{\sigma}^2)"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.pad = Pad("Sketch pad", "Draw here with the mouse or a pen.")
        self.seen = Picture("What the model sees", "")
        self.seen.setFixedSize(SEEN, SEEN)
        self.how = QLabel()
        self.how.setWordWrap(True)
        self.eraser, self.clear, self.width_choice = QCheckBox("Eraser"), QPushButton("Clear"), QComboBox()
        self.width_choice.addItems(list(WIDTHS))
        self.width_choice.setCurrentText("Medium")
        self.width_choice.setAccessibleName("Width of the pen")
        self.width_choice.setToolTip("Width of the pen")
        self.eraser.setToolTip("Wipe ink away instead of drawing it")
        self._lay_out()
        self._drawing: Sketch | None = None  # what the pen is making
        self._gesture, self._what = object(), ""
        self.clear.clicked.connect(self.wipe)
        self.pad.put_down.connect(self._on_put_down)
        self.pad.drawn.connect(self._on_drawn)

    def _lay_out(self) -> None:
        words = QLabel("The model sees")
        words.setWordWrap(True)
        beside, row, controls = QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        beside.addWidget(words)
        beside.addWidget(self.seen)
        beside.addStretch(1)
        row.addWidget(self.pad, 1)
        row.addLayout(beside)
        for widget in (self.width_choice, self.eraser, self.clear):
            controls.addWidget(widget, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 10, 6)
        column.addLayout(row, 1)
        column.addLayout(controls)
        column.addWidget(self.how)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.pad.show_strokes(document.input.strokes if isinstance(document.input, Sketch) else ())

    def part(self, scene: Scene) -> Any:
        return scene.subject

    def draw(self, scene: Scene) -> None:
        drawn = isinstance(scene.document.input, Sketch) and scene.subject is not None
        self.seen.show_ink(scene.subject.ink if drawn and scene.subject else None)
        self.how.setText(_how(scene))

    def wipe(self) -> None:
        """Start with an empty pad."""
        self.edited.emit(Edit("Clear the sketch", self.document.with_input(Blank())))

    def _on_put_down(self, x: float, y: float, pressure: float, other_end: bool) -> None:
        self.hint_changed.emit(HINT)
        subject, self._drawing = self.document.input, None
        erases = other_end or self.eraser.isChecked()
        if erases and not isinstance(subject, Sketch):
            self.refused.emit(NOTHING)
            return
        self._gesture, self._what = object(), "Erase" if erases else "Draw a stroke"
        sketch = subject if isinstance(subject, Sketch) else Sketch()
        self._take(partial(sketch.begin, (x, y, pressure), WIDTHS[self.width_choice.currentText()], erases=erases))

    def _on_drawn(self, x: float, y: float, pressure: float) -> None:
        """The pen draws nothing any more if its stroke was refused, or taken back meanwhile."""
        if self._drawing is not None and self._drawing is self.document.input:
            self._take(partial(self._drawing.go_on, (x, y, pressure)))

    def _take(self, drawing: Callable[[], Sketch]) -> None:
        """All of one stroke is one step of undo."""
        try:
            self._drawing = drawing()
        except ValueError as refusal:
            self._drawing = None
            self.refused.emit(str(refusal))
        else:
            made = self.document.with_input(self._drawing)
            self.edited.emit(Edit(self._what, made, (id(self), self._gesture)))


def _how(scene: Scene) -> str:
    """What becomes of a sketch, in words."""
    h, w = scene.card.shape[:2]
    if is_light(scene.card.recipe.data, scene.card.shape):
        return f"The whole pad, black on white, at {h}×{w} pixels."
    side = round(BOX * min(h, w))
    return f"Sized to fit {side}×{side}, then centred in {h}×{w} by its centre of mass, as MNIST is."
