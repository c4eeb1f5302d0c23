"""Heatmaps over the latent plane: prior × likelihood ∝ posterior for the selected image."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache, partial
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.derived import Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import CIRCLE, Array
from engine.latent.document import Latent
from engine.latent.observations.observation import Observation
from engine.latent.posterior.class_votes import divided
from engine.latent.posterior.grid_density import GridDensity, WeightedCells
from engine.latent.posterior.unboxing import Unboxing
from engine.latent.unboxing.interpolation import interpolated
from engine.latent.unboxing.refined_density import RefinedDensity, quick_outline
from engine.latent.unboxing.shared_posterior import Progress, decode_likely, posterior, q_of
from engine.memo import Recent, remember
from engine.part import Part
from engine.plane import Heatmap, Plane, Viewport, heatmap, subscript

Scale = Literal["density", "logarithm, 20 nats", "logarithm, 200 nats"]
LATENTS = Viewport(-3.8, 3.8, -3.8, 3.8)
MOST_CELLS = 512  # on each side of a heatmap
SCALES: dict[Scale, float] = {"density": 0.0, "logarithm, 20 nats": 20.0, "logarithm, 200 nats": 200.0}
NOWHERE = -1e30  # the log density where there is no lattice
HELD = 0.95  # the probability inside the outline of the posterior, and inside the ellipse of q
MARGIN = 0.2  # of the frame on each side of the posterior: a third of what is framed
NEAR_Q = 1.6  # q is framed too, if the frame then grows by at most this factor
KEPT = 4  # heatmaps of one density in the cache, of 0.1 MB each
NARROWEST = 0.4  # the side of the smallest frame, ten nodes of the lattice
INSET = LATENTS.cells(96, 96)  # the whole plane, as the inset shows it
_priors: Recent[object, Heatmap] = Recent(KEPT)
NO_IMAGE = "No image selected. Choose one in the panel Gallery, draw one on the Sketch pad, or paste one (Ctrl+V)."
NOTHING_BRUSHED = "No pixels are observed yet. Brush over the image in the panel Observed image to observe some."
NOTHING_SEEN = "There are no observations at this step. Step forward (PgDown) to see the first likelihood."


@SETTINGS.register
class LatentHeatmapSettings(Part, Setting, frozen=True, tag=True):
    """Heatmaps: the colour scale of prior, likelihood and posterior."""

    scale: Annotated[
        Scale,
        Meta(
            title="Colour scale", description="The density, or its logarithm down to 20 or 200 nats below the maximum."
        ),
    ] = "density"


def with_scale(document: Latent, scale: Scale) -> Latent:
    """Return the document with another colour scale of its heatmaps."""
    return document.with_setting(LatentHeatmapSettings(scale))


class Planes(msgspec.Struct, frozen=True, eq=False):
    """The three heatmaps, the decoded fraction `part` of the lattice, and the reason if there is no likelihood.

    `frame` is the viewport around the modes of the posterior, once they are known. `whole` are the prior and the
    posterior over the whole plane; their colours are logarithmic, so that narrow modes can be seen.

    `q_outline` (n, 2) contains 95 % of q. `q_handles` (5, 2) are the handles of q: its mean, and its mean ± one
    standard deviation along z₀ and z₁. `modes` (m, 2) are the modes of the posterior, if it has several.
    """

    prior: Plane
    likelihood: Plane
    posterior: Plane
    part: float
    unavailable: str = ""
    unboxing: Unboxing | None = None
    q_outline: Array | None = None
    q_handles: Array = msgspec.field(default_factory=lambda: np.empty((0, 2)))
    modes: Array = msgspec.field(default_factory=lambda: np.empty((0, 2)))
    peaks: str = ""  # a description of the modes
    frame: Viewport | None = None
    whole: tuple[Heatmap, Heatmap] | None = None


@derived(Planes, first=True)
def planes(document: Latent, viewport: Viewport) -> Generator[Planes | Pending, None, None]:
    """Yield the heatmaps, coarse ones first while the model's lattice is decoded."""
    view = viewport.cells(min(viewport.columns, MOST_CELLS), min(viewport.rows, MOST_CELLS))
    names = formulas(document.observation, document.step, document.slice.names if document.is_sliced else ())
    work, shown, mass = posterior(document), None, None
    while True:
        try:
            progress = next(work)
        except ValueError as refusal:
            blank = [Plane(name, None) for name in names]
            yield Planes(blank[0], blank[1], blank[2], 1.0, str(refusal))
            return
        except StopIteration:
            return
        if not isinstance(progress, Progress):
            yield progress
            continue
        if progress.grid is not shown:
            shown, mass, result = progress.grid, None, _planes(document, progress, view, names)
        if progress.unboxing is not None and progress.unboxing.mass is not mass:
            mass = progress.unboxing.mass
            result = _with_refined(document, result, progress.unboxing, view)
            result = yield from _with_modes(document, result, progress.unboxing)
        framed = progress.unboxing is not None and progress.unboxing.log_evidence_terms
        frame = closer(progress.unboxing) if progress.unboxing is not None and framed else None
        yield msgspec.structs.replace(result, part=progress.part, unboxing=progress.unboxing, frame=frame)


@derived(object, last=True)
def likely_latents(document: Latent, _: Viewport) -> Generator[Pending, None, None]:
    """Nothing to show: what most images need is decoded, so that another image is there at once."""
    yield from decode_likely(document)


def _with_modes(document: Latent, without: Planes, unboxing: Unboxing) -> Generator[Pending, None, Planes]:
    """The heatmaps with the modes of the posterior, if there are measurements."""
    if not unboxing.log_evidence_terms:
        return without
    mixture = yield from divided(document, unboxing)
    positions = [mode.z for mode in mixture.modes] if len(mixture.modes) > 1 else []
    return msgspec.structs.replace(without, modes=np.array(positions).reshape(-1, 2), peaks=mixture.words)


def _planes(document: Latent, progress: Progress, view: Viewport, names: tuple[str, str, str]) -> Planes:
    grid, reach = progress.grid, SCALES[document[LatentHeatmapSettings].scale]
    before, remark = grid.before or grid, _remark(grid.axis, view)
    names = names[0] + remark, names[1] + remark, names[2] + remark
    prior = _plane(names[0], _density(before, view, reach))
    log = SCALES["logarithm, 20 nats"]
    overview = _density(before, INSET, log), _density(grid, INSET, log)
    if progress.seen is None or grid.log_likelihood is None:
        unavailable = _why(document, progress)
        posterior = Plane(names[2], prior.heatmap if progress.seen else None)
        return Planes(prior, Plane(names[1], None), posterior, progress.part, unavailable, whole=overview)
    likelihood = Plane(names[1], _heatmap(grid, grid.log_likelihood, view, reach))
    posterior = Plane(names[2], _density(grid, view, reach), quick_outline(grid, HELD))
    mean, deviation = q_of(document)
    return Planes(
        prior,
        likelihood,
        posterior,
        progress.part,
        "",
        progress.unboxing,
        ellipse(mean, deviation),
        handles(mean, deviation),
        whole=overview,
    )


@lru_cache(maxsize=KEPT)
def _plane(name: str, heatmap: Heatmap) -> Plane:
    """The plane of a heatmap; if it is the same as before, a panel does not draw it again."""
    return Plane(name, heatmap)


def _density(grid: GridDensity, view: Viewport, reach: float) -> Heatmap:
    """The heatmap of a grid density, from the cache: the density before a step is often the same as for the last image.

    The logarithm of the prior is a parabola, which is interpolated exactly. So its heatmap is the same at each stride.
    """
    known = _priors if grid.before is None else remember(grid, "heatmaps", partial(Recent[object, Heatmap], KEPT))
    key = float(grid.axis[-1]), view, reach
    return known.remember(key, lambda: _heatmap(grid, grid.log_density, view, reach))


def _remark(axis: Array, view: Viewport) -> str:
    """A remark for a viewport that is larger than the lattice: nothing is computed outside it, and zero is drawn."""
    farthest = max(-view.left, view.right, -view.bottom, view.top)
    return f", computed to ±{axis[-1]:.3g}" if farthest > _edge(axis) else ""


def _edge(axis: Array) -> float:
    """The edge of the outermost cells of a lattice."""
    return float(axis[-1] + (axis[1] - axis[0]) / 2)


def _with_refined(document: Latent, without: Planes, unboxing: Unboxing, view: Viewport) -> Planes:
    """The heatmaps; the posterior's outline is that of its cells, and its shading too if any cell was divided."""
    if not unboxing.log_evidence_terms:
        return without
    density = RefinedDensity(unboxing.axis, unboxing.log_posterior, unboxing.mass)
    plane = msgspec.structs.replace(without.posterior, outline=density.outline(HELD))
    if density.refined:
        reach = SCALES[document[LatentHeatmapSettings].scale]
        shade = _shade(density.at(view.x, view.y).astype(np.float32), density.axis, view, reach)
        plane = msgspec.structs.replace(plane, heatmap=shade)
    return msgspec.structs.replace(without, posterior=plane)


def _why(document: Latent, progress: Progress) -> str:
    """The reason why there is no likelihood."""
    return NO_IMAGE if progress.seen is None else nothing_observed(document)


def nothing_observed(document: Latent) -> str:
    """Return why no measurement is taken into account, and what to do; "" if one is."""
    if document.step:
        return ""
    return NOTHING_SEEN if document.steps else NOTHING_BRUSHED


def closer(unboxing: Unboxing) -> Viewport:
    """Return a square viewport around the modes of the posterior, with a margin of MARGIN of its size on each side.

    It shows the smallest region with 95 % of the posterior, and q as well if q is not far away.
    """
    low, high = _extent(unboxing.mass, HELD)
    wide, q = float((high - low).max()), unboxing.bound
    with_q = np.minimum(low, q.mean - q.deviation), np.maximum(high, q.mean + q.deviation)
    if float((with_q[1] - with_q[0]).max()) < NEAR_Q * wide:
        low, high = with_q
        wide = float((high - low).max())
    middle, half = (low + high) / 2, max(wide / (1 - 2 * MARGIN), NARROWEST) / 2
    x, y = float(middle[0]), float(middle[1])
    return Viewport(x - half, x + half, y - half, y + half)


def _extent(mass: WeightedCells, probability: float) -> tuple[Array, Array]:
    """The lower and the upper corner (2,) of the cells of highest density that hold this share of the mass."""
    order = np.argsort(mass.shares / mass.side**2)[::-1]
    held = order[: int(np.searchsorted(np.cumsum(mass.shares[order]), probability)) + 1]
    half = mass.side[held, None] / 2
    return (mass.z[held] - half).min(axis=0), (mass.z[held] + half).max(axis=0)


def formulas(observation: Observation, step: int, latents: tuple[str, ...] = ()) -> tuple[str, str, str]:
    """Return the formulas of prior, likelihood and posterior at a step of an observation.

    `latents` are the names of the two latents on a plane of more than two. The others are fixed there, so the
    likelihood and the posterior are those given the others.
    """
    prior, likelihood, posterior = _formulas(observation, step)
    if not latents:
        return prior, likelihood, posterior
    of = f"p({', '.join(latents)}"
    given = [f"{of}{density[3:-1]}, others)" if "|" in density else f"{of})" for density in (prior, posterior)]
    return given[0], likelihood.replace("|z)", f"|{', '.join(latents)}, others)"), given[1]


def _formulas(observation: Observation, step: int) -> tuple[str, str, str]:
    if observation.steps <= 1 and observation.symbol in "xy":
        symbol = observation.symbol
        return "p(z)", f"p({symbol}|z)", f"p(z|{symbol})" if step else "p(z)"
    name = [observation.symbol + subscript(n) for n in (1, max(step, 1))]
    before, after = (_given(observation.symbol, n) for n in (step - 1, step))
    return f"p(z{before})", f"p({name[1]}|z)", f"p(z{after})"


def _given(symbol: str, n: int) -> str:
    names = [symbol + subscript(i) for i in (1, 2, n)]
    return (
        ""
        if n <= 0
        else f"|{names[0]}"
        if n == 1
        else f"|{names[0]}, {names[1]}"
        if n == 2
        else f"|{names[0]}…{names[2]}"
    )


def ellipse(mean: Array, deviation: Array, probability: float = HELD) -> Array:
    """Return the closed curve (181, 2) that contains the given probability of N(mean, diag(deviation²))."""
    return np.asarray(mean + deviation * np.sqrt(-2 * np.log1p(-probability)) * CIRCLE)


def handles(mean: Array, deviation: Array) -> Array:
    """Return the handles (5, 2) of q: the mean, and one standard deviation to the right, left, top and bottom."""
    return np.asarray(mean + deviation * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]]))


def _heatmap(grid: GridDensity, values: Array, view: Viewport, reach: float) -> Heatmap:
    return _shade(interpolated(grid.axis, values.astype(np.float32), view.x, view.y), grid.axis, view, reach)


def _shade(found: NDArray[np.float32], axis: Array, view: Viewport, reach: float) -> Heatmap:
    """The heatmap of a log density (rows, columns), which is overwritten; outside the lattice the density is zero."""
    edge = _edge(axis)
    found[np.abs(view.y) > edge] = NOWHERE
    found[:, np.abs(view.x) > edge] = NOWHERE
    return heatmap(found, view, logarithmic=reach > 0, reach=reach)
