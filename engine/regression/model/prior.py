"""Priors p(w): what is believed about the weights before any observation."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.gaussian import Array, Gaussian
from engine.part import Family, Part

FARTHEST = 1e20  # mean of a weight
NARROWEST, WIDEST = 1e-20, 1e20  # standard deviation of a weight


class Prior:
    """A Gaussian over k weights, given the precision α of those it does not speak of. Abstract."""

    __slots__ = ()

    def gaussian(self, size: int, precision: float) -> Gaussian:
        """p(w) over k = `size` weights."""
        raise NotImplementedError


PRIORS = Family(Prior, home="engine.regression.model")


@PRIORS.register
class Isotropic(Part, Prior, frozen=True, tag=True):
    """Isotropic: all weights N(0, α⁻¹), independent of each other (PRML 3.52)."""

    def gaussian(self, size: int, precision: float) -> Gaussian:
        return Gaussian.isotropic(size, precision)


@PRIORS.register
class Ellipse(Part, Prior, frozen=True, tag=True):
    """Ellipse: w₀ and w₁ by any Gaussian, dragged in the panel Prior; further weights N(0, α⁻¹)."""

    mean_0: Annotated[float, Meta(ge=-FARTHEST, le=FARTHEST, title="Mean of w₀")] = 0.0
    mean_1: Annotated[float, Meta(ge=-FARTHEST, le=FARTHEST, title="Mean of w₁")] = 0.0
    deviation_0: Annotated[float, Meta(ge=NARROWEST, le=WIDEST, title="Deviation of w₀", description="One σ.")] = 0.7
    deviation_1: Annotated[float, Meta(ge=NARROWEST, le=WIDEST, title="Deviation of w₁", description="One σ.")] = 0.7
    correlation: Annotated[
        float,
        Meta(ge=-0.999, le=0.999, title="Correlation ρ", description="How w₀ and w₁ go together: 0 is not at all."),
    ] = 0.0

    @property
    def mean(self) -> Array:
        """(2,)."""
        return np.array([self.mean_0, self.mean_1])

    @property
    def covariance(self) -> Array:
        """(2, 2)."""
        deviations = np.array([self.deviation_0, self.deviation_1])
        return np.outer(deviations, deviations) * [[1, self.correlation], [self.correlation, 1]]

    @classmethod
    def of(cls, mean: Array, covariance: Array) -> Ellipse:
        """The nearest one that is allowed to this mean (2,) and covariance (2, 2)."""
        deviations = np.sqrt(np.diag(covariance))
        correlation = float(np.clip(covariance[0, 1] / deviations.prod(), -0.999, 0.999))
        mean_0, mean_1 = np.clip(mean, -FARTHEST, FARTHEST)
        deviation_0, deviation_1 = np.clip(deviations, NARROWEST, WIDEST)
        return cls(float(mean_0), float(mean_1), float(deviation_0), float(deviation_1), correlation)

    def gaussian(self, size: int, precision: float) -> Gaussian:
        two = Gaussian.from_moments(self.mean, self.covariance)
        root, target = np.sqrt(precision) * np.eye(max(size, 2)), np.zeros(max(size, 2))
        root[:2, :2], target[:2] = two.root, two.target
        whole = Gaussian(root, target)
        return whole if size >= 2 else whole.marginal([0])

    # As handles: the centre, and the ends of the two half-axes of the contour that holds 95 %

    def handles(self) -> Array:
        """(3, 2)."""
        return np.vstack([self.mean, self.mean + _axes(self.covariance).T])

    def dragged(self, handle: int, x: float, y: float) -> Ellipse:
        """With a handle at (x, y): the centre moves the ellipse, the end of an axis turns and stretches it.

        Which axis that is, the nearest end says: while one is dragged past the other's length they change places.
        """
        if handle == 0:
            return Ellipse.of(np.array([x, y]), self.covariance)
        arm, axes = np.array([x, y]) - self.mean, _axes(self.covariance)
        away = np.minimum(np.hypot(*(axes - arm[:, None])), np.hypot(*(axes + arm[:, None])))
        length, kept = np.hypot(*arm), np.linalg.norm(axes[:, 1 - int(np.argmin(away))])
        if length == 0:
            raise ValueError("An axis of the ellipse needs a length: drag its end away from the centre.")
        along = arm / length
        across = np.array([-along[1], along[0]])
        reach = np.array([length, kept]) / RADIUS
        turned = np.column_stack([along, across]) * reach
        return Ellipse.of(self.mean, turned @ turned.T)


RADIUS = float(np.sqrt(-2 * np.log(0.05)))  # of the contour that holds 95 %, in standard deviations


def _axes(covariance: Array) -> Array:
    """The half-axes of the contour that holds 95 %, as columns (2, 2), the longer one last."""
    squares, directions = np.linalg.eigh(covariance)
    return np.asarray(directions * np.sqrt(np.maximum(squares, 0)) * RADIUS)


PRESETS = {
    "Flat": (1e-4, Isotropic()),
    "The lecture's": (2.0, Isotropic()),
    "Confident and wrong": (2.0, Ellipse(0.6, -0.6, 0.1, 0.1, 0.0)),
}
