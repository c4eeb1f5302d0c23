"""ELBO decomposition of the selected image: ln p(y) = ELBO + KL(q‖p(z|y)), with the gap divided into two parts."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

import msgspec
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived
from engine.latent.cache_budget import COMPARISON, share
from engine.latent.document import Latent, symbol_of
from engine.latent.gaussian_q import GaussianQ
from engine.latent.posterior.best_q import GapParts, MultiStart, gap_parts, starts
from engine.latent.posterior.grid_density import GridDensity, Integral, Score, prior
from engine.latent.posterior.lost_modes import peaks
from engine.latent.posterior.unboxing import Bound, Unboxing, bound, bounding, with_integral, with_mass_of_q
from engine.latent.unboxing.latent_space import NO_IMAGE, nothing_observed
from engine.latent.unboxing.shared_posterior import early_unboxings_of, lattice_of, seen_of
from engine.memo import Recent, Resumable, remember
from engine.plane import Viewport

ENCODERS = "This is the encoder's q. To change it, drag it in the plane of the posterior or edit its fields."
KEPT = share("comparisons of q") // COMPARISON  # in the cache of one model
ASKING = "Computing the decoder's outputs over the plane…"


class Decomposition(msgspec.Struct, frozen=True, eq=False):
    """The Unboxing with the present q, for measurements with the given `symbol`, and the bound of the encoder's q.

    `by_hand` says whether the user has set q. `gap_parts` is None until q* is known.
    """

    symbol: str
    unboxing: Unboxing
    encoder: Bound
    by_hand: bool = False
    gap_parts: GapParts | None = None

    @property
    def ahead(self) -> float:
        """The ELBO of q minus that of the encoder's q, in nats."""
        return self.unboxing.elbo - self.encoder.elbo


def with_encoders_q(document: Latent) -> Latent:
    """Return the document with the encoder's q."""
    return document.with_q(None)


def is_encoders_q(document: Latent) -> str:
    """Return why q cannot be reset: it is the encoder's q; "" if the user has set q."""
    return ENCODERS if document.q is None else ""


@derived(object)
def elbo_decomposition(document: Latent, _: Viewport) -> Generator[Decomposition | str | Pending, None, None]:
    """Yield the decomposition with increasing accuracy, finally with the parts of the gap; or the reason for none."""
    unavailable = _unavailable(document)
    if unavailable or not lattice_of(document.loaded_model).stride:
        yield unavailable or ASKING
    if unavailable:
        return
    q, result = document.q, None
    with_encoders = document.with_q(None)
    for better in early_unboxings_of(with_encoders):
        if isinstance(better, Unboxing):
            result = Decomposition(symbol_of(document), better, better.bound)
        yield PENDING if result is None or q is not None or better is PENDING else result
    if result is None:
        return
    model = document.loaded_model
    comparisons: Recent[object, QComparison] = remember(model, "comparisons of q", partial(Recent, KEPT))
    comparison = comparisons.remember(_key(document), partial(QComparison, with_encoders, result.unboxing))
    if q is not None:
        for closer in comparison.bounds_of(q):
            if not isinstance(closer, Pending):
                unboxing = yield from comparison.with_mass_of(closer)
                result = replace(result, unboxing=replace(unboxing, bound=closer), by_hand=True)
            yield closer if isinstance(closer, Pending) else result
        comparison.search.consider(result.unboxing.bound)
    for _step in comparison.search.go():
        yield PENDING
    best = comparison.search.best
    assert best is not None
    unboxing = yield from comparison.with_mass_of(best)
    unboxing = replace(unboxing, bound=result.unboxing.bound)
    yield replace(result, unboxing=unboxing, gap_parts=gap_parts(unboxing, best))


class QComparison:
    """The bounds of other q's for one image, and the search for q*, given the Unboxing with the encoder's q."""

    def __init__(self, document: Latent, unboxing: Unboxing) -> None:
        from engine.latent.posterior.scoring.at_latents import log_likelihoods
        from engine.latent.posterior.scoring.measurement_gradients import log_likelihood_slopes

        seen, axis, encoder = seen_of(document), unboxing.axis, unboxing.bound
        assert seen is not None
        vae, measurements = document.loaded_model.vae, seen.measurements[: document.step]
        grid = GridDensity(axis, unboxing.log_posterior, None, prior(axis), unboxing.log_evidence)
        self._score: Score = partial(log_likelihoods, vae, measurements)
        self._grid, self._unboxing = grid, unboxing
        self._bounding = partial(bounding, grid, self._score)
        self._latest: Recent[GaussianQ, Resumable[Bound]] = Recent(1)
        first = starts(unboxing.mass, peaks(axis, unboxing.log_posterior), (encoder.mean, encoder.deviation))
        self.search = MultiStart(partial(log_likelihood_slopes, vae, measurements), self._bounding, encoder, first)

    @property
    def has_failed(self) -> bool:
        """Whether the search for q* has failed."""
        return self.search.has_failed

    def with_mass_of(self, q: Bound) -> Generator[Pending, None, Unboxing]:
        """Return the Unboxing, whose mass includes the mode at q from now on, if the ELBO of q proves that it lacks."""
        known = self._unboxing
        integral = Integral(known.mass, known.log_evidence, known.error)
        better = yield from with_mass_of_q(self._grid, self._score, q, integral)
        if better is not integral:
            self._unboxing = with_integral(known, better)
        return self._unboxing

    def bounds_of(self, q: GaussianQ) -> Generator[Bound | Pending, None, None]:
        """Yield bounds of q with increasing accuracy, the first after about 10 ms."""
        return self._latest.remember(q, lambda: Resumable(self._bounds_of(q))).go()

    def _bounds_of(self, q: GaussianQ) -> Generator[Bound | Pending, None, None]:
        yield bound(self._score, q.mean, q.deviation)
        yield from self._bounding(q.mean, q.deviation)


def _unavailable(document: Latent) -> str:
    try:
        seen = seen_of(document)
    except ValueError as refusal:
        return str(refusal)
    return NO_IMAGE if seen is None else nothing_observed(document)


def _key(document: Latent) -> tuple[object, ...]:
    return document.input, document.observation.first(document.step), document.step
