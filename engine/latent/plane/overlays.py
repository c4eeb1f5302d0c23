"""Overlays: what may be laid over the decoded plane, as colours or as contours."""

from __future__ import annotations

import time
from collections.abc import Generator
from functools import partial
from typing import Annotated, ClassVar

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.charts import Chart
from engine.latent.document import Latent
from engine.latent.model import Manifold
from engine.latent.plane.aggregate_posterior import Aggregate, log_ratio
from engine.latent.plane.cell_grid import Grid, grid_over
from engine.latent.plane.kernel_regression import Correlations, correlations, smoothed
from engine.memo import once
from engine.part import Family, Part
from engine.plane import Viewport, contour
from engine.ticks import ticks

SHADES = 254  # colours run from 0 to this
CLEAR = 255  # the index of a cell that says nothing, drawn transparent
AT_ONCE = 250  # images decoded at once
SIGNED_SPAN = 3.0  # nats: colours end where one is 20 times the other
LEAST = 1.0  # images that a smoothed value rests on, at least
LEVELS = 6  # contours of one factor, about
SHOWN_EVERY = 8  # blocks
BREATH = 0.001  # seconds left to the screen
CALIBRATION = 24  # latents on a side, at equal steps of prior probability, by which colours are scaled
DIVERGENCE_SAMPLES = 2000

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
    lacking: str = ""  # why there is nothing


Laying = Generator[Laid | Pending, None, None]


class Overlay:
    """Something to lay over the plane. Abstract: register a final `Part`."""

    __slots__ = ()

    quantity: ClassVar[str] = ""  # what the colours mean, with its unit
    meaning: ClassVar[str] = ""  # one sentence
    signed: ClassVar[bool] = False

    def lay(self, manifold: Manifold, grid: Grid, factors: tuple[int, ...]) -> Laying:
        """Ever fuller overlays."""
        raise NotImplementedError


OVERLAYS = Family(Overlay, home="engine.latent.plane.overlays")


@OVERLAYS.register
class Nothing(Part, Overlay, frozen=True, tag=True):
    """Nothing: the pictures as they are."""

    meaning = "Nothing is laid over the pictures."

    def lay(self, manifold: Manifold, grid: Grid, factors: tuple[int, ...]) -> Laying:
        yield Laid(self)


@OVERLAYS.register
class AggregatePosterior(Part, Overlay, frozen=True, tag=True):
    """Aggregate posterior: where the images are, q̄(z), against where the prior expects them."""

    quantity = "ln q̄(z) − ln p(z) in nats, cell by cell"
    meaning = (
        "Purple: more held-out images land there than the prior expects. Blue: a hole, which samples from the prior "
        "fall into although the decoder never learnt what to draw there."
    )
    signed = True

    threshold: Annotated[
        float,
        Meta(
            gt=0,
            lt=1,
            title="Hole below",
            description="A hole is a cell in which q̄ has less than this times what the prior has.",
        ),
    ] = 0.1

    def lay(self, manifold: Manifold, grid: Grid, factors: tuple[int, ...]) -> Laying:
        embedding = manifold.embedding
        aggregate = Aggregate(embedding.mean, embedding.deviation)
        yield PENDING
        values = once(manifold, ("ratio", grid), lambda: log_ratio(aggregate, *grid.edges))
        laid = _shaded(self, values, grid, (-SIGNED_SPAN, SIGNED_SPAN))
        yield laid
        holes = once(manifold, ("holes", self.threshold), lambda: aggregate.holes(self.threshold))
        kl, error = yield from _divergence(manifold, aggregate)
        cells = f"prior mass in holes, of {aggregate.cells**2:,} cells of equal mass"
        findings = Finding(cells, 100 * holes, "%"), Finding("KL(q̄‖p)", kl, "nats", error)
        yield replace(laid, findings=(*findings, Finding("held-out images in q̄", len(embedding.mean))))


@OVERLAYS.register
class ReconstructionError(Part, Overlay, frozen=True, tag=True):
    """Reconstruction error: how badly the images that land there are drawn again."""

    quantity = "−ln p(x|z = μ) in nats, averaged"
    meaning = (
        "Each held-out image is encoded, decoded at the mean of its q and scored; bright is where images land that the "
        "decoder cannot draw. Where fewer than one image is near, nothing is shown."
    )

    smoothing: Smoothing = 0.1

    def lay(self, manifold: Manifold, grid: Grid, factors: tuple[int, ...]) -> Laying:
        losses = yield from losses_of(manifold)
        mean = manifold.embedding.mean
        field = partial(_supported, mean, losses[:, None], width=self.smoothing)
        calibrated = once(manifold, ("span", self), lambda: _span(field(*_calibration())[0]))
        values = once(manifold, (self, grid), lambda: field(*grid.latents)[0])
        findings = (
            Finding("mean of all", float(losses.mean()), "nats"),
            Finding("worst image", float(losses.max()), "nats"),
        )
        yield replace(_shaded(self, values, grid, calibrated), findings=findings)


@OVERLAYS.register
class DecoderSensitivity(Part, Overlay, frozen=True, tag=True):
    """Decoder sensitivity: how much the picture changes when z moves."""

    quantity = "ln √det JᵀJ: area in the space of pictures per area of z"
    meaning = (
        "Bright: a small step in z changes the picture much, as on the borders between classes. Dark: the decoder "
        "draws nearly the same picture everywhere there. J is the derivative of the decoded picture."
    )

    def lay(self, manifold: Manifold, grid: Grid, factors: tuple[int, ...]) -> Laying:
        span = yield from self._calibrated(manifold)
        growth = Finding("area growth, brightest over darkest colour", float(np.exp(span[1] - span[0])), "times")
        values = np.full((grid.viewport.rows, grid.viewport.columns), np.nan)
        for done, (rows, columns, covered) in enumerate(grid.blocks, 1):
            values[rows, columns] = once(
                manifold, (self, grid.chart, covered), partial(_sensitivity_over, manifold, grid.chart, covered)
            )
            time.sleep(BREATH)
            yield replace(_shaded(self, values, grid, span), findings=(growth,)) if done % SHOWN_EVERY == 0 else PENDING
        yield replace(_shaded(self, values, grid, span), findings=(growth,))

    def _calibrated(self, manifold: Manifold) -> Generator[Pending, None, tuple[float, float]]:
        known = []
        for row in range(CALIBRATION):
            across, up = _calibration()
            z = np.column_stack([across, np.full(CALIBRATION, up[row])])
            known.append(once(manifold, (self, row), partial(_sensitivity, manifold, z)))
            yield PENDING
        return _span(np.concatenate(known))


@OVERLAYS.register
class FactorContours(Part, Overlay, frozen=True, tag=True):
    """Factor contours: where in the plane the pictures have how much of what they were made from."""

    meaning = (
        "Each contour joins the latents at which images have the same smoothed amount of a factor; parallel lines at "
        "equal distances mean that one direction of the plane learnt that factor."
    )

    smoothing: Smoothing = 0.25

    def lay(self, manifold: Manifold, grid: Grid, factors: tuple[int, ...]) -> Laying:
        embedding = manifold.embedding
        if not embedding.factor_names:
            yield Laid(self, lacking="Nobody knows what these pictures were made from: train on generated faces.")
            return
        yield PENDING
        found = once(
            manifold,
            "correlations",
            lambda: correlations(embedding.mean, embedding.factors, embedding.factor_names),
        )
        chosen = [factor for factor in factors if factor < len(embedding.factor_names)]
        laid = Laid(self, viewport=grid.viewport, correlations=found)
        for factor in chosen:
            made = once(manifold, (self, grid, factor), partial(self._contours, manifold, grid, factor))
            laid = replace(laid, contours=laid.contours + made)
            yield PENDING
        yield laid

    def _contours(self, manifold: Manifold, grid: Grid, factor: int) -> tuple[Contour, ...]:
        """Round levels of one factor between its least and its greatest value; none if it does not vary."""
        amounts = manifold.embedding.factors[:, factor]
        (values,) = _supported(manifold.embedding.mean, amounts[:, None], *grid.latents, width=self.smoothing)
        least, greatest = float(amounts.min()), float(amounts.max())
        levels = ticks(least, greatest, LEVELS) if greatest > least else []
        near = grid.chart.to_place([np.cos(2.4 * factor), np.sin(2.4 * factor)])
        found = []
        for level in levels:
            segments = contour(values, grid.viewport.x, grid.viewport.y, level)
            segments = segments[np.isfinite(segments).all(axis=1)]
            if len(segments):
                nearest = segments[np.argmin(np.hypot(*(segments[:, :2] - near).T))]
                found.append(Contour(factor, level, segments, (float(nearest[0]), float(nearest[1]))))
        return tuple(found)


@SETTINGS.register
class OverlaySettings(Part, Setting, frozen=True, tag=True):
    """Overlay: what is laid over the plane, and how densely."""

    kind: Overlay = Nothing()
    opacity: Annotated[
        float, Meta(ge=0.05, le=1, title="Opacity", description="1 hides the pictures below the darkest colours.")
    ] = 0.6
    factors: tuple[Annotated[int, Meta(ge=0, le=255)], ...] = (0,)


@derived(Laid, last=True)
def overlay(document: Latent, viewport: Viewport) -> Laying:
    """What is laid over the plane."""
    chosen = document[OverlaySettings]
    yield from chosen.kind.lay(document.manifold, grid_over(document.chart, viewport), chosen.factors)


def losses_of(manifold: Manifold) -> Generator[Pending, None, Array]:
    """−ln p(x|μ) (n,) in nats of the embedded images, each at the mean of its own q."""
    from engine.latent.posterior.scoring.latent_gradients import log_likelihoods

    mean = manifold.embedding.mean
    pixels = manifold.vae.card.recipe.data.test().pixels
    found = []
    for start in range(0, len(mean), AT_ONCE):
        part = slice(start, min(start + AT_ONCE, len(mean)))
        score = partial(log_likelihoods, manifold.vae, pixels[part] / np.float32(255), mean[part])
        found.append(-once(manifold, ("losses", start), score))
        yield PENDING
    return np.concatenate(found)


def _divergence(manifold: Manifold, aggregate: Aggregate) -> Generator[Pending, None, tuple[float, float]]:
    """KL(q̄‖p) and its standard error, in nats."""
    found = once(manifold, "divergence", list[tuple[float, float]])
    if not found:
        found.append((yield from aggregate.divergence(min(DIVERGENCE_SAMPLES, len(aggregate.mean)), seed=0)))
    return found[0]


def _calibration() -> tuple[Array, Array]:
    """z₀ and z₁ (CALIBRATION,) at equal steps of prior probability."""
    from scipy.special import ndtri

    steps = np.asarray(ndtri((np.arange(CALIBRATION) + 0.5) / CALIBRATION))
    return steps, steps


def _supported(mean: Array, values: Array, across: Array, up: Array, *, width: float) -> Array:
    """`smoothed` values (f, rows, columns), NaN where they rest on fewer than LEAST images."""
    means, weight = smoothed(mean, values, across, up, width)
    return np.where(weight >= LEAST, means, np.nan)


def _sensitivity(manifold: Manifold, z: Array) -> Array:
    from engine.latent.posterior.scoring.latent_gradients import log_sensitivity

    return log_sensitivity(manifold.vae, z)


def _sensitivity_over(manifold: Manifold, chart: Chart, covered: Viewport) -> Array:
    """ln √det JᵀJ (rows, columns) over a block, NaN where the chart has no latent."""
    places = np.stack(np.meshgrid(covered.x, covered.y), axis=-1)
    found, held = np.full(places.shape[:2], np.nan), chart.holds(places)
    if held.any():
        found[held] = _sensitivity(manifold, chart.to_latent(places[held]))
    return found


def _span(values: Array) -> tuple[float, float]:
    """From nearly the least to nearly the greatest of the values that there are."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = np.quantile(known, (0.02, 0.98))
    return float(low), float(max(high, low + 1e-9))


def _shaded(overlay: Overlay, values: Array, grid: Grid, span: tuple[float, float]) -> Laid:
    low, high = span
    shade = np.clip((values - low) / (high - low), 0, 1) * SHADES + 0.5
    image = np.where(np.isnan(values), CLEAR, shade).astype(np.uint8)
    image.setflags(write=False)
    return Laid(overlay, image, grid.viewport, low, high)
