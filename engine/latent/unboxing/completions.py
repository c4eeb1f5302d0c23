"""Completions: complete images that agree with the observed pixels, as samples, modes, mean and standard deviation.

Mean and σ use the whole mass of the posterior: the lattice's outputs where its nodes are fine enough, otherwise images
decoded in every cell. More than 16,384 cells are merged four by four at their mean, which changes a pixel by less than
0.01. σ is that of E[x|z]; the noise of the pixels can be added and is mostly larger. See docs/decisions/026.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
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
from engine.latent.unboxing.bracket import Bracket, chains_of
from engine.latent.unboxing.latent_space import NO_IMAGE
from engine.latent.unboxing.shared_posterior import lattice_of, seen_of, unboxings_of
from engine.memo import Recent, Resumable, remember
from engine.part import Part
from engine.plane import Viewport

if TYPE_CHECKING:
    from engine.latent.posterior.scoring.lattice import Lattice

LEFT_OUT = 1e-6  # the mass of the least probable cells that are not decoded
MOST = 16384  # cells that are decoded, at most; more cells are merged four by four
KEPT = 16  # completions in the cache
TEMPERATURES = 160  # steps of annealed importance sampling for more than two latents

Pixelwise = NDArray[np.float32]  # (h, w[, 3])


@SETTINGS.register
class CompletionsSettings(Part, Setting, frozen=True, tag=True):
    """Completions: the number of samples, and how they are shown."""

    samples: Annotated[
        int, Meta(ge=1, le=96, title="Samples", description="The number of complete images drawn from the posterior.")
    ] = 24
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, title="Seed", description="The same seed draws the same samples.")
    ] = 1
    as_seen: Annotated[
        bool, Meta(title="Observed pixels", description="Show the observed pixels instead of the decoded ones.")
    ] = False
    with_noise: Annotated[
        bool,
        Meta(
            title="With pixel noise",
            description="Show σ of x, which includes the noise of p(x|z), instead of σ of E[x|z].",
        ),
    ] = False

    def fresh(self) -> CompletionsSettings:
        """With new samples."""
        return replace(self, seed=(self.seed + 1) % 2**31)


def fresh_completions(document: Latent) -> Latent:
    """Return the document with new completions."""
    return document.with_setting(document[CompletionsSettings].fresh())


class Moments(msgspec.Struct, frozen=True, eq=False):
    """Moments (pixels,) of the pixels under p(x|y): E[x|y], Var_z(E[x|z]) and E_z[Var(x|z)], given measurements y.

    By the law of total variance, the last two sum to Var(x|y).
    """

    mean: Array
    between: Array
    within: Array

    def deviation(self, with_noise: bool) -> Array:
        """Return the standard deviation (pixels,) of E[x|z], or of x with noise."""
        return np.asarray(np.sqrt(self.between + self.within if with_noise else self.between))


class Guess(msgspec.Struct, frozen=True, eq=False):
    """One decoded image at z (d,), and ln p(measurements | z) in nats."""

    z: Array
    ink: Pixels8
    log_likelihood: float


class Completed(msgspec.Struct, frozen=True, eq=False):
    """Completions for the measurements y at `step`; `unavailable` is the reason if there are none.

    `z` (n, 2) are samples of p(z|y), and `ink` (n, h, w[, 3]) the images decoded from them. `mean` and `deviation` are
    those of the whole mass if they are `exact`, otherwise of the samples. `peaks` are the images of the modes of
    `divided`. `encoder` is the image at the mean of the encoder's q for the observed image; None without measurements.
    `whole` says whether all observed pixels are exact, so that they can be shown. `log_evidence` and its `error` are in
    nats. For more than `latents` = 2, z is empty: the images are drawn from all latents by annealed importance
    sampling, with an `effective` sample size, and `log_evidence` is a lower bound.
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
    latents: int = 2
    effective: float = 0.0


_latest: Recent[object, Completed] = Recent(KEPT)
_under_way: Recent[object, Resumable[Completed]] = Recent(1)  # only one, because it may hold a lattice


@derived(Completed)
def completions(document: Latent, _: Viewport) -> Generator[Completed | Pending, None, None]:
    """Yield samples and modes first, then also mean and deviation; again for each more accurate posterior."""
    try:
        seen = seen_of(document)
    except ValueError as refusal:
        yield Completed(str(refusal))
        return
    if seen is None:
        yield Completed(NO_IMAGE)
        return
    if document.is_sliced:
        yield from _of_all_latents(document, seen)
        return
    making, shown = _Making(document, seen), None
    for better in unboxings_of(document):
        key = _key(document, better.mass) if isinstance(better, Unboxing) else shown
        if isinstance(better, Unboxing) and key != shown:
            shown = key
            state = lattice_of(document.loaded_model, float(better.axis[-1])).stamp[0]
            yield from _resumed(key, state, _completed(making, document, better))
        else:
            yield PENDING


def _of_all_latents(document: Latent, seen: Measurements) -> Generator[Completed | Pending, None, None]:
    """Yield the completions from all latents of a model with more than two, when the chains have ended."""
    model, chosen = document.whole_model, document[CompletionsSettings]
    making = _Making(document, seen)
    key = "completions", document.input, document.observation.first(document.step), document.step, chosen
    for bracket in chains_of(document, TEMPERATURES, chosen.seed).go():
        if isinstance(bracket, Pending):
            yield bracket
        else:
            yield remember(model, key, partial(making.weighted, bracket))
            return


def _resumed(
    key: object, state: int, steps: Generator[Completed | Pending, None, None]
) -> Generator[Completed | Pending, None, None]:
    """Yield the completions for one version of the posterior, from the cache if they are recent.

    They do not go on after the lattice has dropped outputs, which changes its `state`.
    """
    if key not in _latest:
        work = _under_way.remember((key, state), lambda: Resumable(steps))
        yield from work.go()
        assert work.best is not None
        _latest[key] = work.best
    else:
        yield _latest.remember(key, Completed)


def _completed(making: _Making, document: Latent, unboxing: Unboxing) -> Generator[Completed | Pending, None, None]:
    """Yield completions with the moments of the samples, then with the moments of the whole mass."""
    first = making.sampled(unboxing, (yield from divided(document, unboxing)))
    yield first
    lattice = lattice_of(document.loaded_model, float(unboxing.axis[-1]))
    pixels = yield from moments_of(unboxing.mass, lattice, making.middle)
    yield making.with_moments(first, pixels, exact=True)


def _key(document: Latent, mass: WeightedCells) -> object:
    """Everything on which the completions depend; q is not part of it."""
    observation = document.observation.first(document.step) if document.step else None
    image = document.loaded_model, document.input, observation, document.step
    return *image, document[CompletionsSettings], len(mass.z), float(mass.side[0])


class _Making:
    """Makes the completions of one document from its posterior."""

    def __init__(self, document: Latent, seen: Measurements) -> None:
        self.vae, self.chosen = document.whole_model.vae, document[CompletionsSettings]
        self.step, self.measurements = document.step, seen.measurements[: document.step]
        self.seen, self.known = seen.pictures[self.step], seen.known[self.step]
        self.whole = bool(self.measurements) and all(
            isinstance(measurement, Pixels) for measurement in self.measurements
        )
        self.middle = np.empty(0)

    def sampled(self, unboxing: Unboxing, parts: Divided) -> Completed:
        """The completions with the mean and the deviation of the samples."""
        from engine.latent.posterior.scoring.pixel_moments import moments

        z = unboxing.mass.sample(np.random.default_rng(self.chosen.seed), self.chosen.samples)
        mean, variance = moments(self.vae, z)
        self.middle = mean.mean(axis=0, dtype=float)
        encoder = self._encoder()
        completed = Completed(
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
        return self.with_moments(completed, rough, exact=False)

    def weighted(self, bracket: Bracket) -> Completed:
        """The completions from the weighted ends of chains: resampled images, and the weighted mean and deviation."""
        from engine.latent.posterior.scoring.pixel_moments import moments

        chains = bracket.chains
        mean, variance = (values.astype(float) for values in moments(self.vae, chains.z))
        drawn = resampled(chains.shares, self.chosen.samples, np.random.default_rng(self.chosen.seed))
        encoder = self._encoder()
        completed = Completed(
            step=self.step,
            ink=self._shown(self._image(mean[drawn])),
            divided=Divided((), (), np.empty(0), 0),
            encoder=None if encoder is None else self._guesses(encoder)[0],
            whole=self.whole,
            log_evidence=chains.lower,
            error=chains.error,
            latents=bracket.latents,
            effective=chains.effective,
        )
        middle = chains.shares @ mean
        pixels = Moments(middle, chains.shares @ (mean - middle) ** 2, chains.shares @ variance)
        return self.with_moments(completed, pixels, exact=False)

    def with_moments(self, completed: Completed, pixels: Moments, *, exact: bool) -> Completed:
        """The completions with mean and deviation from the given moments."""
        deviation = self._image(pixels.deviation(self.chosen.with_noise))
        if self._puts_in:
            deviation = np.where(self._mask, np.float32(0), deviation)
        return replace(completed, mean=self._shown(self._image(pixels.mean)), deviation=deviation, exact=exact)

    def _encoder(self) -> Array | None:
        """The mean (1, d) of the encoder's q for the observed image, in which hidden pixels are 0."""
        return self.vae.encode(self.seen[None])[0] if self.measurements else None

    def _guesses(self, z: Array) -> tuple[Guess, ...]:
        from engine.latent.posterior.scoring.at_latents import log_likelihoods

        ink, fits = self._shown(self.vae.decode(z)), log_likelihoods(self.vae, self.measurements, z)
        return tuple(Guess(*each) for each in zip(z, ink, fits.tolist(), strict=True))

    def _image(self, pixels: NDArray[np.floating]) -> Pixelwise:
        """Pixels (…, pixels) as images (…, h, w[, 3])."""
        return pixels.reshape(*pixels.shape[:-1], *self.vae.image_shape).astype(np.float32)

    @property
    def _puts_in(self) -> bool:
        return self.chosen.as_seen and self.whole

    @property
    def _mask(self) -> NDArray[np.bool_]:
        """The observed pixels, as a mask (h, w[, 3])."""
        return np.broadcast_to(self.known.reshape(*self.known.shape, *(1,) * (self.seen.ndim - 2)), self.seen.shape)

    def _shown(self, decoded: Pixelwise) -> Pixels8:
        """Decoded images as 8-bit pixels, with the observed pixels put in if that is chosen."""
        if self._puts_in:
            decoded = np.where(self._mask, self.seen, decoded).astype(np.float32)
        return as_shown(decoded.clip(0, 1), self.vae.light)


def resampled(shares: Array, n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return n positions, each drawn with probability `shares` (m,), by systematic resampling in random order.

    Each position occurs ⌊n·share⌋ or ⌈n·share⌉ times (Kitagawa 1996).
    """
    steps = (np.arange(n) + rng.random()) / n
    return np.asarray(rng.permutation(np.searchsorted(np.cumsum(shares), steps).clip(max=len(shares) - 1)), np.intp)


def moments_of(mass: WeightedCells, lattice: Lattice, middle: Array) -> Generator[Pending, None, Moments]:
    """Return the moments of the pixels over a mass.

    If its cells are decoded nodes of the lattice, their outputs are used; otherwise an image is decoded in each cell.
    `middle` (pixels,) is an estimate of the mean, around which differences are summed.
    """
    from engine.latent.posterior.scoring.pixel_moments import Sums

    sums, size = Sums(lattice.vae, middle), len(lattice.axis)
    step = (lattice.axis[-1] - lattice.axis[0]) / (size - 1)
    column, row = np.rint((mass.z - lattice.axis[0]) / step).astype(np.intp).T
    even = np.allclose(mass.side, mass.side[0]) and mass.side[0] > 0.75 * step
    if even and not lattice.lacking(row * size + column):
        shares = np.zeros((size, size))
        shares[row, column] = mass.shares
        work = sums.over_lattice(lattice, shares)
    else:
        cells = coarsened(mass, MOST)
        work = sums.over_latents(cells.z, cells.shares)
    for _ in work:
        yield PENDING
    return Moments(*sums.result)


def coarsened(mass: WeightedCells, most: int) -> WeightedCells:
    """Return a mass without the LEFT_OUT of its least probable cells, in at most `most` cells.

    Cells are merged in squares. A merged cell stands at the mean of its cells, so that linear functions stay exact.
    """
    order = np.argsort(mass.shares)
    kept = np.sort(order[np.searchsorted(np.cumsum(mass.shares[order]), LEFT_OUT) :])
    z, shares, side = mass.z[kept], mass.shares[kept], float(mass.side.max())
    while len(z) > most:
        side *= 2
        z, shares = _merged(z, shares, side)
    return WeightedCells(z, np.full(len(z), side), shares / shares.sum())


def _merged(z: Array, shares: Array, side: float) -> tuple[Array, Array]:
    """One latent (n, 2) and its share (n,) for each square of the given side."""
    column, row = np.floor(z / side).astype(np.intp).T
    _, which = np.unique((row - row.min()) * (np.ptp(column) + 1) + column - column.min(), return_inverse=True)
    total, x, y = (np.bincount(which, weights).astype(float) for weights in (shares, *(shares * z.T)))
    return np.column_stack([x / total, y / total]), total
