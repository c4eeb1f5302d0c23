"""The panel Sketch pad: the user draws an image, which is encoded while it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

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
from gui.plots.images.side_by_side import SideBySide
from gui.plots.images.sketch_surface import SketchSurface
from gui.widgets.controls import Button
from gui.widgets.folding import Foot

HINT = "Drag: draw · Pen: pressure sets the width, the other end erases"
LOW = 9  # lines of text; a lower panel has no words below the pad
NOTHING = "The Sketch pad is empty: there is nothing to erase."


def erases(document: Latent) -> bool:
    """Return whether the pen erases."""
    return document[SketchPadSettings].eraser


ERASER = Command("Eraser", "Observe", edit=toggle_eraser, checked=erases, tip="The pen of the Sketch pad erases")


class SketchPad(Panel):
    """The panel Sketch pad."""

    title = "Sketch pad"
    shows = (sketch_input,)
    commands = (ERASER,)
    place = Place(7, "Samples", "tab", 50, 54)
    also = (Place(108, "Completions", "tab", 54, 48, "unboxing"),)
    sentence = (
        "A pad on which you draw an image with the mouse or a pen. The image is encoded while you draw, and the purple "
        "q(z|x) in the plane follows. Ink is first scaled and centred like the digits of MNIST. Undo removes a stroke."
    )
    equation = (
        r"\mathbf{x}\mapsto q_\phi(\mathbf{z}\mid\mathbf{x})"
        r"=\mathcal{N}(\mathbf{z}\mid\boldsymbol{\mu},\mathrm{diag}\,\boldsymbol{\sigma}^2)"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.pad = SketchSurface("Sketch pad", "Draw here.")
        self.input = Picture("Input of the model", "Input of the model")
        self.how = QLabel()
        self.how.setWordWrap(True)
        self.how.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.pen, self.clear = FormLine(SketchPadSettings), Button("Clear")
        self._lay_out()
        self._drawing: Sketch | None = None  # the sketch with the stroke that is being drawn
        self._gesture, self._action = object(), ""
        self.clear.clicked.connect(self._on_clear)
        self.pen.changed.connect(self._on_pen)
        self.pad.put_down.connect(self._on_put_down)
        self.pad.drawn.connect(self._on_drawn)

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.addWidget(self.pen, 1)
        controls.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 10, 6)
        column.addWidget(SideBySide(self.pad, self.input), 1)
        column.addLayout(controls)
        foot = Foot(self, LOW)
        foot.row.setContentsMargins(0, 0, 0, 0)
        foot.row.addWidget(self.how)
        column.addWidget(foot)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.pen.show_part(document[SketchPadSettings])
        self.pad.show_strokes(document.input.strokes if isinstance(document.input, Sketch) else ())

    def draw(self, scene: Scene) -> None:
        if (image := scene.get(sketch_input)) is not None:
            self.input.show_ink(image.ink)
            self.how.setText(_in_words(image))

    def _on_clear(self) -> None:
        self.edited.emit(Edit("Clear the sketch", self.document.with_input(Blank())))

    def _on_pen(self, pen: Part, what: str, gesture: object) -> None:
        assert isinstance(pen, SketchPadSettings)
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(pen), gesture))

    def _on_put_down(self, x: float, y: float, pressure: float, other_end: bool) -> None:
        self.hint_changed.emit(HINT)
        selected, self._drawing = self.document.input, None
        pen = self.document[SketchPadSettings]
        erases = other_end or pen.eraser
        if erases and not isinstance(selected, Sketch):
            self.refused.emit(NOTHING)
            return
        self._gesture, self._action = object(), "Erase" if erases else "Draw a stroke"
        sketch = selected if isinstance(selected, Sketch) else Sketch()
        self._take(partial(sketch.begin, (x, y, pressure), WIDTHS[pen.pen], erases=erases))

    def _on_drawn(self, x: float, y: float, pressure: float) -> None:
        """Extend the stroke, unless it was refused or undone in the meantime."""
        if self._drawing is not None and self._drawing is self.document.input:
            self._take(partial(self._drawing.go_on, (x, y, pressure)))

    def _take(self, drawing: Callable[[], Sketch]) -> None:
        """Commit the sketch; all edits of one stroke are one step of undo."""
        try:
            self._drawing = drawing()
        except ValueError as refusal:
            self._drawing = None
            self.refused.emit(str(refusal))
        else:
            document = self.document.with_input(self._drawing)
            self.edited.emit(Edit(self._action, document, (id(self), self._gesture)))


def _in_words(image: SketchInput) -> str:
    """Return a sentence about the steps from the sketch to the input of the model."""
    h, w = image.shape[:2]
    if image.light:
        return f"Right: the input of the model, the whole pad, black on white, at {h}×{w} pixels."
    side = round(BOX * min(h, w))
    return (
        f"Right: the input of the model, scaled to fit {side}×{side}, then centred in {h}×{w} by its centre of mass, "
        "like the digits of MNIST."
    )
