"""The identity ln p(x) = ELBO + KL(q‖p(z|x)) of the image that is looked into, with its gap in two parts."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

import msgspec
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.posterior.best_q import GapParts, MultiStart, gap_parts, starts
from engine.latent.posterior.grid_density import GridDensity, Score, prior
from engine.latent.posterior.lost_modes import peaks
from engine.latent.posterior.unboxing import Bound, Unboxing, bound, bounding
from engine.latent.unboxing.latent_space import NO_IMAGE, NOTHING_SEEN
from engine.latent.unboxing.shared_posterior import lattice_of, seen_of, unboxings_of
from engine.memo import Recent, Resumable, remember
from engine.plane import Viewport

ENCODERS = "This is the encoder's q already: drag it in the posterior to move it, or edit it by hand."
KEPT = 32  # comparisons of one model, of 1.5 MB each
ASKING = "The decoder is being asked what it draws at every place of the plane."


class Decomposition(msgspec.Struct, frozen=True, eq=False):
    """Of what was seen, called `symbol`: everything about the present q, and the encoder's bound to compare with.

    `by_hand` says whether that q was put there by the user; `gap_parts` is None until the best q is known.
    """

    symbol: str
    unboxing: Unboxing
    encoder: Bound
    by_hand: bool = False
    gap_parts: GapParts | None = None

    @property
    def ahead(self) -> float:
        """By how many nats q is better than the encoder's."""
        return self.unboxing.elbo - self.encoder.elbo


def with_encoders_q(document: Latent) -> Latent:
    """Return the document with the encoder's q."""
    return document.with_q(None)


def is_encoders_q(document: Latent) -> str:
    """Return why q cannot be put back to the encoder's: it is the encoder's already; empty if it was set by hand."""
    return ENCODERS if document.q is None else ""


@derived(object)
def elbo_decomposition(document: Latent, _: Viewport) -> Generator[Decomposition | str | Pending, None, None]:
    """Yield the bound with increasing accuracy, at last with the parts of its gap; or a sentence: why there is none."""
    unavailable = _unavailable(document)
    if unavailable or lattice_of(document.loaded_model).part < 1:
        yield unavailable or ASKING
    if unavailable:
        return
    symbol, hand, found = document.observation.symbol, document.q, None
    usual = document.with_q(None)
    for better in unboxings_of(usual):
        if isinstance(better, Unboxing):
            found = Decomposition(symbol, better, better.bound)
        yield PENDING if found is None or hand is not None or better is PENDING else found
    if found is None:
        return
    comparisons: Recent[object, QComparison] = remember(
        document.loaded_model, "comparisons of q", partial(Recent, KEPT)
    )
    comparison = comparisons.remember(_key(document), partial(QComparison, usual, found.unboxing))
    if hand is not None:
        for closer in comparison.bounds_of(hand):
            if not isinstance(closer, Pending):
                found = replace(found, unboxing=replace(found.unboxing, bound=closer), by_hand=True)
            yield closer if isinstance(closer, Pending) else found
        comparison.search.consider(found.unboxing.bound)
    for _step in comparison.search.go():
        yield PENDING
    assert comparison.search.best is not None
    yield replace(found, gap_parts=gap_parts(found.unboxing, comparison.search.best))


class QComparison:
    """What is known of other q of an image than the encoder's, given its unboxing by that one: kept for each image."""

    def __init__(self, document: Latent, unboxing: Unboxing) -> None:
        from engine.latent.posterior.scoring.lattice import log_likelihoods
        from engine.latent.posterior.scoring.measurement_gradients import log_likelihood_slopes

        seen, axis, encoder = seen_of(document), unboxing.axis, unboxing.bound
        assert seen is not None
        vae, measurements = document.loaded_model.vae, seen.measurements[: document.step]
        grid = GridDensity(axis, unboxing.log_posterior, None, prior(axis), unboxing.log_evidence)
        self._score: Score = partial(log_likelihoods, vae, measurements)
        self._bounding = partial(bounding, grid, self._score)
        self._latest: Recent[GaussianQ, Resumable[Bound]] = Recent(1)
        tried = starts(unboxing.mass, peaks(axis, unboxing.log_posterior), (encoder.mean, encoder.deviation))
        self.search = MultiStart(partial(log_likelihood_slopes, vae, measurements), self._bounding, encoder, tried)

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
    return NO_IMAGE if seen is None else "" if document.step else NOTHING_SEEN


def _key(document: Latent) -> tuple[object, ...]:
    return document.input, document.observation.first(document.step), document.step
