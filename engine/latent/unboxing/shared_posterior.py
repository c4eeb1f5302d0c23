"""The posterior p(z | what was seen) that a Latent document asks for, in ever better versions."""

from __future__ import annotations

import time
from collections.abc import Generator, Hashable
from contextlib import suppress
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakValueDictionary

import msgspec
import numpy as np

from engine.derived import PENDING, Pending
from engine.gaussian import LN_2PI, Array
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, Input, encoded_by
from engine.latent.model import LoadedModel
from engine.latent.observations.measurement import Pixels
from engine.latent.observations.observation import Measurements, Observation
from engine.latent.posterior.grid_density import STRIDES, GridDensity, prior
from engine.latent.posterior.unboxing import WIDEST, Unboxing, unboxing
from engine.memo import Recent, Resumable
from engine.plane import Bayes

if TYPE_CHECKING:
    from engine.latent.posterior.scoring.lattice import Lattice

EXTENT = 6.0
REPORT_EVERY = 0.15  # seconds between two reports of how much is decoded: painting one takes the time of a core
LATTICES = 2  # that are kept, of at most 256 MB each: 135 MB for images of 28×28
DENSITIES = 160  # that are kept, of 1.5 MB each, with those before them
WORKS = 24


class Progress(msgspec.Struct, frozen=True, eq=False):
    """The result so far: `part` of the lattice that is decoded, the posterior on it, and at last the unboxing.

    Without an image there is only the prior.
    """

    part: float
    grid: GridDensity
    seen: Measurements | None = None
    unboxing: Unboxing | None = None


_lattices: Recent[Hashable, Lattice] = Recent(LATTICES)
_works: Recent[Hashable, Resumable[Unboxing]] = Recent(WORKS)
_densities: WeakValueDictionary[Hashable, GridDensity] = (
    WeakValueDictionary()
)  # as long as anything that came of them is kept
_latest: list[GridDensity] = []
_numbers: WeakKeyDictionary[object, int] = WeakKeyDictionary()
_count = count()


def _number(thing: object) -> int:
    """Of a model or lattice, for a key that does not keep it alive."""
    return _numbers.setdefault(thing, next(_count))


def posterior(document: Latent) -> Generator[Progress | Pending, None, Progress]:
    """Yield the posterior of z, first on a coarse lattice; the last result has the unboxing, if there is an image.

    Raises ValueError, in one sentence, if the image cannot be looked at like that.
    """
    model, seen = document.loaded_model, seen_of(document)
    extent = EXTENT
    while True:
        lattice = lattice_of(model, extent)
        due = 0.0
        for _ in lattice.decode():
            if lattice.stride and time.monotonic() >= due:
                due = time.monotonic() + REPORT_EVERY
                yield Progress(lattice.part, (yield from _grid_posterior(document, lattice, lattice.stride)), seen)
            else:
                yield PENDING
        if seen is not None and not all(isinstance(measurement, Pixels) for measurement in seen.measurements):
            yield Progress(1.0, (yield from _grid_posterior(document, lattice, STRIDES[0])), seen)
        grid = yield from _grid_posterior(document, lattice, 1)
        if not grid.touches_edge or extent >= WIDEST or not grid.log_evidence_terms:
            break
        extent *= 2
    progress = Progress(1.0, grid, seen)
    yield progress
    if seen is not None:
        work = _works.remember(
            _key(document), lambda: Resumable(unboxing(model.vae, seen, grid, *q_of(document, seen)))
        )
        for better in work.go():
            if not isinstance(better, Pending):
                progress = Progress(1.0, grid, seen, better)
            yield better if isinstance(better, Pending) else progress
    return progress


def unboxings_of(document: Latent) -> Generator[Unboxing | Pending, None, None]:
    """Yield increasingly accurate Unboxings of the selected image, the first within about 30 ms of the lattice.

    None is yielded if no image is selected, or if the observation cannot be applied to it.
    """
    with suppress(ValueError):
        for progress in posterior(document):
            found = progress.unboxing if isinstance(progress, Progress) else None
            yield PENDING if found is None else found


def unboxing_of(document: Latent) -> Generator[Pending, None, Unboxing | None]:
    """Return the final Unboxing of the selected image, about 100 ms later than the first; None if there is none."""
    last = None
    for better in unboxings_of(document):
        last = last if isinstance(better, Pending) else better
        yield PENDING
    return last


def known_unboxing(document: Latent) -> Unboxing | None:
    """As far as it is known already: for other threads."""
    work = _works.get(_key(document))
    return work.best if work else None


def bayes_at(document: Latent, z: Array) -> Bayes | None:
    """Bayes' rule for the latest measurement at z (1, 2), decoded exactly there; None until the evidence is known."""
    from engine.latent.posterior.scoring.lattice import log_likelihoods

    log_prior = float(-0.5 * np.sum(z**2) - LN_2PI)
    if isinstance(document.input, Blank):
        return Bayes(log_prior, None, None, log_prior)
    found = known_unboxing(document)  # there is none of what cannot be looked at
    seen = seen_of(document) if found else None
    if found is None or seen is None:
        return None
    if not found.log_evidence_terms:
        return Bayes(log_prior, None, None, log_prior)
    before, latest = seen.measurements[: document.step - 1], seen.measurements[document.step - 1]
    vae = document.loaded_model.vae
    prior = log_prior + float(log_likelihoods(vae, before, z)[0]) - sum(found.log_evidence_terms[:-1])
    likelihood = float(log_likelihoods(vae, [latest], z)[0])
    return Bayes(prior, likelihood, found.log_evidence_terms[-1], prior + likelihood - found.log_evidence_terms[-1])


def seen_of(document: Latent) -> Measurements | None:
    """What is seen of the image that is looked into; None if there is none."""
    if isinstance(document.input, Blank):
        return None
    return _seen(document.loaded_model, document.input, document.observation)


@lru_cache(maxsize=16)
def _seen(model: LoadedModel, subject: Input, observation: Observation) -> Measurements:
    vae = model.vae
    return observation.measure(vae.scored(encoded_by(model, subject).pixels / np.float32(255)))


def q_of(document: Latent, seen: Measurements) -> tuple[Array, Array]:
    """Mean and standard deviation (2,) of q: put by hand, or what the encoder says of the picture that was seen.

    Before anything is seen it is the prior.
    """
    if document.q is not None:
        return document.q.mean, document.q.deviation
    if not document.step:
        return np.zeros(2), np.ones(2)
    mean, deviation = document.loaded_model.vae.encode(seen.pictures[document.step][None])
    return mean[0], deviation[0]


def lattice_of(model: LoadedModel, extent: float = EXTENT) -> Lattice:
    """The decoder's outputs over [−extent, extent]², as far as they are there."""
    from engine.latent.posterior.scoring.lattice import Lattice

    return _lattices.remember((_number(model), extent), lambda: Lattice(model.vae, extent=extent))


def _grid_posterior(document: Latent, lattice: Lattice, stride: int) -> Generator[Pending, None, GridDensity]:
    """Return the posterior after the document's step at every `stride`-th node; earlier posteriors are cached."""
    observation, key = document.observation, (_number(lattice), stride)
    grid = _densities.get(key)
    if grid is None:
        grid = _densities[key] = prior(lattice.axis[::stride])
    steps = () if isinstance(document.input, Blank) else range(1, document.step + 1)
    keys = [(*key, document.input, observation.first(n), n) for n in steps]
    known = next(((n, found) for n in reversed(steps) if (found := _densities.get(keys[n - 1])) is not None), None)
    start, grid = known or (0, grid)
    for n in steps[start:]:
        scoring = lattice.scoring(_seen(document.loaded_model, document.input, observation).measurements[n - 1], stride)
        grid = _densities[keys[n - 1]] = grid.update((yield from scoring))
    _keep(grid)
    return grid


def _keep(grid: GridDensity) -> None:
    """And with it all that it came of. The oldest are let go."""
    _latest[:] = [kept for kept in _latest if kept is not grid] + [grid]
    while sum(max(1, len(kept.log_evidence_terms)) for kept in _latest) > DENSITIES and len(_latest) > 1:
        del _latest[0]


def _key(document: Latent) -> Hashable:
    observation = document.observation.first(document.step) if document.step else None
    return _number(document.loaded_model), document.input, observation, document.step, document.q
