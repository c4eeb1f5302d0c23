"""Generating: pictures of latents that are drawn, pixels that are drawn of them, and what they were learnt from."""

from __future__ import annotations

import numpy as np
from engine.latent.scene import Scene, UnboxedPlace
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.document import Document
from engine.latent.document import Latent
from engine.latent.model import BLANK
from engine.latent.unboxing.generated_images import PRIOR, RARE, Generated, GeneratedImagesSettings
from engine.latent.unboxing.generated_images import Generating as Chosen
from engine.plane import Viewport
from gui.forms.form_line import FormLine
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.generated_rows import GeneratedRows
from gui.widgets.elided import Elided
from gui.widgets.notice import Notice

HINT = "Hover: where its latent is · Click: pin it · Arrows, Enter: the same by keyboard"
LOADING = "The model is being loaded."
DRAWN = {
    "Bernoulli": "each pixel is ink or paper",
    "GreyBernoulli": "each pixel is ink or paper, because of greys this likelihood has no density",
    "ContinuousBernoulli": "each pixel is a grey value",
    "Gaussian": "each pixel is its mean + noise, clipped to 0…1 only to be shown",
    "LinearGaussian": "each pixel is its mean + noise, clipped to 0…1 only to be shown",
}
HEADINGS = ("E[x|z], the mean:\nwhat is usually shown", "x ~ p(x|z), drawn:\nwhat the model says")
NEAREST = "Nearest training image:\nnew, or remembered?"
SEARCHING = "The nearest training images are being looked for."
MISSING = "No training images\nto compare with."


class Generating(Panel):
    """Generating."""

    title = "Generating"
    role = "prior"
    draws = "generating"
    place = Place(112, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "Latents are drawn and decoded. The mean of p(x|z) is smooth; a picture drawn from p(x|z), pixel by pixel, is "
        "what the model really says. Below is the training image whose pixels differ least from the mean; a picture "
        "that is nearer to its own than 95 % of real, held-out images are to theirs may be remembered. The mean is "
        "smoother than any image, which alone brings it a little nearer."
    )
    equation = (
        r"\mathbf{z}\sim p(\mathbf{z})\ \mathrm{or}\ \frac1N\sum_n q_\phi(\mathbf{z}\mid\mathbf{x}_n),\quad"
        r"\mathbf{x}\sim p_\theta(\mathbf{x}\mid\mathbf{z}),\quad"
        r"\min_n\|\mathbb{E}[\mathbf{x}\mid\mathbf{z}]-\mathbf{x}_n\|"
    )

    def __init__(self) -> None:
        super().__init__()
        self.document = Latent()
        self.generated: Generated | None = None
        self.again, self.form = QPushButton("Draw again"), FormLine(Chosen)
        self.rows = GeneratedRows("Generated pictures", (*HEADINGS, NEAREST))
        self.source_words, self.near_words = Elided("Where the latents come from"), Elided("New, or remembered")
        self.content = QWidget()
        self._lay_out()
        self.content.hide()
        self.notice = Notice(self)
        self.notice.say(LOADING)
        self.setFocusProxy(self.rows)
        self.again.clicked.connect(self._on_again)
        self.form.changed.connect(self._on_form)
        self.rows.pointed.connect(self._on_pointed)
        self.rows.picked.connect(self._on_picked)

    def _lay_out(self) -> None:
        self.again.setToolTip("Generate other pictures")
        self.again.setAccessibleName("Generate other pictures")
        controls, inside, words = QHBoxLayout(), QVBoxLayout(self.content), QVBoxLayout()
        controls.setContentsMargins(10, 6, 10, 0)
        controls.setSpacing(12)
        controls.addWidget(self.again)
        controls.addWidget(self.form, 1)
        self.form.line.setStretchFactor(self.form.editors["source"], 3)
        words.setContentsMargins(10, 2, 10, 6)
        words.setSpacing(2)
        words.addWidget(self.source_words)
        words.addWidget(self.near_words)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addLayout(controls)
        inside.addWidget(_scrolling(self.rows), 1)
        inside.addLayout(words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.content)

    # What the user does

    def _on_again(self) -> None:
        self._change("Generate other pictures", self.document[GeneratedImagesSettings].fresh())

    def _on_form(self, chosen: Chosen, what: str, gesture: object) -> None:
        self._change(f"Change {what}", chosen, gesture)

    def _change(self, text: str, chosen: Chosen, gesture: object = None) -> None:
        self.edited.emit(Edit(text, self.document.with_setting(chosen), gesture))

    def _on_pointed(self, i: int | None) -> None:
        self.hint_changed.emit("" if i is None else HINT)
        if self.generated is not None and i is not None:
            self.probed.emit(UnboxedPlace(*map(float, self.generated.z[i])))
        else:
            self.probed.emit(None)

    def _on_picked(self, i: int) -> None:
        if self.generated is not None:
            across, up = map(float, self.generated.z[i])
            self.edited.emit(Edit("Pin picture", self.document.pin((across, up))))

    # What is shown

    def appear(self, seen: bool) -> None:
        self.viewport_changed.emit(self.draws, Viewport(0, 1, 0, 1) if seen else None)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        self.form.show_part(document[GeneratedImagesSettings])

    def draw(self, scene: Scene) -> None:
        found: Generated = scene.pictures[self.draws]
        self.generated = found
        self.content.show()
        self.notice.say("")
        self.rows.show_headings((*HEADINGS, NEAREST if found.nearest or not found.lacking else MISSING))
        nearest = (found.nearest.ink,) if found.nearest else (np.full_like(found.mean, BLANK),)
        self.rows.show_rows((found.mean, found.sampled, *nearest), _words(found), found.near)
        source = "p(z)" if found.source == PRIOR else "q̄(z)"
        self.caption_changed.emit(f"z ~ {source}, x ~ p(x|z): {DRAWN.get(found.likelihood, 'pixel by pixel')}")
        self.source_words.say(("prior" if found.source == PRIOR else "variational", _whence(found)))
        self.near_words.say(_near(found))

    def fail(self, failure: Failure) -> None:
        self.generated = None
        self.content.hide()
        self.notice.say(failure.reason)


def _scrolling(rows: GeneratedRows) -> QScrollArea:
    """As large as the panel, and scrolled only if that is too low."""
    area = QScrollArea()
    area.setWidget(rows)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    return area


def _words(found: Generated) -> tuple[tuple[str, str, str], ...]:
    """Under each column the nearest image's class and distance, and what that means."""
    if found.nearest is None:
        return ()
    known = found.reference is not None
    return tuple(
        (f"“{name}”", _figure(away), known * ("remembered?" if close else "new"))
        for name, away, close in zip(found.nearest.classes, found.nearest.distance, found.near, strict=True)
    )


def _whence(found: Generated) -> str:
    holes = f"{int(found.holes.sum())} of {len(found.z)} in holes"
    if found.source == PRIOR:
        return (
            f"Prior: {holes} ({100 * found.hole_mass:.0f} % of p(z)), where no image taught the decoder what to draw."
        )
    return f"q̄(z): where images are encoded, so the decoder was taught what to draw; {holes}."


def _near(found: Generated) -> str:
    known = found.reference
    if known is None:
        return found.lacking or SEARCHING
    return (
        f"{int(found.near.sum())} of {len(found.z)} remembered? Of {known.images} test images 50 % lie within "
        f"{_figure(known.median)} of a training one, {100 * RARE:.0f} % within {_figure(known.low)}."
    )


def _figure(distance: float) -> str:
    """Two digits, or as many as are left of the point."""
    return f"{distance:.2g}" if distance < 1 else f"{distance:.1f}" if distance < 10 else f"{distance:.0f}"
