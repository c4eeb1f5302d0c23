"""Four methods for the same posterior over the plane of two weights: exact, on a grid, Laplace, variational."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import LN_2PI, Array, Gaussian
from engine.part import Part
from engine.plane import Heatmap, Viewport, heatmap
from engine.regression.display import Pair
from engine.regression.document import Regression
from engine.regression.model.linear_model import Density, Posterior, inferred
from engine.regression.model.student_t_noise import LaplacePosterior
from engine.regression.model.variational import Climb, Q

MOST_STEPS = 1000
WIDTH = 4.0  # standard deviations of the prior that the grid reaches to each side
AT_ONCE = 50  # steps, before it may be abandoned
TRACED = 160  # places of the way at which the ELBO is computed


@SETTINGS.register
class VariationalSettings(Part, Setting, frozen=True, tag=True):
    """Inference: which approximation is drawn over the posterior, and how q climbs."""

    way: Annotated[
        Literal["exact", "grid", "Laplace", "variational"],
        Meta(title="Way", description="Which of the four is drawn over the posterior."),
    ] = "variational"
    cells: Annotated[
        int, Meta(ge=3, le=201, title="Grid cells", description="On each side of the grid, over ±4σ of the prior.")
    ] = 25
    family: Annotated[
        Literal["full covariance", "mean-field"],
        Meta(title="q(w) is", description="Any ellipse, or one along the axes: the weights independent under q."),
    ] = "full covariance"
    direction: Annotated[
        Literal["KL(q‖p)", "KL(p‖q)"],
        Meta(
            title="Brings down",
            description="KL(q‖p) is the gap of the ELBO: q keeps out of where p is not. KL(p‖q) covers all of p.",
        ),
    ] = "KL(q‖p)"
    rate: Annotated[
        float,
        Meta(ge=1e-3, le=1, title="Step length", description="Of the first steps; later ones are shorter."),
    ] = 0.2
    draws: Annotated[
        int, Meta(ge=1, le=100, title="Draws a step", description="Samples that each gradient is estimated from.")
    ] = 8
    steps: Annotated[int, Meta(ge=0, le=MOST_STEPS, title="Steps", description="Steps taken from the start.")] = 0
    start_0: Annotated[
        float, Meta(ge=-1e20, le=1e20, title="Starts at, across", description="q's first mean. A click puts it there.")
    ] = 0.6
    start_1: Annotated[float, Meta(ge=-1e20, le=1e20, title="Starts at, up", description="q's first mean.")] = 0.6
    spread: Annotated[
        float, Meta(ge=1e-20, le=1e20, title="Starts as wide as", description="q's first standard deviation.")
    ] = 0.3


class Approximations(msgspec.Struct, frozen=True, eq=False):
    """What each way says of p(w | t), over the plane of two weights.

    `log_evidence` is ln p(t) as the model knows it, `by_grid` and `by_laplace` what these ways make of it, `elbo` the
    bound, `gap` = ln p(t) − ELBO = KL(q‖p), all in nats. `method` is how the model came by its own (see Posterior). If
    that is Laplace's, the plane is that of Laplace's Gaussian, all is compared with its ln p(t), and `by_grid` is NaN.
    `outline` is that of the chosen way, if it is an approximation, `cells` the grid if that is chosen; `path` (n, 2)
    are the means of q; `steps` (m,) and `trace` (m,) the ELBO on the way.
    """

    method: str
    log_evidence: float
    by_grid: float
    by_laplace: float
    elbo: float
    gap: float
    outline: Array | None
    cells: Heatmap | None
    path: Array
    steps: Array
    trace: Array


@derived(Approximations)
def inference(document: Regression, _: Viewport) -> Iterator[Approximations | Pending | None]:
    """The posterior by all four methods; None for a model with a single weight."""
    if document.model.basis.size < 2:
        yield None
        return
    known, settings, pair = inferred(document.model, document.taken), document[VariationalSettings], document.pair
    target, laplace = known.plane(pair), known.plane(pair).laplace()
    climbing = climb(known, pair, replace(settings, steps=0, way="exact", cells=3), document.seed)
    for n in range(0, settings.steps, AT_ONCE):
        climbing.upto(n)
        yield PENDING
    way = climbing.upto(settings.steps)
    steps = np.unique(np.linspace(0, settings.steps, min(TRACED, settings.steps + 1)).astype(int))
    gaps = []
    for n in steps.tolist():
        gaps.append(way[n].divergence(target))
        if len(gaps) % AT_ONCE == 0:
            yield PENDING
    evidence = known.log_evidence_by_laplace if isinstance(known, LaplacePosterior) else known.log_evidence
    trace = evidence - np.array(gaps)
    log_joint, view = _on_grid(document, evidence, target)
    yield Approximations(
        known.method,
        evidence,
        float("nan") if isinstance(known, LaplacePosterior) else _summed(log_joint, view),
        evidence + _by_laplace(target, laplace),
        float(trace[-1]),
        evidence - float(trace[-1]),
        _outline(settings.way, laplace, way[-1]),
        heatmap(log_joint.astype(np.float32), view) if settings.way == "grid" else None,
        np.array([q.mean for q in way]),
        steps,
        trace,
    )


@lru_cache(maxsize=4)
def climb(known: Posterior, pair: Pair, settings: VariationalSettings, seed: int) -> Climb:
    """The path of q towards p(wᵢ, wⱼ | t), which is continued where it ended before."""

    def sample(rng: np.random.Generator, n: int) -> Array:
        return known.sample(rng, n)[:, list(pair)]

    return climb_to(known.plane(pair), sample, settings, seed)


def climb_to(
    target: Density, sample: Callable[[np.random.Generator, int], Array], settings: VariationalSettings, seed: int
) -> Climb:
    """The path of q towards a density, from which `sample(rng, n)` draws (n, 2), as the settings say."""
    return Climb(
        target,
        sample,
        Q(np.array([settings.start_0, settings.start_1]), settings.spread * np.eye(2)),
        seed,
        family=settings.family,
        direction=settings.direction,
        rate=settings.rate,
        draws=settings.draws,
    )


def _on_grid(document: Regression, evidence: float, target: Density) -> tuple[Array, Viewport]:
    """ln p(t, wᵢ, wⱼ) (cells, cells) over ±4σ of the prior."""
    prior = inferred(document.model, document.taken.first(0)).weights.marginal(list(document.pair))
    (x, y), (across, up) = prior.mean, WIDTH * np.sqrt(np.diag(prior.covariance))
    n = document[VariationalSettings].cells
    view = Viewport(x - across, x + across, y - up, y + up, n, n)
    w = np.stack(np.meshgrid(view.x, view.y), axis=-1)
    return target.log_density(w) + evidence, view


def _summed(log_joint: Array, view: Viewport) -> float:
    """ln Σ p(t, w) Δw."""
    area = (view.right - view.left) * (view.top - view.bottom) / log_joint.size
    return float(np.logaddexp.reduce(log_joint.ravel()) + np.log(area))


def _by_laplace(target: Density, laplace: Gaussian) -> float:
    """How far the sum under Laplace's Gaussian is from 1, as a logarithm (PRML 4.137)."""
    volume = float(np.linalg.slogdet(laplace.inverse_root)[1])
    return float(target.log_density(laplace.mean)) + LN_2PI + volume


def _outline(way: str, laplace: Gaussian, q: Q) -> Array | None:
    if way == "Laplace":
        return laplace.ellipse()
    return q.gaussian.ellipse() if way == "variational" else None
