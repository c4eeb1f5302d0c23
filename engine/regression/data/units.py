"""Units of the model: a shift and a scale of x and of t, which standardise the observations for the model.

Units change the data that the model sees and not the observations. Observations, true function and data space are in
original units, and predictions are converted back. Weights, α, β, the basis and all nats are in the units of the model.
The conversion back is exact, and the units stay the same while points are added. Code over x in data space must convert
through `Units`. See docs/decisions/028.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from engine.gaussian import Array
from engine.part import Part

FARTHEST = 1e10  # the largest |x| in units of the model, so that squares of fifteenth powers are finite
FINEST = 1e-100  # a smaller spread counts as zero
Shift = Annotated[float, Meta(ge=-1e20, le=1e20)]
Scale = Annotated[float, Meta(ge=FINEST, le=1e20)]


class Units(Part, frozen=True, tag=True):
    """Units: x of the model is (x − x_shift)/x_scale, and t of the model is (t − t_shift)/t_scale."""

    x_shift: Shift = 0.0
    x_scale: Scale = 1.0
    t_shift: Shift = 0.0
    t_scale: Scale = 1.0

    @classmethod
    def standard(cls, x: Array, t: Array) -> Units:
        """The units in which x and t (n,) have mean 0 and standard deviation 1, or 0 if all values are equal."""
        return cls(*_moments(x), *_moments(t))

    @property
    def are_original(self) -> bool:
        """Whether the model is in original units."""
        return self == ORIGINAL

    def x_of_model(self, x: ArrayLike) -> Array:
        """x (n,) in the units of the model."""
        scaled = self._scaled(x, self.x_shift, self.x_scale)
        return scaled if self.are_original else np.clip(scaled, -FARTHEST, FARTHEST)

    def t_of_model(self, t: ArrayLike) -> Array:
        """t (n,) in the units of the model."""
        return self._scaled(t, self.t_shift, self.t_scale)

    def t_back(self, t: ArrayLike) -> Array:
        """t of the model, of any shape, in original units."""
        return np.asarray(t, float) if self.are_original else self.t_shift + self.t_scale * np.asarray(t, float)

    def deviation_back(self, deviation: ArrayLike) -> Array:
        """Standard deviations of t of the model, of any shape, in original units."""
        return self.t_scale * np.asarray(deviation, float)

    def polynomial_of_model(self, weights: Array) -> Array:
        """The weights (k,) in units of the model of the polynomial with `weights` (k,) in original units.

        Lowest power first.
        """
        x = np.polynomial.Polynomial([self.x_shift, self.x_scale])
        composed = np.polynomial.Polynomial(weights)(x)
        shifted = np.zeros(len(weights))
        shifted[: len(composed.coef)] = composed.coef
        shifted[0] -= self.t_shift
        return shifted / self.t_scale

    def _scaled(self, values: ArrayLike, shift: float, scale: float) -> Array:
        plain = np.asarray(values, float)
        return plain if self.are_original else (plain - shift) / scale


ORIGINAL = Units()


def _moments(values: Array) -> tuple[float, float]:
    """The mean and the standard deviation of `values` (n,); 1 in place of a standard deviation below FINEST.

    Both are computed relative to the first value, so that a large offset costs no digit of the spread.
    """
    about = values - values[0]
    reach = float(np.max(np.abs(about)))
    if reach < FINEST:
        return float(values[0]), 1.0
    return float(values[0] + np.mean(about)), reach * float(np.std(about / reach))
