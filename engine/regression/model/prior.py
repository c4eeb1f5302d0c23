"""Priors p(w): Gaussian densities of the weights before any observation."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.gaussian import Array, Gaussian
from engine.part import Family, Part

FARTHEST = 1e20  # the largest mean of a weight
NARROWEST, WIDEST = 1e-20, 1e20  # the range of a weight's standard deviation


class Prior:
    """A Gaussian over k weights, given the precision α of the weights without a setting of their own. Abstract."""

    __slots__ = ()

    def gaussian(self, size: int, precision: float) -> Gaussian:
        """Return p(w) over k = `size` weights."""
        raise NotImplementedError


PRIORS = Family(Prior, home="engine.regression.model")


@PRIORS.register
class Isotropic(Part, Prior, frozen=True, tag=True):
    """Isotropic: all weights are independent with density N(0, α⁻¹) (PRML 3.52)."""

    def gaussian(self, size: int, precision: float) -> Gaussian:
        return Gaussian.isotropic(size, precision)


@PRIORS.register
class Ellipse(Part, Prior, frozen=True, tag=True):
    """Ellipse: any Gaussian of w₀ and w₁, dragged in the panel Prior; further weights have N(0, α⁻¹)."""

    mean_0: Annotated[float, Meta(ge=-FARTHEST, le=FARTHEST, title="Mean of w₀")] = 0.0
    mean_1: Annotated[float, Meta(ge=-FARTHEST, le=FARTHEST, title="Mean of w₁")] = 0.0
    deviation_0: Annotated[
        float, Meta(ge=NARROWEST, le=WIDEST, title="Deviation of w₀", description="The standard deviation.")
    ] = 0.7
    deviation_1: Annotated[
        float, Meta(ge=NARROWEST, le=WIDEST, title="Deviation of w₁", description="The standard deviation.")
    ] = 0.7
    correlation: Annotated[
        float,
        Meta(ge=-0.999, le=0.999, title="Correlation ρ", description="The correlation of w₀ and w₁; 0 if independent."),
    ] = 0.0

    @property
    def mean(self) -> Array:
        """The mean (2,) of w₀ and w₁."""
        return np.array([self.mean_0, self.mean_1])

    @property
    def covariance(self) -> Array:
        """The covariance (2, 2) of w₀ and w₁."""
        deviations = np.array([self.deviation_0, self.deviation_1])
        return np.outer(deviations, deviations) * [[1, self.correlation], [self.correlation, 1]]

    @classmethod
    def of(cls, mean: Array, covariance: Array) -> Ellipse:
        """Return the prior closest to this mean (2,) and covariance (2, 2) within the allowed ranges."""
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

    # The handles are the centre, and the ends of the two half-axes of the contour that encloses 95 %

    def handles(self) -> Array:
        """Return the positions (3, 2) of the handles."""
        return np.vstack([self.mean, self.mean + _axes(self.covariance).T])

    def dragged(self, handle: int, x: float, y: float) -> Ellipse:
        """Return the prior with a handle at (x, y): the centre moves the ellipse, an end rotates and stretches it.

        The dragged axis is the one whose end is closest, so that the axes change places when one becomes longer than
        the other. Raises ValueError if the end of an axis is at the centre.
        """
        if handle == 0:
            return Ellipse.of(np.array([x, y]), self.covariance)
        arm, axes = np.array([x, y]) - self.mean, _axes(self.covariance)
        away = np.minimum(np.hypot(*(axes - arm[:, None])), np.hypot(*(axes + arm[:, None])))
        length, other = np.hypot(*arm), np.linalg.norm(axes[:, 1 - int(np.argmin(away))])
        if length == 0:
            raise ValueError("An axis of the ellipse cannot have length 0. Drag its end away from the centre.")
        along = arm / length
        across = np.array([-along[1], along[0]])
        reach = np.array([length, other]) / RADIUS
        rotated = np.column_stack([along, across]) * reach
        return Ellipse.of(self.mean, rotated @ rotated.T)


RADIUS = float(np.sqrt(-2 * np.log(0.05)))  # of the contour that encloses 95 %, in standard deviations


def _axes(covariance: Array) -> Array:
    """Return the half-axes of the contour that encloses 95 %, as columns (2, 2), the longer one last."""
    squares, directions = np.linalg.eigh(covariance)
    return np.asarray(directions * np.sqrt(np.maximum(squares, 0)) * RADIUS)


PRESETS = {
    "Flat": (1e-4, Isotropic()),
    "The lecture's": (2.0, Isotropic()),
    "Confident and wrong": (2.0, Ellipse(0.6, -0.6, 0.1, 0.1, 0.0)),
}
