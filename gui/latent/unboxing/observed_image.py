"""Observed image: what has been seen of it so far, where it is brushed, and what is decoded under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from engine.latent.scene import Answer, Scene
from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.observation import Observation
from engine.latent.unboxing import brushing
from engine.latent.unboxing.brushing import WIDTHS
from engine.latent.unboxing.observed_image import Decoded, MeasurementPlace, Observed
from engine.part import title_of
from engine.plane import Viewport
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.picture import Picture
from gui.plots.images.reveal import Reveal
from gui.plots.images.side_by_side import Beside
from gui.shell import theme
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice
from gui.widgets.numbers import shown

EMPTY = (
    "No image is looked into yet. Choose one in the Gallery, draw one on the Sketch pad, or drop or paste a picture."
)
LOADING = "The image is being looked at."
HINT = "Drag: brush · Right-click, Delete: take the latest stroke back · Arrows, Enter: brush by keyboard · Space: step"
ANEW = "Drag: look only at what you brush, instead of at “{}” · Space: step"
ONCE = Viewport(0, 1, 0, 1, 1, 1)  # it is the same whatever is on the screen
USUAL = "Medium"


class ObservedImage(Panel):
    """Observed image."""

    title = "Observed image"
    role = "likelihood"
    draws = "observed_image"
    place = Place(102, "Prior", "below", 24, 48, "unboxing")
    sentence = (
        "What has been seen of the image at this step: what is known is crisp, what is hidden lies under hatching. "
        "Brush over the image to uncover more: each stroke is one more observation, and the posterior of the step "
        "before becomes its prior. The orange outline is what was seen last. Beside it is what the decoder draws under "
        "the cursor in the heatmaps, or at the posterior's mean."
    )
    equation = (
        r"p(\mathbf{z}\mid s_1,\dots,s_n)\propto p_\theta(s_n\mid\mathbf{z})\,p(\mathbf{z}\mid s_1,\dots,s_{n-1})"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.observed: Observed | None = None
        self.answer: Answer | None = None  # what is under the cursor
        self.image, self.decoded = Reveal("Observed image"), Picture("Decoded picture", "")
        self.seen_words, self.decoded_words = Elided("What is seen"), Elided("What is decoded")
        self.width_choice, self.back, self.clear = QComboBox(), QToolButton(), QToolButton()
        self.content, self.notice = QWidget(), Notice(self)
        self._hides = QAction("Show what is hidden", self, checkable=True, checked=True)
        self._gesture, self._drawing = object(), False
        self._last: Observation | None = None  # as the brush has left it
        self._lay_out()
        self._connect()
        self._say(EMPTY)

    def _lay_out(self) -> None:
        self.width_choice.addItems(list(WIDTHS))
        self.width_choice.setCurrentText(USUAL)
        self.width_choice.setAccessibleName("Width of the brush")
        self.width_choice.setToolTip("Width of the brush")
        controls, words, column = QHBoxLayout(), QVBoxLayout(), QVBoxLayout(self.content)
        controls.addWidget(self.width_choice, 1)
        for name, button in (("Take the latest stroke back", self.back), ("Cover the whole image again", self.clear)):
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.setIconSize(QSize(16, 16))
            controls.addWidget(button)
        words.setSpacing(2)
        words.addWidget(self.seen_words)
        words.addWidget(self.decoded_words)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        column.addWidget(Beside(self.image, self.decoded), 1)
        column.addLayout(words)
        column.addLayout(controls)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.content)
        self.setFocusProxy(self.image)
        self._take_icons()

    def _take_icons(self) -> None:
        self.back.setIcon(theme.icon("undo"))
        self.clear.setIcon(theme.icon("clear"))

    def _connect(self) -> None:
        self.image.use_brush(WIDTHS[USUAL])
        self.image.put_down.connect(self._on_put_down)
        self.image.drawn.connect(self._on_drawn)
        self.image.lifted.connect(self._on_lifted)
        self.image.taken_back.connect(self.take_back)
        self.image.stepped.connect(self._on_stepped)
        self.image.moved.connect(self._on_moved)
        self.image.left.connect(self._on_left)
        self.image.menu_wanted.connect(self.menu_wanted)
        self.width_choice.currentTextChanged.connect(self._on_width)
        self.back.clicked.connect(self.take_back)
        self.clear.clicked.connect(self.wipe)
        self._hides.toggled.connect(self.image.show_hidden)

    def _say(self, text: str) -> None:
        """Instead of the image."""
        self.notice.say(text)
        self.content.setVisible(not text)

    def choices(self) -> list[QAction]:
        return [self._hides]

    # Told by the page

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        strokes = brushing.strokes_of(document).steps
        self.back.setEnabled(bool(strokes and document.step))
        self.clear.setEnabled(bool(strokes))
        if isinstance(document.input, Blank):
            self._say(EMPTY)
        elif self.observed is None:
            self._say(LOADING)
        self._show_brushing(document)

    def _show_brushing(self, document: Latent) -> None:
        """A stroke is seen before it is known which pixels are under it."""
        strokes = brushing.strokes_of(document).strokes
        self.image.show_brushing(strokes[document.step - 1] if self._drawing and document.step else None)

    def draw(self, scene: Scene) -> None:
        found: Observed | None = scene.pictures.get(self.draws)
        self.observed = found
        if found is None or found.lacking:
            self._say(found.lacking if found else EMPTY)
            self.image.show_seen(None, None, np.zeros((1, 1), bool), np.zeros((1, 1), bool))
            self.seen_words.say("")
        else:
            self._say("")
            self.image.show_seen(found.whole, found.seen, found.known, _latest(found))
            self.seen_words.say(("likelihood", in_words(found)))
        if not self._drawing:
            self.image.show_brushing(None)
        self._show_decoded()

    def reveal(self, answer: Answer | None) -> None:
        self.answer = answer
        self._show_decoded()

    def select(self, place: Any) -> None:
        found = self.observed
        chosen = place.n if isinstance(place, MeasurementPlace) else None
        there = found is not None and chosen is not None and chosen < len(found.added)
        self.image.show_chosen(found.added[chosen] if found is not None and there else None)

    def fail(self, failure: Failure) -> None:
        self.observed = None
        self.image.show_seen(None, None, np.zeros((1, 1), bool), np.zeros((1, 1), bool))
        self._say(failure.reason)

    def appear(self, seen: bool) -> None:
        self.viewport_changed.emit(self.draws, ONCE if seen else None)

    def _show_decoded(self) -> None:
        """Under the cursor; when it is away at the posterior's mean."""
        if self.observed is None or self.observed.lacking:
            self._show_beside(None)
        elif self.answer is not None:
            found = self.answer
            self._show_beside(Decoded(found.z, found.ink, found.drawn), "hovered", "cursor")
        elif self.observed.mean is not None:
            of = "posterior" if self.observed.step else "prior"
            self._show_beside(self.observed.mean, of, f"{of}'s mean")

    def _show_beside(self, decoded: Decoded | None, role: str = "", where: str = "") -> None:
        self.decoded.show_ink(decoded.ink if decoded else None)
        self.decoded.frame(role)
        words = f"{where} ({shown(decoded.z[0], 3)}, {shown(decoded.z[1], 3)}): {decoded.drawn}" if decoded else ""
        self.decoded_words.say((role, words))

    # Done by the user

    def take_back(self) -> None:
        """The latest of the strokes that are seen."""
        self._try("Take a stroke back", partial(brushing.taken_back, self.document), None)

    def wipe(self) -> None:
        """Cover everything again."""
        self._try("Clear the strokes", partial(brushing.cleared, self.document), None)

    def _on_put_down(self, x: float, y: float, pressure: float, other_end: bool) -> None:
        if other_end:
            self.take_back()
            return
        self._gesture, self._drawing = object(), True
        width = WIDTHS[self.width_choice.currentText()]
        self._try("Brush", partial(brushing.begun, self.document, (x, y, pressure), width), self._gesture)

    def _on_drawn(self, x: float, y: float, pressure: float) -> None:
        """The brush uncovers nothing any more if its stroke was refused, or taken back meanwhile."""
        if self._drawing and self._last is self.document.observation:
            self._try("Brush", partial(brushing.gone_on, self.document, (x, y, pressure)), self._gesture)

    def _on_lifted(self) -> None:
        self._drawing = False

    def _try(self, text: str, made: Callable[[], Latent], gesture: object) -> None:
        """All of one stroke is one step of undo."""
        try:
            document = made()
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
        self.hint_changed.emit(HINT if brushed else ANEW.format(title_of(type(self.document.observation))))

    def _on_left(self) -> None:
        self.hint_changed.emit("")

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._take_icons()
            self.image.recolour()


def _latest(found: Observed) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return found.added[found.step - 1] if found.step else np.zeros_like(found.known)


def in_words(found: Observed) -> str:
    """How much is seen."""
    seen, all_of_them = int(found.known.sum()), found.known.size
    if not seen:
        return "nothing is seen yet: brush over the image"
    if seen == all_of_them and len(found.added) == 1:
        return f"seen: {found.measured[0]}"
    if len(found.added) == 1:
        return f"seen: {seen:,} of {all_of_them:,} pixels"
    return f"seen: {seen:,} of {all_of_them:,} pixels, last {int(_latest(found).sum()):,}"
