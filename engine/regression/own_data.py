"""What a document shows and holds out of its data: the true function, the rows set aside, and the fitting viewport."""

from __future__ import annotations

import numpy as np

from engine.gaussian import Array
from engine.plane import Viewport
from engine.regression.data.observations import CROWD
from engine.regression.display import Display
from engine.regression.document import Regression

FITTING = 0.03  # of the first viewport, around observations at its edge
FOLD = 5  # one of so many observations of one's own data is set aside to judge the model by


def shown_truth(document: Regression, x: Array) -> Array | None:
    """The true function at x (n,); None if it is hidden or unknown."""
    return document.source.truth.at(x) if document[Display].show_truth and document.source.knows_truth else None


def set_aside(document: Regression) -> tuple[int, ...]:
    """Every FOLDth used observation of the user's own data, to judge the model by; () if others are held out.

    Others are held out if some wait for a later step, or if they can be drawn from the true function.
    """
    if document.source.knows_truth or document.step < len(document.observations) or document.count < FOLD:
        return ()
    return tuple(range(FOLD // 2, document.count, FOLD))


def fitting(document: Regression) -> Viewport:
    """The viewport of data space that shows the first viewport and all observations."""
    home, few = document.home, document.observations
    if not 0 < len(few) <= CROWD:  # many come from an import, which has a frame of its own
        return home
    (left, right), (bottom, top) = ((float(np.min(v)), float(np.max(v))) for v in (few.x, few.t))
    x, t = FITTING * (home.right - home.left), FITTING * (home.top - home.bottom)
    return Viewport(
        min(home.left, left - x), max(home.right, right + x), min(home.bottom, bottom - t), max(home.top, top + t)
    )
