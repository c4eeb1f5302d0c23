"""Weight space: prior, likelihood and posterior over two weights.

If the model has more than two weights, the likelihood is that of t_n given the two shown weights: the others are
integrated out over the posterior of the previous step. It is not computed as a quotient of two marginals, because that
loses all digits if the noise is small.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from engine.derived import derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array, Gaussian
from engine.part import Part
from engine.plane import Plane, Viewport, heatmap, scratch, subscript
from engine.regression.display import Pair
from engine.regression.document import Regression
from engine.regression.model.basis import Polynomial
from engine.regression.model.linear_model import Posterior, inferred
from engine.regression.model.noise import UnknownNoise

HOME = Viewport(-1.15, 1.15, -1.15, 1.15)
FAR = 1e3  # length of a line beyond the plane, in units of a weight
NOTHING = 1e-12  # a smaller fraction of ‖φ‖² counts as zero
MOST_CELLS = 512  # the most cells on each side of a heatmap
FEW_CELLS = 160  # the same, if each cell is a sum over all observations


@SETTINGS.register
class HeatmapSettings(Part, Setting, frozen=True, tag=True):
    """Heatmaps: the colour scale of the densities over the weights."""

    logarithmic: Annotated[
        bool,
        Meta(
            title="Log colour scale",
            description="Colour by the logarithm of the density, down to 20 nats below its maximum.",
        ),
    ] = False


class WeightPlanes(msgspec.Struct, frozen=True, eq=False):
    """The density before the latest observation, the likelihood of that observation, and the density after it."""

    prior: Plane
    likelihood: Plane
    posterior: Plane


def before_and_after(document: Regression) -> tuple[Posterior, Posterior]:
    """The posteriors before and after the latest observation; without observations, both are the prior."""
    taken = document.taken
    after = inferred(document.model, taken)
    return (inferred(document.model, taken.first(len(taken) - 1)) if len(taken) else after), after


@derived(WeightPlanes, first=True)
def weight_planes(document: Regression, viewport: Viewport) -> WeightPlanes:
    """The three planes over the viewport."""
    before, after = before_and_after(document)
    n, logarithmic, (w, others) = after.count, document[HeatmapSettings].logarithmic, weights_shown(document)
    earlier = _method(before) if others and before.method == "Laplace" else ""
    likelihood = Plane(f"p({_t(position(document, n - 1)) if n else 't'}|{w}){earlier}{others}", None)
    given = [f"|{of}" if (of := names_of(document, density.count)) else "" for density in (before, after)]
    names = [f"p({w}{of}){_method(density)}" for of, density in zip(given, (before, after), strict=True)]
    if document.model.basis.size < 2:
        return WeightPlanes(Plane(names[0], None), likelihood, Plane(names[1], None))
    view = cells(viewport, after)
    prior, posterior = (
        _density_plane(density, document.pair, name, view, logarithmic)
        for density, name in zip((before, after), names, strict=True)
    )
    if n:
        taken, work = document.taken, scratch(2, view.rows, view.columns)
        shade = before.log_likelihood_over(document.pair, float(taken.x[-1]), float(taken.t[-1]), view, work)
        likelihood = Plane(likelihood.formula, heatmap(shade, view, logarithmic=logarithmic))
    return WeightPlanes(prior, likelihood, posterior)


ROOM = 0.08  # of the frame that is left empty around the outlines
FARTHEST = 20.0  # an outline so many times as wide as that of the posterior is not framed: the posterior would be a dot


@derived(Viewport)
def weight_frame(document: Regression, _: Viewport) -> Viewport | None:
    """The viewport with the 95 % outlines of the posterior, of the density before it and of the prior, square.

    An outline that is much wider than that of the posterior is left out. None if there is no plane of weights.
    """
    if document.model.basis.size < 2:
        return None
    before, after = before_and_after(document)
    prior = inferred(document.model, document.taken.first(0))
    low, high = _corners(after.outline(document.pair))
    for density in (before, prior):
        corners = _corners(density.outline(document.pair))
        if float((corners[1] - corners[0]).max()) <= FARTHEST * float((high - low).max()):
            low, high = np.minimum(low, corners[0]), np.maximum(high, corners[1])
    middle, half = (low + high) / 2, float((high - low).max()) * (0.5 + ROOM)
    x, y = float(middle[0]), float(middle[1])
    return Viewport(x - half, x + half, y - half, y + half)


def _corners(outline: Array) -> tuple[Array, Array]:
    """The lower and the upper corner (2,) of an outline, a polygon (n, 2) or segments (n, 4)."""
    places = np.reshape(outline, (-1, 2))
    return np.nanmin(places, axis=0), np.nanmax(places, axis=0)


def cells(viewport: Viewport, posterior: Posterior) -> Viewport:
    """The viewport with a cell for each pixel, up to a limit."""
    most = MOST_CELLS if posterior.method != "grid" else FEW_CELLS
    return viewport.cells(min(viewport.columns, most), min(viewport.rows, most))


@lru_cache(maxsize=8)
def _density_plane(posterior: Posterior, pair: Pair, formula: str, view: Viewport, logarithmic: bool) -> Plane:
    shade = posterior.plane(pair).log_kernel_over(view.x, view.y, scratch(2, view.rows, view.columns))
    return Plane(formula, heatmap(shade, view, logarithmic=logarithmic), posterior.outline(pair))


def explaining(document: Regression, x: float, t: float) -> Array | None:
    """The pairs of weights whose function runs through (x, t), with the other weights at their conditional mean.

    The result is a segment (1, 4) that is longer than the plane; None if there is no plane, or if the function at x
    does not depend on these two weights.
    """
    if document.model.basis.size < 2:
        return None
    posterior, units = inferred(document.model, document.taken), document.units
    features = document.features(np.array([x]))[0]
    row, offset, _ = posterior.given(document.pair, features)
    square = float(row @ row)
    if square < NOTHING * float(features @ features):
        return None
    foot = row * (float(units.t_of_model([t])[0]) - offset) / square
    along = np.array([-row[1], row[0]]) / np.sqrt(square) * FAR * (1 + float(np.hypot(*foot)))
    return np.concatenate([foot - along, foot + along])[None, :]


def complete(weights: Gaussian, pair: Pair, w: Array) -> Array:
    """All k weights, if the pair has the values w (2,): the others at their conditional mean (PRML eq. 2.81)."""
    two, rest = list(pair), [i for i in range(weights.size) if i not in pair]
    filled = np.empty(weights.size)
    filled[two] = w
    if rest:
        joint = weights.covariance
        gain = np.linalg.solve(joint[np.ix_(two, two)], joint[np.ix_(two, rest)])
        filled[rest] = weights.mean[rest] + (w - weights.mean[two]) @ gain
    return filled


def true_weights(document: Regression) -> Array | None:
    """The weights (k,) for which the model equals the true function, marked by the cross; None if none do."""
    weights, units = document.source.truth.weights_in(document.model.basis), document.units
    if weights is None or units.are_original:
        return weights
    return units.polynomial_of_model(weights) if isinstance(document.model.basis, Polynomial) else None


def weights_shown(document: Regression) -> tuple[str, str]:
    """The names of the shown weights in formulas, and a remark on the hidden weights."""
    if document.model.basis.size <= 2:
        return "w", ""
    return ", ".join(f"w{subscript(i)}" for i in document.pair), ", the others integrated out"


def _method(posterior: Posterior) -> str:
    """A remark on the method of a density; empty if it is exact."""
    if isinstance(posterior.model.noise, UnknownNoise):
        return ", β integrated out"
    if posterior.method == "Laplace" and not posterior.count:
        return ""  # the prior is Gaussian
    return {"exact": "", "grid": ", on a grid", "Laplace": ", by Laplace"}[posterior.method]


def position(document: Regression, n: int) -> int:
    """The position of the observation before which `n` others are used. Observations that are left out do not count."""
    for i in document.left_out:
        n += i <= n
    return n


def names_of(document: Regression, count: int) -> str:
    """The names of the first `count` observations that are used, such as "t₁…t₈ without t₃"; "" if there is none.

    They have the numbers of the ledger, which counts the observations that are left out.
    """
    if count <= 0:
        return ""
    first, last = position(document, 0), position(document, count - 1)
    if count <= 2:
        return _t(first) if count == 1 else f"{_t(first)}, {_t(last)}"
    missing = [i for i in document.left_out if first < i < last]
    without = ", ".join(map(_t, missing)) if len(missing) <= 2 else f"{len(missing)} observations"
    return f"{_t(first)}…{_t(last)}" + (f" without {without}" if missing else "")


def _t(i: int) -> str:
    """The name of the measured value at position `i`."""
    return "t" + subscript(i + 1)
