"""Sketch pad: where the user draws an image, which is encoded while it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.image.sketch_pad import SketchInput, SketchPadSettings, sketch_input, toggle_eraser
from engine.latent.inputs.centring import BOX
from engine.latent.inputs.input import Blank
from engine.latent.inputs.sketch import Sketch
from engine.latent.inputs.stroke import WIDTHS
from engine.part import Part
from gui.forms.form_line import FormLine
from gui.page.commands import Command
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.plots.images.sketch_surface import SketchSurface

HINT = "Drag: draw · Pen: pressure is width, its other end erases"
SIDE = 64  # pixels of the input of the model, on a side
NOTHING = "There is nothing to erase yet: draw something first."


def erases(document: Latent) -> bool:
    """Whether the pen erases."""
    return document[SketchPadSettings].eraser


ERASER = Command("Eraser", "Observe", edit=toggle_eraser, checked=erases, tip="The pen of the Sketch pad erases")


class SketchPad(Panel):
    """Sketch pad."""

    title = "Sketch pad"
    shows = (sketch_input,)
    commands = (ERASER,)
    place = Place(6, "Samples", "tab", 50, 54)
    also = (Place(108, "Completions", "tab", 54, 48, "unboxing"),)
    sentence = (
        "Draw an image with mouse or pen: each stroke is encoded as it is drawn, and the purple q(z|x) on the plane "
        "follows. Ink is scaled and centred as MNIST's digits were, before it is encoded. Undo removes a stroke."
    )
    equation = (
        r"\mathbf{x}\mapsto q_\phi(\mathbf{z}\mid\mathbf{x})"
        r"=\mathcal{N}(\mathbf{z}\mid\boldsymbol{\mu},\mathrm{diag}\,\boldsymbol{\sigma}^2)"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.pad = SketchSurface("Sketch pad", "Draw here with the mouse or a pen.")
        self.input = Picture("The input of the model", "")
        self.input.setFixedSize(SIDE, SIDE)
        self.how = QLabel()
        self.how.setWordWrap(True)
        self.pen, self.clear = FormLine(SketchPadSettings), QPushButton("Clear")
        self._lay_out()
        self._drawing: Sketch | None = None  # with the stroke that the pen draws
        self._gesture, self._what = object(), ""
        self.clear.clicked.connect(self._on_clear)
        self.pen.changed.connect(self._on_pen)
        self.pad.put_down.connect(self._on_put_down)
        self.pad.drawn.connect(self._on_drawn)

    def _lay_out(self) -> None:
        words = QLabel("Input of the model")
        words.setWordWrap(True)
        beside, row, controls = QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        beside.addWidget(words)
        beside.addWidget(self.input)
        beside.addStretch(1)
        row.addWidget(self.pad, 1)
        row.addLayout(beside)
        controls.addWidget(self.pen, 1)
        controls.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 10, 6)
        column.addLayout(row, 1)
        column.addLayout(controls)
        column.addWidget(self.how)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.pen.show_part(document[SketchPadSettings])
        self.pad.show_strokes(document.input.strokes if isinstance(document.input, Sketch) else ())

    def draw(self, scene: Scene) -> None:
        if (found := scene.get(sketch_input)) is not None:
            self.input.show_ink(found.ink)
            self.how.setText(_how(found))

    def _on_clear(self) -> None:
        self.edited.emit(Edit("Clear the sketch", self.document.with_input(Blank())))

    def _on_pen(self, pen: Part, what: str, gesture: object) -> None:
        assert isinstance(pen, SketchPadSettings)
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(pen), gesture))

    def _on_put_down(self, x: float, y: float, pressure: float, other_end: bool) -> None:
        self.hint_changed.emit(HINT)
        selected, self._drawing = self.document.input, None
        pen = self.document[SketchPadSettings]
        wipes = other_end or pen.eraser
        if wipes and not isinstance(selected, Sketch):
            self.refused.emit(NOTHING)
            return
        self._gesture, self._what = object(), "Erase" if wipes else "Draw a stroke"
        sketch = selected if isinstance(selected, Sketch) else Sketch()
        self._take(partial(sketch.begin, (x, y, pressure), WIDTHS[pen.pen], erases=wipes))

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


def _how(found: SketchInput) -> str:
    """How a sketch becomes an input of the model, in words."""
    h, w = found.shape[:2]
    if found.light:
        return f"The whole pad, black on white, at {h}×{w} pixels."
    side = round(BOX * min(h, w))
    return f"Scaled to fit {side}×{side}, then centred in {h}×{w} by its centre of mass, as MNIST is."
