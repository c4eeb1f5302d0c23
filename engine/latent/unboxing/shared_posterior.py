"""The posterior p(z | what was seen) that a Latent document asks for, in ever better versions."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Iterator
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

import msgspec
import numpy as np

from engine.derived import PENDING, Pending
from engine.gaussian import LN_2PI, Array
from engine.latent.document import Latent
from engine.latent.inputs.input import Blank, Input, encoded_by
from engine.latent.model import Manifold
from engine.latent.observations.measurement import Pixels
from engine.latent.observations.observation import Measurements, Observation
from engine.latent.posterior.grid_density import STRIDES, Belief, prior
from engine.latent.posterior.unboxing import WIDEST, Unboxing, unboxing
from engine.plane import Bayes

if TYPE_CHECKING:
    from engine.latent.posterior.scoring.lattice import Lattice

EXTENT = 6.0
REST = 0.15  # seconds between two reports of how much is decoded: painting them takes the time of a core
LATTICES = 2  # that are kept, of at most 256 MB each: 135 MB for images of 28×28
BELIEFS = 160  # that are kept, of 1.5 MB each, with those before them
WORKS = 24
T = TypeVar("T")


class Stage(msgspec.Struct, frozen=True, eq=False):
    """As much as is known so far: `part` of the lattice is decoded, what is believed, and at last all about it.

    Without an image there is only the prior.
    """

    part: float
    belief: Belief
    seen: Measurements | None = None
    unboxing: Unboxing | None = None


class _Kept(OrderedDict[Hashable, Any]):
    """The last few of what was computed."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self:
            self[key] = make()
        self.move_to_end(key)
        if len(self) > self.most:
            self.popitem(last=False)
        found: T = self[key]
        return found


class _Work:
    """An unboxing that gets better step by step, for as many as want it, whoever of them goes on with it."""

    def __init__(self, steps: Iterator[Unboxing | None]) -> None:
        self._steps = steps
        self.best: Unboxing | None = None
        self._done = False

    def go(self) -> Iterator[Unboxing | None]:
        """Every better version from now on, None wherever it may be abandoned."""
        shown = None
        while not self._done or shown is not self.best:
            if shown is not self.best:
                shown = self.best
                yield shown
                continue
            try:
                self.best = next(self._steps) or self.best
            except StopIteration:
                self._done = True
            yield None


_lattices, _works = _Kept(LATTICES), _Kept(WORKS)
_beliefs: WeakValueDictionary[Hashable, Belief] = WeakValueDictionary()  # as long as anything that came of them is kept
_latest: list[Belief] = []
_numbers: WeakKeyDictionary[object, int] = WeakKeyDictionary()
_count = count()


def _number(thing: object) -> int:
    """Of a manifold or lattice, for a key that does not keep it alive."""
    return _numbers.setdefault(thing, next(_count))


def posterior(document: Latent) -> Generator[Stage | Pending, None, Stage]:
    """What is believed of z, first on a coarse lattice; the last stage has it unboxed, if there is an image.

    Raises ValueError, in one sentence, if the image cannot be looked at like that.
    """
    manifold, seen = document.manifold, seen_of(document)
    extent = EXTENT
    while True:
        lattice = lattice_of(manifold, extent)
        due = 0.0
        for _ in lattice.decode():
            if lattice.stride and time.monotonic() >= due:
                due = time.monotonic() + REST
                yield Stage(lattice.part, (yield from _believed(document, lattice, lattice.stride)), seen)
            else:
                yield PENDING
        if seen is not None and not all(isinstance(measurement, Pixels) for measurement in seen.measurements):
            yield Stage(1.0, (yield from _believed(document, lattice, STRIDES[0])), seen)
        belief = yield from _believed(document, lattice, 1)
        if not belief.leaves or extent >= WIDEST or not belief.gains:
            break
        extent *= 2
    stage = Stage(1.0, belief, seen)
    yield stage
    if seen is not None:
        work = _works.once(_key(document), lambda: _Work(unboxing(manifold.vae, seen, belief, *q_of(document, seen))))
        for better in work.go():
            stage = Stage(1.0, belief, seen, better) if better else stage
            yield stage if better else PENDING
    return stage


def unboxings_of(document: Latent) -> Generator[Unboxing | Pending, None, Unboxing | None]:
    """All about the image that is looked into, in ever better versions; None if there is none, or no such look at it.

    The first version is there within some 30 ms of the lattice.
    """
    try:
        work = posterior(document)
        while True:
            try:
                stage = next(work)
            except StopIteration as end:
                last: Stage = end.value
                return last.unboxing
            yield PENDING if not isinstance(stage, Stage) or stage.unboxing is None else stage.unboxing
    except ValueError:
        return None


def unboxing_of(document: Latent) -> Generator[Pending, None, Unboxing | None]:
    """The last of them, for who can wait some 100 ms more."""
    work = unboxings_of(document)
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: Unboxing | None = end.value
            return found
        yield PENDING


def known_unboxing(document: Latent) -> Unboxing | None:
    """As far as it is known already: for other threads."""
    work: _Work | None = _works.get(_key(document))
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
    if not found.gains:
        return Bayes(log_prior, None, None, log_prior)
    before, latest = seen.measurements[: document.step - 1], seen.measurements[document.step - 1]
    vae = document.manifold.vae
    prior = log_prior + float(log_likelihoods(vae, before, z)[0]) - sum(found.gains[:-1])
    likelihood = float(log_likelihoods(vae, [latest], z)[0])
    return Bayes(prior, likelihood, found.gains[-1], prior + likelihood - found.gains[-1])


def seen_of(document: Latent) -> Measurements | None:
    """What is seen of the image that is looked into; None if there is none."""
    if isinstance(document.input, Blank):
        return None
    return _seen(document.manifold, document.input, document.observation)


@lru_cache(maxsize=16)
def _seen(manifold: Manifold, subject: Input, observation: Observation) -> Measurements:
    vae = manifold.vae
    return observation.measure(vae.scored(encoded_by(manifold, subject).pixels / np.float32(255)))


def q_of(document: Latent, seen: Measurements) -> tuple[Array, Array]:
    """Mean and standard deviation (2,) of q: put by hand, or what the encoder says of the picture that was seen.

    Before anything is seen it is the prior.
    """
    if document.q is not None:
        return document.q.mean, document.q.deviation
    if not document.step:
        return np.zeros(2), np.ones(2)
    mean, deviation = document.manifold.vae.encode(seen.pictures[document.step][None])
    return mean[0], deviation[0]


def lattice_of(manifold: Manifold, extent: float = EXTENT) -> Lattice:
    """The decoder's outputs over [−extent, extent]², as far as they are there."""
    from engine.latent.posterior.scoring.lattice import Lattice

    return _lattices.once((_number(manifold), extent), lambda: Lattice(manifold.vae, extent=extent))


def _believed(document: Latent, lattice: Lattice, stride: int) -> Generator[Pending, None, Belief]:
    """After the document's step, at every so manieth node; earlier beliefs are kept for the next measurement."""
    observation, key = document.observation, (_number(lattice), stride)
    belief = _beliefs.get(key)
    if belief is None:
        belief = _beliefs[key] = prior(lattice.axis[::stride])
    steps = () if isinstance(document.input, Blank) else range(1, document.step + 1)
    keys = [(*key, document.input, observation.first(n), n) for n in steps]
    known = next(((n, found) for n in reversed(steps) if (found := _beliefs.get(keys[n - 1])) is not None), None)
    start, belief = known or (0, belief)
    for n in steps[start:]:
        scoring = lattice.scoring(_seen(document.manifold, document.input, observation).measurements[n - 1], stride)
        while True:
            try:
                next(scoring)
            except StopIteration as end:
                belief = _beliefs[keys[n - 1]] = belief.update(end.value)
                break
            yield PENDING
    _keep(belief)
    return belief


def _keep(belief: Belief) -> None:
    """And with it all that it came of. The oldest are let go."""
    _latest[:] = [kept for kept in _latest if kept is not belief] + [belief]
    while sum(max(1, len(kept.gains)) for kept in _latest) > BELIEFS and len(_latest) > 1:
        del _latest[0]


def _key(document: Latent) -> Hashable:
    observation = document.observation.first(document.step) if document.step else None
    return _number(document.manifold), document.input, observation, document.step, document.q
