"""The family of overlays, which show a quantity over the decoded plane by colours or contours, and shared functions.

Colours are scaled by the values under the whole prior and not by the visible values, so that a colour means the same
at every zoom.
"""

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
CLEAR = 255  # the index of a cell without a value, drawn transparent
LEAST = 1.0  # the smallest number of images behind a smoothed value
CALIBRATION = 24  # latents on a side of the grid by which colours are scaled

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
    """A number that is shown with an overlay, and its standard error if it is an estimate."""

    name: str
    value: float
    unit: str = ""
    error: float | None = None


class Contour(msgspec.Struct, frozen=True, eq=False):
    """The contour of one factor at one level: segments (n, 4) and the position of its label, both in the chart."""

    factor: int
    level: float
    segments: Array
    label: tuple[float, float]


class Laid(msgspec.Struct, frozen=True, eq=False):
    """A computed overlay: `image` (rows, columns) of colour indices 0–SHADES or CLEAR, row 0 at the bottom; contours.

    `image` covers `viewport`. The colours run from `low` to `high`, and values beyond have the colours of the ends.
    """

    overlay: Overlay
    image: NDArray[np.uint8] | None = None
    viewport: Viewport | None = None
    low: float = 0.0
    high: float = 1.0
    contours: tuple[Contour, ...] = ()
    findings: tuple[Finding, ...] = ()
    correlations: Correlations | None = None
    unavailable: str = ""  # the reason why there is no overlay


Laying = Generator[Laid | Pending, None, None]


class Overlay:
    """A quantity that can be shown over the plane. Abstract: register a final `Part`."""

    __slots__ = ()

    quantity: ClassVar[str] = ""  # the quantity that the colours show, with its unit
    meaning: ClassVar[str] = ""  # the explanation that the panel shows
    signed: ClassVar[bool] = False  # whether the colours diverge around 0

    def lay(self, model: LoadedModel, grid: Grid, factors: tuple[int, ...]) -> Laying:
        """Yield the overlay with more and more cells; yield PENDING where the job may be cancelled."""
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
    """With another overlay."""
    return document.with_setting(replace(document[OverlaySettings], kind=kind))


@derived(Laid, last=True)
def overlay(document: Latent, viewport: Viewport) -> Laying:
    """Compute the chosen overlay."""
    chosen = document[OverlaySettings]
    yield from chosen.kind.lay(document.loaded_model, grid_over(document.chart, viewport), chosen.factors)


def calibration() -> tuple[Array, Array]:
    """Return z₀ and z₁ (CALIBRATION,) at equal steps of prior probability."""
    from scipy.special import ndtri

    steps = np.asarray(ndtri((np.arange(CALIBRATION) + 0.5) / CALIBRATION))
    return steps, steps


def supported(mean: Array, values: Array, across: Array, up: Array, *, width: float) -> Array:
    """Return `smoothed` values (f, rows, columns), NaN where fewer than LEAST images are near."""
    means, weight = smoothed(mean, values, across, up, width)
    return np.where(weight >= LEAST, means, np.nan)


def span_of(values: Array) -> tuple[float, float]:
    """Return the range of the finite values without 2 % at each end."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, high = np.quantile(finite, (0.02, 0.98))
    return float(low), float(max(high, low + 1e-9))


def shaded(overlay: Overlay, values: Array, grid: Grid, span: tuple[float, float]) -> Laid:
    """Return an overlay of values (rows, columns) on a grid, with colours over `span`; NaN is transparent."""
    low, high = span
    shade = np.clip((values - low) / (high - low), 0, 1) * SHADES + 0.5
    image = np.where(np.isnan(values), CLEAR, shade).astype(np.uint8)
    image.setflags(write=False)
    return Laid(overlay, image, grid.viewport, low, high)
