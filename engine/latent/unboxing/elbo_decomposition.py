"""The identity ln p(x) = ELBO + KL(q‖p(z|x)) of the image that is looked into, with its gap in two parts."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial

import msgspec
from msgspec.structs import replace

from engine.derived import PENDING, Pending, derived
from engine.latent.document import Latent
from engine.latent.gaussian_q import GaussianQ
from engine.latent.posterior.best_q import Search, Split, peaks, split, starts
from engine.latent.posterior.grid_density import Belief, Score, prior
from engine.latent.posterior.unboxing import Bound, Unboxing, bound, bounding
from engine.latent.unboxing.latent_space import NO_IMAGE, NOTHING_SEEN
from engine.latent.unboxing.shared_posterior import lattice_of, seen_of, unboxings_of
from engine.memo import once
from engine.plane import Viewport

ASKING = "The decoder is being asked what it draws at every place of the plane."


class Identity(msgspec.Struct, frozen=True, eq=False):
    """Of what was seen, called `symbol`: everything about the present q, and the encoder's bound to compare with.

    `by_hand` says whether that q was put there by the user; `split` is None until the best q is known.
    """

    symbol: str
    unboxing: Unboxing
    encoder: Bound
    by_hand: bool = False
    split: Split | None = None

    @property
    def ahead(self) -> float:
        """By how many nats q is better than the encoder's."""
        return self.unboxing.elbo - self.encoder.elbo


@derived(Identity)
def elbo_decomposition(document: Latent, _: Viewport) -> Generator[Identity | str | Pending, None, None]:
    """The bound first, in ever better versions, and its split later; or one sentence that says why there is none."""
    lacking = _lacking(document)
    if lacking or lattice_of(document.manifold).part < 1:
        yield lacking or ASKING
    if lacking:
        return
    symbol, hand, found = document.observation.symbol, document.q, None
    usual = document.with_q(None)
    for better in unboxings_of(usual):
        if isinstance(better, Unboxing):
            found = Identity(symbol, better, better.bound)
        yield PENDING if found is None or hand is not None or better is PENDING else found
    if found is None:
        return
    game = once(document.manifold, _key(document), partial(Game, usual, found.unboxing))
    if hand is not None:
        for closer in game.bounds_of(hand):
            if closer is not None:
                found = replace(found, unboxing=replace(found.unboxing, bound=closer), by_hand=True)
            yield PENDING if closer is None else found
        game.search.consider(found.unboxing.bound)
    for _piece in game.search.go():
        yield PENDING
    assert game.search.best is not None
    yield replace(found, split=split(found.unboxing, game.search.best))


class Game:
    """What is known of other q of an image than the encoder's, given its unboxing by that one: kept for each image."""

    def __init__(self, document: Latent, unboxing: Unboxing) -> None:
        from engine.latent.posterior.scoring.lattice import log_likelihoods
        from engine.latent.posterior.scoring.measurement_gradients import log_likelihood_slopes

        seen, axis, encoder = seen_of(document), unboxing.axis, unboxing.bound
        assert seen is not None
        vae, measurements = document.manifold.vae, seen.measurements[: document.step]
        belief = Belief(axis, unboxing.log_posterior, None, prior(axis), unboxing.log_evidence)
        self._score: Score = partial(log_likelihoods, vae, measurements)
        self._bounding = partial(bounding, belief, self._score)
        self._latest: tuple[GaussianQ, Bound] | None = None
        tried = starts(unboxing.mass, peaks(axis, unboxing.log_posterior), (encoder.mean, encoder.deviation))
        self.search = Search(partial(log_likelihood_slopes, vae, measurements), self._bounding, encoder, tried)

    def bounds_of(self, hand: GaussianQ) -> Iterator[Bound | None]:
        """Ever better ones, the first within some 10 ms; None wherever it may be abandoned."""
        if self._latest is None or self._latest[0] != hand:
            found = bound(self._score, hand.mean, hand.deviation)
            yield found
            for better in self._bounding(hand.mean, hand.deviation):
                found = better or found
                yield better
            self._latest = hand, found
        yield self._latest[1]


def _lacking(document: Latent) -> str:
    try:
        seen = seen_of(document)
    except ValueError as refusal:
        return str(refusal)
    return NO_IMAGE if seen is None else "" if document.step else NOTHING_SEEN


def _key(document: Latent) -> tuple[object, ...]:
    return "best q", document.input, document.observation.first(document.step), document.step
