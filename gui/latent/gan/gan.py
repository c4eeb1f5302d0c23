"""The panel GAN: a GAN beside the VAE, decoded over the same plane, and both images at the latent under the cursor."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.derived import Scene
from engine.document import Document, Probe
from engine.latent.document import Latent
from engine.latent.gan.gan import NO_GAN, REFUSALS, GanSettings, gan_plane, toggle_difference, toggle_projection
from engine.latent.gan.gan_training import with_shipped_collapse
from engine.latent.gan.projection import Projection, projection
from engine.latent.model import INKS, Pixels8
from engine.latent.model_source import ModelSource
from engine.latent.plane.decoded_image import middle
from engine.latent.plane.plane import test_image_places
from engine.latent.probes import Answer, LatentPlace
from gui.latent.gan.gan_trainer import START
from gui.latent.gan.pinning import PinningPanel
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Place
from gui.plots.images.difference import Difference, Scale
from gui.plots.images.picture import Picture
from gui.plots.planes.mosaic import MosaicPlot
from gui.widgets.controls import CheckBox, Combo
from gui.widgets.folding import Folding
from gui.widgets.notice import Notice
from gui.widgets.numbers import coordinate
from gui.widgets.rows.flow import flowing
from gui.widgets.rows.wrapped import Wrapped
from gui.widgets.scrolling import scrolling

EMPTY = "Move over a plane."
HIGHEST = 128  # pixels, of an image


def is_difference_shown(document: Latent) -> bool:
    """Return whether the difference of both images is shown."""
    return document[GanSettings].difference


DIFFERENCE = Command("Difference of GAN and VAE", "View", edit=toggle_difference, checked=is_difference_shown,
                     tip="Show or hide G(z) − E[x|z] at the latent under the cursor")  # fmt: skip


def is_projection_shown(document: Latent) -> bool:
    """Return whether the projection of the selected image is shown."""
    return document[GanSettings].projection


PROJECTION = Command("Projection onto the GAN", "View", edit=toggle_projection, checked=is_projection_shown,
                     tip="Search the z whose G(z) is nearest to the selected image; this is no inference")  # fmt: skip

COLLAPSED = Command("GAN that collapsed", "Model/Shipped models", edit=with_shipped_collapse,
                    tip="Open a small VAE and the GAN beside it, which draws the same image everywhere")  # fmt: skip


class Gan(PinningPanel):
    """The panel GAN."""

    title = "GAN"
    role = "prior"
    shows = (gan_plane, middle, projection, test_image_places)
    commands = (DIFFERENCE, PROJECTION, COLLAPSED)
    place = Place(60, "Samples", "tab", 50, 54)
    hint = "Move: both images at the same z · Click: pin · Drag: move both planes · Wheel: zoom"
    sentence = (
        "The same decoder, trained as the generator G of a GAN: a second network, the discriminator D, judges its "
        "images. The plane has the same prior and moves with the panel The plane. The images are sharper. Between two "
        "digits the VAE blurs, and the GAN draws sharp images that are no digits."
    )
    equation = (
        r"\min_G\max_D\ \mathbb{E}_{\mathbf{x},\mathbf{z}}"
        r"[\ln\sigma(D(\mathbf{x})-D(G(\mathbf{z})))]-\frac{\gamma}{2}\,\mathbb{E}\|\nabla D\|^2"
    )

    def __init__(self) -> None:
        start = Latent()
        self.mosaic = MosaicPlot("The plane of the GAN, decoded", start.chart.axes, start.chart.home)
        super().__init__(self.mosaic)
        self.vae, self.gan = Picture("Image of the VAE", EMPTY), Picture("Image of the GAN", EMPTY)
        self.difference, self.scale = (
            Difference("Difference of both images", EMPTY),
            Scale("Colours of the difference G(z) − E[x|z]"),
        )
        self.scale.show_ends("", "")
        self.words = Wrapped("Position of the latent", keeps=True)
        self.show_difference = CheckBox("Difference")
        self.show_difference.setToolTip(DIFFERENCE.tip)
        self.show_difference.clicked.connect(self._on_difference)
        self.show_projection = CheckBox("Projection")
        self.show_projection.setToolTip(PROJECTION.tip)
        self.show_projection.clicked.connect(self._on_projection)
        self.projected = Wrapped("Projection of the selected image")
        self.projected.hide()
        self.question, self.reason = Combo(REFUSALS, "Why a GAN has no"), QLabel()
        self.question.activated.connect(self._on_question)
        self._lay_out()
        self.absent = Notice(self)
        self.absent.offer(NO_GAN, START.text, START)
        self.absent.asked.connect(self.requested)
        self._both: tuple[Pixels8, Pixels8] | None = None
        self._place: Probe | None = None  # of the latest answer, while the cursor is there
        self._model: ModelSource | None = None  # of the last document
        self._projection: Projection | None = None  # whose images were shown
        self._on_question()
        self._show_absent(True)

    def _lay_out(self) -> None:
        self.reason.setWordWrap(True)
        pictures = QWidget()
        grid = QGridLayout(pictures)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        named = ("VAE: E[x|z]", self.vae), ("GAN: G(z)", self.gan), ("", self.difference)
        for i, (name, picture) in enumerate(named):
            grid.addWidget(QLabel(name), 0, i)
            grid.addWidget(picture, 1, i)
            picture.setMaximumHeight(HIGHEST)
        grid.addWidget(self.scale, 2, 0, 1, 3)
        inside = QWidget()
        column, why = QVBoxLayout(inside), QLabel("Why a GAN has no")
        why.setBuddy(self.question)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(pictures)
        checks = flowing(self.show_difference, self.show_projection)
        for widget in (self.words, checks, self.projected, flowing(why, self.question), self.reason):
            column.addWidget(widget)
        column.addStretch(1)
        self.side = scrolling(inside, growing=True, shrinking=True)
        self.column.removeWidget(self.mosaic)
        self.parts = Folding(("Plane", self.mosaic, 1, 10), ("Images", self.side, 1, 14), column_from=26)
        self.column.addWidget(self.parts)

    def _show_absent(self, absent: bool) -> None:
        """Show the reason and the button instead of the plane and the images, or these."""
        self.absent.say(NO_GAN if absent else "")
        self.parts.setVisible(not absent)

    def clear(self) -> None:
        self.mosaic.clear()

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        super().echo(document)
        if document.model != self._model and self._place is None:
            self._forget()
        self._model = document.model
        self.mosaic.show_pins(document.pin_places)
        shown = is_difference_shown(document)
        self.show_difference.setChecked(shown)
        self.difference.setVisible(shown)
        self.scale.setVisible(shown)
        self.show_projection.setChecked(is_projection_shown(document))
        if not is_projection_shown(document):
            self._projection = None
            self.projected.hide()

    def draw(self, scene: Scene) -> None:
        self.fit_as_the_plane(scene)
        plane = scene.get(gan_plane)
        self._show_absent(plane is None)
        if plane is None:
            self.mosaic.clear()
            self.caption_changed.emit("")
            return
        self.mosaic.show_mosaic(plane.mosaic)
        self.caption_changed.emit(f"after {plane.step:,} steps")
        self._show_projection(scene)
        if self._both is None and self._place is not None:
            self.probed.emit(self._place)  # the answer came before the GAN was loaded
        elif self._both is None and (answer := scene.get(middle)) is not None:
            assert isinstance(scene.document, Latent)
            if scene.document.model == self._model:  # a scene from before the model changed can arrive after it
                self._show(answer)

    def _show_projection(self, scene: Scene) -> None:
        """Say where the projection is, and show both images at its z when it is new.

        A scene without it is not complete yet: what is known stays.
        """
        if projection not in scene:
            return
        found = scene.get(projection)
        before, self._projection = self._projection, found
        self.projected.setVisible(found is not None)
        if found is None:
            return
        if found.z is None:
            self.projected.say(found.name)
            return
        place = ", ".join(map(coordinate, found.z))
        self.projected.say(f"{found.name}: nearest at ({place}), root mean square {found.distance:.3f}; no inference")
        if found != before:
            assert isinstance(scene.document, Latent)
            (across, up), *_ = scene.document.chart.to_place(np.array([found.z]))
            self.probed.emit(LatentPlace(float(across), float(up)))

    def reveal(self, answer: Answer | None) -> None:
        place = answer.place if answer else None
        self.mosaic.show_here((place.across, place.up) if isinstance(place, LatentPlace) else None)
        self._place = place
        if answer is not None:
            self._show(answer)

    def _forget(self) -> None:
        """Show no images: the last ones were decoded by another model."""
        self._both = None
        for picture in (self.vae, self.gan):
            picture.show_ink(None)
        self.difference.show_difference(None)
        self.words.say("")

    def _show(self, answer: Answer) -> None:
        """Show both images at the latent of an answer."""
        self._both = (answer.ink, answer.beside) if answer.beside is not None else None
        self.vae.show_ink(answer.ink)
        self.gan.show_ink(answer.beside)
        self.difference.show_difference(self._difference())
        self.words.say(f"z = ({coordinate(answer.z[0])}, {coordinate(answer.z[1])})")

    def _difference(self) -> np.ndarray | None:
        """G(z) − E[x|z], from −1 to 1."""
        if self._both is None:
            return None
        vae, gan = (ink.astype(np.float32) / INKS for ink in self._both)
        return gan - vae

    def fail(self, failure: Failure) -> None:
        self._show_absent(True)
        self.absent.say(failure.reason)

    def _on_difference(self) -> None:
        self.requested.emit(DIFFERENCE)

    def _on_projection(self) -> None:
        self.requested.emit(PROJECTION)

    def _on_question(self) -> None:
        self.reason.setText(REFUSALS[self.question.currentText()])
