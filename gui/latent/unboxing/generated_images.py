"""The panel Generated images: decoded latents, images sampled from p(x|z), and their nearest training images."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document
from engine.latent.document import Latent
from engine.latent.gan.gan import NO_GAN
from engine.latent.model import BLANK
from engine.latent.probes import UnboxedPlace
from engine.latent.unboxing.generated_images import (
    PRIOR,
    RARE,
    Generated,
    GeneratedImagesSettings,
    generate_again,
    generated_images,
)
from gui.forms.form_line import FormLine
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Panel, Place
from gui.page.store import Edit
from gui.plots.images.generated_rows import GeneratedRows
from gui.widgets.controls import Button
from gui.widgets.notice import LOADING, Notice
from gui.widgets.rows.flow import flowing
from gui.widgets.rows.stacking import Stacking
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import CalmArea

FIRST = ("source", "count", "seed")  # the settings in the first line
NO_PLACE = "This image has {latents} latents. Only images of models with two latents can be pinned in a plane."
HINT = "Hover, or arrows: ring its latent in the planes · Click, or Enter: pin it"
DRAWN = {
    "Bernoulli": "each pixel is ink or paper",
    "GreyBernoulli": "each pixel is ink or paper; this likelihood has no density of greys",
    "ContinuousBernoulli": "each pixel is a grey value",
    "Gaussian": "each pixel is its mean + noise, clipped to 0…1 for display",
    "LinearGaussian": "each pixel is its mean + noise, clipped to 0…1 for display",
}
OF_GAN = ("G(z) of the GAN:\nno p(x|z), no sample",)
HEADINGS = ("E[x|z], the mean:\nusually shown", "x ~ p(x|z), a sample:\nof the model")
NEAREST = "Nearest training image:\nnew or memorised?"
SEARCHING = "Computing the nearest training images…"
NEW_IMAGES = Command("New generated images", "View/New samples", edit=generate_again, tip="Generate new images")
MISSING = "No training images\nto compare with."


class GeneratedImages(Panel):
    """The panel Generated images."""

    title = "Generated images"
    role = "prior"
    shows = (generated_images,)
    commands = (NEW_IMAGES,)
    place = Place(112, "Completions", "tab", 54, 48, "unboxing")
    sentence = (
        "Images generated from latents drawn from the prior or the aggregate posterior. Rows: the mean of p(x|z), a "
        "sample of p(x|z), and the training image nearest to the mean. An image nearer to it than 95 % of test images "
        "are to theirs may be memorised. The mean is smooth, which alone makes it a little nearer."
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
        self.new, self.form = Button("New images"), FormLine(GeneratedImagesSettings, only=FIRST)
        self.origin = FormLine(GeneratedImagesSettings, only=("decoder",))
        self.rows = GeneratedRows("Generated images", (*HEADINGS, NEAREST))
        self.source_words, self.near_words = Wrapped("Source of the latents"), Wrapped("New or memorised")
        self.content = QWidget()
        self._lay_out()
        self.content.hide()
        self.notice = Notice(self)
        self.notice.say(LOADING)
        self.setFocusProxy(self.rows)
        self.new.clicked.connect(self._on_new)
        for form in (self.form, self.origin):
            form.changed.connect(self._on_form)
        self.rows.pointed.connect(self._on_pointed)
        self.rows.picked.connect(self._on_picked)

    def _lay_out(self) -> None:
        self.new.setToolTip(NEW_IMAGES.tip)
        self.new.setAccessibleName(NEW_IMAGES.tip)
        inside, words = QVBoxLayout(self.content), QVBoxLayout()
        words.setContentsMargins(10, 2, 10, 6)
        words.setSpacing(2)
        words.addWidget(self.source_words)
        words.addWidget(self.near_words)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        controls = flowing(self.new, self.form, self.origin, gap=12, margins=(10, 6, 10, 0))
        rows = QWidget()
        rows.setLayout(words)
        parts = ("Choices", controls, 0), ("Images", _scrolling(self.rows), 1), ("In words", rows, 0)
        inside.addWidget(Stacking(*parts, front=1))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.content)

    # Actions of the user

    def _on_new(self) -> None:
        self.requested.emit(NEW_IMAGES)

    def _on_form(self, chosen: GeneratedImagesSettings, what: str, gesture: object) -> None:
        self.edited.emit(Edit(f"Change {what}", self.document.with_setting(chosen), gesture))

    def _on_pointed(self, i: int | None) -> None:
        place = None if i is None else self._latent(i)
        self.hint_changed.emit(HINT if place else "")
        self.probed.emit(UnboxedPlace(*place) if place else None)

    def _on_picked(self, i: int) -> None:
        if place := self._latent(i):
            self.edited.emit(Edit("Pin image", self.document.pin(place)))
        elif self.generated is not None:
            self.refused.emit(NO_PLACE.format(latents=self.generated.latents))

    def _latent(self, i: int) -> tuple[float, float] | None:
        """The latent of an image; None if it is not known, or has more than two numbers."""
        if self.generated is None or self.generated.z.shape[1] != 2:
            return None
        across, up = map(float, self.generated.z[i])
        return across, up

    # Display

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        self.document = document
        for form in (self.form, self.origin):
            form.show_part(document[GeneratedImagesSettings])

    def draw(self, scene: Scene) -> None:
        generated = scene.get(generated_images)
        if generated is None:
            return
        self.generated = generated
        self.content.show()
        self.notice.say("")
        of_gan = generated.decoder == "GAN"
        headings, images = (OF_GAN, ()) if of_gan else (HEADINGS, (generated.sampled,))
        self.rows.show_headings((*headings, NEAREST if generated.nearest or not generated.unavailable else MISSING))
        nearest = (generated.nearest.ink,) if generated.nearest else (np.full_like(generated.mean, BLANK),)
        self.rows.show_rows((generated.mean, *images, *nearest), _words(generated), generated.near)
        source, role = ("p(z)", "prior") if generated.source == PRIOR else ("q̄(z)", "variational")
        how = "x = G(z)" if of_gan else f"x ~ p(x|z): {DRAWN.get(generated.likelihood, 'pixel by pixel')}"
        missing = self.document[GeneratedImagesSettings].decoder == "GAN" and not of_gan
        self.caption_changed.emit(NO_GAN if missing else f"z ~ {source}, {how}")
        self.source_words.say((role, _source(generated)))
        self.near_words.say(_near(generated))

    def fail(self, failure: Failure) -> None:
        self.generated = None
        self.content.hide()
        self.notice.say(failure.reason)


def _scrolling(rows: GeneratedRows) -> CalmArea:
    """Return a scroll area for the rows, which scrolls only if the panel is too low."""
    area = CalmArea()
    area.setWidget(rows)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    return area


def _words(generated: Generated) -> tuple[tuple[str, str, str], ...]:
    """Return the texts under each column: the class of the nearest image, its distance, and the verdict."""
    if generated.nearest is None:
        return ()
    judged = generated.reference is not None
    return tuple(
        (f"“{name}”", _figure(distance), judged * ("memorised?" if near else "new"))
        for name, distance, near in zip(
            generated.nearest.classes, generated.nearest.distance, generated.near, strict=True
        )
    )


def _source(generated: Generated) -> str:
    """Return a sentence about the density of the latents, and how many of them lie in its holes."""
    if generated.latents > 2:
        density = "Prior" if generated.source == PRIOR else "q̄(z)"
        return f"{density} of all {generated.latents} latents. Its holes are known for two latents only."
    holes = f"{int(generated.holes.sum())} of {len(generated.z)} in holes"
    if generated.source == PRIOR:
        return f"Prior: {holes}. Holes are regions without encoded images ({100 * generated.hole_mass:.0f} % of p(z))."
    return f"q̄(z): regions with encoded images; {holes}."


def _near(generated: Generated) -> str:
    """Return a sentence that compares the distances to training images with those of test images."""
    reference = generated.reference
    if reference is None:
        return generated.unavailable or SEARCHING
    return (
        f"{int(generated.near.sum())} of {len(generated.z)} memorised? Of {reference.images} test images, 50 % lie "
        f"within {_figure(reference.median)} of a training image, {100 * RARE:.0f} % within {_figure(reference.low)}."
    )


def _figure(distance: float) -> str:
    """Return a distance as text with two significant digits, or as an integer from 10 on."""
    return f"{distance:.2g}" if distance < 1 else f"{distance:.1f}" if distance < 10 else f"{distance:.0f}"
