"""The predictive distribution p(t | x, data): its bands with and without noise, or its density over data space."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.part import Part
from engine.plane import Heatmap, Viewport, heatmap
from engine.regression.data_space import PLACES
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.linear_model import inferred, predicted

ROWS = 192  # of the density, over t


@SETTINGS.register
class PredictiveSettings(Part, Setting, frozen=True, tag=True):
    """Predictive: what the panel draws of the distribution."""

    shows: Annotated[
        Literal["bands", "density"],
        Meta(title="Predictive shows", description="±1σ and ±2σ, or p(t|x) itself."),
    ] = "bands"


class Predictive(msgspec.Struct, frozen=True, eq=False):
    """Over `x` (n,): the mean, the standard deviations of the function alone and with the noise, the truth if shown.

    `density` is p(t | x) over the viewport if the settings say so, scaled to its maximum there.
    """

    x: Array
    mean: Array
    epistemic: Array
    total: Array
    truth: Array | None
    density: Heatmap | None


@derived(Predictive)
def predictive(document: Regression, view: Viewport) -> Predictive:
    """p(t | x) given the observations that are taken into account (PRML 3.58–3.59)."""
    x = np.linspace(view.left, view.right, PLACES)
    there, density = predicted(inferred(document.model, document.taken), document.units, x), None
    if document[PredictiveSettings].shows == "density":
        t = np.linspace(view.bottom, view.top, 2 * ROWS + 1)[1::2]
        over = Viewport(view.left, view.right, view.bottom, view.top, PLACES, ROWS)
        density = heatmap(there.log_density(t[:, None]).astype(np.float32), over)
    truth = document.source.truth.at(x) if document[Display].show_truth else None
    epistemic, total = np.sqrt(there.epistemic_variance), np.sqrt(there.variance)
    return Predictive(x, there.mean, epistemic, total, truth, density)
