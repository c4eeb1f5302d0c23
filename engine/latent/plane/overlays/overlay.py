"""The family of overlays, which lay colours or contours over the decoded plane, and what the overlays share."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, ClassVar

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.model import LoadedModel
from engine.latent.plane.cell_grid import Grid, grid_over
from engine.latent.plane.kernel_regression import Correlations, smoothed
from engine.part import Family, Part
from engine.plane import Viewport

SHADES = 254  # colours run from 0 to this
CLEAR = 255  # the index of a cell that says nothing, drawn transparent
LEAST = 1.0  # images that a smoothed value rests on, at least
CALIBRATION = 24  # latents on a side, at equal steps of prior probability, by which colours are scaled

Smoothing = Annotated[
    float,
    Meta(
        ge=0.01,
        le=2,
        title="Smoothing",
        description="Width of the kernel that averages neighbouring images, in units of z.",
        extra={"scale": "log"},
    ),
]


class Finding(msgspec.Struct, frozen=True):
    """One number that an overlay comes with."""

    name: str
    value: float
    unit: str = ""
    error: float | None = None


class Contour(msgspec.Struct, frozen=True, eq=False):
    """Where one factor has one level: segments (n, 4) on the plane as it is drawn, and where its number stands."""

    factor: int
    level: float
    segments: Array
    label: tuple[float, float]


class Laid(msgspec.Struct, frozen=True, eq=False):
    """An overlay as it is drawn: indices 0–SHADES (CLEAR: nothing) over a viewport, row 0 at the bottom; contours.

    The colours run from `low` to `high`; what is beyond has the colour of the end.
    """

    overlay: Overlay
    image: NDArray[np.uint8] | None = None
    viewport: Viewport | None = None
    low: float = 0.0
    high: float = 1.0
    contours: tuple[Contour, ...] = ()
    findings: tuple[Finding, ...] = ()
    correlations: Correlations | None = None
    unavailable: str = ""  # the reason why there is nothing


Laying = Generator[Laid | Pending, None, None]


class Overlay:
    """A quantity that can be shown over the plane. Abstract: register a final `Part`."""

    __slots__ = ()

    quantity: ClassVar[str] = ""  # what the colours mean, with its unit
    meaning: ClassVar[str] = ""  # one sentence
    signed: ClassVar[bool] = False

    def lay(self, model: LoadedModel, grid: Grid, factors: tuple[int, ...]) -> Laying:
        """Yield the overlay, more and more complete."""
        raise NotImplementedError


OVERLAYS = Family(Overlay, home="engine.latent.plane.overlays")


@OVERLAYS.register(order=1)
class Nothing(Part, Overlay, frozen=True, tag=True):
    """Nothing: the decoded images alone."""

    meaning = "No overlay is shown."

    def lay(self, model: LoadedModel, grid: Grid, factors: tuple[int, ...]) -> Laying:
        yield Laid(self)


@SETTINGS.register
class OverlaySettings(Part, Setting, frozen=True, tag=True):
    """Overlay: the quantity that is shown over the plane, and its opacity."""

    kind: Overlay = Nothing()
    opacity: Annotated[
        float, Meta(ge=0.05, le=1, title="Opacity", description="1 hides the images below the darkest colours.")
    ] = 0.6
    factors: tuple[Annotated[int, Meta(ge=0, le=255)], ...] = (0,)


def with_overlay(document: Latent, kind: Overlay) -> Latent:
    """With that overlay over the plane."""
    return document.with_setting(replace(document[OverlaySettings], kind=kind))


@derived(Laid, last=True)
def overlay(document: Latent, viewport: Viewport) -> Laying:
    """The overlay that is chosen."""
    chosen = document[OverlaySettings]
    yield from chosen.kind.lay(document.loaded_model, grid_over(document.chart, viewport), chosen.factors)


def calibration() -> tuple[Array, Array]:
    """z₀ and z₁ (CALIBRATION,) at equal steps of prior probability."""
    from scipy.special import ndtri

    steps = np.asarray(ndtri((np.arange(CALIBRATION) + 0.5) / CALIBRATION))
    return steps, steps


def supported(mean: Array, values: Array, across: Array, up: Array, *, width: float) -> Array:
    """`smoothed` values (f, rows, columns), NaN where they rest on fewer than LEAST images."""
    means, weight = smoothed(mean, values, across, up, width)
    return np.where(weight >= LEAST, means, np.nan)


def span_of(values: Array) -> tuple[float, float]:
    """From nearly the least to nearly the greatest of the values that there are."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = np.quantile(known, (0.02, 0.98))
    return float(low), float(max(high, low + 1e-9))


def shaded(overlay: Overlay, values: Array, grid: Grid, span: tuple[float, float]) -> Laid:
    low, high = span
    shade = np.clip((values - low) / (high - low), 0, 1) * SHADES + 0.5
    image = np.where(np.isnan(values), CLEAR, shade).astype(np.uint8)
    image.setflags(write=False)
    return Laid(overlay, image, grid.viewport, low, high)
