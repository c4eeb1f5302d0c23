"""The log evidence, its surface over the precisions α and β, and the re-estimation paths to its maxima.

One singular value decomposition of the statistics gives the whole surface.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from engine.derived import PENDING, Pending, derived
from engine.gaussian import Array
from engine.plane import Heatmap, Viewport, contour, heatmap
from engine.regression.data.observations import Observations
from engine.regression.document import Regression
from engine.regression.model.basis import Basis
from engine.regression.model.linear_model import inferred, known_precision
from engine.regression.model.log_evidence import FixedPoint, Spectrum
from engine.regression.model.noise import HIGHEST, GaussianNoise
from engine.regression.model.prior import Isotropic

HOME = Viewport(-4.3, 4.3, -3.4, 4.4)
CELLS = 96  # on each side
ROWS = 32  # of cells between two points at which the computation may be cancelled
FARTHEST = 60.0  # the largest |log₁₀ α| and |log₁₀ β|
DEEPEST = 1e6  # nats below the maximum; lower values have the same colour anyway
LEVELS = (1.0, 3.0, 10.0)  # the contours, in nats below the maximum


@derived(float, first=True)
def log_evidence(document: Regression, _: Viewport) -> float:
    """The log evidence ln p(t) of the observations that are taken into account, in nats."""
    return inferred(document.model, document.taken).log_evidence


class EvidenceMap(msgspec.Struct, frozen=True, eq=False):
    """ln p(t | α, β) over (log₁₀ α, log₁₀ β).

    * `heatmap`, scaled to the maximum in the viewport; `contours` (n, 4), segments LEVELS below this maximum.
    * `path` (m, 2), the re-estimation path from the α and β of the document, as logarithms.
    * `rests`, the fixed points of re-estimation from the document and from starts at the scale of the data, and the
      limits α → ∞ and β → ∞ where these are maxima, highest evidence first.
    * `height`, ln p(t | α, β) in nats at the α and β of the document, with the digits of the surface.
    * `home`, a viewport that holds HOME and all fixed points: for t in millions they are near α = β = 10⁻¹².
    """

    heatmap: Heatmap
    contours: Array
    path: Array
    rests: tuple[FixedPoint, ...]
    height: float
    home: Viewport


@derived(EvidenceMap, last=True)
def evidence_map(document: Regression, viewport: Viewport) -> Iterator[EvidenceMap | Pending | None]:
    """The map over the viewport; None without observations, or if the model has another kind of prior or noise."""
    if not document.count or not has_surface(document):
        yield None
        return
    view, spectrum = viewport.cells(min(CELLS, viewport.columns), min(CELLS, viewport.rows)), spectrum_of(document)
    rows = []
    for low in range(0, view.rows, ROWS):
        yield PENDING
        rows.append(spectrum.log_evidence(power(view.x)[None, :], power(view.y[low : low + ROWS])[:, None]))
    surface, lines = np.concatenate(rows), []
    below = np.maximum(surface - surface.max(), -DEEPEST).astype(np.float32)
    for level in LEVELS:
        yield PENDING
        lines.append(contour(below.astype(float), view.x, view.y, -level))
    shown = heatmap(below, view, logarithmic=True)
    current = document.model.prior_precision, known_precision(document.model.noise)
    rests = []
    for start in (current, *spectrum.starts()):
        yield PENDING
        rests.append(spectrum.climb(*start))
    path, rests = np.log10(rests[0].path), list(distinct(rests + spectrum.limits()))
    height = float(spectrum.log_evidence(*current))
    yield EvidenceMap(shown, np.concatenate(lines), path, tuple(rests), height, home_of(rests))


def has_surface(document: Regression) -> bool:
    """Whether the model has one precision α of all weights and one precision β of Gaussian noise."""
    return isinstance(document.model.noise, GaussianNoise) and isinstance(document.model.prior_shape, Isotropic)


def power(logarithm: ArrayLike) -> Array:
    """10 to the power of `logarithm`, an array of any shape.

    Logarithms are clipped to ±FARTHEST, because the plane can be zoomed without limit.
    """
    return np.asarray(10.0 ** np.clip(logarithm, -FARTHEST, FARTHEST))


def spectrum_of(document: Regression) -> Spectrum:
    """The singular values and projections of the observations that are taken into account."""
    return _spectrum(document.taken, document.model.basis)


@lru_cache(maxsize=8)
def _spectrum(observations: Observations, basis: Basis) -> Spectrum:
    """The spectrum of the observations, from the cache: the surface and every position under the cursor use it."""
    return Spectrum.of(observations, basis)


def home_of(rests: list[FixedPoint]) -> Viewport:
    """HOME, extended in whole powers of ten to hold the finite α and β of `rests`, as far as a model may have them."""
    farthest, alphas, betas = np.log10(HIGHEST), [HOME.left, HOME.right], [HOME.bottom, HOME.top]
    for rest in rests:
        for value, edges in ((rest.alpha, alphas), (rest.beta, betas)):
            logarithm = np.log10(value)
            if abs(logarithm) <= farthest and not edges[0] <= logarithm <= edges[1]:
                edges.append(float(np.floor(logarithm) - 2 if logarithm < 0 else np.ceil(logarithm) + 2))
    return Viewport(min(alphas), max(alphas), min(betas), max(betas))


def distinct(rests: list[FixedPoint]) -> tuple[FixedPoint, ...]:
    """The distinct fixed points, highest evidence first."""
    points: list[FixedPoint] = []
    for point in sorted(rests, key=lambda rest: -rest.log_evidence):
        if not any(_same(point, other) for other in points):
            points.append(point)
    return tuple(points)


def _same(one: FixedPoint, other: FixedPoint) -> bool:
    """Whether both have the same α and β, or lie on one ridge: one observation leaves α and β undecided on a curve."""
    if abs(one.log_evidence - other.log_evidence) <= 1e-11 * (1 + abs(one.log_evidence)):
        return True
    alike = np.allclose([one.alpha, one.beta], [other.alpha, other.beta], rtol=1e-4, atol=0)
    return one.kind == other.kind and bool(alike)
