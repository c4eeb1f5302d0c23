"""What the Evidence panel shows: ln evidence over both precisions, and the ways up it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from engine.derived import PENDING, Pending, derived, whole
from engine.gaussian import Array
from engine.plane import Heatmap, Viewport, contour, heatmap
from engine.regression.model.linear_model import known_precision
from engine.regression.model.log_evidence import FixedPoint, Spectrum
from engine.regression.model.noise import GaussianNoise
from engine.regression.model.prior import Isotropic

if TYPE_CHECKING:
    from engine.regression.document import Regression

HOME = Viewport(-4.3, 4.3, -3.4, 4.4)
CELLS = 96  # on each side
FARTHEST = 60.0  # powers of ten
DEEPEST = 1e6  # nats below the maximum, where nothing is to be told apart any more
LEVELS = (1.0, 3.0, 10.0)  # nats below the maximum
STARTS = ((1.0, 1.0), (1e-5, 1e-5), (1e-2, 10.0), (10.0, 100.0))


class PrecisionPlace(msgspec.Struct, frozen=True):
    """A place in the plane of (log₁₀ α, log₁₀ β)."""

    across: float
    up: float

    @property
    def alpha(self) -> float:
        """α."""
        return float(power(self.across))

    @property
    def beta(self) -> float:
        """β."""
        return float(power(self.up))


class Precisions(msgspec.Struct, frozen=True, eq=False):
    """ln p(t | α, β) over (log₁₀ α, log₁₀ β), in nats below its maximum there; from `path[0]`, where the document is,
    the steps of re-estimation; and where they lead from there and from STARTS, highest first. `contours` (n, 4) are
    segments along which it is LEVELS below the maximum.
    """

    heatmap: Heatmap
    contours: Array
    path: Array
    rests: tuple[FixedPoint, ...]


def precisions(document: Regression, viewport: Viewport) -> Precisions | None:
    """None while there is no observation: then the evidence is 1 everywhere; and where α or β means something else."""
    found: Precisions | None = whole(unfolded(document, viewport))
    return found


@derived(Precisions)
def unfolded(document: Regression, viewport: Viewport) -> Iterator[Precisions | Pending | None]:
    """The same, to be abandoned between its parts."""
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
    for start in (here, *STARTS):
        yield PENDING
        rests.append(spectrum.climb(*start))
    yield Precisions(shown, np.concatenate(lines), np.log10(rests[0].path), distinct(rests))


def has_surface(document: Regression) -> bool:
    """Whether α is the precision of all weights and β that of the noise."""
    return isinstance(document.model.noise, GaussianNoise) and isinstance(document.model.prior_shape, Isotropic)


def power(logarithm: ArrayLike) -> Array:
    """10 to it, as far as the evidence can be computed: the plane can be zoomed out without end."""
    return np.asarray(10.0 ** np.clip(logarithm, -FARTHEST, FARTHEST))


def spectrum_of(document: Regression) -> Spectrum:
    """Of the observations that are taken into account."""
    return Spectrum.of(document.taken.statistics(document.model.basis))


def distinct(rests: list[FixedPoint]) -> tuple[FixedPoint, ...]:
    """Each only once, highest first."""
    kept: list[FixedPoint] = []
    for found in sorted(rests, key=lambda rest: -rest.log_evidence):
        if not any(_same(found, other) for other in kept):
            kept.append(found)
    return tuple(kept)


def _same(one: FixedPoint, other: FixedPoint) -> bool:
    if one.runaway or other.runaway:
        return one.runaway == other.runaway
    return bool(np.allclose([one.alpha, one.beta], [other.alpha, other.beta], rtol=1e-4))
