"""The identity ln p(x) = ELBO + KL(q‖p(z|x)) of the image that is looked into, with its gap in two parts."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from engine.latent.bounds import Search, Split, peaks, split, starts
from engine.latent.kept import once
from engine.latent.observations import Seen
from engine.latent.pictures import picture
from engine.latent.planes import NO_IMAGE, NOTHING_SEEN
from engine.latent.posterior import lattice_of, q_of, seen_of, unboxing_of
from engine.latent.unboxing import Bound, Unboxing
from engine.pictures import PENDING, Pending
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.document import Latent

ASKING = "The decoder is being asked what it draws at every place of the plane."


class Identity(msgspec.Struct, frozen=True, eq=False):
    """Of what was seen, called `symbol`: everything about the present q, and the encoder's bound to compare with.

    `by_hand` says whether that q was put there by the user; `split` is None until the best q is known.
    """

    symbol: str
    unboxing: Unboxing
    encoder: Bound
    by_hand: bool
    split: Split | None = None

    @property
    def ahead(self) -> float:
        """By how many nats q is better than the encoder's."""
        return self.unboxing.elbo - self.encoder.elbo


@picture("identity")
def identity(document: Latent, _: Viewport) -> Generator[Identity | str | Pending, None, None]:
    """The bound first, its split later; or one sentence that says why there is none."""
    if (lacking := _lacking(document)) or lattice_of(document.manifold).part < 1:
        yield lacking or ASKING
    unboxing = yield from unboxing_of(document)
    seen = None if lacking or unboxing is None else seen_of(document)
    if unboxing is None or seen is None:
        return
    search = once(document.manifold, _key(document), partial(_search, document, seen, unboxing))
    found = Identity(document.observation.symbol, unboxing, search.encoder, document.trick.q is not None)
    if found.by_hand:
        search.consider(unboxing.bound)
    if search.best is None:
        yield found
        for _piece in search.go():
            yield PENDING
    assert search.best is not None
    yield replace(found, split=split(unboxing, search.best))


def _lacking(document: Latent) -> str:
    try:
        seen = seen_of(document)
    except ValueError as refusal:
        return str(refusal)
    return NO_IMAGE if seen is None else "" if document.step else NOTHING_SEEN


def _key(document: Latent) -> tuple[object, ...]:
    return "best q", document.subject, document.observation.first(document.step), document.step


def _search(document: Latent, seen: Seen, unboxing: Unboxing) -> Search:
    from engine.latent.vae.lattice import log_likelihoods
    from engine.latent.vae.slopes import log_likelihood_slopes

    vae, sights = document.manifold.vae, seen.sights[: document.step]
    encoder = q_of(document.with_trick(replace(document.trick, q=None)), seen)
    tried = starts(unboxing.mass, peaks(unboxing.axis, unboxing.log_posterior), encoder)
    return Search(partial(log_likelihood_slopes, vae, sights), partial(log_likelihoods, vae, sights), tried)
