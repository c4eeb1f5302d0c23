"""The panels Prior, Likelihood and Posterior: three linked heatmaps over the same plane of two weights."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import Derived, Scene
from engine.document import Document
from engine.plane import Plane, Viewport, subscript
from engine.regression.data_space import curves
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.prior import Ellipse
from engine.regression.probes import Answer, ObservationPlace, WeightPlace
from engine.regression.weight_space import HOME, true_weights, weight_frame, weight_planes
from gui.page.panel import Place
from gui.page.plot_panel import PlotPanel
from gui.page.shared.bayes_plane import BayesPlane
from gui.page.stepper import FORWARD
from gui.page.store import Edit
from gui.regression.model import Model
from gui.regression.truth_and_data import DRAW_ONE
from gui.widgets.elided import Spans

TOO_FEW = "A model with one weight has no plane of weights. Choose a larger basis in the panel Model."
NOT_STEPPED = "No observation is used at this step. Press Space to step forward to the first likelihood."
NO_OBSERVATION = "No observations yet. Click in Data space, or press Ctrl+D, to make one."


class WeightSpace(BayesPlane, PlotPanel):
    """The base of the three panels over the plane of two weights. Abstract."""

    plane = "weights"
    pinned = "line"
    densities: ClassVar[tuple[Derived[Any], ...]] = (weight_planes,)
    shows: ClassVar[tuple[Derived[Any], ...]] = (weight_planes, weight_frame)
    hint = "Click: pin the line · Drag: move · Wheel: zoom · Right-click: remove a pin"

    def __init__(self) -> None:
        super().__init__(self.make_heatmap("weights", ("w₀", "w₁"), HOME))
        self.chosen: Any = None  # the place that is selected
        self.strip: NDArray[Any] | None = None  # the line of the weights that explain the selected observation
        self._is_other = True  # whether the document is another one than the framed one
        self.reach = (-1.2, 1.2)  # the range of x over which the line of a pair of weights is drawn
        self.notice.offer(TOO_FEW, "Show the panel Model", Model)
        self.notice.asked.connect(self.requested)

    def empty(self, scene: Scene) -> str:
        return TOO_FEW

    def legend_entries(self) -> Spans:
        entries: Spans = [("", "White outline: 95 % of the probability")] if self.heatmap.ellipse.curves() else []
        entries += [("truth", "true weights")] if len(self.heatmap.truth.places) else []
        return entries + ([("", "numbers: pinned lines")] if self.document.pins else [])

    def place_at(self, x: float, y: float) -> WeightPlace:
        return WeightPlace(x, y, *self.reach)

    def here(self, answer: Answer) -> tuple[float, float] | None:
        place = answer.place
        return (place.across, place.up) if isinstance(place, WeightPlace) else None

    def step(self, by: int) -> Edit:
        return step_by(self.document, by)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        before = self.document
        super().echo(document)
        self._is_other |= before is None or is_another(before, document)
        self.show_pins(before, document)
        if before is not None and (before.model is not document.model or before[Display] != document[Display]):
            self.show_handles()
        if self.strip is not None and before is not document:
            self.strip = None  # until the next answer to the probe
            self.heatmap.show_strip(None)
        same = before is not None and before.model is document.model and before.source is document.source
        if not same or before[Display] != document[Display] or before.units is not document.units:
            self._show_pair(document)

    def _show_pair(self, document: Regression) -> None:
        across, up = document.pair
        self.heatmap.set_axes((f"w{subscript(across)}", f"w{subscript(up)}"))
        truth = true_weights(document) if document[Display].show_truth else None
        self.heatmap.show_truth((truth[across], truth[up]) if truth is not None and len(truth) >= 2 else None)

    def draw(self, scene: Scene) -> None:
        if lines := scene.get(curves):
            self.reach = (float(lines.x[0]), float(lines.x[-1]))
        super().draw(scene)
        if (frame := scene.get(weight_frame)) is not None:
            self._frame(frame)

    def _frame(self, frame: Viewport) -> None:
        """Let “Fit” show the 95 % outlines; with another document, show them at once."""
        self.plot.set_fitting(lambda: frame)
        if self._is_other:
            self._is_other = False
            self.plot.set_home(frame)

    def reveal(self, answer: Answer | None) -> None:
        super().reveal(answer)
        if answer is None or not isinstance(answer.place, ObservationPlace):
            self.heatmap.show_strip(self.strip)
        else:
            self.heatmap.show_strip(answer.strip)
            self.strip = answer.strip if answer.place == self.chosen else self.strip

    def select(self, place: Any) -> None:
        self.chosen, self.strip = place, None
        self.heatmap.show_strip(None)


def is_another(before: Regression, after: Regression) -> bool:
    """Return whether a document replaces the one before (a session, an import, New), or has other weights on its axes.

    Each of them brings its own data and source; an edit changes only one of both.
    """
    if (after.pair, after.units) != (before.pair, before.units) or type(after.model.basis) is not type(
        before.model.basis
    ):
        return True
    return before.source is not after.source and before.observations is not after.observations


def step_by(document: Regression, by: int) -> Edit:
    """Return the edit that steps forward by so many observations, or backward if `by` is negative."""
    stepped = document.step_to(document.step + by)
    return Edit(f"Step to {stepped.step}", stepped, "step")


class Prior(WeightSpace):
    """The panel Prior."""

    title: ClassVar[str] = "Prior"
    role = "prior"
    place = Place(0, width=26, height=50)
    sentence = (
        "The density of the weights before the latest observation: first the prior, then the posterior of the "
        "previous step. Bright: high density, scaled to its own maximum; outline: 95 % of the probability; dashed: a "
        "prior with an ellipse as its shape (panel Model). Drag its middle to move it, its ends to stretch and rotate "
        "it."
    )
    equation = r"p(\mathbf{w}\mid\alpha)=\mathcal{N}(\mathbf{w}\mid\mathbf{0},\ \alpha^{-1}\mathbf{I})"

    def factor(self, scene: Scene) -> Plane | None:
        planes = scene.get(weight_planes)
        return planes.prior if planes else None

    def show_handles(self) -> None:
        """Show the handles: the pins first, then those of the prior's ellipse."""
        shape = self._ellipse()
        grips = shape.handles() if shape else np.empty((0, 2))
        self.heatmap.show_prior(shape.gaussian(2, 1.0).ellipse() if shape else None, grips)
        self.heatmap.set_handles([*self.document.pins, *grips])

    def _ellipse(self) -> Ellipse | None:
        """Return the ellipse of the prior; None if the prior has another shape, or its plane is not shown."""
        shape = self.document.model.prior_shape
        return shape if isinstance(shape, Ellipse) and self.document.pair == (0, 1) else None

    def drag(self, handle: int, x: float, y: float, gesture: object) -> Edit:
        own, shape = handle - len(self.document.pins), self._ellipse()
        if own < 0 or shape is None:
            return super().drag(handle, x, y, gesture)
        model = replace(self.document.model, prior_shape=shape.dragged(own, x, y))
        return Edit("Change the prior", self.document.with_model(model), gesture)

    def remove(self, handle: int) -> Edit:
        if handle >= len(self.document.pins):
            raise ValueError("The ellipse is the prior and cannot be removed. Choose another prior in the panel Model.")
        return super().remove(handle)


class Likelihood(WeightSpace):
    """The panel Likelihood."""

    title: ClassVar[str] = "× Likelihood"
    role = "likelihood"
    place = Place(3, "Prior", "right", 26, 50)
    sentence = (
        "The likelihood of each pair of weights given the latest observation alone. Bright: the line of these "
        "weights passes near the observation. The likelihood is not a density over the weights. The colours are "
        "scaled to its own maximum."
    )
    equation = r"p(t_n\mid\mathbf{w})=\mathcal{N}(t_n\mid\mathbf{w}^{\top}\boldsymbol{\phi}(x_n),\ \beta^{-1})"

    def __init__(self) -> None:
        super().__init__()
        self.notice.offer(NO_OBSERVATION, "Draw one", DRAW_ONE)
        self.notice.offer(NOT_STEPPED, "Step forward", FORWARD)

    def factor(self, scene: Scene) -> Plane | None:
        planes = scene.get(weight_planes)
        return planes.likelihood if planes else None

    def empty(self, scene: Scene) -> str:
        if scene.document.model.basis.size < 2:
            return TOO_FEW
        if len(scene.document.observations):
            return NOT_STEPPED
        return NO_OBSERVATION


class Posterior(WeightSpace):
    """The panel Posterior."""

    title: ClassVar[str] = "∝ Posterior"
    role = "posterior"
    place = Place(4, "× Likelihood", "right", 26, 50)
    shows = (weight_planes, weight_frame, curves)
    sentence = (
        "The density of the weights after the latest observation: prior times likelihood, divided by the evidence. "
        "Bright: high density, scaled to its own maximum; outline: 95 % of the probability. Coloured dots: the weights "
        "of the sample lines in Data space, in the same colours."
    )
    equation = (
        r"p(\mathbf{w}\mid\mathbf{t})=\mathcal{N}(\mathbf{w}\mid\mathbf{m}_N,\mathbf{S}_N),\quad"
        r"\mathbf{S}_N^{-1}=\alpha\mathbf{I}+\beta\boldsymbol{\Phi}^{\top}\boldsymbol{\Phi}"
    )

    def factor(self, scene: Scene) -> Plane | None:
        planes = scene.get(weight_planes)
        return planes.posterior if planes else None

    def draw(self, scene: Scene) -> None:
        super().draw(scene)
        if lines := scene.get(curves):
            self.heatmap.show_samples(lines.places)
