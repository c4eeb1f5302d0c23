"""True functions: the functions from which data are drawn, and the source that draws them."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from engine.gaussian import Array
from engine.part import Family, Part, number_text
from engine.plane import Viewport
from engine.regression.data.expression import evaluated, parsed
from engine.regression.data.observations import LIMIT
from engine.regression.model.basis import Basis, Polynomial

NO_TRUTH = (
    "The true function of your own data is unknown, so nothing can be drawn from it. Choose another “Truth” in the "
    "panel Truth and data, or click in Data space."
)


class Truth:
    """A true function of x, which the model does not know. Abstract: register a final `Part` below."""

    __slots__ = ()

    def at(self, x: ArrayLike) -> Array:
        """The value without noise at x (n,) -> (n,)."""
        raise NotImplementedError

    @property
    def weights(self) -> tuple[float, ...] | None:
        """The coefficients of the function, lowest power first; None if it is not a polynomial."""
        return None

    def weights_in(self, basis: Basis) -> Array | None:
        """The weights (k,) for which `basis` equals this function, marked by the cross; None if none do."""
        if self.weights is None or not isinstance(basis, Polynomial):
            return None
        trimmed = np.trim_zeros(self.weights, "b")
        return None if len(trimmed) > basis.size else np.pad(trimmed, (0, basis.size - len(trimmed)))


TRUTHS = Family(Truth, home="engine.regression.data")


@TRUTHS.register
class Line(Part, Truth, frozen=True, tag=True):
    """Line: t = a₀ + a₁ x. The default is −0.3 + 0.5 x."""

    intercept: Annotated[
        float, Meta(ge=-1000, le=1000, title="Intercept a₀", description="The value of t at x = 0.")
    ] = -0.3
    slope: Annotated[
        float, Meta(ge=-1000, le=1000, title="Slope a₁", description="The increase of t per unit of x.")
    ] = 0.5

    def at(self, x: ArrayLike) -> Array:
        return self.intercept + self.slope * np.asarray(x, float)

    @property
    def weights(self) -> tuple[float, ...]:
        return (self.intercept, self.slope)


@TRUTHS.register
class Sinusoid(Part, Truth, frozen=True, tag=True):
    """Sinusoid: t = A sin(2πx/L). The default is sin(2πx)."""

    amplitude: Annotated[
        float, Meta(ge=-1000, le=1000, title="Amplitude A", description="The largest value of the function.")
    ] = 1.0
    period: Annotated[float, Meta(ge=1e-3, le=1000, title="Period L", description="The period in x.")] = 1.0

    def at(self, x: ArrayLike) -> Array:
        return np.asarray(self.amplitude * np.sin(2 * np.pi / self.period * np.asarray(x, float)))


@TRUTHS.register
class Cubic(Part, Truth, frozen=True, tag=True):
    """Polynomial: t = a₀ + a₁ x + a₂ x² + a₃ x³."""

    constant: Annotated[float, Meta(ge=-1000, le=1000, title="Constant a₀")] = 0.0
    linear: Annotated[float, Meta(ge=-1000, le=1000, title="Linear a₁")] = -1.0
    quadratic: Annotated[float, Meta(ge=-1000, le=1000, title="Quadratic a₂")] = 0.0
    cubic: Annotated[float, Meta(ge=-1000, le=1000, title="Cubic a₃")] = 1.5

    def at(self, x: ArrayLike) -> Array:
        return np.asarray(np.polynomial.polynomial.polyval(np.asarray(x, float), self.weights))

    @property
    def weights(self) -> tuple[float, ...]:
        return (self.constant, self.linear, self.quadratic, self.cubic)


@TRUTHS.register
class Step(Part, Truth, frozen=True, tag=True):
    """Step: t jumps from one level to another at one x."""

    place: Annotated[float, Meta(ge=-1000, le=1000, title="Jump at x")] = 0.0
    before: Annotated[float, Meta(ge=-1000, le=1000, title="Level before")] = -0.5
    after: Annotated[float, Meta(ge=-1000, le=1000, title="Level after")] = 0.5

    def at(self, x: ArrayLike) -> Array:
        return np.where(np.asarray(x, float) < self.place, self.before, self.after)


@TRUTHS.register
class Sinc(Part, Truth, frozen=True, tag=True):
    """Sinc: t = A sin(πx/s)/(πx/s)."""

    amplitude: Annotated[float, Meta(ge=-1000, le=1000, title="Amplitude A", description="The value at x = 0.")] = 1.0
    scale: Annotated[float, Meta(ge=1e-3, le=1000, title="First zero s", description="First positive zero.")] = 0.3

    def at(self, x: ArrayLike) -> Array:
        return np.asarray(self.amplitude * np.sinc(np.asarray(x, float) / self.scale))


@TRUTHS.register
class Expression(Part, Truth, frozen=True, tag=True):
    """Expression: any function of x, as typed text."""

    text: Annotated[
        str,
        Meta(
            title="t =",
            description="A function of x: numbers, + − * / ^, sin, cos, exp, log, sqrt, abs, sign, tanh, sinc, pi.",
        ),
    ] = "x * sin(5*x)"

    def __post_init__(self) -> None:
        super().__post_init__()
        parsed(self.text)

    def at(self, x: ArrayLike) -> Array:
        return evaluated(self.text, np.asarray(x, float))


@TRUTHS.register
class Unknown(Part, Truth, frozen=True, tag=True):
    """Unknown: the observations are your own, so that no true function is drawn and none is compared."""

    def at(self, x: ArrayLike) -> Array:
        return np.full(np.shape(x), np.nan)


class Source(Part, frozen=True, tag=True):
    """Source: the distribution of drawn observations, x ~ U(low, high) and t ~ N(f(x), σ²) with the true function f."""

    truth: Truth = Line()
    noise: Annotated[
        float,
        Meta(
            ge=0,
            le=1000,
            title="Noise σ",
            description="Standard deviation of the noise of drawn points.",
        ),
    ] = 0.2
    low: Annotated[
        float, Meta(ge=-LIMIT, le=LIMIT, title="x from", description="The smallest x of drawn points.")
    ] = -1.0
    high: Annotated[float, Meta(ge=-LIMIT, le=LIMIT, title="x to", description="The largest x of drawn points.")] = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.low < self.high:
            low, high = number_text(self.low), number_text(self.high)
            raise ValueError(f"x from must lie below x to, but {low} is not less than {high}.")

    @property
    def knows_truth(self) -> bool:
        """Whether there is a true function, to draw from and to compare with."""
        return not isinstance(self.truth, Unknown)

    @property
    def home(self) -> Viewport:
        """The first viewport of data space: all x with a margin, and t at least from −1.6 to 1.6."""
        return _home(self)

    def draw(self, seed: int, n: int) -> tuple[float, float]:
        """Observation `n` (x, t) of this seed, independent of earlier draws. Raises ValueError if t is not finite."""
        rng = np.random.default_rng([seed, n])
        x = float(rng.uniform(self.low, self.high))
        return x, self._scattered(x, rng)

    def measure(self, seed: int, n: int, x: float) -> float:
        """The t of observation `n` of this seed at a given x. Raises ValueError if t is not finite."""
        return self._scattered(x, np.random.default_rng([seed, n, 1]))

    @classmethod
    def of_own_data(cls, x: Array) -> Source:
        """The source of observations at x (n,) whose true function is unknown: the range is that of x."""
        low, high = float(np.min(x)), float(np.max(x))
        room = 0.0 if low < high else max(0.5, 1e-6 * abs(low))
        return cls(Unknown(), low=max(low - room, -LIMIT), high=min(high + room, LIMIT))

    def _scattered(self, x: float, rng: np.random.Generator) -> float:
        if isinstance(self.truth, Unknown):
            raise ValueError(NO_TRUTH)
        f = float(self.truth.at(np.array([x]))[0])
        if not abs(f) <= LIMIT:  # also true for NaN
            place = f"x = {number_text(x)}"
            raise ValueError(f"The true function is not finite at {place}. Change the expression or the range of x.")
        return f + self.noise * float(rng.standard_normal())


@lru_cache(maxsize=8)
def _home(source: Source) -> Viewport:
    """Cached because every edit asks for it, and few change the source."""
    t = source.truth.at(np.linspace(source.low, source.high, 201))
    t = np.clip(t[np.isfinite(t)], -LIMIT, LIMIT)
    low, high = np.min(t, initial=0.0) - 3 * source.noise, np.max(t, initial=0.0) + 3 * source.noise
    margin = 0.1 * (source.high - source.low)
    return Viewport(source.low - margin, source.high + margin, min(float(low), -1.6), max(float(high), 1.6))
