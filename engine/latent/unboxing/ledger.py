"""The ledger of an image: what each thing that is seen of it was worth, given those before it."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.derived import PENDING, Pending, derived, last_of
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.measurement import Measurement
from engine.latent.observations.observation import Measurements, Observation
from engine.latent.posterior.grid_density import GridDensity, refine
from engine.latent.unboxing.observed_image import measures
from engine.latent.unboxing.shared_posterior import Progress, posterior, seen_of
from engine.memo import Resumable, remember
from engine.part import title_of
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE


class Ledger(msgspec.Struct, frozen=True, eq=False):
    """A row for each measurement, those that wait as well, each column (n,), in nats.

    `gain` is ln p(measurement | those before), `information` is KL(p(z | seen with it) ‖ p(z | seen before)), and
    `evidence` the running sum of the gains: ln p(everything seen so far).
    """

    what: tuple[str, ...]
    gain: Array
    information: Array
    evidence: Array


@derived(Ledger)
def ledger(document: Latent, _: Viewport) -> Generator[Ledger | Pending | None, None, None]:
    """Of all measurements of the image that is looked into; None if there is none, or it cannot be looked at."""
    everything = document.step_to(document.observation.steps)
    try:
        seen = seen_of(everything)
        if seen is None:
            yield None
            return
        grid = yield from _grid_posterior(everything)
    except ValueError:
        yield None
        return
    found, before = [], 0.0
    for n, latest in enumerate(_chain(grid), 1):
        evidence, fit = yield from _worth(everything, seen, latest, n)
        found.append((evidence - before, fit - (evidence - before), evidence))
        before = evidence
    gain, information, total = np.array(found, float).reshape(-1, 3).T
    yield Ledger(names(document.observation, seen), gain, information, total)


def names(observation: Observation, seen: Measurements) -> tuple[str, ...]:
    """What each measurement is: 'stroke 3: 17 pixels'."""
    kind, strokes = title_of(type(observation)).lower(), isinstance(observation, Brushed)
    return tuple(f"{f'stroke {n}' if strokes else kind}: {much}" for n, much in enumerate(measures(seen), 1))


def _grid_posterior(document: Latent) -> Generator[Pending, None, GridDensity]:
    """After all measurements, on the whole lattice. Raises ValueError if the image cannot be looked at like that."""
    work = posterior(document)
    while True:
        progress = next(work)
        if isinstance(progress, Progress) and progress.part == 1.0:
            work.close()
            return progress.grid
        yield PENDING


def _chain(grid: GridDensity) -> list[GridDensity]:
    """The posterior after each measurement, in order."""
    return [*_chain(grid.before), grid] if grid.before else []


def _worth(
    document: Latent, seen: Measurements, grid: GridDensity, n: int
) -> Generator[Pending, None, tuple[float, float]]:
    """ln p(the first n measurements), and E[ln p(the n-th | z)] under the posterior after it, in nats."""
    key = "ledger", document.input, document.observation.first(n), n, len(grid.axis), float(grid.axis[-1])
    vae = document.loaded_model.vae
    work = remember(document.loaded_model, key, lambda: Resumable(_weighed(vae, seen.measurements[:n], grid)))
    return (yield from work.result())


def _weighed(
    vae: VAE, measurements: tuple[Measurement, ...], grid: GridDensity
) -> Generator[Pending, None, tuple[float, float]]:
    from engine.latent.posterior.scoring.lattice import log_likelihoods

    best = yield from last_of(refine(grid, partial(log_likelihoods, vae, measurements)))
    mass = best.mass
    assert grid.log_likelihood is not None
    if np.any(mass.side < grid.step):  # it was summed on a finer lattice, where nothing is known of the latest alone
        return best.log_evidence, float(mass.shares @ log_likelihoods(vae, measurements[-1:], mass.z))
    column, row = np.rint((mass.z - grid.axis[0]) / grid.step).astype(int).T
    return best.log_evidence, float(mass.shares @ grid.log_likelihood[row, column])
