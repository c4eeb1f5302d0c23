"""Data space: the curves over x, and the crowd of observations."""

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
from engine.regression.data.observations import CROWD
from engine.regression.display import Display
from engine.regression.document import Regression
from engine.regression.model.linear_model import inferred, predicted
from engine.regression.weight_space import complete

HOME = Viewport(-1.2, 1.2, -1.6, 1.6)
PLACES = 257  # at which a curve is computed
SIDE = 256  # cells on each side of a heatmap of a crowd


@SETTINGS.register
class DataSpaceSettings(Part, Setting, frozen=True, tag=True):
    """Data space: which lines and which band it shows."""

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
    show_basis: Annotated[
        bool,
        Meta(
            title="Show the basis functions",
            description="In data space, each times the mean of its weight: their sum is the mean.",
        ),
    ] = False


class Curves(msgspec.Struct, frozen=True, eq=False):
    """Data space over `x` (n,), in original units: the mean; the standard deviations of the function, of the noise and
    of both; the edges of the band, sample lines (s, n), pinned lines (p, n), the truth.

    `weighted` (k, n) are the basis functions, each times the mean of its weight, if the settings show them.
    """

    x: Array
    mean: Array
    epistemic: Array
    noise: Array
    total: Array
    band: tuple[Array, Array] | None
    samples: Array
    pins: Array
    truth: Array | None
    weighted: Array


@derived(Curves, first=True)
def curves(document: Regression, view: Viewport) -> Curves:
    """All lines of data space."""
    after, x = inferred(document.model, document.taken), np.linspace(view.left, view.right, PLACES)
    basis, settings, units = document.model.basis, document[DataSpaceSettings], document.units
    features, there = document.features(x), predicted(after, units, x)
    epistemic, noise, total = map(np.sqrt, (there.epistemic_variance, there.noise_variance, there.variance))
    drawn = after.sample(np.random.default_rng(document.seed), settings.samples)
    pins = document.pins if basis.size >= 2 else ()
    pinned = [complete(after.weights, document.pair, np.array(pin)) for pin in pins]
    samples, lines = (units.t_back(np.reshape(w, (-1, basis.size)) @ features.T) for w in (drawn, pinned))
    band = None
    if settings.band != "none":
        half = settings.deviations * (total if settings.band == "predictive" else epistemic)
        band = (there.mean - half, there.mean + half)
    truth = document.source.truth.at(x) if document[Display].show_truth else None
    weighted = (features * after.weights.mean).T if settings.show_basis else np.empty((0, len(x)))
    return Curves(
        x,
        there.mean,
        epistemic,
        noise,
        total,
        band,
        samples,
        lines,
        truth,
        weighted * units.t_scale,
    )


@derived(Heatmap, first=True)
def crowd(document: Regression, viewport: Viewport) -> Heatmap | None:
    """How many observations fall into each cell, as a heatmap; None while they can be drawn one by one."""
    if len(document.observations) <= CROWD:
        return None
    view = viewport.cells(SIDE, SIDE)
    column = (document.observations.x - view.left) * (SIDE / (view.right - view.left))
    row = (document.observations.t - view.bottom) * (SIDE / (view.top - view.bottom))
    inside = (column >= 0) & (column < SIDE) & (row >= 0) & (row < SIDE)
    cell = row[inside].astype(np.intp) * SIDE + column[inside].astype(np.intp)
    counts = np.bincount(cell, minlength=SIDE * SIDE).reshape(SIDE, SIDE)
    return heatmap(np.log(np.maximum(counts, 1e-9)).astype(np.float32), view)
