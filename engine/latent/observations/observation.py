"""Observations: how an image is looked at: whole, in part, coarsened, blurred or with noise."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.gaussian import Array
from engine.latent.inputs.sketch import Point, Stroke, begun, gone_on
from engine.latent.observations.measurement import NoisyPixels, Pixels, Projection, Sight
from engine.latent.vae.likelihoods import Bernoulli, Gaussian, GreyBernoulli, Likelihood
from engine.part import Family, Part

MOST = 256  # strokes
LUMA = np.array([0.299, 0.587, 0.114])  # of red, green and blue
REACH = 3.0  # standard deviations of a blur that are added up

EXACT = "exact"
STAND_IN = "exact for pixels that are ink or paper, for which grey values stand in"
MOMENTS = "by the mean and variance of each sum, as if it were normal"

Deviation = Annotated[
    float, Meta(ge=1e-3, le=10, title="Noise σ", description="Of what is measured, on a scale from 0 to 1.")
]
Seed = Annotated[int, Meta(ge=0, le=2**31 - 1, title="Seed", description="Decides the noise: same seed, same noise.")]


class Seen(msgspec.Struct, frozen=True, eq=False):
    """What was seen, one sight a step, and after each step the picture that it makes.

    `pictures` (steps + 1, h, w[, 3]) run from 0 to 1, and `known` (steps + 1, h, w) says which of their pixels were
    seen at all; the others are 0. The first of both is before anything is seen.
    """

    sights: tuple[Sight, ...]
    pictures: Array
    known: NDArray[np.bool_]


class Observation:
    """A way to look at an image x. Abstract: register a final `Part`."""

    __slots__ = ()

    symbol: ClassVar[str] = "y"  # of what is seen

    @property
    def steps(self) -> int:
        """How many sights it is made of."""
        return 1

    def first(self, n: int) -> Observation:
        """The same with at most its first n sights, n > 0, if one after the other is what they are."""
        return self

    def density(self, likelihood: Likelihood) -> str:
        """In words, how p(seen | z) is had."""
        return STAND_IN if isinstance(likelihood, GreyBernoulli) else EXACT

    def see(self, x: Array) -> Seen:
        """Look at x (h, w[, 3]), of what the likelihood scores. Raises ValueError, in one sentence, if it cannot."""
        raise NotImplementedError


OBSERVATIONS = Family(Observation, home="engine.latent.observations")


def _once(sight: Sight, picture: Array, known: NDArray[np.bool_] | None = None) -> Seen:
    """Of a single sight that makes a picture (h, w[, 3]), by default of all pixels."""
    held = np.ones(picture.shape[:2], bool) if known is None else known
    shown = np.clip(picture, 0, 1)
    return Seen((sight,), np.stack([np.zeros_like(shown), shown]), np.stack([np.zeros_like(held), held]))


def _pixels(x: Array, mask: NDArray[np.bool_]) -> Pixels:
    """Those of a mask (h, w), in all channels."""
    everywhere = np.broadcast_to(mask.reshape(*mask.shape, *(1,) * (x.ndim - 2)), x.shape)
    index = np.flatnonzero(everywhere)
    return Pixels(index, x.ravel()[index])


@OBSERVATIONS.register
class Full(Part, Observation, frozen=True, tag=True):
    """The whole image: every pixel as it is."""

    symbol = "x"

    def see(self, x: Array) -> Seen:
        return _once(_pixels(x, np.ones(x.shape[:2], bool)), x)


@OBSERVATIONS.register
class Brushed(Part, Observation, frozen=True, tag=True):
    """Brushed pixels: those under your strokes, as they are, each stroke one observation (inpainting)."""

    symbol = "s"
    strokes: Annotated[tuple[Stroke, ...], Meta(max_length=MOST)] = ()

    @property
    def steps(self) -> int:
        return len(self.strokes)

    def first(self, n: int) -> Brushed:
        return Brushed(self.strokes[:n])

    def see(self, x: Array) -> Seen:
        known = np.zeros((len(self.strokes) + 1, *x.shape[:2]), bool)
        for n, stroke in enumerate(self.strokes):
            known[n + 1] = known[n] | under(stroke, x.shape)
        sights = tuple(_pixels(x, after & ~before) for before, after in pairwise(known))
        shown = known.reshape(*known.shape, *(1,) * (x.ndim - 2))
        return Seen(sights, np.where(shown, x, 0.0), known)

    def begin(self, point: Point, width: float) -> Brushed:
        """With the brush put down. Raises ValueError if there is no room for another stroke."""
        if len(self.strokes) >= MOST:
            raise ValueError(f"There are {MOST} strokes already: take some back first.")
        return Brushed((*self.strokes, begun(point, width)))

    def go_on(self, point: Point) -> Brushed:
        """With the brush moved; the same if it has hardly moved."""
        *before, last = self.strokes
        longer = gone_on(last, point)
        return self if longer is None else Brushed((*before, longer))

    def without(self, n: int) -> Brushed:
        """Without stroke n, counted from 0."""
        return Brushed(self.strokes[:n] + self.strokes[n + 1 :])

    def reorder(self, n: int, to: int) -> Brushed:
        """With stroke n moved to another place."""
        rest = self.strokes[:n] + self.strokes[n + 1 :]
        return Brushed((*rest[:to], self.strokes[n], *rest[to:]))


@OBSERVATIONS.register
class Half(Part, Observation, frozen=True, tag=True):
    """One half: its pixels as they are, the others unseen (inpainting)."""

    which: Annotated[
        Literal["top", "bottom", "left", "right"], Meta(title="Half", description="The half that is seen.")
    ] = "top"

    def see(self, x: Array) -> Seen:
        h, w = x.shape[:2]
        row, column = np.indices((h, w))
        top, left = row < h // 2, column < w // 2
        mask = {"top": top, "bottom": ~top, "left": left, "right": ~left}[self.which]
        shown = mask.reshape(h, w, *(1,) * (x.ndim - 2))
        return _once(_pixels(x, mask), np.where(shown, x, 0.0), mask)


@OBSERVATIONS.register
class BlockAverage(Part, Observation, frozen=True, tag=True):
    """Averages of blocks: every k×k pixels are measured together (super-resolution)."""

    side: Annotated[int, Meta(ge=2, le=16, title="Block's side k", description="Pixels on a side of a block.")] = 4
    deviation: Deviation = 0.02

    def density(self, likelihood: Likelihood) -> str:
        return EXACT if isinstance(likelihood, Bernoulli | Gaussian) else MOMENTS

    def see(self, x: Array) -> Seen:
        h, w, channels = x.shape[0], x.shape[1], x.size // (x.shape[0] * x.shape[1])
        row, column, channel = np.unravel_index(np.arange(x.size), (h, w, channels))
        across = -(-w // self.side)
        block = ((row // self.side) * across + column // self.side) * channels + channel
        order = np.argsort(block, kind="stable")
        sizes = np.bincount(block)
        means = np.bincount(block, x.ravel()) / sizes
        sight = Projection(means, block[order], order, 1 / sizes[block[order]], self.deviation, disjoint=True)
        return _once(sight, means[block].reshape(x.shape))


@OBSERVATIONS.register
class Blur(Part, Observation, frozen=True, tag=True):
    """Blurred: every pixel is a weighted mean of its neighbourhood (deblurring)."""

    width: Annotated[float, Meta(ge=0.3, le=8, title="Blur σ", description="In pixels.")] = 2.0
    deviation: Deviation = 0.05

    def density(self, likelihood: Likelihood) -> str:
        return EXACT if isinstance(likelihood, Gaussian) else f"{MOMENTS} and knew nothing of its neighbours"

    def see(self, x: Array) -> Seen:
        h, w, channels = x.shape[0], x.shape[1], x.size // (x.shape[0] * x.shape[1])
        down, across = _blurring(h, self.width), _blurring(w, self.width)
        weights = np.kron(np.kron(down, across), np.eye(channels))
        values = weights @ x.ravel()
        rows, columns = np.nonzero(weights)
        flat = weights[rows, columns]
        sight = Projection(values, rows, columns, flat, self.deviation, disjoint=False, factors=(down, across))
        return _once(sight, values.reshape(x.shape))


def _blurring(n: int, width: float) -> Array:
    """Along one side: weights (n, n) of each pixel in each, that sum to 1 at the edges too."""
    away = np.arange(n)[:, None] - np.arange(n)
    weights = np.where(np.abs(away) <= REACH * width, np.exp(-0.5 * (away / width) ** 2), 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@OBSERVATIONS.register
class GaussianNoise(Part, Observation, frozen=True, tag=True):
    """Gaussian noise: every pixel is measured with an error (denoising)."""

    deviation: Deviation = 0.5
    seed: Seed = 1

    def see(self, x: Array) -> Seen:
        values = x + self.deviation * np.random.default_rng(self.seed).standard_normal(x.shape)
        return _once(NoisyPixels(values.ravel(), "gaussian", self.deviation), values)


@OBSERVATIONS.register
class SaltAndPepper(Part, Observation, frozen=True, tag=True):
    """Salt and pepper: some pixels are replaced by chance, nobody knows which (denoising).

    Black or white if pixels are ink or paper, otherwise any value.
    """

    rate: Annotated[
        float, Meta(ge=0.01, le=0.99, title="Replaced", description="The share of pixels, from 0 to 1.")
    ] = 0.3
    seed: Seed = 1

    def see(self, x: Array) -> Seen:
        rng = np.random.default_rng(self.seed)
        chosen, others = rng.random(x.shape) < self.rate, rng.random(x.shape)
        if np.isin(x, (0, 1)).all():
            others = np.rint(others)
        values = np.where(chosen, others, x)
        return _once(NoisyPixels(values.ravel(), "impulse", self.rate), values)


@OBSERVATIONS.register
class GreyFromColour(Part, Observation, frozen=True, tag=True):
    """Grey from colour: only how light each pixel is (colourisation)."""

    deviation: Deviation = 0.02

    def density(self, likelihood: Likelihood) -> str:
        return EXACT if isinstance(likelihood, Gaussian) else MOMENTS

    def see(self, x: Array) -> Seen:
        if x.ndim < 3:
            raise ValueError("These images are grey already: this observation is for models of coloured images.")
        luma = x @ LUMA
        rows = np.repeat(np.arange(luma.size), 3)
        sight = Projection(
            luma.ravel(), rows, np.arange(x.size), np.tile(LUMA, luma.size), self.deviation, disjoint=True
        )
        return _once(sight, np.repeat(luma[..., None], 3, axis=-1))


@lru_cache(maxsize=2 * MOST)
def under(stroke: Stroke, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which pixels (h, w) have their middle under a stroke; at least the one its first point is in. Kept: read only."""
    h, w = shape[:2]
    starts = np.column_stack([np.array(stroke.points)[:, :2], stroke.reach])[:, :, None, None]
    course = np.diff(starts, axis=0, append=starts[-1:])  # to the next point, and as wide as there
    x, y = (np.arange(w) + 0.5) / w - starts[:, 0], ((np.arange(h) + 0.5) / h)[:, None] - starts[:, 1]
    length = np.maximum(course[:, 0] ** 2 + course[:, 1] ** 2, 1e-12)
    along = np.clip((x * course[:, 0] + y * course[:, 1]) / length, 0, 1)
    reach = starts[:, 2] + along * course[:, 2]
    near = (x - along * course[:, 0]) ** 2 + (y - along * course[:, 1]) ** 2 <= reach**2
    mask = np.asarray(near.any(axis=0))
    across, down, _ = stroke.points[0]
    mask[min(int(down * h), h - 1), min(int(across * w), w - 1)] = True
    mask.setflags(write=False)
    return mask
