"""The panel Observed image: the observed pixels, the brush that reveals more, and the image decoded for comparison."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.observation import Observation
from engine.latent.probes import Answer, MeasurementPlace
from engine.latent.unboxing import brushing
from engine.latent.unboxing.brushing import WIDTHS
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.unboxing.observed_image import Decoded, Observed, observed_image
from engine.part import title_of
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.plots.images.reveal import Reveal
from gui.plots.images.side_by_side import SideBySide
from gui.shell import theme
from gui.widgets.controls import Combo, ToolButton, labelled
from gui.widgets.notice import Notice
from gui.widgets.numbers import hundredth
from gui.widgets.rows.flow import flowing
from gui.widgets.rows.stacking import Stacking, stacked
from gui.widgets.rows.wrapped import Wrapped

LOADING = "Computing…"
HINT = "Drag, or arrows and Enter: brush · Right-click, or Delete: undo the latest stroke · Space: step"
FIRST_HINT = "Drag to reveal pixels (replaces “{}”) · Space: step"
USUAL = "Medium"
UNDO_STROKE = Command("Undo the latest stroke", "Observe/Observation", edit=brushing.taken_back, line=True,
                      unavailable=brushing.no_stroke_to_take_back,
                      tip="Hide the pixels that only the latest stroke revealed")  # fmt: skip
CLEAR_STROKES = Command("Clear all strokes", "Observe/Observation", edit=brushing.cleared,
                        unavailable=brushing.no_strokes_to_clear, tip="Hide the whole image")  # fmt: skip


class ObservedImage(Panel):
    """The panel Observed image."""

    title = "Observed image"
    role = "likelihood"
    shows = (observed_image,)
    commands = (UNDO_STROKE, CLEAR_STROKES)
    place = Place(102, "Prior", "below", 22, 48, "unboxing")
    sentence = (
        "The selected image with its observed pixels; hidden pixels lie under hatching. Brush over the image to reveal "
        "more. Each stroke is one more observation, and the posterior of the step before becomes its prior. Orange "
        "outlines the latest observation. Beside it: the image decoded under the cursor, or at the posterior mean."
    )
    equation = (
        r"p(\mathbf{z}\mid s_1,\dots,s_n)\propto p_\theta(s_n\mid\mathbf{z})\,p(\mathbf{z}\mid s_1,\dots,s_{n-1})"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.observed: Observed | None = None
        self.answer: Answer | None = None  # the latent under the cursor and its decoded image
        self.image, self.decoded = Reveal("Observed image"), Picture("Decoded image", "")
        self.seen_words, self.decoded_words = Wrapped("Observed pixels"), Wrapped("Decoded latent", keeps=True)
        self.width_choice, self.undo, self.clear = Combo(WIDTHS, "Width of the brush"), ToolButton(), ToolButton()
        self.content, self.notice = QWidget(), Notice(self)
        offer_ways_out(self.notice, self)
        self._hides = QAction("Show hidden pixels", self, checkable=True, checked=True)
        self._gesture, self._drawing = object(), False
        self._last: Observation | None = None  # the observation after the latest movement of the brush
        self._lay_out()
        self._connect()
        self._say(NO_IMAGE)

    def _lay_out(self) -> None:
        self.width_choice.setCurrentText(USUAL)
        column = QVBoxLayout(self.content)
        for name, button in ((UNDO_STROKE.text, self.undo), (CLEAR_STROKES.text, self.clear)):
            button.setAccessibleName(name)
            button.setToolTip(name)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        words = stacked(self.seen_words, self.decoded_words, gap=2)
        column.addWidget(Stacking(("Images", SideBySide(self.image, self.decoded), 1), ("In words", words, 0)), 1)
        column.addWidget(flowing(labelled(self.width_choice, "Brush"), self.undo, self.clear))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.content)
        self.setFocusProxy(self.image)
        self._take_icons()

    def _take_icons(self) -> None:
        self.undo.setIcon(theme.icon("undo"))
        self.clear.setIcon(theme.icon("clear"))

    def _connect(self) -> None:
        self.image.use_brush(WIDTHS[USUAL])
        self.image.put_down.connect(self._on_put_down)
        self.image.drawn.connect(self._on_drawn)
        self.image.lifted.connect(self._on_lifted)
        self.image.taken_back.connect(self._on_undo)
        self.image.stepped.connect(self._on_stepped)
        self.image.moved.connect(self._on_moved)
        self.image.left.connect(self._on_left)
        self.image.menu_wanted.connect(self.menu_wanted)
        self.width_choice.currentTextChanged.connect(self._on_width)
        self.undo.clicked.connect(self._on_undo)
        self.clear.clicked.connect(self._on_clear)
        self._hides.toggled.connect(self.image.show_hidden)

    def _say(self, text: str) -> None:
        """Show a notice instead of the image; the image for an empty text."""
        self.notice.say(text)
        self.content.setVisible(not text)

    def choices(self) -> list[QAction]:
        return [self._hides]

    # Display

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        strokes = brushing.strokes_of(document).steps
        self.undo.setEnabled(bool(strokes and document.step))
        self.clear.setEnabled(bool(strokes))
        if isinstance(document.input, Blank):
            self._say(NO_IMAGE)
        elif self.observed is None:
            self._say(LOADING)
        self._show_brushing(document)

    def _show_brushing(self, document: Latent) -> None:
        """Draw the latest stroke at once, before the pixels under it are computed.

        While the brush is down, undo or a key can replace the observation: then no stroke is being drawn.
        """
        drawn = self._drawing and self._last is document.observation and document.step > 0
        self.image.show_brushing(brushing.strokes_of(document).strokes[document.step - 1] if drawn else None)

    def draw(self, scene: Scene) -> None:
        observed = scene.get(observed_image)
        self.observed = observed
        if observed is None or observed.unavailable:
            self._say(observed.unavailable if observed else NO_IMAGE)
            self.image.show_seen(None, None, np.zeros((1, 1), bool), np.zeros((1, 1), bool))
            self.seen_words.say("")
        else:
            self._say("")
            self.image.show_seen(observed.whole, observed.seen, observed.known, _latest(observed))
            self.seen_words.say(("likelihood", in_words(observed)))
        if not self._drawing:
            self.image.show_brushing(None)
        self._show_decoded()

    def reveal(self, answer: Answer | None) -> None:
        self.answer = answer
        self._show_decoded()

    def select(self, place: Any) -> None:
        added = self.observed.added if self.observed is not None else ()
        chosen = place.n if isinstance(place, MeasurementPlace) else None
        self.image.show_chosen(added[chosen] if chosen is not None and chosen < len(added) else None)

    def fail(self, failure: Failure) -> None:
        self.observed = None
        self.image.show_seen(None, None, np.zeros((1, 1), bool), np.zeros((1, 1), bool))
        self._say(failure.reason)

    def _show_decoded(self) -> None:
        """Show the image decoded under the cursor, or at the posterior mean when the cursor has left."""
        if self.observed is None or self.observed.unavailable:
            self._show_beside(None)
        elif self.answer is not None:
            answer = self.answer
            self._show_beside(Decoded(answer.z, answer.ink, answer.drawn), "hovered", "cursor")
        elif self.observed.mean is not None:
            role = "posterior" if self.observed.step else "prior"
            self._show_beside(self.observed.mean, role, f"{role} mean")

    def _show_beside(self, decoded: Decoded | None, role: str = "", where: str = "") -> None:
        self.decoded.show_ink(decoded.ink if decoded else None)
        self.decoded.frame(role)
        words = f"{where} ({hundredth(decoded.z[0])}, {hundredth(decoded.z[1])}): {decoded.drawn}" if decoded else ""
        self.decoded_words.say((role, words))

    # Actions of the user

    def _on_undo(self) -> None:
        self._drawing = False
        self.requested.emit(UNDO_STROKE)

    def _on_clear(self) -> None:
        self.requested.emit(CLEAR_STROKES)

    def _on_put_down(self, x: float, y: float, pressure: float, other_end: bool) -> None:
        if other_end:
            self._on_undo()
            return
        self._gesture, self._drawing = object(), True
        width = WIDTHS[self.width_choice.currentText()]
        self._try("Brush", partial(brushing.begun, self.document, (x, y, pressure), width), self._gesture)

    def _on_drawn(self, x: float, y: float, pressure: float) -> None:
        """Extend the stroke, unless it was refused or undone in the meantime."""
        if self._drawing and self._last is self.document.observation:
            self._try("Brush", partial(brushing.gone_on, self.document, (x, y, pressure)), self._gesture)

    def _on_lifted(self) -> None:
        self._drawing = False

    def _try(self, text: str, brush: Callable[[], Latent], gesture: object) -> None:
        """Commit the document that `brush` returns; all edits of one stroke are one step of undo."""
        try:
            document = brush()
        except ValueError as refusal:
            self._drawing = False
            self.refused.emit(str(refusal))
            return
        self._last = document.observation
        if document is not self.document:
            self.edited.emit(Edit(text, document, gesture and (id(self), gesture)))

    def _on_stepped(self, by: int) -> None:
        stepped = self.document.step_to(self.document.step + by)
        self.edited.emit(Edit(f"Step to {stepped.step}", stepped, "step"))

    def _on_width(self, name: str) -> None:
        self.image.use_brush(WIDTHS[name])

    def _on_moved(self) -> None:
        brushed = isinstance(self.document.observation, Brushed)
        self.hint_changed.emit(HINT if brushed else FIRST_HINT.format(title_of(type(self.document.observation))))

    def _on_left(self) -> None:
        self.hint_changed.emit("")

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._take_icons()
            self.image.recolour()


def _latest(observed: Observed) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the mask (h, w) of the pixels of the latest observation."""
    return observed.added[observed.step - 1] if observed.step else np.zeros_like(observed.known)


def in_words(observed: Observed) -> str:
    """Return a text with the number of observed pixels."""
    known, total = int(observed.known.sum()), observed.known.size
    if not known:
        return "no observations yet: brush over the image"
    if known == total and len(observed.added) == 1:
        return f"observed: {observed.measured[0]}"
    if len(observed.added) == 1:
        return f"observed: {known:,} of {total:,} pixels"
    return f"observed: {known:,} of {total:,} pixels, latest {int(_latest(observed).sum()):,}"
