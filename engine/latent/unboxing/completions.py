"""Completions: what the complete image may be, by p(z | what was seen): samples, their mean, and how they differ."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.derived import PENDING, Pending, derived
from engine.document import SETTINGS, Setting
from engine.gaussian import Array
from engine.latent.document import Latent
from engine.latent.model import Pixels8, as_shown
from engine.latent.observations.measurement import Pixels
from engine.latent.observations.observation import Measurements
from engine.latent.posterior.class_votes import Divided, divided
from engine.latent.posterior.grid_density import WeightedCells
from engine.latent.posterior.unboxing import Unboxing
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.unboxing.shared_posterior import lattice_of, seen_of, unboxings_of
from engine.memo import Recent, Resumable
from engine.part import Part
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.posterior.scoring.lattice import Lattice

UNSEEN = 1e-6  # of the mass: what holds less altogether, in the least likely cells, is not decoded
MOST = 16384  # cells that are decoded; if there are more, they are taken together four by four
KEPT = 16  # completions in memory

Pixelwise = NDArray[np.float32]  # (h, w[, 3])


@SETTINGS.register
class CompletionsSettings(Part, Setting, frozen=True, tag=True):
    """Completions: how many are drawn, and what is put into them."""

    samples: Annotated[
        int, Meta(ge=1, le=96, title="Samples", description="How many complete images are drawn from p(x | seen).")
    ] = 24
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Same seed, same samples.")] = 1
    as_seen: Annotated[
        bool, Meta(title="As seen where seen", description="Put the pixels that were seen in place of decoded ones.")
    ] = False
    with_noise: Annotated[
        bool,
        Meta(
            title="With pixel noise",
            description="σ of x itself: which picture it is, and what p(x|z) leaves open about each pixel.",
        ),
    ] = False

    def fresh(self) -> CompletionsSettings:
        """With other samples."""
        return replace(self, seed=(self.seed + 1) % 2**31)


def fresh_completions(document: Latent) -> Latent:
    """Return the document with other completions."""
    return document.with_setting(document[CompletionsSettings].fresh())


class Moments(msgspec.Struct, frozen=True, eq=False):
    """Of the pixels under p(x | seen), each (pixels,): E[x | seen], Var_z(E[x|z]) and E_z[Var(x|z)].

    The law of total variance: the last two add up to Var(x | seen).
    """

    mean: Array
    between: Array
    within: Array

    def deviation(self, with_noise: bool) -> Array:
        """One standard deviation (pixels,): of E[x|z], or of x."""
        return np.asarray(np.sqrt(self.between + self.within if with_noise else self.between))


class Guess(msgspec.Struct, frozen=True, eq=False):
    """One picture at z (2,) as it is shown, and ln p(seen | z) in nats."""

    z: Array
    ink: Pixels8
    log_likelihood: float


class Completed(msgspec.Struct, frozen=True, eq=False):
    """What the panel draws; `unavailable` says why there is nothing.

    `z` (n, 2) are samples of p(z | seen), `ink` (n, h, w[, 3]) what is decoded there. `mean` and `deviation` are of all
    the mass if they are `exact`, otherwise of the samples. `peaks` belong to the modes of `divided`, and `encoder` is
    at the mean of the encoder's q(z | picture that was seen), None if nothing was. `whole` says whether all that was
    seen was seen exactly, so that it can be put in.
    """

    unavailable: str = ""
    step: int = 0
    z: Array = msgspec.field(default_factory=lambda: np.empty((0, 2)))
    ink: Pixels8 = msgspec.field(default_factory=lambda: np.empty((0, 1, 1), np.uint8))
    mean: Pixels8 | None = None
    deviation: Pixelwise | None = None
    exact: bool = False
    divided: Divided | None = None
    peaks: tuple[Guess, ...] = ()
    encoder: Guess | None = None
    whole: bool = False
    log_evidence: float = 0.0
    error: float = 0.0


_latest: Recent[object, Completed] = Recent(KEPT)
_under_way: Recent[object, Resumable[Completed]] = Recent(1)  # only one, because it may hold a lattice


@derived(Completed)
def completions(document: Latent, _: Viewport) -> Generator[Completed | Pending, None, None]:
    """Samples and peaks as soon as there is a posterior, then mean and deviation; again whenever it gets better."""
    try:
        seen = seen_of(document)
    except ValueError as refusal:
        yield Completed(str(refusal))
        return
    if seen is None:
        yield Completed(NO_IMAGE)
        return
    making, shown = _Making(document, seen), None
    for better in unboxings_of(document):
        key = _key(document, better.mass) if isinstance(better, Unboxing) else shown
        if isinstance(better, Unboxing) and key != shown:
            shown = key
            yield from _resumed(key, _completed(making, document, better))
        else:
            yield PENDING


def _resumed(
    key: object, steps: Generator[Completed | Pending, None, None]
) -> Generator[Completed | Pending, None, None]:
    """Completions for one version of the posterior, from the cache if recent."""
    if key not in _latest:
        work = _under_way.remember(key, lambda: Resumable(steps))
        yield from work.go()
        assert work.best is not None
        _latest[key] = work.best
    else:
        yield _latest.remember(key, Completed)


def _completed(making: _Making, document: Latent, unboxing: Unboxing) -> Generator[Completed | Pending, None, None]:
    """Yield completions whose moments are those of the samples, then those with the moments of all mass."""
    first = making.sampled(unboxing, (yield from divided(document, unboxing)))
    yield first
    lattice = lattice_of(document.loaded_model, float(unboxing.axis[-1]))
    pixels = yield from moments_of(unboxing.mass, lattice, making.middle)
    yield making.with_moments(first, pixels, exact=True)


def _key(document: Latent, mass: WeightedCells) -> object:
    """All that it depends on: not the q that is put beside it."""
    observation = document.observation.first(document.step) if document.step else None
    looked_at = document.loaded_model, document.input, observation, document.step
    return *looked_at, document[CompletionsSettings], len(mass.z), float(mass.side[0])


class _Making:
    """What the completions of one document are made from."""

    def __init__(self, document: Latent, seen: Measurements) -> None:
        self.vae, self.chosen = document.loaded_model.vae, document[CompletionsSettings]
        self.step, self.measurements = document.step, seen.measurements[: document.step]
        self.seen, self.known = seen.pictures[self.step], seen.known[self.step]
        self.whole = bool(self.measurements) and all(
            isinstance(measurement, Pixels) for measurement in self.measurements
        )
        self.middle = np.empty(0)

    def sampled(self, unboxing: Unboxing, parts: Divided) -> Completed:
        """With mean and deviation of the samples alone."""
        from engine.latent.posterior.scoring.pixel_moments import moments

        z = unboxing.mass.sample(np.random.default_rng(self.chosen.seed), self.chosen.samples)
        mean, variance = moments(self.vae, z)
        self.middle = mean.mean(axis=0, dtype=float)
        encoder = self._encoder()
        found = Completed(
            step=self.step,
            z=z,
            ink=self._shown(self._image(mean)),
            divided=parts,
            peaks=self._guesses(np.array([mode.z for mode in parts.modes])),
            encoder=None if encoder is None else self._guesses(encoder)[0],
            whole=self.whole,
            log_evidence=unboxing.log_evidence,
            error=unboxing.error,
        )
        rough = Moments(self.middle, mean.var(axis=0, dtype=float), variance.mean(axis=0, dtype=float))
        return self.with_moments(found, rough, exact=False)

    def with_moments(self, found: Completed, pixels: Moments, *, exact: bool) -> Completed:
        """With mean and deviation."""
        deviation = self._image(pixels.deviation(self.chosen.with_noise))
        if self._puts_in:
            deviation = np.where(self._mask, np.float32(0), deviation)
        return replace(found, mean=self._shown(self._image(pixels.mean)), deviation=deviation, exact=exact)

    def _encoder(self) -> Array | None:
        """The mean (1, 2) of q(z | picture that was seen), in which what was not seen is 0."""
        return self.vae.encode(self.seen[None])[0] if self.measurements else None

    def _guesses(self, z: Array) -> tuple[Guess, ...]:
        from engine.latent.posterior.scoring.lattice import log_likelihoods

        ink, fits = self._shown(self.vae.decode(z)), log_likelihoods(self.vae, self.measurements, z)
        return tuple(Guess(*each) for each in zip(z, ink, fits.tolist(), strict=True))

    def _image(self, pixels: NDArray[np.floating]) -> Pixelwise:
        """(…, pixels) as pictures."""
        return pixels.reshape(*pixels.shape[:-1], *self.vae.image_shape).astype(np.float32)

    @property
    def _puts_in(self) -> bool:
        return self.chosen.as_seen and self.whole

    @property
    def _mask(self) -> NDArray[np.bool_]:
        """The pixels that were seen, in the shape of an image."""
        return np.broadcast_to(self.known.reshape(*self.known.shape, *(1,) * (self.seen.ndim - 2)), self.seen.shape)

    def _shown(self, decoded: Pixelwise) -> Pixels8:
        """As it is shown, with what was seen put in if that is wanted."""
        if self._puts_in:
            decoded = np.where(self._mask, self.seen, decoded).astype(np.float32)
        return as_shown(decoded.clip(0, 1), self.vae.light)


def moments_of(mass: WeightedCells, lattice: Lattice, middle: Array) -> Generator[Pending, None, Moments]:
    """Over a mass, as exact as it is: of all nodes if its cells are those of the lattice, otherwise decoded in each.

    `middle` (pixels,) is the mean as far as it is known.
    """
    from engine.latent.posterior.scoring.pixel_moments import Sums

    sums, step = Sums(lattice.vae, middle), lattice.axis[1] - lattice.axis[0]
    if np.allclose(mass.side, step):
        shares = np.zeros((len(lattice.axis),) * 2)
        column, row = np.rint((mass.z - lattice.axis[0]) / step).astype(np.intp).T
        shares[row, column] = mass.shares
        work = sums.over_lattice(lattice, shares)
    else:
        cells = coarsened(mass, MOST)
        work = sums.over_latents(cells.z, cells.shares)
    for _ in work:
        yield PENDING
    return Moments(*sums.result)


def coarsened(mass: WeightedCells, most: int) -> WeightedCells:
    """The same without UNSEEN of it, and in larger cells if that leaves more than `most`.

    A larger cell stands at the mean of those in it, so that what is linear within it stays exact.
    """
    order = np.argsort(mass.shares)
    kept = np.sort(order[np.searchsorted(np.cumsum(mass.shares[order]), UNSEEN) :])
    z, shares, side = mass.z[kept], mass.shares[kept], float(mass.side.max())
    while len(z) > most:
        side *= 2
        z, shares = _together(z, shares, side)
    return WeightedCells(z, np.full(len(z), side), shares / shares.sum())


def _together(z: Array, shares: Array, side: float) -> tuple[Array, Array]:
    """One place and its share for each square of that side."""
    column, row = np.floor(z / side).astype(np.intp).T
    _, which = np.unique((row - row.min()) * (np.ptp(column) + 1) + column - column.min(), return_inverse=True)
    total, x, y = (np.bincount(which, weights).astype(float) for weights in (shares, *(shares * z.T)))
    return np.column_stack([x / total, y / total]), total
