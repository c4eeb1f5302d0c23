"""Bayesian linear regression: from prior and observations to posterior, evidence and prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from engine.gaussian import LN_2PI, Array, Gaussian, absorb, triangle
from engine.part import Part
from engine.regression.basis import Basis, Polynomial
from engine.regression.noise import GaussianNoise, Noise
from engine.regression.observations import Observations, Statistics


class LinearModel(Part, frozen=True, tag=True):
    """Linear model: t = wᵀφ(x) + noise, with prior w ~ N(0, α⁻¹I) (PRML 3.7–3.10, 3.52)."""

    basis: Basis = Polynomial()
    prior_precision: Annotated[
        float,
        Meta(
            ge=1e-9,
            le=1e9,
            title="Prior precision α",
            description="One over the variance of each weight beforehand: α = 2 is a standard deviation of 0.71.",
            extra={"scale": "log"},
        ),
    ] = 2.0
    noise: Noise = GaussianNoise()

    @property
    def prior(self) -> Gaussian:
        """p(w) = N(0, α⁻¹I)."""
        return Gaussian.isotropic(self.basis.size, self.prior_precision)

    def likelihood(self, x: ArrayLike, t: ArrayLike) -> Gaussian:
        """p(t | w) as a factor over w, without its constant: improper while there are fewer points than weights."""
        scale = np.sqrt(known_precision(self.noise))
        return Gaussian(scale * self.basis.features(x), scale * np.atleast_1d(np.asarray(t, float)))

    def condition(self, x: ArrayLike, t: ArrayLike) -> Posterior:
        """p(w | t) after the observations x, t (n,): m_N, S_N of PRML 3.53–3.54, by rotations instead of inverses."""
        t = np.atleast_1d(np.asarray(t, float))
        return self.infer(Statistics.empty(self.basis.size).after(self.basis.features(x), t))

    def infer(self, statistics: Statistics) -> Posterior:
        """The same from sufficient statistics: its cost does not depend on how many observations they stand for."""
        k = self.basis.size
        rows = np.zeros((2 * k + 1, k + 1))
        rows[:k, :k] = np.sqrt(self.prior_precision) * np.eye(k)
        rows[k:] = np.sqrt(known_precision(self.noise)) * statistics.triangle
        return Posterior(self, triangle(rows), statistics.count)


def known_precision(noise: Noise) -> float:
    """β, if the noise is Gaussian and known. Raises TypeError for any other."""
    if not isinstance(noise, GaussianNoise):
        raise TypeError(f"{type(noise).__name__} has no closed form here.")
    return noise.precision


@lru_cache(maxsize=8)
def inferred(model: LinearModel, observations: Observations) -> Posterior:
    """The posterior of one step, which is the prior of the next: computed once for both."""
    return model.infer(observations.statistics(model.basis))


@dataclass(frozen=True)
class Prediction:
    """p(t | x) at n places: mean, and its two variances kept apart, each (n,) (PRML 3.58–3.59)."""

    mean: Array
    epistemic_variance: Array
    noise_variance: Array

    @property
    def variance(self) -> Array:
        """Of a new observation: weight uncertainty and noise together."""
        return self.epistemic_variance + self.noise_variance


@dataclass(frozen=True, eq=False)
class Posterior:
    """p(w | t): what a model knows after `count` observations.

    Held as the triangle (k+1, k+1) of the rows [√α I, 0] and √β [Φ, t]: its first k rows are the square root of
    S_N⁻¹ and of S_N⁻¹ m_N; its last corner ρ has ρ² = β‖t − Φm_N‖² + α‖m_N‖² = 2E(m_N).
    """

    model: LinearModel
    triangle: Array
    count: int

    @cached_property
    def weights(self) -> Gaussian:
        """N(w | m_N, S_N)."""
        k = self.model.basis.size
        return Gaussian(self.triangle[:k, :k], self.triangle[:k, k])

    @cached_property
    def log_evidence(self) -> float:
        """ln p(t | α, β) in nats (PRML 3.86): k/2 ln α + N/2 ln β − E(m_N) − ½ ln|S_N⁻¹| − N/2 ln 2π."""
        k, model = self.model.basis.size, self.model
        return float(
            0.5 * k * np.log(model.prior_precision)
            + 0.5 * self.count * (np.log(known_precision(model.noise)) - LN_2PI)
            - 0.5 * self.triangle[k, k] ** 2
            - np.sum(np.log(np.diag(self.triangle)[:k]))
        )

    def update(self, x: float, t: float) -> Posterior:
        """Posterior becomes prior: one more observation, O(k²) whatever has been seen before."""
        row = np.append(self.model.basis.features(x)[0], t) * np.sqrt(known_precision(self.model.noise))
        return Posterior(self.model, absorb(self.triangle, row), self.count + 1)

    def likelihood(self, keep: Sequence[int], x: float, t: float) -> Gaussian:
        """p(t | the weights in `keep`) as a factor over them: the others integrated out over what is known.

        Given w_keep the others are normal about m + G(w_keep − m_keep), G = S_rk S_kk⁻¹ (PRML 2.81–2.82), so that t is
        normal about a linear function of w_keep: a factor of a single row.
        """
        features = self.model.basis.features(x)[0]
        kept, rest = list(keep), [i for i in range(len(features)) if i not in keep]
        row, offset, variance = features[kept], 0.0, 1 / known_precision(self.model.noise)
        if rest:
            joint, mean = self.weights.covariance, self.weights.mean
            gain = np.linalg.solve(joint[np.ix_(kept, kept)], joint[np.ix_(kept, rest)] @ features[rest])
            own = features[rest] @ joint[np.ix_(rest, rest)] @ features[rest]
            variance += max(0.0, own - gain @ joint[np.ix_(kept, rest)] @ features[rest])
            row, offset = row + gain, features[rest] @ mean[rest] - gain @ mean[kept]
        scale = 1 / np.sqrt(variance)
        return Gaussian(scale * row[None, :], np.array([scale * (t - offset)]))

    def predict(self, x: ArrayLike) -> Prediction:
        """p(t | x, data) at x (n,)."""
        features = self.model.basis.features(x)
        spread = features @ self.weights.inverse_root
        noise = np.full(len(features), 1 / known_precision(self.model.noise))
        return Prediction(features @ self.weights.mean, np.sum(spread**2, axis=1), noise)
