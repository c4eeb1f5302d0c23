"""Display settings that several panels of the Regression page share, and the first viewport of data space.

Imported observations bring a `Frame`, because they may lie outside the range of the true function.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.part import Part
from engine.regression.data.observations import LIMIT, Observations

FrameEdge = Annotated[float, Meta(ge=-2 * LIMIT, le=2 * LIMIT)]
Pair = tuple[int, int]  # the weights on the x axis and the y axis of the planes


@SETTINGS.register
class Display(Part, Setting, frozen=True, tag=True):
    """Display: the choices that several panels share."""

    notation: Annotated[
        Literal["Bishop", "scikit-learn"],
        Meta(
            title="Notation",
            description="Bishop's α and β, or the names of scikit-learn's BayesianRidge: lambda_ is α, alpha_ is β. "
            "BayesianRidge has no prior on the intercept; here the prior includes it.",
        ),
    ] = "Bishop"
    across: Annotated[
        int, Meta(ge=0, le=50, title="Weight on x axis", description="Index of the weight on the x axis of the planes.")
    ] = 0
    up: Annotated[
        int, Meta(ge=0, le=50, title="Weight on y axis", description="Index of the weight on the y axis of the planes.")
    ] = 1
    show_truth: Annotated[
        bool, Meta(title="Show the true function", description="The true function, and the cross at its weights.")
    ] = True


class Frame(Part, frozen=True, tag=True):
    """Frame: the first viewport of data space, if it is not the range of the true function."""

    left: FrameEdge
    right: FrameEdge
    bottom: FrameEdge
    top: FrameEdge

    @classmethod
    def around(cls, observations: Observations) -> Frame:
        """The frame that contains all observations, with a margin."""
        return cls(*_roomy(observations.x), *_roomy(observations.t))


def _roomy(values: Array) -> tuple[float, float]:
    """The smallest and the largest of `values` (n,), with a margin of a tenth of the range."""
    low, high = float(np.min(values)), float(np.max(values))
    far = max(abs(low), abs(high))
    room = max(0.1 * (high - low), 1e-15 * far, 1e-300) if high > low else 0.1 * far or 1.0
    return low - room, high + room
