"""The predictive distribution p(t | x, data): its bands with and without noise, or its density over data space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.derived import derived
from engine.gaussian import Array
from engine.plane import Heatmap, Viewport, heatmap
from engine.regression.data_space import PLACES
from engine.regression.model.linear_model import inferred, predicted

if TYPE_CHECKING:
    from engine.regression.document import Regression

ROWS = 192  # of the density, over t


class Predictive(msgspec.Struct, frozen=True, eq=False):
    """Over `x` (n,): the mean, the standard deviations of the function alone and with the noise, the truth if shown.

    `density` is p(t | x) over the viewport if that is asked for, brightest where it is largest of all.
    """

    x: Array
    mean: Array
    epistemic: Array
    total: Array
    truth: Array | None
    density: Heatmap | None


@derived(Predictive)
def predictive(document: Regression, view: Viewport) -> Predictive:
    """Of the observations that are taken into account (PRML 3.58–3.59)."""
    x = np.linspace(view.left, view.right, PLACES)
    there, density = predicted(inferred(document.model, document.taken), document.units, x), None
    if document.display.predictive == "density":
        t = np.linspace(view.bottom, view.top, 2 * ROWS + 1)[1::2]
        over = Viewport(view.left, view.right, view.bottom, view.top, PLACES, ROWS)
        density = heatmap(there.log_density(t[:, None]).astype(np.float32), over)
    truth = document.source.truth.at(x) if document.display.show_truth else None
    epistemic, total = np.sqrt(there.epistemic_variance), np.sqrt(there.variance)
    return Predictive(x, there.mean, epistemic, total, truth, density)
