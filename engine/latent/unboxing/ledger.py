"""The ledger of an image: the log evidence, divided into one term for each measurement, in their order."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.derived import PENDING, Pending, derived, last_of
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.observations.brushed import Brushed
from engine.latent.observations.measurement import Measurement
from engine.latent.observations.observation import Measurements, Observation
from engine.latent.posterior.grid_density import GridDensity
from engine.latent.posterior.refinement import refine
from engine.latent.unboxing.observed_image import measures
from engine.latent.unboxing.shared_posterior import Progress, posterior, seen_of
from engine.memo import Resumable, remember
from engine.part import title_of
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.vae.networks.vae import VAE

ENOUGH = 0.02  # nats, a bound on the error; with 0.005 the work doubled, and 60 rows changed by 0.0015 at most


class Ledger(msgspec.Struct, frozen=True, eq=False):
    """The rows of the ledger, one for each measurement, the waiting ones included; each column (n,), in nats.

    `gain` is ln p(yₙ | y₁ … yₙ₋₁), `evidence` its running sum ln p(y₁ … yₙ), and `information` is the KL divergence of
    the posterior after the measurement from the posterior before it. `given` is "|others" on a plane of more than two
    latents, where the other latents are fixed.
    """

    what: tuple[str, ...]
    gain: Array
    information: Array
    evidence: Array
    given: str = ""


@derived(Ledger)
def ledger(document: Latent, _: Viewport) -> Generator[Ledger | Pending | None, None, None]:
    """Compute the ledger of all measurements; None if no image is selected or the observation cannot be applied."""
    everything = document.step_to(document.observation.steps)
    try:
        seen = seen_of(everything)
        if seen is None:
            yield None
            return
        grids = yield from _posteriors(everything)
    except ValueError:
        yield None
        return
    rows, before = [], 0.0
    for n, latest in enumerate(grids, 1):
        evidence, fit = yield from _terms(everything, seen, latest, n)
        rows.append((evidence - before, fit - (evidence - before), evidence))
        before = evidence
    gain, information, total = np.array(rows, float).reshape(-1, 3).T
    given = "|others" if document.is_sliced else ""
    yield Ledger(names(document.observation, seen), gain, information, total, given)


def names(observation: Observation, seen: Measurements) -> tuple[str, ...]:
    """Return the names of the measurements, for example "stroke 3: 17 pixels"."""
    kind, strokes = title_of(type(observation)).lower(), isinstance(observation, Brushed)
    return tuple(f"{f'stroke {n}' if strokes else kind}: {size}" for n, size in enumerate(measures(seen), 1))


def _posteriors(document: Latent) -> Generator[Pending, None, list[GridDensity]]:
    """The posterior after each measurement, on the nodes that it needs. Raises ValueError as `posterior` does."""
    grids = []
    for n in range(1, document.step + 1):
        for progress in posterior(document.step_to(n)):
            if isinstance(progress, Progress) and progress.part == 1.0:
                grids.append(progress.grid)
                break
            yield PENDING
    return grids


def _terms(
    document: Latent, seen: Measurements, grid: GridDensity, n: int
) -> Generator[Pending, None, tuple[float, float]]:
    """ln p(y₁ … yₙ), and E[ln p(yₙ | z)] under the posterior after measurement n, in nats; cached."""
    key = "ledger", document.input, document.observation.first(n), n, len(grid.axis), float(grid.axis[-1])
    vae = document.loaded_model.vae
    work = remember(document.loaded_model, key, lambda: Resumable(_computed_terms(vae, seen.measurements[:n], grid)))
    return (yield from work.result())


def _computed_terms(
    vae: VAE, measurements: tuple[Measurement, ...], grid: GridDensity
) -> Generator[Pending, None, tuple[float, float]]:
    from engine.latent.posterior.scoring.at_latents import log_likelihood_terms

    places, latest = [], []

    def score(z: Array) -> Array:
        terms = log_likelihood_terms(vae, measurements, z)
        places.append(z[:, 0] + 1j * z[:, 1])
        latest.append(terms[:, -1])
        return np.asarray(terms.sum(axis=1))

    integral = yield from last_of(refine(grid, score, enough=ENOUGH))
    mass, axis = integral.mass, grid.axis
    assert grid.log_likelihood is not None
    fine = mass.side < grid.step
    fit = np.empty(len(fine))
    column, row = np.rint((mass.z[~fine] - axis[0]) / grid.step).astype(int).T
    fit[~fine] = grid.log_likelihood[row, column]
    if fine.any():  # refined cells are places that the refinement scored
        scored, first = np.unique(np.concatenate(places), return_index=True)
        own = mass.z[fine, 0] + 1j * mass.z[fine, 1]
        fit[fine] = np.concatenate(latest)[first[np.searchsorted(scored, own)]]
    return integral.log_evidence, float(mass.shares @ fit)
