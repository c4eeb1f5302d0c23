"""Data space: the curves over x, and a heatmap of the observations if they are too many to be drawn one by one.

More than 5000 observations are drawn as counts in cells.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.part import Part
from engine.plane import Heatmap, Viewport, heatmap
from engine.regression.data.observations import CROWD
from engine.regression.data.units import Units
from engine.regression.document import Regression
from engine.regression.model.basis import Basis
from engine.regression.model.linear_model import inferred, predicted
from engine.regression.own_data import shown_truth
from engine.regression.weight_space import complete

HOME = Viewport(-1.2, 1.2, -1.6, 1.6)
PLACES = 257  # values of x of each curve
SIDE = 256  # cells on each side of the heatmap of observations


@SETTINGS.register
class DataSpaceSettings(Part, Setting, frozen=True, tag=True):
    """Data space: the lines and the band of the panel."""

    samples: Annotated[
        int,
        Meta(ge=0, le=200, title="Sample lines", description="Number of functions drawn from the posterior."),
    ] = 6
    band: Annotated[
        Literal["predictive", "weights", "none"],
        Meta(
            title="Band",
            description="Predictive (with noise) or function only (without noise).",
        ),
    ] = "predictive"
    deviations: Annotated[
        Literal[1, 2],
        Meta(title="Band width", description="Half of the width, in standard deviations.", extra={"suffix": "σ"}),
    ] = 1
    show_waiting: Annotated[
        bool,
        Meta(
            title="Show unused observations",
            description="The observations that are not used at this step, as hollow discs.",
        ),
    ] = True
    show_basis: Annotated[
        bool,
        Meta(
            title="Show the basis functions",
            description="Each basis function times the mean of its weight. Their sum is the mean.",
        ),
    ] = False


class Curves(msgspec.Struct, frozen=True, eq=False):
    """The lines of data space over `x` (n,), in original units.

    * `mean` (n,), and the standard deviations (n,): `epistemic` of the function, `noise`, and `total` of both.
    * `band`, the lower and the upper edge, each (n,); None if it is hidden.
    * `samples` (s, n), sample lines, and their weights on the axes of the planes, `places` (s, 2).
    * `pins` (p, n), pinned lines.
    * `truth` (n,), the true function; None if it is hidden.
    * `weighted` (k, n), the basis functions, each times the mean of its weight; (0, n) if they are hidden.
    """

    x: Array
    mean: Array
    epistemic: Array
    noise: Array
    total: Array
    band: tuple[Array, Array] | None
    samples: Array
    places: Array
    pins: Array
    truth: Array | None
    weighted: Array


@derived(Curves, first=True)
def curves(document: Regression, view: Viewport) -> Curves:
    """All lines of data space."""
    basis, settings, units = document.model.basis, document[DataSpaceSettings], document.units
    after, (x, features) = inferred(document.model, document.taken), _features(basis, units, view.left, view.right)
    prediction = predicted(after, units, x)
    variances = prediction.epistemic_variance, prediction.noise_variance, prediction.variance
    epistemic, noise, total = map(np.sqrt, variances)
    drawn = after.sample(np.random.default_rng(_entropy(document.seed)), settings.samples)
    pins = document.pins if basis.size >= 2 else ()
    pinned = [complete(after.weights, document.pair, np.array(pin)) for pin in pins]
    samples, lines = (units.t_back(np.reshape(w, (-1, basis.size)) @ features.T) for w in (drawn, pinned))
    band = None
    if settings.band != "none":
        half = settings.deviations * (total if settings.band == "predictive" else epistemic)
        band = (prediction.mean - half, prediction.mean + half)
    truth = shown_truth(document, x)
    weighted = (features * after.weights.mean).T if settings.show_basis else np.empty((0, len(x)))
    return Curves(
        x,
        prediction.mean,
        epistemic,
        noise,
        total,
        band,
        samples,
        drawn[:, list(document.pair)] if basis.size >= 2 else np.empty((0, 2)),
        lines,
        truth,
        weighted * units.t_scale,
    )


@lru_cache(maxsize=8)  # they are needed for every edit of the observations
def _features(basis: Basis, units: Units, left: float, right: float) -> tuple[Array, Array]:
    """The values x (n,) of the curves, in original units, and their features (n, k), both read-only."""
    x = np.linspace(left, right, PLACES)
    features = basis.features(units.x_of_model(x))
    for values in (x, features):
        values.setflags(write=False)
    return x, features


@lru_cache(maxsize=8)
def _entropy(seed: int) -> np.random.SeedSequence:
    """NumPy's SeedSequence of a seed, which takes time to make. The draws are those of `default_rng(seed)`."""
    return np.random.SeedSequence(seed)


@derived(Heatmap, first=True)
def crowd(document: Regression, viewport: Viewport) -> Heatmap | None:
    """A heatmap of the number of observations in each cell; None if they are few enough to be drawn one by one."""
    if len(document.observations) <= CROWD:
        return None
    view = viewport.cells(SIDE, SIDE)
    column = (document.observations.x - view.left) * (SIDE / (view.right - view.left))
    row = (document.observations.t - view.bottom) * (SIDE / (view.top - view.bottom))
    inside = (column >= 0) & (column < SIDE) & (row >= 0) & (row < SIDE)
    cell = row[inside].astype(np.intp) * SIDE + column[inside].astype(np.intp)
    counts = np.bincount(cell, minlength=SIDE * SIDE).reshape(SIDE, SIDE)
    return heatmap(np.log(np.maximum(counts, 1e-9)).astype(np.float32), view)
