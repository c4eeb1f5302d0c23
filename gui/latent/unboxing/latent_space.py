"""The panels Prior, × Likelihood and ∝ Posterior: three linked heatmaps over the latent plane."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np
from PySide6.QtGui import QAction, QActionGroup

from engine.derived import Scene
from engine.document import Document
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.gaussian_q import gaussian_q
from engine.latent.inputs.input import Blank
from engine.latent.probes import Answer, UnboxedPlace
from engine.latent.unboxing.elbo_decomposition import is_encoders_q, with_encoders_q
from engine.latent.unboxing.latent_space import (
    LATENTS,
    NO_IMAGE,
    SCALES,
    LatentHeatmapSettings,
    Planes,
    Scale,
    closer,
    ellipse,
    handles,
    likely_latents,
    planes,
    with_scale,
)
from engine.latent.unboxing.observation import approximation
from engine.plane import Heatmap, Plane, Viewport
from gui.latent.unboxing.framing import is_another_question, is_framed
from gui.latent.unboxing.lattice_bar import LatticeBar
from gui.latent.unboxing.offers import offer_ways_out
from gui.page.commands import Command
from gui.page.jobs import Failure
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.shared.bayes_plane import BayesPlane
from gui.page.store import Edit
from gui.widgets.elided import Spans

NAMED: dict[Scale, str] = {
    "density": "",
    "logarithm, 20 nats": ", log colours",
    "logarithm, 200 nats": ", log colours to −200 nats",
}
NOT_YET = "The posterior is not computed yet. Wait until it is on the screen."
LOADING = "Loading PyTorch and the model. The page Regression can be used meanwhile."
FRAMINGS = 3  # for one document, because each starts the heatmaps again, and the posterior becomes more accurate
APART = 14  # pixels; an axis of q has handles only if they are farther than this from the middle


class LatentSpace(BayesPlane, PlotPanel):
    """A heatmap over the latent plane: the base class of the three panels. Abstract."""

    plane = "latents"
    densities = (planes,)
    shows = (planes, approximation, likely_latents)
    pinned = "image"
    approximates = True  # whether the density depends on p(measurements | z)
    hint = "Click: pin the image · Drag: move · Wheel: zoom · Right-click: remove a pin"

    def __init__(self) -> None:
        super().__init__(self.make_heatmap("latents", ("z₀", "z₁"), LATENTS))
        self.planes: Planes | None = None
        self.mark, self._framings = "", 0  # a mark in the captions; the framings for the present document
        self.bar = LatticeBar(self.plot)
        self.notice.say(LOADING)
        offer_ways_out(self.notice, self)
        self._closer = self._action(CLOSER)
        self._scales = QActionGroup(self)
        for command in COLOURS:
            action = self._action(command)
            action.setCheckable(True)
            self._scales.addAction(action)

    def _action(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setData(command)
        action.triggered.connect(self._on_action)
        return action

    def factor_of(self, three: Planes) -> Plane:
        """Return the plane of this panel."""
        raise NotImplementedError

    def whole_of(self, _: Planes) -> Heatmap | None:
        """Return the density over the whole plane, for the inset; None for no inset."""
        return None

    def factor(self, scene: Scene) -> Plane:
        return self.factor_of(_planes(scene))

    def empty(self, scene: Scene) -> str:
        return _planes(scene).unavailable or "Computing…"

    def place_at(self, x: float, y: float) -> UnboxedPlace:
        return UnboxedPlace(x, y)

    def here(self, answer: Answer) -> tuple[float, float] | None:
        return answer.z

    def legend_entries(self) -> Spans:
        entries: Spans = [("", "White outline: 95 % of the probability")] if self.heatmap.ellipse.curves() else []
        entries += [("variational", "95 % of q")] if self.heatmap.q.curves() else []
        return entries + ([("", "numbers: pinned images")] if self.document.pins else [])

    def choices(self) -> list[QAction]:
        return [*super().choices(), self._closer, *self._scales.actions()]

    def zoom_to_posterior(self) -> None:
        """Zoom all three heatmaps to the posterior. Raises ValueError if no posterior is computed yet."""
        if self.planes is None or self.planes.unboxing is None:
            raise ValueError(NO_IMAGE if isinstance(self.document.input, Blank) else NOT_YET)
        self.plot.look_at(closer(self.planes.unboxing))
        self.navigated.emit(self.plane, self.plot.shown)

    def _on_action(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.requested.emit(action.data())

    def step(self, by: int) -> Edit:
        stepped = self.document.step_to(self.document.step + by)
        return Edit(f"Step to {stepped.step}", stepped, "step")

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        before = self.document
        super().echo(document)
        self.show_pins(before, document)
        self.plot.set_axes(document.slice.names)
        self._framings = 0
        if before is not None and not self.plot.is_at_home and is_another_question(before, document):
            self.plot.fit()
        for action in self._scales.actions():
            action.setChecked(action.data().checked(document))

    def caption(self, plane: Plane) -> str:
        scale: Scale = self.document[LatentHeatmapSettings].scale
        return f"{plane.formula}{self.mark}{NAMED[scale]}"

    def draw(self, scene: Scene) -> None:
        self.planes = _planes(scene)
        self.mark = scene.get(approximation) or "" if self.approximates else ""
        super().draw(scene)
        self.heatmap.show_whole(self.whole_of(self.planes))
        self.bar.tell(self.planes.part)
        self._follow_posterior()

    def _follow_posterior(self) -> None:
        """Frame the modes of the posterior as “home”; a viewport that the user has chosen stays."""
        assert self.planes is not None
        frame = self.planes.frame or (LATENTS if self.planes.unavailable else None)
        if frame is not None and self._framings < FRAMINGS and not is_framed(frame, self.plot.home):
            self._framings += 1
            self.plot.set_home(frame, stay=True)

    def fail(self, failure: Failure) -> None:
        self._plane = None  # the next plane is drawn in any case, and removes the notice
        self.heatmap.show_heatmap(None)
        self.heatmap.show_ellipse(None)
        self.heatmap.show_whole(None)
        self.bar.tell(1.0)
        self.notice.say(failure.reason)


def _planes(scene: Scene) -> Planes:
    three = scene.get(planes)
    assert three is not None  # a panel is drawn only if its values are in the scene
    return three


def _has_scale(scale: Scale, document: Latent) -> bool:
    return document[LatentHeatmapSettings].scale == scale


CLOSER = Command("Zoom to the posterior", "View", run=LatentSpace.zoom_to_posterior, icon="closer",
                 tip="Zoom all three heatmaps to the posterior and q")  # fmt: skip
COLOURS = tuple(
    Command(
        f"Colours: {scale}",
        "View/Colour scale",
        edit=partial(with_scale, scale=scale),
        checked=partial(_has_scale, scale),
        brings=False,
    )
    for scale in SCALES
)


class Prior(LatentSpace):
    """The panel Prior."""

    title: ClassVar[str] = "Prior"
    role = "prior"
    approximates = False
    place = Place(100, width=25, height=52, arrangement="unboxing")
    sentence = (
        "The density of the latent before the latest observation: first the prior, then the posterior of the step "
        "before. Bright is high; the colours are scaled to the maximum of this plot."
    )
    equation = r"p(\mathbf{z})=\mathcal{N}(\mathbf{z}\mid\mathbf{0},\ \mathbf{I})"

    def factor_of(self, three: Planes) -> Plane:
        return three.prior

    def whole_of(self, three: Planes) -> Heatmap | None:
        return three.whole[0] if three.whole else None


class Likelihood(LatentSpace):
    """The panel × Likelihood."""

    title: ClassVar[str] = "× Likelihood"
    role = "likelihood"
    place = Place(103, "Prior", "right", 25, 52, "unboxing")
    sentence = (
        "The density of the latest observation as a function of the latent; it is not a density over latents. Bright "
        "is high; the colours are scaled to the maximum of this plot."
    )
    equation = r"p_\theta(\mathbf{x}\mid\mathbf{z})"

    def factor_of(self, three: Planes) -> Plane:
        return three.likelihood


class Posterior(LatentSpace):
    """The panel ∝ Posterior."""

    title: ClassVar[str] = "∝ Posterior"
    role = "posterior"
    commands = (CLOSER, *COLOURS)
    place = Place(104, "× Likelihood", "right", 25, 52, "unboxing")
    hint = "Click: pin the image · Drag a square: move or stretch q · Wheel: zoom · Right-click: remove a pin"
    sentence = (
        "The density of the latent given the observations: prior × likelihood, divided by the evidence. Bright is "
        "high, scaled to the maximum of this plot. White outline: 95 % of the posterior; purple: 95 % of q. Drag the "
        "squares to change q, right-click one to reset it. Letters mark modes, separated by a fall of at least one nat."
    )
    equation = (
        r"p_\theta(\mathbf{z}\mid\mathbf{x})=\frac{p_\theta(\mathbf{x}\mid\mathbf{z})\,p(\mathbf{z})}"
        r"{p_\theta(\mathbf{x})}"
    )

    def __init__(self) -> None:
        super().__init__()
        self._grips: list[int] = []  # the numbers, 0 to 4, of the handles of q that are shown
        self._dragging = False

    def factor_of(self, three: Planes) -> Plane:
        return three.posterior

    def whole_of(self, three: Planes) -> Heatmap | None:
        return three.whole[1] if three.whole else None

    def caption(self, plane: Plane) -> str:
        peaks = self.planes.peaks if self.planes else ""
        return f"{super().caption(plane)}, {peaks}" if peaks else super().caption(plane)

    @property
    def q(self) -> tuple[Array, Array] | None:
        """Mean and standard deviation (2,) of q: set by the user, else the encoder's; None before it is computed."""
        if self.planes is None or self.planes.q_outline is None:
            return None
        if (own := self.document.q) is not None:
            return own.mean, own.deviation
        middle, right, _, above, _ = self.planes.q_handles
        return middle, np.array([right[0] - middle[0], above[1] - middle[1]])

    def show_handles(self) -> None:
        """Make the pins draggable, and those handles of q that are far enough apart on the screen."""
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
        """Return the numbers of the handles to show: the middle, and both ends of each axis that is long enough."""
        view = self.plot.shown
        units = (view.right - view.left) / view.columns, (view.top - view.bottom) / view.rows
        ends = [[1 + 2 * axis, 2 + 2 * axis] for axis in (0, 1) if deviation[axis] > APART * units[axis]]
        return [0, *(end for pair in ends for end in pair)]

    def echo(self, document: Document) -> None:
        assert isinstance(document, Latent)
        before = self.document
        super().echo(document)
        if before is not None and before.pins is document.pins and before.q is not document.q:
            self.show_handles()

    def draw(self, scene: Scene) -> None:
        super().draw(scene)
        assert self.planes is not None
        self.heatmap.show_modes(self.planes.modes)
        self.caption_changed.emit(self.caption(self.planes.posterior))  # the modes are computed later than the heatmap
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
            return self._set_q("Move q", np.array([x, y]), deviation, gesture)
        axis = (grip - 1) // 2
        stretched = deviation.copy()
        stretched[axis] = abs((x, y)[axis] - mean[axis])
        return self._set_q("Move q", mean, stretched, gesture)

    def _set_q(self, text: str, mean: Array, deviation: Array, gesture: object) -> Edit:
        document: Latent = self.document
        return Edit(text, document.with_q(gaussian_q(mean, deviation)), gesture)

    def remove(self, handle: int) -> Edit:
        document: Latent = self.document
        if handle < len(document.pins):
            return super().remove(handle)
        if reason := is_encoders_q(document):
            raise ValueError(reason)
        return Edit("Reset q to the encoder's q", with_encoders_q(document))

    def _on_dropped(self) -> None:
        super()._on_dropped()
        self._dragging = False
        self.show_handles()

    def _on_viewport_changed(self, viewport: Viewport) -> None:
        super()._on_viewport_changed(viewport)
        if self.document is not None:
            self.show_handles()
