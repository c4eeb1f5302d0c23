"""The predictive distribution p(t | x, data): its mean and bands, or its density over data space."""

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
from engine.regression.document import Regression
from engine.regression.model.linear_model import inferred, predicted
from engine.regression.own_data import shown_truth

ROWS = 192  # rows of the density, over t


@SETTINGS.register
class PredictiveSettings(Part, Setting, frozen=True, tag=True):
    """Predictive: bands, or the density."""

    shows: Annotated[
        Literal["bands", "density"],
        Meta(title="Show", description="Bands of ±1σ and ±2σ, or the density p(t|x) as a heatmap."),
    ] = "bands"


class Predictive(msgspec.Struct, frozen=True, eq=False):
    """The predictive mean (n,) over `x` (n,), in original units.

    `epistemic` (n,) and `total` (n,) are the standard deviations of the function alone and with noise. `truth` (n,) is
    the true function, None if it is hidden. `density` is p(t | x) over the viewport, scaled to its maximum there; None
    if the settings show bands. `error` is the stated error of ln p(t | x), in nats, or of the mean and of the band of
    f, as a fraction of its standard deviation: 0 unless they are sampled, infinite if they could not be sampled
    and f is taken as Gaussian.
    """

    x: Array
    mean: Array
    epistemic: Array
    total: Array
    truth: Array | None
    density: Heatmap | None
    error: float = 0.0


@derived(Predictive)
def predictive(document: Regression, view: Viewport) -> Predictive:
    """p(t | x) given the observations that are taken into account (PRML eq. 3.58–3.59)."""
    x = np.linspace(view.left, view.right, PLACES)
    after = inferred(document.model, document.taken)
    prediction, density = predicted(after, document.units, x), None
    if document[PredictiveSettings].shows == "density":
        t = np.linspace(view.bottom, view.top, 2 * ROWS + 1)[1::2]
        over = Viewport(view.left, view.right, view.bottom, view.top, PLACES, ROWS)
        density = heatmap(prediction.log_density(t[:, None]).astype(np.float32), over)
        error = after.prediction_error(document.units.x_of_model(x))
    else:
        error = after.band_error(document.units.x_of_model(x))
    truth = shown_truth(document, x)
    epistemic, total = np.sqrt(prediction.epistemic_variance), np.sqrt(prediction.variance)
    return Predictive(x, prediction.mean, epistemic, total, truth, density, error)
