"""What the pictures of the Regression page show: the user's choices that change no number."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from engine.gaussian import Array
from engine.part import Part
from engine.regression.data.observations import LIMIT, Observations

FrameEdge = Annotated[float, Meta(ge=-2 * LIMIT, le=2 * LIMIT)]


class Display(Part, frozen=True, tag=True):
    """Display: what the pictures show."""

    samples: Annotated[
        int,
        Meta(ge=0, le=200, title="Sample lines", description="Functions drawn from the posterior, in data space."),
    ] = 6
    band: Annotated[
        Literal["predictive", "weights", "none"],
        Meta(
            title="Band",
            description="Where a new observation would fall (noise included), or only where the function may run.",
        ),
    ] = "predictive"
    deviations: Annotated[
        Literal[1, 2],
        Meta(title="Band half-width", description="In standard deviations.", extra={"suffix": "σ"}),
    ] = 1
    predictive: Annotated[
        Literal["bands", "density"],
        Meta(title="Predictive shows", description="In the panel Predictive: ±1σ and ±2σ, or p(t|x) itself."),
    ] = "bands"
    samples_of: Annotated[
        Literal["posterior", "prior"],
        Meta(title="Samples are of", description="In the panel Samples: functions drawn before or after the data."),
    ] = "posterior"
    notation: Annotated[
        Literal["Bishop", "scikit-learn"],
        Meta(
            title="Notation",
            description="Bishop's α and β, or the names in scikit-learn's BayesianRidge: there lambda_ is α and alpha_ "
            "is β, and the intercept is left out of the prior, which here it is not.",
        ),
    ] = "Bishop"
    logarithmic: Annotated[
        bool,
        Meta(
            title="Logarithmic heatmaps",
            description="Shade by the logarithm of the density, down to 20 nats below its maximum.",
        ),
    ] = False
    across: Annotated[
        int, Meta(ge=0, le=50, title="Weight across", description="Which weight the planes show from left to right.")
    ] = 0
    up: Annotated[
        int, Meta(ge=0, le=50, title="Weight up", description="Which weight the planes show from bottom to top.")
    ] = 1
    show_basis: Annotated[
        bool,
        Meta(
            title="Show the basis functions",
            description="In data space, each times the mean of its weight: their sum is the mean.",
        ),
    ] = False
    show_truth: Annotated[
        bool, Meta(title="Show the truth", description="The cross in weight space and the line it stands for.")
    ] = True


class Frame(Part, frozen=True, tag=True):
    """Frame: what of data space is looked at first, where it is not the range of the truth."""

    left: FrameEdge
    right: FrameEdge
    bottom: FrameEdge
    top: FrameEdge

    @classmethod
    def around(cls, observations: Observations) -> Frame:
        """All of them, with some room."""
        return cls(*_roomy(observations.x), *_roomy(observations.t))


def _roomy(values: Array) -> tuple[float, float]:
    low, high = float(np.min(values)), float(np.max(values))
    far = max(abs(low), abs(high))
    same = max(0.1 * far, min(far, 1.0)) or 1.0  # around equal values
    room = max(0.1 * (high - low), 64 * float(np.spacing(far))) if high > low else same
    return low - room, high + room
