"""Display: what several panels of the Regression page show, and the part of data space that is shown at first."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.part import Part
from engine.regression.data.observations import LIMIT, Observations

FrameEdge = Annotated[float, Meta(ge=-2 * LIMIT, le=2 * LIMIT)]


Pair = tuple[int, int]  # the weights across and up


@SETTINGS.register
class Display(Part, Setting, frozen=True, tag=True):
    """Display: what several panels show."""

    notation: Annotated[
        Literal["Bishop", "scikit-learn"],
        Meta(
            title="Notation",
            description="Bishop's α and β, or the names in scikit-learn's BayesianRidge: there lambda_ is α and alpha_ "
            "is β, and the intercept is left out of the prior, which here it is not.",
        ),
    ] = "Bishop"
    across: Annotated[
        int, Meta(ge=0, le=50, title="Weight across", description="Which weight the planes show from left to right.")
    ] = 0
    up: Annotated[
        int, Meta(ge=0, le=50, title="Weight up", description="Which weight the planes show from bottom to top.")
    ] = 1
    show_truth: Annotated[
        bool, Meta(title="Show the truth", description="The cross in weight space and the line it stands for.")
    ] = True


class Frame(Part, frozen=True, tag=True):
    """Frame: the part of data space that is shown at first, if it is not the range of the truth."""

    left: FrameEdge
    right: FrameEdge
    bottom: FrameEdge
    top: FrameEdge

    @classmethod
    def around(cls, observations: Observations) -> Frame:
        """The frame of all observations, with some room."""
        return cls(*_roomy(observations.x), *_roomy(observations.t))


def _roomy(values: Array) -> tuple[float, float]:
    low, high = float(np.min(values)), float(np.max(values))
    far = max(abs(low), abs(high))
    room = max(0.1 * (high - low), 1e-15 * far, 1e-300) if high > low else 0.1 * far or 1.0
    return low - room, high + room
