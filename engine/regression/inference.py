"""Four methods for the posterior over two weights: exact, on a grid, Laplace's approximation, variational inference."""

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

MOST_STEPS = 1000  # of the variational ascent
WIDTH = 4.0  # half-width of the grid, in standard deviations of the prior
AT_ONCE = 50  # steps between two points at which the computation may be cancelled
TRACED = 160  # steps of the path at which the ELBO is computed


@SETTINGS.register
class VariationalSettings(Part, Setting, frozen=True, tag=True):
    """Inference: the approximation that is drawn over the posterior, and the ascent of q."""

    way: Annotated[
        Literal["exact", "grid", "Laplace", "variational"],
        Meta(title="Method", description="The method whose result is drawn over the posterior."),
    ] = "variational"
    cells: Annotated[
        int, Meta(ge=3, le=201, title="Grid cells", description="Cells on each side of the grid, ±4σ of the prior.")
    ] = 25
    family: Annotated[
        Literal["full covariance", "mean-field"],
        Meta(title="Family of q", description="Any covariance, or independent weights (an ellipse along the axes)."),
    ] = "full covariance"
    direction: Annotated[
        Literal["KL(q‖p)", "KL(p‖q)"],
        Meta(
            title="Minimise",
            description="KL(q‖p), the gap of the ELBO, is mode-seeking; KL(p‖q) is mass-covering.",
        ),
    ] = "KL(q‖p)"
    rate: Annotated[
        float,
        Meta(ge=1e-3, le=1, title="Step length", description="Length of the first steps; later steps are shorter."),
    ] = 0.2
    draws: Annotated[
        int, Meta(ge=1, le=100, title="Samples per step", description="Number of samples for each gradient estimate.")
    ] = 8
    steps: Annotated[int, Meta(ge=0, le=MOST_STEPS, title="Steps", description="Number of steps from the start.")] = 0
    start_0: Annotated[
        float,
        Meta(ge=-1e20, le=1e20, title="Initial μ, x axis", description="Initial mean of q. Click to set it."),
    ] = 0.6
    start_1: Annotated[float, Meta(ge=-1e20, le=1e20, title="Initial μ, y axis", description="Initial mean of q.")] = (
        0.6
    )
    spread: Annotated[
        float, Meta(ge=1e-20, le=1e20, title="Initial σ", description="Initial standard deviation of q.")
    ] = 0.3


class Approximations(msgspec.Struct, frozen=True, eq=False):
    """The results of all four methods for p(w | t) over two weights. Log densities are in nats.

    * `log_evidence`, ln p(t) of the model, by its own `method` (see Posterior); `by_grid` and `by_laplace`, the
      estimates by these methods; `elbo`, the bound; `gap` = ln p(t) − ELBO = KL(q‖p). If `method` is Laplace's,
      all is compared with Laplace's Gaussian and its ln p(t), and `by_grid` is NaN.
    * `outline`, the 95 % outline of the chosen approximation, or None; `cells`, the grid, if it is chosen.
    * `path` (n, 2), the means of q; `trace` (m,), the ELBO after `steps` (m,).
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
    posterior, settings, pair = inferred(document.model, document.taken), document[VariationalSettings], document.pair
    target, laplace = posterior.plane(pair), posterior.plane(pair).laplace()
    ascent = climb(posterior, pair, replace(settings, steps=0, way="exact", cells=3), document.seed)
    for n in range(0, settings.steps, AT_ONCE):
        ascent.upto(n)
        yield PENDING
    path = ascent.upto(settings.steps)
    steps = np.unique(np.linspace(0, settings.steps, min(TRACED, settings.steps + 1)).astype(int))
    gaps = []
    for n in steps.tolist():
        gaps.append(path[n].divergence(target))
        if len(gaps) % AT_ONCE == 0:
            yield PENDING
    is_laplace = isinstance(posterior, LaplacePosterior)
    evidence = posterior.log_evidence_by_laplace if isinstance(posterior, LaplacePosterior) else posterior.log_evidence
    trace = evidence - np.array(gaps)
    log_joint, view = _on_grid(document, evidence, target)
    yield Approximations(
        posterior.method,
        evidence,
        float("nan") if is_laplace else _summed(log_joint, view),
        evidence + _by_laplace(target, laplace),
        float(trace[-1]),
        evidence - float(trace[-1]),
        _outline(settings.way, laplace, path[-1]),
        heatmap(log_joint.astype(np.float32), view) if settings.way == "grid" else None,
        np.array([q.mean for q in path]),
        steps,
        trace,
    )


@lru_cache(maxsize=4)
def climb(posterior: Posterior, pair: Pair, settings: VariationalSettings, seed: int) -> Climb:
    """The ascent of q towards p(wᵢ, wⱼ | t), from the cache, so that a longer path continues a shorter one."""

    def sample(rng: np.random.Generator, n: int) -> Array:
        return posterior.sample(rng, n)[:, list(pair)]

    return climb_to(posterior.plane(pair), sample, settings, seed)


def climb_to(
    target: Density, sample: Callable[[np.random.Generator, int], Array], settings: VariationalSettings, seed: int
) -> Climb:
    """The ascent of q towards the density `target`, with these settings; `sample(rng, n)` draws (n, 2) from it."""
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
    """ln p(t, wᵢ, wⱼ) (cells, cells), in nats, over ±4σ of the prior, and its viewport."""
    prior = inferred(document.model, document.taken.first(0)).weights.marginal(list(document.pair))
    (x, y), (half_x, half_y) = prior.mean, WIDTH * np.sqrt(np.diag(prior.covariance))
    n = document[VariationalSettings].cells
    view = Viewport(x - half_x, x + half_x, y - half_y, y + half_y, n, n)
    w = np.stack(np.meshgrid(view.x, view.y), axis=-1)
    return target.log_density(w) + evidence, view


def _summed(log_joint: Array, view: Viewport) -> float:
    """The estimate ln Σ p(t, w) Δw of ln p(t), in nats, by a sum over the cells of the grid."""
    area = (view.right - view.left) * (view.top - view.bottom) / log_joint.size
    return float(np.logaddexp.reduce(log_joint.ravel()) + np.log(area))


def _by_laplace(target: Density, laplace: Gaussian) -> float:
    """Laplace's estimate of ln ∫ p(w | t) dw, in nats (PRML eq. 4.137): the error of its estimate of ln p(t)."""
    volume = float(np.linalg.slogdet(laplace.inverse_root)[1])
    return float(target.log_density(laplace.mean)) + LN_2PI + volume


def _outline(way: str, laplace: Gaussian, q: Q) -> Array | None:
    """The 95 % ellipse of the chosen approximation; None for the other methods."""
    if way == "Laplace":
        return laplace.ellipse()
    return q.gaussian.ellipse() if way == "variational" else None
