"""The evidence: its logarithm, the same over both precisions, and the paths of re-estimation to its maxima."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from engine.derived import PENDING, Pending, derived
from engine.gaussian import Array
from engine.plane import Heatmap, Viewport, contour, heatmap
from engine.regression.document import Regression
from engine.regression.model.linear_model import inferred, known_precision
from engine.regression.model.log_evidence import FixedPoint, Spectrum
from engine.regression.model.noise import GaussianNoise
from engine.regression.model.prior import Isotropic

HOME = Viewport(-4.3, 4.3, -3.4, 4.4)
CELLS = 96  # on each side
FARTHEST = 60.0  # powers of ten
DEEPEST = 1e6  # nats below the maximum, where nothing is to be told apart any more
LEVELS = (1.0, 3.0, 10.0)  # nats below the maximum


@derived(float, first=True)
def log_evidence(document: Regression, _: Viewport) -> float:
    """ln p(t) of the observations that are taken into account, in nats."""
    return inferred(document.model, document.taken).log_evidence


class EvidenceMap(msgspec.Struct, frozen=True, eq=False):
    """ln p(t | α, β) over (log₁₀ α, log₁₀ β), in nats below its maximum there; from `path[0]`, where the document is,
    the steps of re-estimation; and where they lead from there and from the data's own starts, with the limits of
    α → ∞ and β → ∞ where these are maxima, highest first. `contours` (n, 4) are segments along which it is LEVELS below
    the maximum.
    """

    heatmap: Heatmap
    contours: Array
    path: Array
    rests: tuple[FixedPoint, ...]


@derived(EvidenceMap)
def evidence_map(document: Regression, viewport: Viewport) -> Iterator[EvidenceMap | Pending | None]:
    """The map over the viewport; None without an observation, and if the model has another kind of prior or noise."""
    if not document.count or not has_surface(document):
        yield None
        return
    view, spectrum = viewport.cells(min(CELLS, viewport.columns), min(CELLS, viewport.rows)), spectrum_of(document)
    surface = spectrum.log_evidence(power(view.x)[None, :], power(view.y)[:, None])
    yield PENDING
    below = np.maximum(surface - surface.max(), -DEEPEST).astype(np.float32)
    lines = [contour(below.astype(float), view.x, view.y, -level) for level in LEVELS]
    shown = heatmap(below, view, logarithmic=True)
    here = document.model.prior_precision, known_precision(document.model.noise)
    rests = []
    for start in (here, *spectrum.starts()):
        yield PENDING
        rests.append(spectrum.climb(*start))
    yield EvidenceMap(shown, np.concatenate(lines), np.log10(rests[0].path), distinct(rests + spectrum.limits()))


def has_surface(document: Regression) -> bool:
    """Whether α is the precision of all weights and β that of the noise."""
    return isinstance(document.model.noise, GaussianNoise) and isinstance(document.model.prior_shape, Isotropic)


def power(logarithm: ArrayLike) -> Array:
    """10 to the power of `logarithm`, which is clipped to ±FARTHEST: the plane can be zoomed out without end."""
    return np.asarray(10.0 ** np.clip(logarithm, -FARTHEST, FARTHEST))


def spectrum_of(document: Regression) -> Spectrum:
    """The spectrum of the observations that are taken into account."""
    return Spectrum.of(document.taken.statistics(document.model.basis))


def distinct(rests: list[FixedPoint]) -> tuple[FixedPoint, ...]:
    """The distinct fixed points, highest evidence first."""
    kept: list[FixedPoint] = []
    for found in sorted(rests, key=lambda rest: -rest.log_evidence):
        if not any(_same(found, other) for other in kept):
            kept.append(found)
    return tuple(kept)


def _same(one: FixedPoint, other: FixedPoint) -> bool:
    """Whether both are one place, or on one ridge: a single observation leaves α and β equally good along a line."""
    if abs(one.log_evidence - other.log_evidence) <= 1e-11 * (1 + abs(one.log_evidence)):
        return True
    alike = np.allclose([one.alpha, one.beta], [other.alpha, other.beta], rtol=1e-4, atol=0)
    return one.kind == other.kind and bool(alike)
