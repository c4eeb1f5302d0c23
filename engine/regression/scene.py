"""The Regression scene: everything the page draws, and the answer to what is under the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.document import Viewports
from engine.gaussian import Array, Gaussian
from engine.plane import Heatmap, Viewport, heatmap
from engine.regression.inference import Posterior

if TYPE_CHECKING:
    from engine.regression.document import Regression

WEIGHTS = Viewport(-1.15, 1.15, -1.15, 1.15)
DATA = Viewport(-1.2, 1.2, -1.6, 1.6)
SIDE = 256  # cells on each side of a heatmap
CURVE = 257  # places at which a curve is computed
CROWD = 5000  # more observations than this are drawn by their density
PAIR = [0, 1]


@dataclass(frozen=True)
class WeightPlace:
    """A place in weight space, and the x between which its line is wanted."""

    w0: float
    w1: float
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

    place: WeightPlace | DataPlace
    bayes: Bayes | None = None
    curve: tuple[Array, Array] | None = None
    mean: float = 0.0
    deviation: float = 0.0


@dataclass(frozen=True, eq=False)
class Plane:
    """One heatmap over (w₀, w₁): its name as a formula, the density, the ellipse around 95 % of it if any."""

    formula: str
    heatmap: Heatmap | None
    ellipse: Array | None = None


@dataclass(frozen=True, eq=False)
class Curves:
    """Data space over `x` (n,): mean, edges of the band, sample lines (s, n), pinned lines (p, n), the truth."""

    x: Array
    mean: Array
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


def resolve(document: Regression, viewports: Viewports) -> Scene:
    """The scene of `document`. Missing viewports are replaced by the lecture's."""
    before, after = _posteriors(document)
    planes = _planes(document, before, after, viewports.get("weights", WEIGHTS).cells(SIDE, SIDE))
    data = viewports.get("data", DATA)
    return Scene(document, *planes, _curves(document, after, data), _crowd(document, data), after.log_evidence)


def answer(document: Regression, place: WeightPlace | DataPlace) -> Answer:
    """What the document says about `place`."""
    before, after = _posteriors(document)
    if isinstance(place, DataPlace):
        there = after.predict([place.x])
        return Answer(place, mean=float(there.mean[0]), deviation=float(np.sqrt(there.variance[0])))
    w = np.array([place.w0, place.w1])
    x = np.linspace(place.low, place.high, CURVE)
    curve = document.model.basis.features(x) @ complete(after.weights, w)
    return Answer(place, bayes=_bayes(document, before, after, w), curve=(x, curve))


def complete(weights: Gaussian, w: Array) -> Array:
    """All k weights when the first two are w (2,): the others at their mean given those."""
    rest = slice(2, weights.size)
    if weights.size == 2:
        return w
    joint = weights.covariance
    gain = np.linalg.solve(joint[:2, :2], joint[:2, rest])
    return np.concatenate([w, weights.mean[rest] + (w - weights.mean[:2]) @ gain])


def _posteriors(document: Regression) -> tuple[Posterior, Posterior]:
    """Before and after the latest observation; the same one twice when there is none."""
    taken = document.observations.first(document.step)
    after = document.model.infer(taken.statistics(document.model.basis))
    if document.step == 0:
        return after, after
    earlier = taken.first(document.step - 1)
    return document.model.infer(earlier.statistics(document.model.basis)), after


def _planes(
    document: Regression, before: Posterior, after: Posterior, viewport: Viewport
) -> tuple[Plane, Plane, Plane]:
    n = document.step
    names = (f"p(w{_given(n - 1)})", f"p({_t(n)}|w)" if n else "p(t|w)", f"p(w{_given(n)})")
    if document.model.basis.size < 2:
        return Plane(names[0], None), Plane(names[1], None), Plane(names[2], None)
    x, y = viewport.x, viewport.y
    prior, posterior = before.weights.marginal(PAIR), after.weights.marginal(PAIR)
    log_prior, log_posterior = prior.log_kernel_over(x, y), posterior.log_kernel_over(x, y)
    log_likelihood = log_posterior - log_prior
    if n and document.model.basis.size == 2:
        log_likelihood = document.model.likelihood(*_latest(document)).log_kernel_over(x, y)
    logarithmic = document.display.logarithmic
    return (
        Plane(names[0], heatmap(log_prior, viewport, logarithmic=logarithmic), prior.ellipse()),
        Plane(names[1], heatmap(log_likelihood, viewport, logarithmic=logarithmic) if n else None),
        Plane(names[2], heatmap(log_posterior, viewport, logarithmic=logarithmic), posterior.ellipse()),
    )


def _latest(document: Regression) -> tuple[Array, Array]:
    """x and t of the latest observation, each (1,)."""
    latest = slice(document.step - 1, document.step)
    return document.observations.x[latest], document.observations.t[latest]


def _bayes(document: Regression, before: Posterior, after: Posterior, w: Array) -> Bayes | None:
    if document.model.basis.size < 2:
        return None
    prior = float(before.weights.marginal(PAIR).log_density(w))
    posterior = float(after.weights.marginal(PAIR).log_density(w))
    if not document.step:
        return Bayes(prior, None, None, posterior)
    evidence = after.log_evidence - before.log_evidence
    if document.model.basis.size == 2:
        x, t = _latest(document)
        likelihood = document.model.noise.log_likelihood(t, document.model.basis.features(x) @ w)
        return Bayes(prior, float(likelihood[0]), evidence, posterior)
    return Bayes(prior, posterior - prior + evidence, evidence, posterior)


def _curves(document: Regression, after: Posterior, data: Viewport) -> Curves:
    x = np.linspace(data.left, data.right, CURVE)
    basis, display = document.model.basis, document.display
    features = basis.features(x)
    prediction = after.predict(x)
    drawn = after.weights.sample(np.random.default_rng(document.seed), display.samples)
    pinned = np.array([complete(after.weights, np.array(pin)) for pin in document.pins]).reshape(-1, basis.size)
    band = None
    if display.band != "none":
        variance = prediction.variance if display.band == "predictive" else prediction.epistemic_variance
        half = display.deviations * np.sqrt(variance)
        band = (prediction.mean - half, prediction.mean + half)
    truth = document.source.truth.at(x) if display.show_truth else None
    return Curves(x, prediction.mean, band, drawn @ features.T, pinned @ features.T, truth)


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
    with np.errstate(divide="ignore"):
        return heatmap(np.log(counts), view) if counts.any() else heatmap(np.full(counts.shape, -1e9), view)


def _t(n: int) -> str:
    return "t" + str(n).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _given(n: int) -> str:
    if n <= 0:
        return ""
    return f"|{_t(1)}" if n == 1 else f"|{_t(1)}, {_t(2)}" if n == 2 else f"|{_t(1)}…{_t(n)}"
