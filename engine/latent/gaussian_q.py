"""Gaussian q: the approximate posterior q(z) = N(μ, diag σ²) over the two latents that the user can set."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.gaussian import Array
from engine.part import Part


class GaussianQ(Part, frozen=True, tag=True):
    """Gaussian q: a q(z) = N(μ, diag σ²) that the user has set."""

    mean_0: Annotated[float, Meta(ge=-100, le=100, title="μ₀")] = 0.0
    mean_1: Annotated[float, Meta(ge=-100, le=100, title="μ₁")] = 0.0
    deviation_0: Annotated[float, Meta(ge=1e-3, le=10, title="σ₀", extra={"scale": "log"})] = 1.0
    deviation_1: Annotated[float, Meta(ge=1e-3, le=10, title="σ₁", extra={"scale": "log"})] = 1.0

    @property
    def mean(self) -> Array:
        """μ (2,)."""
        return np.array([self.mean_0, self.mean_1])

    @property
    def deviation(self) -> Array:
        """σ (2,)."""
        return np.array([self.deviation_0, self.deviation_1])


def gaussian_q(mean: Array, deviation: Array) -> GaussianQ:
    """Return the q with this mean and standard deviation, each (2,), clipped to the ranges of its fields."""
    mean, deviation = np.clip(mean, -100, 100), np.clip(deviation, 1e-3, 10)
    return GaussianQ(float(mean[0]), float(mean[1]), float(deviation[0]), float(deviation[1]))


def rounded(q: GaussianQ) -> GaussianQ:
    """Return q with four significant digits in each number, for a field that shows a computed q."""
    numbers = (float(f"{number:.4g}") for number in (q.mean_0, q.mean_1, q.deviation_0, q.deviation_1))
    return GaussianQ(*numbers)


def kl_to_prior(mean: Array, deviation: Array) -> float:
    """KL(N(mean, diag deviation²) ‖ N(0, I)) = ½ Σ (μ² + σ² − 1 − ln σ²) in nats; both arguments are (2,).

    Kingma & Welling 2014, appendix B.
    """
    return float(0.5 * np.sum(mean**2 + deviation**2 - 1 - 2 * np.log(deviation)))
