"""Prior, Likelihood and Posterior: three heatmaps over the same latents (z₀, z₁), linked."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from engine.latent.gaussian_q import gaussian_q
from engine.latent.scene import Answer, Scene, UnboxedPlace
from msgspec.structs import replace
from PySide6.QtGui import QAction, QActionGroup

from engine.document import Document
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.image.reparameterisation import ReparameterisationSettings
from engine.latent.unboxing.latent_space import LATENTS, SCALES, LatentHeatmapSettings, Planes, closer, ellipse, handles
from engine.plane import Plane, Viewport
from gui.latent.unboxing.lattice_bar import LatticeBar
from gui.page.jobs import Failure
from gui.page.panel import Place
from gui.page.shared.bayes_plane import BayesPlane
from gui.page.store import Edit

LOADING = "Loading PyTorch and the model. The Regression page works meanwhile."
APART = 14  # pixels between two handles of q at least: where they are nearer, only its middle is one


class LatentSpace(BayesPlane):
    """What the three panels share."""

    plane = draws = "latents"
    pinned = "picture"
    hint = "Click: pin the picture · Drag: move · Wheel: zoom · Right-click: remove a pin"

    def __init__(self) -> None:
        super().__init__("latents", ("z₀", "z₁"), LATENTS)
        self.planes: Planes | None = None
        self.bar = LatticeBar(self.plot)
        self.notice.say(LOADING)
        self._closer = QAction("Look closer", self)
        self._closer.triggered.connect(self.look_closer)
        self._scales = QActionGroup(self)
        for scale in SCALES:
            action = QAction(f"Colours: {scale}", self)
            action.setCheckable(True)
            action.setData(scale)
            self._scales.addAction(action)
        self._scales.triggered.connect(self._on_scale)

    def factor_of(self, planes: Planes) -> Plane:
        """Which of the three this panel shows."""
        raise NotImplementedError

    def factor(self, scene: Scene) -> Plane:
        return self.factor_of(scene.pictures[self.draws])

    def empty(self, scene: Scene) -> str:
        found: Planes = scene.pictures[self.draws]
        return found.lacking or "The model is being decoded."

    def place_at(self, x: float, y: float) -> UnboxedPlace:
        return UnboxedPlace(x, y)

    def here(self, answer: Answer) -> tuple[float, float] | None:
        return answer.z

    def choices(self) -> list[QAction]:
        return [*super().choices(), self._closer, *self._scales.actions()]

    def look_closer(self) -> None:
        """To where the posterior is, in all three."""
        if self.planes is None or self.planes.unboxing is None:
            self.refused.emit("There is no posterior to look at yet: choose an image in the Gallery.")
            return
        self.plot.look_at(closer(self.planes.unboxing))
        self.navigated.emit(self.plane, self.plot.shown)

    def _on_scale(self, chosen: QAction) -> None:
        self.edited.emit(Edit("Colour the heatmaps otherwise", self.document.with_scale(chosen.data())))

    def step(self, by: int) -> Edit:
        stepped = self.document.step_to(self.document.step + by)
        return Edit(f"Step to {stepped.step}", stepped, "step")

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        super().echo(document)
        for action in self._scales.actions():
            action.setChecked(action.data() == document[LatentHeatmapSettings].scale)

    def caption(self, plane: Plane) -> str:
        scale: str = self.document[LatentHeatmapSettings].scale
        return plane.formula if scale == "density" else f"{plane.formula}, {scale}"

    def draw(self, scene: Scene) -> None:
        planes: Planes = scene.pictures[self.draws]
        self.planes = planes
        super().draw(scene)
        self.bar.tell(planes.part)

    def fail(self, failure: Failure) -> None:
        self._plane = None  # so that whatever comes next takes the notice away
        self.heatmap.show_heatmap(None)
        self.heatmap.show_ellipse(None)
        self.bar.tell(1.0)
        self.notice.say(failure.reason)


class Prior(LatentSpace):
    """Prior."""

    title: ClassVar[str] = "Prior"
    role = "prior"
    place = Place(100, width=26, height=52, arrangement="unboxing")
    sentence = (
        "What is believed about the latent before the latest thing that is seen of the image: at first the prior, "
        "then the posterior of the step before. Bright is likely. The map is scaled to its own maximum."
    )
    equation = r"p(\mathbf{z})=\mathcal{N}(\mathbf{z}\mid\mathbf{0},\ \mathbf{I})"

    def factor_of(self, planes: Planes) -> Plane:
        return planes.prior


class Likelihood(LatentSpace):
    """Likelihood."""

    title: ClassVar[str] = "× Likelihood"
    role = "likelihood"
    place = Place(103, "Prior", "right", 26, 52, "unboxing")
    sentence = (
        "How well the picture that is decoded at each latent explains what is seen of the image. It is no density "
        "over the latents. The map is scaled to its own maximum."
    )
    equation = r"p_\theta(\mathbf{x}\mid\mathbf{z})"

    def factor_of(self, planes: Planes) -> Plane:
        return planes.likelihood


class Posterior(LatentSpace):
    """Posterior."""

    title: ClassVar[str] = "∝ Posterior"
    role = "posterior"
    place = Place(104, "× Likelihood", "right", 26, 52, "unboxing")
    hint = "Click: pin the picture · Drag a square: move or stretch q · Wheel: zoom · Right-click: remove a pin"
    sentence = (
        "What is believed about the latent of this image: prior times likelihood, divided by the evidence. Bright is "
        "likely; the white outline holds 95 % of it, the purple one 95 % of the encoder's q(z|x). Drag the squares to "
        "put q elsewhere; a right click on one puts it back. Peaks between which the density falls by a nat or more "
        "have letters. The map is scaled to its own maximum."
    )
    equation = (
        r"p_\theta(\mathbf{z}\mid\mathbf{x})=\frac{p_\theta(\mathbf{x}\mid\mathbf{z})\,p(\mathbf{z})}"
        r"{p_\theta(\mathbf{x})}"
    )

    def __init__(self) -> None:
        super().__init__()
        self._grips: list[int] = []  # which of the five handles of q are there
        self._dragging = False

    def factor_of(self, planes: Planes) -> Plane:
        return planes.posterior

    def caption(self, plane: Plane) -> str:
        peaks = self.planes.peaks if self.planes else ""
        return f"{super().caption(plane)}, {peaks}" if peaks else super().caption(plane)

    @property
    def q(self) -> tuple[Array, Array] | None:
        """Mean and deviation (2,) of the q that is shown: as it was put by hand, else the encoder's, once known."""
        if self.planes is None or self.planes.q_outline is None:
            return None
        if (hand := self.document.q) is not None:
            return hand.mean, hand.deviation
        middle, right, _, above, _ = self.planes.q_handles
        return middle, np.array([right[0] - middle[0], above[1] - middle[1]])

    def show_handles(self) -> None:
        """The pins, and after them as many of q's handles as are apart on the screen."""
        q = self.q
        if q is None:
            self._grips = []
            self.heatmap.show_q(None, np.empty((0, 2)))
            super().show_handles()
            return
        if not self._dragging:
            self._grips = self._apart(q[1])
        grips = handles(*q)[self._grips]
        self.heatmap.show_q(ellipse(*q), grips)
        self.heatmap.set_handles([*self.document.pins, *grips])

    def _apart(self, deviation: Array) -> list[int]:
        view = self.plot.shown
        units = (view.right - view.left) / view.columns, (view.top - view.bottom) / view.rows
        ends = [[1 + 2 * axis, 2 + 2 * axis] for axis in (0, 1) if deviation[axis] > APART * units[axis]]
        return [0, *(end for pair in ends for end in pair)]

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        known = self.document
        super().echo(document)
        if (
            known is not None
            and known.pins is document.pins
            and known[ReparameterisationSettings] is not document[ReparameterisationSettings]
        ):
            self.show_handles()

    def draw(self, scene: Scene) -> None:
        super().draw(scene)
        assert self.planes is not None
        self.heatmap.show_modes(self.planes.modes)
        self.caption_changed.emit(self.caption(self.planes.posterior))  # the peaks are known later than the heatmap
        self.show_handles()

    def fail(self, failure: Failure) -> None:
        super().fail(failure)
        self.planes = None
        self.heatmap.show_modes(np.empty((0, 2)))
        if self.document is not None:
            self.show_handles()

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        own, q = handle - len(self.document.pins), self.q
        if own < 0 or q is None:
            return super().drag(handle, x, y, gesture)
        self._dragging = True
        (mean, deviation), grip = q, self._grips[own]
        if not grip:
            return self._put("Move q", np.array([x, y]), deviation, gesture)
        axis = (grip - 1) // 2
        stretched = deviation.copy()
        stretched[axis] = abs((x, y)[axis] - mean[axis])
        return self._put("Move q", mean, stretched, gesture)

    def _put(self, text: str, mean: Array, deviation: Array, gesture: object) -> Edit:
        document: Latent = self.document
        return Edit(
            text,
            document.with_setting(replace(document[ReparameterisationSettings], q=gaussian_q(mean, deviation))),
            gesture,
        )

    def remove(self, handle: int) -> Edit:
        document: Latent = self.document
        if handle < len(document.pins):
            return super().remove(handle)
        if document.q is None:
            raise ValueError("This is the q that the encoder says: drag a square to put it elsewhere.")
        return Edit(
            "Back to the encoder's q", document.with_setting(replace(document[ReparameterisationSettings], q=None))
        )

    def _on_dropped(self) -> None:
        super()._on_dropped()
        self._dragging = False
        self.show_handles()

    def _on_viewport_changed(self, viewport: Viewport) -> None:
        super()._on_viewport_changed(viewport)
        if self.document is not None:
            self.show_handles()
