"""Four methods for the same posterior over the plane of two weights: exact, on a grid, Laplace, variational."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec
import numpy as np
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived
from engine.gaussian import LN_2PI, Array, Gaussian
from engine.plane import Heatmap, Viewport, heatmap
from engine.regression.display import Pair
from engine.regression.document import Regression
from engine.regression.model.linear_model import Density, Posterior, inferred
from engine.regression.model.student_t_noise import LaplacePosterior
from engine.regression.model.variational import Climb, Q, VariationalSettings

WIDTH = 4.0  # standard deviations of the prior that the grid reaches to each side
AT_ONCE = 50  # steps, before it may be abandoned
TRACED = 160  # places of the way at which the ELBO is computed


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

    return Climb(known.plane(pair), sample, settings, seed)


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
