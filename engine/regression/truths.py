"""Truths: the functions from which data are drawn, unknown to the model."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from engine.gaussian import Array
from engine.part import Family, Part


class Truth:
    """A function of x. Abstract: register a final `Part` below."""

    __slots__ = ()

    def at(self, x: ArrayLike) -> Array:
        """The noiseless value at x (n,) -> (n,)."""
        raise NotImplementedError

    @property
    def weights(self) -> tuple[float, ...] | None:
        """The same function as weights of a polynomial, if it is one: where the cross is drawn."""
        return None


TRUTHS = Family(Truth)


@TRUTHS.register
class Line(Part, Truth, frozen=True, tag=True):
    """Line: t = a₀ + a₁ x; the lecture's is −0.3 + 0.5 x."""

    intercept: Annotated[
        float, Meta(ge=-1000, le=1000, title="Intercept a₀", description="The truth's value at x = 0.")
    ] = -0.3
    slope: Annotated[
        float, Meta(ge=-1000, le=1000, title="Slope a₁", description="How much the truth rises per unit of x.")
    ] = 0.5

    def at(self, x: ArrayLike) -> Array:
        return self.intercept + self.slope * np.asarray(x, float)

    @property
    def weights(self) -> tuple[float, ...]:
        return (self.intercept, self.slope)


class Source(Part, frozen=True, tag=True):
    """Source: where drawn observations come from, x ~ U(low, high) and t ~ N(truth(x), σ²)."""

    truth: Truth = Line()
    noise: Annotated[
        float,
        Meta(
            ge=0,
            le=1000,
            title="Noise σ",
            description="Standard deviation of the noise added to the truth when a point is drawn.",
        ),
    ] = 0.2
    low: Annotated[float, Meta(ge=-1000, le=1000, title="x from", description="The smallest x that is drawn.")] = -1.0
    high: Annotated[float, Meta(ge=-1000, le=1000, title="x to", description="The largest x that is drawn.")] = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.low < self.high:
            raise ValueError(f"x from must lie below x to, but {self.low:g} does not lie below {self.high:g}.")

    def draw(self, seed: int, n: int) -> tuple[float, float]:
        """The n-th observation (x, t) of this seed: the same every time, whatever was drawn before."""
        rng = np.random.default_rng([seed, n])
        x = float(rng.uniform(self.low, self.high))
        return x, float(self.truth.at(x) + self.noise * rng.standard_normal())
