"""The Regression scene: everything the page draws, and the answer to what is under the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.document import Viewports
from engine.gaussian import Array, Gaussian
from engine.plane import Heatmap, Viewport, heatmap, scratch
from engine.regression.inference import Posterior, inferred
from engine.regression.observations import CROWD
from engine.regression.pictures import PICTURES
from engine.regression.precisions import PrecisionPlace, spectrum_of

if TYPE_CHECKING:
    from engine.regression.document import Regression

WEIGHTS = Viewport(-1.15, 1.15, -1.15, 1.15)
DATA = Viewport(-1.2, 1.2, -1.6, 1.6)
Pair = tuple[int, int]
MOST_CELLS = 512  # on each side of a heatmap
SIDE = 256  # cells on each side of a picture of crowds
CURVE = 257  # places at which a curve is computed


@dataclass(frozen=True)
class WeightPlace:
    """A place in the plane of two weights, and the x between which its line is wanted."""

    across: float
    up: float
    low: float = -1.2
    high: float = 1.2


@dataclass(frozen=True)
class DataPlace:
    """A place in data space."""

    x: float
    t: float


@dataclass(frozen=True)
class Bayes:
    """Bayes' rule in numbers at one w, in nats: log_prior + log_likelihood − log_evidence = log_posterior.

    The evidence is p(t_n | t_1…t_{n−1}), what the latest observation was worth; without one there is only the prior.
    """

    log_prior: float
    log_likelihood: float | None
    log_evidence: float | None
    log_posterior: float


@dataclass(frozen=True, eq=False)
class Answer:
    """What is under the cursor: in weight space a curve and Bayes' rule, in data space the prediction at x."""

    place: WeightPlace | DataPlace | PrecisionPlace
    bayes: Bayes | None = None
    curve: tuple[Array, Array] | None = None
    mean: float = 0.0
    deviation: float = 0.0
    log_evidence: float = 0.0
    well_determined: float = 0.0  # γ, the number of weights that the data decide


@dataclass(frozen=True, eq=False)
class Plane:
    """One heatmap over (w₀, w₁): its name as a formula, the density, the ellipse around 95 % of it if any."""

    formula: str
    heatmap: Heatmap | None
    ellipse: Array | None = None


@dataclass(frozen=True, eq=False)
class Curves:
    """Data space over `x` (n,): the mean; the standard deviations of the function, of the noise and of both; the edges
    of the band, sample lines (s, n), pinned lines (p, n), the truth.
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


@dataclass(frozen=True, eq=False)
class Scene:
    """All that the Regression page draws, computed from `document` alone."""

    document: Regression
    prior: Plane
    likelihood: Plane
    posterior: Plane
    curves: Curves
    crowd: Heatmap | None
    log_evidence: float
    pictures: Mapping[str, Any]  # what single panels draw besides, by the names of their viewports


def resolve(document: Regression, viewports: Viewports) -> Scene:
    """The scene of `document`. Missing viewports are replaced by the lecture's."""
    before, after = _posteriors(document)
    planes = _planes(document, before, after, _cells(viewports.get("weights", WEIGHTS)))
    data = viewports.get("data", DATA)
    curves, crowd = _curves(document, after, data), _crowd(document, data)
    pictures = {name: made(document, viewports[name]) for name, made in PICTURES.items() if name in viewports}
    return Scene(document, *planes, curves, crowd, after.log_evidence, pictures)


def answer(document: Regression, place: WeightPlace | DataPlace | PrecisionPlace) -> Answer:
    """What the document says about `place`."""
    if isinstance(place, PrecisionPlace):
        spectrum = spectrum_of(document)
        gamma = float(np.sum(spectrum.shrink(place.alpha, place.beta)))
        height = float(spectrum.log_evidence(place.alpha, place.beta))
        return Answer(place, log_evidence=height, well_determined=gamma)
    before, after = _posteriors(document)
    if isinstance(place, DataPlace):
        there = after.predict(document.units.x_of_model([place.x]))
        mean, deviation = document.units.t_back(there.mean), document.units.deviation_back(np.sqrt(there.variance))
        return Answer(place, mean=float(mean[0]), deviation=float(deviation[0]))
    if document.model.basis.size < 2:
        return Answer(place)
    w = np.array([place.across, place.up])
    x = np.linspace(place.low, place.high, CURVE)
    curve = document.units.t_back(_features(document, x) @ complete(after.weights, document.pair, w))
    return Answer(place, bayes=_bayes(document, before, after, w), curve=(x, curve))


def complete(weights: Gaussian, pair: Pair, w: Array) -> Array:
    """All k weights when those of the pair are w (2,): the others at their mean given these."""
    two, rest = list(pair), [i for i in range(weights.size) if i not in pair]
    made = np.empty(weights.size)
    made[two] = w
    if rest:
        joint = weights.covariance
        gain = np.linalg.solve(joint[np.ix_(two, two)], joint[np.ix_(two, rest)])
        made[rest] = weights.mean[rest] + (w - weights.mean[two]) @ gain
    return made


def _features(document: Regression, x: Array) -> Array:
    """Φ (n, k) at x (n,) in original units."""
    return document.model.basis.features(document.units.x_of_model(x))


def _cells(viewport: Viewport) -> Viewport:
    """A cell for each pixel, so that nothing is scaled on the way to the screen, within reason."""
    return viewport.cells(min(viewport.columns, MOST_CELLS), min(viewport.rows, MOST_CELLS))


def _posteriors(document: Regression) -> tuple[Posterior, Posterior]:
    """Before and after the latest observation; the same one twice when there is none."""
    taken = document.taken
    after = inferred(document.model, taken)
    return (inferred(document.model, taken.first(len(taken) - 1)) if len(taken) else after), after


def _planes(
    document: Regression, before: Posterior, after: Posterior, viewport: Viewport
) -> tuple[Plane, Plane, Plane]:
    n, logarithmic = document.step, document.display.logarithmic
    w, others = _weights(document)
    likelihood = Plane(f"p({_t(n) if n else 't'}|{w}){others}", None)
    if document.model.basis.size < 2:
        return Plane(f"p(w{_given(n - 1)})", None), likelihood, Plane(f"p(w{_given(n)})", None)
    prior = _gaussian_plane(before, document.pair, f"p({w}{_given(n - 1)})", viewport, logarithmic)
    posterior = _gaussian_plane(after, document.pair, f"p({w}{_given(n)})", viewport, logarithmic)
    if n:
        log_likelihood = _log_likelihood(document, before, viewport)
        likelihood = Plane(likelihood.formula, heatmap(log_likelihood, viewport, logarithmic=logarithmic))
    return prior, likelihood, posterior


@lru_cache(maxsize=8)
def _gaussian_plane(known: Posterior, chosen: Pair, formula: str, viewport: Viewport, logarithmic: bool) -> Plane:
    pair = known.weights.marginal(list(chosen))
    work = scratch(2, viewport.rows, viewport.columns)
    shown = heatmap(pair.log_kernel_over(viewport.x, viewport.y, work), viewport, logarithmic=logarithmic)
    return Plane(formula, shown, pair.ellipse())


def _log_likelihood(document: Regression, before: Posterior, viewport: Viewport) -> NDArray[np.float32]:
    """ln p(t_n | wᵢ, wⱼ) up to a constant, with the other weights integrated out over what was known before."""
    work = scratch(2, viewport.rows, viewport.columns)
    (x,), (t,) = _latest(document)
    return before.likelihood(document.pair, x, t).log_kernel_over(viewport.x, viewport.y, work)


def _latest(document: Regression) -> tuple[Array, Array]:
    """x and t of the latest observation, each (1,)."""
    taken = document.taken
    return taken.x[-1:], taken.t[-1:]


def _bayes(document: Regression, before: Posterior, after: Posterior, w: Array) -> Bayes | None:
    if document.model.basis.size < 2:
        return None
    two = list(document.pair)
    prior, posterior = (float(known.weights.marginal(two).log_density(w)) for known in (before, after))
    if not document.step:
        return Bayes(prior, None, None, posterior)
    evidence = after.log_evidence - before.log_evidence
    if document.model.basis.size == 2:
        x, t = _latest(document)
        w = complete(after.weights, document.pair, w)
        likelihood = document.model.noise.log_likelihood(t, document.model.basis.features(x) @ w)
        return Bayes(prior, float(likelihood[0]), evidence, posterior)
    return Bayes(prior, posterior - prior + evidence, evidence, posterior)


def _curves(document: Regression, after: Posterior, data: Viewport) -> Curves:
    x = np.linspace(data.left, data.right, CURVE)
    basis, display, units = document.model.basis, document.display, document.units
    features = _features(document, x)
    prediction = after.predict(units.x_of_model(x))
    mean = units.t_back(prediction.mean)
    epistemic, noise, total = (
        units.deviation_back(np.sqrt(variance))
        for variance in (prediction.epistemic_variance, prediction.noise_variance, prediction.variance)
    )
    drawn = after.weights.sample(np.random.default_rng(document.seed), display.samples)
    pins = document.pins if basis.size >= 2 else ()
    pinned = [complete(after.weights, document.pair, np.array(pin)) for pin in pins]
    samples, lines = (units.t_back(np.reshape(w, (-1, basis.size)) @ features.T) for w in (drawn, pinned))
    band = None
    if display.band != "none":
        half = display.deviations * (total if display.band == "predictive" else epistemic)
        band = (mean - half, mean + half)
    truth = document.source.truth.at(x) if display.show_truth else None
    return Curves(x, mean, epistemic, noise, total, band, samples, lines, truth)


def _crowd(document: Regression, data: Viewport) -> Heatmap | None:
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


def subscript(n: int) -> str:
    """A number as an index."""
    return str(n).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _t(n: int) -> str:
    return "t" + subscript(n)


def _weights(document: Regression) -> tuple[str, str]:
    """What the planes are over, and what became of the weights that they do not show."""
    if document.model.basis.size <= 2:
        return "w", ""
    return ", ".join(f"w{subscript(i)}" for i in document.pair), ", the others integrated out"


def _given(n: int) -> str:
    if n <= 0:
        return ""
    return f"|{_t(1)}" if n == 1 else f"|{_t(1)}, {_t(2)}" if n == 2 else f"|{_t(1)}…{_t(n)}"
