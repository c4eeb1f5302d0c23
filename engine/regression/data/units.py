"""Units: what one unit of the model stands for in the observations, when they are standardised for it."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from engine.gaussian import Array
from engine.part import Part

FARTHEST = 1e10  # in units of the model; no x is farther from the mean, so that squares of fifteenth powers are finite
FINEST = 1e-100  # a spread below this is none
Shift = Annotated[float, Meta(ge=-1e20, le=1e20)]
Scale = Annotated[float, Meta(ge=FINEST, le=1e20)]


class Units(Part, frozen=True, tag=True):
    """Units: the model's x is (x − x_shift)/x_scale, its t is (t − t_shift)/t_scale."""

    x_shift: Shift = 0.0
    x_scale: Scale = 1.0
    t_shift: Shift = 0.0
    t_scale: Scale = 1.0

    @classmethod
    def standard(cls, x: Array, t: Array) -> Units:
        """Those in which x and t (n,) have mean 0 and standard deviation 1 (0 if they are all the same)."""
        return cls(*_moments(x), *_moments(t))

    @property
    def are_original(self) -> bool:
        """Whether the model works on the observations as they are."""
        return self == ORIGINAL

    def x_of_model(self, x: ArrayLike) -> Array:
        """x (n,) as the model has it."""
        scaled = self._scaled(x, self.x_shift, self.x_scale)
        return scaled if self.are_original else np.clip(scaled, -FARTHEST, FARTHEST)

    def t_of_model(self, t: ArrayLike) -> Array:
        """t (n,) as the model has it."""
        return self._scaled(t, self.t_shift, self.t_scale)

    def t_back(self, t: ArrayLike) -> Array:
        """The model's t, of any shape, in original units."""
        return np.asarray(t, float) if self.are_original else self.t_shift + self.t_scale * np.asarray(t, float)

    def deviation_back(self, deviation: ArrayLike) -> Array:
        """A standard deviation of the model's t in original units."""
        return self.t_scale * np.asarray(deviation, float)

    def polynomial_of_model(self, weights: Array) -> Array:
        """The weights (k,) that the model needs for the polynomial with `weights` (k,), lowest power first."""
        x = np.polynomial.Polynomial([self.x_shift, self.x_scale])
        composed = np.polynomial.Polynomial(weights)(x)
        made = np.zeros(len(weights))
        made[: len(composed.coef)] = composed.coef
        made[0] -= self.t_shift
        return made / self.t_scale

    def _scaled(self, values: ArrayLike, shift: float, scale: float) -> Array:
        plain = np.asarray(values, float)
        return plain if self.are_original else (plain - shift) / scale


ORIGINAL = Units()


def _moments(values: Array) -> tuple[float, float]:
    """Mean and standard deviation; 1 instead of none, which rounding would leave of equal values as well.

    About the first value, so that a large offset costs no digit of the spread.
    """
    about = values - values[0]
    reach = float(np.max(np.abs(about)))
    if reach < FINEST:
        return float(values[0]), 1.0
    return float(values[0] + np.mean(about)), reach * float(np.std(about / reach))
