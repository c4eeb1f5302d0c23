"""Data space: the curves over x, and the crowd of observations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.gaussian import Array
from engine.plane import Heatmap, Viewport, heatmap
from engine.regression.data.observations import CROWD
from engine.regression.model.linear_model import Posterior, predicted
from engine.regression.weight_space import complete

if TYPE_CHECKING:
    from engine.regression.document import Regression

PLACES = 257  # at which a curve is computed
SIDE = 256  # cells on each side of a picture of crowds


class Curves(msgspec.Struct, frozen=True, eq=False):
    """Data space over `x` (n,), in original units: the mean; the standard deviations of the function, of the noise and
    of both; the edges of the band, sample lines (s, n), pinned lines (p, n), the truth.

    `weighted` (k, n) are the basis functions, each times the mean of its weight, if they are to be shown. `best` is
    where one more observation would gain most, of the x that are both seen here and drawn from.
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
    best: float
    weighted: Array


def curves(document: Regression, after: Posterior, data: Viewport) -> Curves:
    """All lines of data space."""
    x = np.linspace(data.left, data.right, PLACES)
    basis, display, units = document.model.basis, document.display, document.units
    features, there = document.features(x), predicted(after, units, x)
    epistemic, noise, total = map(np.sqrt, (there.epistemic_variance, there.noise_variance, there.variance))
    drawn = after.sample(np.random.default_rng(document.seed), display.samples)
    pins = document.pins if basis.size >= 2 else ()
    pinned = [complete(after.weights, document.pair, np.array(pin)) for pin in pins]
    samples, lines = (units.t_back(np.reshape(w, (-1, basis.size)) @ features.T) for w in (drawn, pinned))
    band = None
    if display.band != "none":
        half = display.deviations * (total if display.band == "predictive" else epistemic)
        band = (there.mean - half, there.mean + half)
    truth = document.source.truth.at(x) if display.show_truth else None
    weighted = (features * after.weights.mean).T if display.show_basis else np.empty((0, len(x)))
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
        best_seen(document, x, there.epistemic_variance),
        weighted * units.t_scale,
    )


def best_seen(document: Regression, x: Array, uncertain: Array) -> float:
    """The x of the largest uncertainty, of those in the source's range if any is in it; of equals the middle one."""
    inside = (x >= document.source.low) & (x <= document.source.high)
    x, uncertain = (x[inside], uncertain[inside]) if inside.any() else (x, uncertain)
    equal = np.flatnonzero(uncertain >= uncertain.max() * (1 - 1e-9))
    middle = (x[0] + x[-1]) / 2
    return float(x[equal[np.argmin(np.abs(x[equal] - middle))]])


def crowd(document: Regression, data: Viewport) -> Heatmap | None:
    """How many observations fall into each cell, as a heatmap; None while they can be drawn one by one."""
    if len(document.observations) <= CROWD:
        return None
    view = data.cells(SIDE, SIDE)
    column = (document.observations.x - view.left) * (SIDE / (view.right - view.left))
    row = (document.observations.t - view.bottom) * (SIDE / (view.top - view.bottom))
    inside = (column >= 0) & (column < SIDE) & (row >= 0) & (row < SIDE)
    cell = row[inside].astype(np.intp) * SIDE + column[inside].astype(np.intp)
    counts = np.bincount(cell, minlength=SIDE * SIDE).reshape(SIDE, SIDE)
    return heatmap(np.log(np.maximum(counts, 1e-9)).astype(np.float32), view)
