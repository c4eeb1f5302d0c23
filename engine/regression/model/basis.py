"""Basis functions φ(x) of the linear model."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import numpy as np
from msgspec import Meta
from msgspec.structs import replace
from numpy.typing import ArrayLike

from engine.gaussian import Array
from engine.part import Family, Part

NARROWEST, FARTHEST = 1e-20, 1e20  # in units of x
LARGEST = 1e130  # the largest power of x; the square of a larger one in units of t would overflow


class Basis:
    """A basis of k functions of x. Abstract: register a final `Part` below."""

    __slots__ = ()
    order_name: ClassVar[str]  # the name of the number that the panel Model size varies

    @property
    def size(self) -> int:
        """The number k of weights."""
        raise NotImplementedError

    @property
    def order(self) -> int:
        """The number that sets the flexibility of the basis."""
        raise NotImplementedError

    @property
    def orders(self) -> range:
        """The orders that the basis can have."""
        raise NotImplementedError

    def of_order(self, order: int) -> Basis:
        """Return this basis with another order."""
        raise NotImplementedError

    def features(self, x: ArrayLike) -> Array:
        """Return the design matrix Φ (n, k) at x (n,), Φ_nj = φ_j(x_n) (PRML 3.16)."""
        raise NotImplementedError

    def precise_features(self, x: float, mp: Any) -> list[Any]:
        """Return φ(x), k numbers of the mpmath context `mp`; here those of `features`, with double precision."""
        return [mp.mpf(value) for value in self.features([x])[0].tolist()]


BASES = Family(Basis, home="engine.regression.model")


@BASES.register
class Polynomial(Part, Basis, frozen=True, tag=True):
    """Polynomial: 1, x, x², … Degree 1 is the straight line of the lecture."""

    order_name: ClassVar[str] = "degree"
    degree: Annotated[int, Meta(ge=0, le=15, title="Degree", description="The highest power of x.")] = 1

    @property
    def size(self) -> int:
        return self.degree + 1

    @property
    def order(self) -> int:
        return self.degree

    @property
    def orders(self) -> range:
        return range(16)

    def of_order(self, order: int) -> Polynomial:
        return replace(self, degree=order)

    def features(self, x: ArrayLike) -> Array:
        with np.errstate(over="ignore"):
            powers = np.vander(np.atleast_1d(np.asarray(x, float)), self.size, increasing=True)
        return np.clip(powers, -LARGEST, LARGEST)

    def precise_features(self, x: float, mp: Any) -> list[Any]:
        return [min(max(mp.mpf(x) ** power, -LARGEST), LARGEST) for power in range(self.size)]


class Centred(Part, Basis, frozen=True, tag=True):
    """Functions φ((x − μ_j)/s) of one shape with evenly spaced centres μ_j. Abstract."""

    order_name: ClassVar[str] = "number of functions"
    count: Annotated[int, Meta(ge=1, le=50, title="Count", description="The number of functions.")] = 9
    width: Annotated[
        float, Meta(ge=NARROWEST, le=FARTHEST, title="Width s", description="The width of each function in units of x.")
    ] = 0.1
    low: Annotated[
        float, Meta(ge=-FARTHEST, le=FARTHEST, title="First centre", description="The centre of the leftmost function.")
    ] = 0.0
    high: Annotated[
        float, Meta(ge=-FARTHEST, le=FARTHEST, title="Last centre", description="The centre of the rightmost function.")
    ] = 1.0
    bias: Annotated[bool, Meta(title="Bias", description="Add the constant function 1.")] = True

    def shape(self, u: Array) -> Array:
        """Return φ(u), elementwise."""
        raise NotImplementedError

    def precise_shape(self, u: Any, mp: Any) -> Any:
        """Return φ(u) of one number of the mpmath context `mp`."""
        raise NotImplementedError

    @property
    def centres(self) -> Array:
        """The centres μ (count,), from `low` to `high`; a single centre is in the middle."""
        if self.count == 1:
            return np.array([(self.low + self.high) / 2])
        return np.linspace(self.low, self.high, self.count)

    @property
    def size(self) -> int:
        return self.count + self.bias

    @property
    def order(self) -> int:
        return self.count

    @property
    def orders(self) -> range:
        return range(1, 51)

    def of_order(self, order: int) -> Centred:
        return replace(self, count=order)

    def features(self, x: ArrayLike) -> Array:
        u = (np.atleast_1d(np.asarray(x, float))[:, None] - self.centres) / self.width
        shaped = self.shape(u)
        return np.column_stack([np.ones(len(u)), shaped]) if self.bias else shaped

    def precise_features(self, x: float, mp: Any) -> list[Any]:
        away = [(mp.mpf(x) - mp.mpf(centre)) / mp.mpf(self.width) for centre in self.centres.tolist()]
        return [mp.mpf(1)] * self.bias + [self.precise_shape(u, mp) for u in away]


@BASES.register
class GaussianBumps(Centred, frozen=True, tag=True):
    """Gaussian bumps: exp(−(x − μ_j)²/2s²) (PRML 3.4); the lecture has 9 of them with s = 0.1."""

    def shape(self, u: Array) -> Array:
        return np.asarray(np.exp(-0.5 * u**2))

    def precise_shape(self, u: Any, mp: Any) -> Any:
        return mp.exp(-(u**2) / 2)


@BASES.register
class Sigmoids(Centred, frozen=True, tag=True):
    """Sigmoids: σ((x − μ_j)/s), σ(a) = 1/(1 + e⁻ᵃ) (PRML 3.5–3.6)."""

    def shape(self, u: Array) -> Array:
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * u))

    def precise_shape(self, u: Any, mp: Any) -> Any:
        return 1 / (1 + mp.exp(-u))


@BASES.register
class Fourier(Part, Basis, frozen=True, tag=True):
    """Fourier: 1, and sin and cos of 2πjx/L for j = 1…m."""

    order_name: ClassVar[str] = "pairs of waves"
    pairs: Annotated[int, Meta(ge=1, le=24, title="Pairs m", description="The number of frequencies.")] = 4
    period: Annotated[
        float,
        Meta(ge=NARROWEST, le=FARTHEST, title="Period L", description="The longest period in x."),
    ] = 2.0

    @property
    def size(self) -> int:
        return 1 + 2 * self.pairs

    @property
    def order(self) -> int:
        return self.pairs

    @property
    def orders(self) -> range:
        return range(1, 25)

    def of_order(self, order: int) -> Fourier:
        return replace(self, pairs=order)

    def features(self, x: ArrayLike) -> Array:
        x = np.atleast_1d(np.asarray(x, float))
        angle = 2 * np.pi / self.period * x[:, None] * np.arange(1, self.pairs + 1)
        waves = np.stack([np.sin(angle), np.cos(angle)], axis=2).reshape(len(x), 2 * self.pairs)
        return np.column_stack([np.ones(len(x)), waves])

    def precise_features(self, x: float, mp: Any) -> list[Any]:
        angles = [2 * j * mp.mpf(x) / mp.mpf(self.period) for j in range(1, self.pairs + 1)]
        return [mp.mpf(1), *(wave(angle) for angle in angles for wave in (mp.sinpi, mp.cospi))]
