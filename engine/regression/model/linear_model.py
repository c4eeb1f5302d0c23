"""Bayesian linear regression: from prior and observations to posterior, evidence and prediction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Annotated, ClassVar, Protocol

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import LN_2PI, Array, Gaussian, absorb, triangle
from engine.part import Part
from engine.plane import Viewport
from engine.regression.data.observations import Observations, Statistics
from engine.regression.data.units import Units
from engine.regression.model.basis import Basis, Polynomial
from engine.regression.model.noise import HIGHEST, LOWEST, GaussianNoise, Noise
from engine.regression.model.prior import Isotropic, Prior


class LinearModel(Part, frozen=True, tag=True):
    """Linear model: t = wᵀφ(x) + noise, with a Gaussian prior over the weights (PRML 3.7–3.10, 3.52)."""

    basis: Basis = Polynomial()
    prior_precision: Annotated[
        float,
        Meta(
            ge=LOWEST,
            le=HIGHEST,
            title="Prior precision α",
            description="One over the variance of each weight beforehand: α = 2 is a standard deviation of 0.71.",
            extra={"scale": "log"},
        ),
    ] = 2.0
    noise: Noise = GaussianNoise()
    prior_shape: Annotated[Prior, Meta(title="Prior")] = Isotropic()

    @property
    def prior(self) -> Gaussian:
        """p(w), by default N(0, α⁻¹I); under unknown noise the covariance is relative to the noise's variance."""
        return self.prior_shape.gaussian(self.basis.size, self.prior_precision)

    def likelihood(self, x: ArrayLike, t: ArrayLike) -> Gaussian:
        """p(t | w) as a factor over w, without its constant: improper while there are fewer points than weights."""
        scale = np.sqrt(known_precision(self.noise))
        return Gaussian(scale * self.basis.features(x), scale * np.atleast_1d(np.asarray(t, float)))

    def condition(self, x: ArrayLike, t: ArrayLike) -> Posterior:
        """p(w | t) after the observations x, t (n,). `Posterior.method` says whether that is exact."""
        return posterior(self, Observations(x, t))

    def triangle(self, statistics: Statistics, noise_precision: float) -> Array:
        """The triangle (k+1, k+1) of prior and data, PRML 3.53–3.54 by rotations instead of inverses.

        Its rows are those of [R₀, d₀] and √β [Φ, t]: the first k are the square root of S_N⁻¹ and of S_N⁻¹ m_N, the
        last corner ρ has ρ² = β‖t − Φm_N‖² + ‖d₀ − R₀m_N‖² = 2E(m_N).
        """
        k, prior = self.basis.size, self.prior
        rows = np.zeros((2 * k + 1, k + 1))
        rows[:k, :k], rows[:k, k] = prior.root, prior.target
        rows[k:] = np.sqrt(noise_precision) * statistics.triangle
        return triangle(rows)


def known_precision(noise: Noise) -> float:
    """β, if the noise is Gaussian and known. Raises TypeError for any other."""
    if not isinstance(noise, GaussianNoise):
        raise TypeError(f"{type(noise).__name__} has no known precision.")
    return noise.precision


class Prediction(msgspec.Struct, frozen=True, eq=False):
    """p(t | x) at n places: mean, and its two variances kept apart, each (n,) (PRML 3.58–3.59)."""

    mean: Array
    epistemic_variance: Array
    noise_variance: Array

    @property
    def variance(self) -> Array:
        """Of a new observation: weight uncertainty and noise together."""
        return self.epistemic_variance + self.noise_variance

    def log_density(self, t: ArrayLike) -> Array:
        """ln p(t | x) at t, broadcast against (n,), in nats."""
        return np.asarray(-0.5 * (LN_2PI + np.log(self.variance) + (np.asarray(t) - self.mean) ** 2 / self.variance))


class PredictionInUnits(Prediction, frozen=True, eq=False):
    """A prediction of a model of standardised x and t, in original units."""

    inner: Prediction
    units: Units

    def log_density(self, t: ArrayLike) -> Array:
        return np.asarray(self.inner.log_density(self.units.t_of_model(t)) - np.log(self.units.t_scale))


class Density(Protocol):
    """A density over the plane of two weights."""

    def log_density(self, w: ArrayLike) -> Array:
        """ln p at w (…, 2) -> (…), in nats."""
        ...

    def gradient(self, w: ArrayLike) -> Array:
        """∇ ln p at w (…, 2) -> (…, 2)."""
        ...

    def laplace(self) -> Gaussian:
        """The Gaussian that bends like this density at its highest place."""
        ...

    def log_kernel_over(self, x: Array, y: Array, work: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """The same up to a constant at every (x, y) of a grid -> (rows, columns), for drawing."""
        ...


class Posterior:
    """p(w | t): what a model knows after `count` observations. Abstract: one for each kind of noise."""

    model: LinearModel
    count: int
    method: ClassVar[str] = "exact"

    @cached_property
    def weights(self) -> Gaussian:
        """The Gaussian with the mean and the covariance of p(w | t); p(w | t) itself if the noise is Gaussian."""
        raise NotImplementedError

    @cached_property
    def log_evidence(self) -> float:
        """ln p(t) in nats."""
        raise NotImplementedError

    @property
    def log_evidence_error(self) -> float:
        """The standard error of `log_evidence` in nats: 0 unless it is sampled."""
        return 0.0

    def update(self, x: float, t: float) -> Posterior:
        """Posterior becomes prior: one more observation."""
        raise NotImplementedError

    def predict(self, x: ArrayLike) -> Prediction:
        """p(t | x, data) at x (n,)."""
        raise NotImplementedError

    def information_gain(self, x: ArrayLike) -> Array:
        """The mutual information I(t; w | data) = H(t) − E[H(t | w)] of an observation at x (n,) -> (n,), in nats.

        By so much it narrows the weights: on average over t, and under Gaussian noise whatever t is.
        """
        raise NotImplementedError

    @cached_property
    def mode(self) -> Array:
        """w_MAP (k,), where p(w | t) is highest: the mean, unless the noise is Student's t."""
        return self.weights.mean

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """`n` draws (n, k) of the weights."""
        return self.weights.sample(rng, n)

    def transport(self, normals: Array) -> Array:
        """Draws (n, k) made continuously of standard normals (n, k + 1), the last of which not every noise needs."""
        return np.asarray(self.weights.mean + normals[:, :-1] @ self.weights.inverse_root.T)

    def plane(self, pair: Sequence[int]) -> Density:
        """p(wᵢ, wⱼ | t), the others integrated out."""
        return self.weights.marginal(list(pair))

    def outline(self, pair: Sequence[int]) -> Array:
        """The ellipse (n, 2) around 95 % of p(wᵢ, wⱼ | t)."""
        return self.weights.marginal(list(pair)).ellipse()

    def log_likelihood_over(
        self, pair: Sequence[int], x: float, t: float, view: Viewport, work: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """ln p(t | wᵢ, wⱼ, what is known) up to a constant over a grid -> (rows, columns)."""
        raise NotImplementedError

    def given(self, keep: Sequence[int], features: Array) -> tuple[Array, float, float]:
        """What f = wᵀφ is when the weights in `keep` are known: normal about row·w_keep + offset, with a variance.

        Given w_keep the others are normal about m + G(w_keep − m_keep), G = S_rk S_kk⁻¹ (PRML 2.81–2.82).
        """
        kept, rest = list(keep), [i for i in range(len(features)) if i not in keep]
        if not rest:
            return features[kept], 0.0, 0.0
        joint, mean = self.weights.covariance, self.weights.mean
        gain = np.linalg.solve(joint[np.ix_(kept, kept)], joint[np.ix_(kept, rest)] @ features[rest])
        own = features[rest] @ joint[np.ix_(rest, rest)] @ features[rest]
        variance = max(0.0, float(own - gain @ joint[np.ix_(kept, rest)] @ features[rest]))
        return features[kept] + gain, float(features[rest] @ mean[rest] - gain @ mean[kept]), variance


class KnownNoisePosterior(Posterior):
    """Under Gaussian noise of known precision β everything has a closed form."""

    def __init__(self, model: LinearModel, triangle: Array, count: int) -> None:
        self.model, self.triangle, self.count = model, triangle, count

    @cached_property
    def weights(self) -> Gaussian:
        """N(w | m_N, S_N)."""
        k = self.model.basis.size
        return Gaussian(self.triangle[:k, :k], self.triangle[:k, k])

    @cached_property
    def log_evidence(self) -> float:
        """ln p(t | α, β) (PRML 3.86): −½ ln|S₀| + N/2 ln β − E(m_N) − ½ ln|S_N⁻¹| − N/2 ln 2π."""
        k = self.model.basis.size
        return float(
            np.sum(np.log(np.diag(self.model.prior.root)))
            + 0.5 * self.count * (np.log(known_precision(self.model.noise)) - LN_2PI)
            - 0.5 * self.triangle[k, k] ** 2
            - np.sum(np.log(np.diag(self.triangle)[:k]))
        )

    def update(self, x: float, t: float) -> KnownNoisePosterior:
        """O(k²), whatever has been seen before."""
        row = np.append(self.model.basis.features(x)[0], t) * np.sqrt(known_precision(self.model.noise))
        return KnownNoisePosterior(self.model, absorb(self.triangle, row), self.count + 1)

    def information_gain(self, x: ArrayLike) -> Array:
        """½ ln(1 + β φᵀSφ), (n,), whatever is observed (PRML 3.59)."""
        there = self.predict(x)
        return np.asarray(0.5 * np.log1p(there.epistemic_variance / there.noise_variance))

    def likelihood(self, keep: Sequence[int], x: float, t: float) -> Gaussian:
        """p(t | the weights in `keep`) as a factor of a single row over them: the others integrated out."""
        row, offset, variance = self.given(keep, self.model.basis.features(x)[0])
        scale = 1 / np.sqrt(variance + 1 / known_precision(self.model.noise))
        return Gaussian(scale * row[None, :], np.array([scale * (t - offset)]))

    def log_likelihood_over(
        self, pair: Sequence[int], x: float, t: float, view: Viewport, work: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        return self.likelihood(pair, x, t).log_kernel_over(view.x, view.y, work)

    def predict(self, x: ArrayLike) -> Prediction:
        features = self.model.basis.features(x)
        spread = features @ self.weights.inverse_root
        noise = np.full(len(features), 1 / known_precision(self.model.noise))
        return Prediction(features @ self.weights.mean, np.sum(spread**2, axis=1), noise)


def predicted(known: Posterior, units: Units, x: ArrayLike) -> Prediction:
    """p(t | x, data) at x (n,), all in original units."""
    if units.are_original:
        return known.predict(x)
    inner, square = known.predict(units.x_of_model(x)), units.t_scale**2
    parts = (units.t_back(inner.mean), square * inner.epistemic_variance, square * inner.noise_variance)
    return PredictionInUnits(*parts, inner, units)


Inference = Callable[[LinearModel, Observations], Posterior]
INFERENCES: dict[type[Noise], Inference] = {}


def inference(noise: type[Noise]) -> Callable[[Inference], Inference]:
    """Decorator: how a posterior comes about under that kind of noise."""

    def register(made: Inference) -> Inference:
        INFERENCES[noise] = made
        return made

    return register


@inference(GaussianNoise)
def closed_form(model: LinearModel, observations: Observations) -> KnownNoisePosterior:
    """From sufficient statistics, which observations remember: what was seen before costs nothing again."""
    statistics = observations.statistics(model.basis)
    return KnownNoisePosterior(model, model.triangle(statistics, known_precision(model.noise)), statistics.count)


def posterior(model: LinearModel, observations: Observations) -> Posterior:
    """What the model knows after the observations."""
    return INFERENCES[type(model.noise)](model, observations)


@lru_cache(maxsize=8)
def inferred(model: LinearModel, observations: Observations) -> Posterior:
    """The posterior of one step, which is the prior of the next: computed once for both."""
    return posterior(model, observations)
