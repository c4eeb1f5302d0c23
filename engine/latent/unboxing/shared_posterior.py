"""The posterior p(z | measurements) of the selected image, computed step by step and shared by several panels.

ln p(measurements) and the posterior do not depend on q, so that dragging q costs only one quadrature. The chain of grid
densities, one for each step of the observation, is cached weakly; up to two lattices are kept. See docs/decisions/027.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable
from functools import lru_cache, partial
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakValueDictionary

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import PENDING, Pending
from engine.gaussian import Array
from engine.latent.cache_budget import LATTICES, share
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, Input
from engine.latent.model import LoadedModel
from engine.latent.observations.measurement import Pixels
from engine.latent.observations.observation import Measurements, Observation
from engine.latent.posterior.grid_density import STRIDES, GridDensity, Score, integrate_on_grid, prior
from engine.latent.posterior.unboxing import WIDEST, Bound, Unboxing, bound, sound, unboxing
from engine.memo import Recent, Resumable

if TYPE_CHECKING:
    from engine.latent.posterior.scoring.lattice import Lattice

EXTENT = 6.0  # half the side of a lattice, unless mass touches its edge
DENSITIES = share("densities")  # 1.5 MB for each at stride 1
EXACT = (-1, -1)  # the state in which the prior was computed, which needs no outputs
WORKS = 16  # Unboxings in the cache


class Progress(msgspec.Struct, frozen=True, eq=False):
    """An intermediate result: the posterior on a lattice, and later the Unboxing.

    `part` is the decoded fraction of the nodes that this posterior needs.
    `seen` are all measurements of the image. Without an image `grid` is the prior. Before all nodes of `grid` are
    decoded, `coarser` is the posterior on fewer nodes, which are all decoded.
    """

    part: float
    grid: GridDensity
    seen: Measurements | None = None
    unboxing: Unboxing | None = None
    coarser: GridDensity | None = None


_lattices: Recent[Hashable, Lattice] = Recent(LATTICES)
_final: WeakValueDictionary[Hashable, GridDensity] = WeakValueDictionary()  # on all nodes that they need
_grids: Recent[Hashable, Resumable[Progress]] = Recent(2)  # which all panels share; the ledger needs other steps
_works: Recent[Hashable, Resumable[Unboxing]] = Recent(WORKS)
_estimates: Recent[Hashable, Bound] = Recent(WORKS)
_densities: WeakValueDictionary[Hashable, GridDensity] = WeakValueDictionary()  # alive through `_latest`
_made: WeakKeyDictionary[GridDensity, tuple[int, int]] = WeakKeyDictionary()  # the state of the lattice then
_latest: list[GridDensity] = []
_numbers: WeakKeyDictionary[object, int] = WeakKeyDictionary()
_count = count()


def _number(thing: object) -> int:
    """The number of a model or lattice, for keys that do not keep it alive."""
    return _numbers.setdefault(thing, next(_count))


def posterior(document: Latent) -> Generator[Progress | Pending, None, Progress]:
    """Yield the posterior after the document's step, first on a coarse lattice; return the last result.

    Later results also have the Unboxing, if an image is selected. Raises ValueError, in one sentence, if the
    observation cannot be applied to the image.
    """
    model, seen = document.loaded_model, seen_of(document)
    extent = EXTENT
    while True:
        lattice = lattice_of(model, extent)
        grid = yield from _on_lattice(document, lattice, seen)
        if not grid.touches_edge or extent >= WIDEST or not grid.log_evidence_terms:
            break
        extent *= 2
    progress = Progress(1.0, grid, seen)
    yield progress
    if seen is not None:
        work = _works.remember(
            _key(document), lambda: Resumable(unboxing(_score(document, seen), grid, _estimate(document, seen)))
        )
        for better in work.go():
            if not isinstance(better, Pending):
                progress = Progress(1.0, grid, seen, better)
            yield better if isinstance(better, Pending) else progress
    return progress


def unboxings_of(document: Latent) -> Generator[Unboxing | Pending, None, None]:
    """Yield Unboxings of the selected image with increasing accuracy, the first about 30 ms after the lattice.

    It yields no Unboxing if no image is selected, or if the observation cannot be applied to it.
    """
    if not _is_refused(document):
        for progress in posterior(document):
            unboxing = progress.unboxing if isinstance(progress, Progress) else None
            yield PENDING if unboxing is None else unboxing


def early_unboxings_of(document: Latent) -> Generator[Unboxing | Pending, None, None]:
    """Like `unboxings_of`, but also yield Unboxings before the nodes that the posterior needs are decoded.

    Their error is the larger one of two sums: over the nodes that are decoded, and over all nodes with the other
    outputs interpolated. Each of the two alone is too small for 2 % of the images of the shipped model of digits.
    """
    if not _is_refused(document):
        for progress in posterior(document):
            if not isinstance(progress, Progress):
                yield PENDING
            elif progress.unboxing is not None:
                yield progress.unboxing
            elif progress.coarser is not None:
                yield _early(document, progress, progress.coarser)
            elif progress.part < 1.0:
                yield PENDING  # otherwise the first Unboxing is ready in this step; all other values would take a turn


def _is_refused(document: Latent) -> bool:
    """Whether the observation cannot be applied to the image. Any other error of a posterior is a fault."""
    try:
        seen_of(document)
    except ValueError:
        return True
    return False


def _early(document: Latent, progress: Progress, coarser: GridDensity) -> Unboxing | Pending:
    """The Unboxing by a sum over interpolated outputs; PENDING if the ELBO of q proves that it lacks a mode."""
    assert progress.seen is not None
    integral = integrate_on_grid(progress.grid)
    integral = replace(integral, error=max(integral.error, integrate_on_grid(coarser).error))
    return sound(progress.grid, integral, _estimate(document, progress.seen))


def _estimate(document: Latent, seen: Measurements) -> Bound:
    """The first estimate of the ELBO of q, from the cache if possible."""
    from engine.latent.posterior.scoring.at_latents import log_likelihoods_by_all_cores

    score = partial(log_likelihoods_by_all_cores, document.loaded_model.vae, seen.measurements[: document.step])
    return _estimates.remember(_key(document), lambda: bound(score, *q_of(document)))


def _score(document: Latent, seen: Measurements) -> Score:
    """The function ln p(measurements up to the document's step | z)."""
    from engine.latent.posterior.scoring.at_latents import log_likelihoods

    return partial(log_likelihoods, document.loaded_model.vae, seen.measurements[: document.step])


def unboxing_of(document: Latent) -> Generator[Pending, None, Unboxing | None]:
    """Return the final Unboxing of the selected image, about 100 ms later than the first; None if there is none."""
    last = None
    for better in unboxings_of(document):
        last = last if isinstance(better, Pending) else better
        yield PENDING
    return last


def known_unboxing(document: Latent) -> Unboxing | None:
    """Return the most accurate Unboxing that is computed already, if any. Other threads may call this."""
    work = _works.get(_key(document))
    return work.best if work else None


def seen_of(document: Latent) -> Measurements | None:
    """Return all measurements of the selected image, the waiting ones included; None if no image is selected.

    Raises ValueError, in one sentence, if the observation cannot be applied to the image.
    """
    if isinstance(document.input, Blank):
        return None
    return _seen(document.loaded_model, document.input, document.observation)


@lru_cache(maxsize=16)
def _seen(model: LoadedModel, selected: Input, observation: Observation) -> Measurements:
    vae = model.vae
    image = selected.pixels(vae.card.recipe.data, vae.image_shape)
    return observation.measure(vae.scored(image / np.float32(255)))


def q_of(document: Latent) -> tuple[Array, Array]:
    """Return mean and standard deviation (2,) of q: the q of the user, else the encoder's q of the observed image.

    Without measurements the encoder's q is replaced by the prior.
    """
    if document.q is not None:
        return document.q.mean, document.q.deviation
    if not document.step:
        return np.zeros(2), np.ones(2)
    return _encoders_q(document.loaded_model, document.input, document.observation, document.step)


@lru_cache(maxsize=16)
def _encoders_q(model: LoadedModel, selected: Input, observation: Observation, step: int) -> tuple[Array, Array]:
    """The encoder's q of the observed image. Cached because the heatmaps and the ELBO both need it."""
    mean, deviation = model.vae.encode(_seen(model, selected, observation).pictures[step][None])
    return mean[0], deviation[0]


def lattice_of(model: LoadedModel, extent: float = EXTENT) -> Lattice:
    """Return the lattice of a model over [−extent, extent]², from the cache; it may be decoded only in part."""
    from engine.latent.posterior.scoring.lattice import Lattice

    return _lattices.remember((_number(model), extent), lambda: Lattice(model.vae, extent=extent))


def decode_likely(document: Latent) -> Generator[Pending, None, None]:
    """Decode the latents of the document's model that most images need."""
    yield from lattice_of(document.loaded_model).decode_likely()


def _on_lattice(
    document: Latent, lattice: Lattice, seen: Measurements | None
) -> Generator[Progress | Pending, None, GridDensity]:
    """Return the posterior on all nodes that it needs, from the cache if possible; yield it on fewer nodes before."""
    if seen is None or not document.step:
        return (yield from _grid_posterior(document, lattice, 1))
    key = _number(lattice), document.input, document.observation.first(document.step), document.step
    grid = _final.get(key)
    if grid is None:
        state = *key, lattice.stamp[0]  # a computation does not go on after outputs were dropped
        work = _grids.remember(state, lambda: Resumable(_stride_by_stride(document, lattice, seen)))
        for better in work.go():
            if isinstance(better, Pending) or better.part < 1.0:
                yield better
        assert work.best is not None
        grid = _final[key] = work.best.grid
    _keep(grid)
    return grid


def _stride_by_stride(
    document: Latent, lattice: Lattice, seen: Measurements
) -> Generator[Progress | Pending, None, Progress]:
    """Yield the posterior on fewer nodes; return it on all nodes that it needs."""
    yield from lattice.decode(lattice.nodes(STRIDES[0]))
    if all(isinstance(measurement, Pixels) for measurement in seen.measurements):
        return Progress(1.0, (yield from _where_needed(document, lattice, seen)), seen)
    yield Progress(0.5, (yield from _grid_posterior(document, lattice, STRIDES[0])), seen)
    return Progress(1.0, (yield from _grid_posterior(document, lattice, 1)), seen)


def _where_needed(
    document: Latent, lattice: Lattice, seen: Measurements
) -> Generator[Progress | Pending, None, GridDensity]:
    """Return the posterior on a lattice that is decoded where the posterior may be; yield it before nodes are decoded.

    At stride 2 these are the nodes at which a posterior after any of the measurements may be. A wide posterior stays
    at stride 2.
    """
    needed = lattice.nodes(STRIDES[0])
    for stride in STRIDES[:-1]:
        grid = yield from _grid_posterior(document, lattice, stride, needed)
        each = _chain(grid) if stride > 2 else [grid]
        highest = np.max([one.log_density - one.log_density.max() for one in each], axis=0)
        near = lattice.near(highest, stride)
        if near is None:
            return grid
        needed = near
        if lacking := lattice.lacking(needed):
            lattice.make_room(needed)
            early = yield from _grid_posterior(document, lattice, stride // 2)
            yield Progress(1 - lacking / len(needed), early, seen, coarser=grid)
            while lattice.lacking(needed):  # another computation may drop some meanwhile, to make room
                yield from lattice.decode(needed)
    return (yield from _grid_posterior(document, lattice, 1, needed))


def _chain(grid: GridDensity) -> list[GridDensity]:
    """The posteriors after each measurement, in order."""
    return [*_chain(grid.before), grid] if grid.before else []


def _grid_posterior(
    document: Latent, lattice: Lattice, stride: int, needed: NDArray[np.intp] | None = None
) -> Generator[Pending, None, GridDensity]:
    """Return the posterior after the document's step at every `stride`-th node; the posteriors before are cached.

    If one of them was computed before the `needed` nodes were decoded, this one is computed from all measurements.
    """
    observation, key = document.observation, (_number(lattice), stride)
    grid = _densities.get(key)
    if grid is None:
        grid = _densities[key] = prior(lattice.axis[::stride])
        _made[grid] = EXACT
    steps = () if isinstance(document.input, Blank) else range(1, document.step + 1)
    keys = [(*key, document.input, observation.first(n), n) for n in steps]
    cached = ((n, _densities.get(keys[n - 1])) for n in reversed(steps))
    known = ((n, density) for n, density in cached if density is not None)
    fresh = ((n, density) for n, density in known if n < document.step or _suits(density, lattice, needed))
    start, grid = next(fresh, (0, grid))
    for n in steps[start:]:
        measurements = _seen(document.loaded_model, document.input, observation).measurements[:n]
        log_likelihood = yield from lattice.scoring(measurements[-1], stride)
        if n < document.step or _suits(grid, lattice, needed):
            grid = grid.update(log_likelihood)
        else:
            scores = np.sum([lattice.scores(each) for each in measurements], axis=0, dtype=float)
            grid = grid.corrected(log_likelihood, prior(grid.axis).log_density + lattice.in_rows(scores, stride))
        _densities[keys[n - 1]] = grid
        _made[grid] = lattice.stamp
    _keep(grid)
    return grid


def _suits(grid: GridDensity, lattice: Lattice, needed: NDArray[np.intp] | None) -> bool:
    """Whether a density was computed from the outputs at all needed nodes."""
    return needed is None or _made[grid] == EXACT or lattice.had(needed, _made[grid])


def _keep(grid: GridDensity) -> None:
    """Keep this posterior and its predecessors alive; drop the oldest ones beyond the share of DENSITIES."""
    _latest[:] = [kept for kept in _latest if kept is not grid] + [grid]
    while len(_latest) > 1 and _bytes(_latest) > DENSITIES:
        del _latest[0]


def _bytes(grids: list[GridDensity]) -> int:
    """The memory of densities and of their predecessors, which several may share."""
    each: dict[int, int] = {}
    for grid in grids:
        before: GridDensity | None = grid
        while before is not None and id(before) not in each:
            each[id(before)] = 2 * before.log_density.nbytes
            before = before.before
    return sum(each.values())


def _key(document: Latent) -> Hashable:
    """Everything on which the Unboxing depends."""
    observation = document.observation.first(document.step) if document.step else None
    return _number(document.loaded_model), document.input, observation, document.step, document.q
