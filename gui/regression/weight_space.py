"""Prior, Likelihood and Posterior: three heatmaps over the same weights (w₀, w₁), linked."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import Scene
from engine.document import Document
from engine.plane import Plane, subscript
from engine.regression.data_space import curves
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.prior import Ellipse
from engine.regression.probes import Answer, ObservationPlace, WeightPlace
from engine.regression.weight_space import HOME, true_weights, weight_planes
from gui.page.panel import Place
from gui.page.shared.bayes_plane import BayesPlane
from gui.page.store import Edit

TOO_FEW = "A model with a single weight has no plane of weights. Choose a richer basis in the panel Model."


class WeightSpace(BayesPlane):
    """What the three panels share."""

    plane = "weights"
    pinned = "line"
    shows = (weight_planes,)
    hint = "Click: pin the line · Drag: move · Wheel: zoom · Right-click: remove a pin"

    def __init__(self) -> None:
        super().__init__("weights", ("w₀", "w₁"), HOME)
        self.chosen: Any = None  # what is selected, and the line on which the weights explain it
        self.strip: NDArray[Any] | None = None
        self.reach = (-1.2, 1.2)

    def empty(self, scene: Scene) -> str:
        return TOO_FEW

    def place_at(self, x: float, y: float) -> WeightPlace:
        return WeightPlace(x, y, *self.reach)

    def here(self, answer: Answer) -> tuple[float, float] | None:
        place = answer.place
        return (place.across, place.up) if isinstance(place, WeightPlace) else None

    def step(self, by: int) -> Edit:
        return step_by(self.document, by)

    def echo(self, document: Document) -> None:
        assert isinstance(document, Regression)
        known = self.document
        super().echo(document)
        if known is not None and (known.model is not document.model or known[Display] != document[Display]):
            self.show_handles()
        if self.strip is not None and known is not document:
            self.strip = None  # until the next answer
            self.heatmap.show_strip(None)
        same = known is not None and known.model is document.model and known.source is document.source
        if not same or known[Display] != document[Display] or known.units is not document.units:
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


def step_by(document: Regression, by: int) -> Edit:
    """So many observations more (or fewer) taken into account."""
    stepped = document.step_to(document.step + by)
    return Edit(f"Step to {stepped.step}", stepped, "step")


class Prior(WeightSpace):
    """Prior."""

    title: ClassVar[str] = "Prior"
    role = "prior"
    place = Place(0, width=27, height=50)
    sentence = (
        "What is believed about the weights before the latest observation: at first the prior, then the posterior "
        "of the step before. Bright is likely; the outline holds 95 % of it. The map is scaled to its own maximum. "
        "A prior that is an ellipse (panel Model) is dashed: drag its middle to move it, its ends to stretch and turn."
    )
    equation = r"p(\mathbf{w}\mid\alpha)=\mathcal{N}(\mathbf{w}\mid\mathbf{0},\ \alpha^{-1}\mathbf{I})"

    def factor(self, scene: Scene) -> Plane | None:
        planes = scene.get(weight_planes)
        return planes.prior if planes else None

    def show_handles(self) -> None:
        """The pins, and the prior's ellipse after them."""
        shape = self._ellipse()
        grips = shape.handles() if shape else np.empty((0, 2))
        self.heatmap.show_prior(shape.gaussian(2, 1.0).ellipse() if shape else None, grips)
        self.heatmap.set_handles([*self.document.pins, *grips])

    def _ellipse(self) -> Ellipse | None:
        """The prior's ellipse, if it is one and its plane is shown."""
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
            raise ValueError("The ellipse is the prior itself: choose another one in the panel Model.")
        return super().remove(handle)


class Likelihood(WeightSpace):
    """Likelihood."""

    title: ClassVar[str] = "× Likelihood"
    role = "likelihood"
    place = Place(3, "Prior", "right", 27, 50)
    sentence = (
        "How well each pair of weights explains the latest observation alone: bright along the lines that pass "
        "near it. It is no density over the weights. The map is scaled to its own maximum."
    )
    equation = r"p(t_n\mid\mathbf{w})=\mathcal{N}(t_n\mid\mathbf{w}^{\top}\boldsymbol{\phi}(x_n),\ \beta^{-1})"

    def factor(self, scene: Scene) -> Plane | None:
        planes = scene.get(weight_planes)
        return planes.likelihood if planes else None

    def empty(self, scene: Scene) -> str:
        if scene.document.model.basis.size < 2:
            return TOO_FEW
        if len(scene.document.observations):
            return "No observation is taken into account at this step. Step forward to see the first one's likelihood."
        return "There is no likelihood before there is an observation. Click in data space to make one."


class Posterior(WeightSpace):
    """Posterior."""

    title: ClassVar[str] = "∝ Posterior"
    role = "posterior"
    place = Place(4, "× Likelihood", "right", 27, 50)
    sentence = (
        "What is believed after the latest observation: prior times likelihood, divided by the evidence. Bright is "
        "likely; the outline holds 95 % of it. The map is scaled to its own maximum."
    )
    equation = (
        r"p(\mathbf{w}\mid\mathbf{t})=\mathcal{N}(\mathbf{w}\mid\mathbf{m}_N,\mathbf{S}_N),\quad"
        r"\mathbf{S}_N^{-1}=\alpha\mathbf{I}+\beta\boldsymbol{\Phi}^{\top}\boldsymbol{\Phi}"
    )

    def factor(self, scene: Scene) -> Plane | None:
        planes = scene.get(weight_planes)
        return planes.posterior if planes else None
