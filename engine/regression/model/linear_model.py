"""Bayesian linear regression: posterior, evidence and predictions from a prior and observations."""

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
from engine.regression.model.precise_updates import is_needed, precise_updates
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
            description="One over the prior variance of each weight; α = 2 is a standard deviation of 0.71.",
            extra={"scale": "log"},
        ),
    ] = 2.0
    noise: Noise = GaussianNoise()
    prior_shape: Annotated[Prior, Meta(title="Prior")] = Isotropic()

    @property
    def prior(self) -> Gaussian:
        """The prior p(w), N(0, α⁻¹I) by default; relative to the noise variance if that is unknown."""
        return self.prior_shape.gaussian(self.basis.size, self.prior_precision)

    def likelihood(self, x: ArrayLike, t: ArrayLike) -> Gaussian:
        """Return p(t | w) for observations x, t (n,) as a factor over w, without its constant.

        The factor is improper if there are fewer observations than weights.
        """
        scale = np.sqrt(known_precision(self.noise))
        return Gaussian(scale * self.basis.features(x), scale * np.atleast_1d(np.asarray(t, float)))

    def condition(self, x: ArrayLike, t: ArrayLike) -> Posterior:
        """Return p(w | t) after the observations x, t (n,). `Posterior.method` states whether it is exact."""
        return posterior(self, Observations(x, t))

    def triangle(self, statistics: Statistics, noise_precision: float) -> Array:
        """Return the triangle (k+1, k+1) of prior and data: PRML 3.53–3.54 by rotations instead of inverses.

        It is the triangular factor of the rows [R₀, d₀] and √β [Φ, t]. Its first k rows are the square root of S_N⁻¹
        and of S_N⁻¹ m_N. Its last corner ρ has ρ² = β‖t − Φm_N‖² + ‖d₀ − R₀m_N‖² = 2E(m_N).
        """
        k, prior = self.basis.size, self.prior
        rows = np.zeros((2 * k + 1, k + 1))
        rows[:k, :k], rows[:k, k] = prior.root, prior.target
        rows[k:] = np.sqrt(noise_precision) * statistics.triangle
        return triangle(rows)


def known_precision(noise: Noise) -> float:
    """Return β of Gaussian noise. Raises TypeError for other noise."""
    if not isinstance(noise, GaussianNoise):
        raise TypeError(f"{type(noise).__name__} has no known precision.")
    return noise.precision


class Prediction(msgspec.Struct, frozen=True, eq=False):
    """The density p(t | x) at n values of x: its mean and its two variances, each (n,) (PRML 3.58–3.59)."""

    mean: Array
    epistemic_variance: Array
    noise_variance: Array

    @property
    def variance(self) -> Array:
        """The variance (n,) of a new observation: that of f plus that of the noise."""
        return self.epistemic_variance + self.noise_variance

    def log_density(self, t: ArrayLike) -> Array:
        """Return ln p(t | x) at t, broadcast against (n,), in nats."""
        return np.asarray(-0.5 * (LN_2PI + np.log(self.variance) + (np.asarray(t) - self.mean) ** 2 / self.variance))


class PredictionInUnits(Prediction, frozen=True, eq=False):
    """The prediction of a model of standardised x and t, in original units."""

    inner: Prediction
    units: Units

    def log_density(self, t: ArrayLike) -> Array:
        return np.asarray(self.inner.log_density(self.units.t_of_model(t)) - np.log(self.units.t_scale))


class Density(Protocol):
    """A density over the plane of two weights."""

    def log_density(self, w: ArrayLike) -> Array:
        """Return ln p at w (…, 2) -> (…), in nats."""
        ...

    def gradient(self, w: ArrayLike) -> Array:
        """Return ∇ ln p at w (…, 2) -> (…, 2)."""
        ...

    def laplace(self) -> Gaussian:
        """Return the Laplace approximation: the Gaussian with the mode and the curvature of this density."""
        ...

    def log_kernel_over(self, x: Array, y: Array, work: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return ln p up to a constant at every (x, y) of a grid -> (rows, columns), for drawing."""
        ...


class Posterior:
    """The posterior p(w | t) of a model after `count` observations. Abstract: one subclass for each kind of noise."""

    model: LinearModel
    count: int
    method: ClassVar[str] = "exact"

    @cached_property
    def weights(self) -> Gaussian:
        """The Gaussian with the mean and the covariance of p(w | t); p(w | t) itself under Gaussian noise."""
        raise NotImplementedError

    @cached_property
    def log_evidence(self) -> float:
        """The log evidence ln p(t) in nats."""
        raise NotImplementedError

    @property
    def log_evidence_error(self) -> float:
        """The stated error of `log_evidence` in nats: twice its standard error, 0 unless it is sampled."""
        return 0.0

    def update(self, x: float, t: float) -> Posterior:
        """Return the posterior with one more observation; this posterior is its prior."""
        raise NotImplementedError

    def predict(self, x: ArrayLike) -> Prediction:
        """Return p(t | x, data) at x (n,)."""
        raise NotImplementedError

    def prediction_error(self, x: ArrayLike) -> float:
        """Return the stated error of ln p(t | x, data) over some of x (n,), in nats; 0 unless it is sampled.

        It is three times the largest standard error. The values of t are within two standard deviations of f from its
        mean, without those where p(t | x, data) is negligible.
        """
        return 0.0

    def score_error(self, x: Array, t: Array) -> float:
        """Return an error of the mean of ln p(t | x, data) over x, t (n,), in nats; 0 unless it is sampled.

        Infinite if ln p(t | x, data) could not be sampled.
        """
        return 0.0

    def band_error(self, x: ArrayLike) -> float:
        """Return the stated error of the mean of f and of its standard deviation over some of x (n,).

        It is three times the largest standard error, as a fraction of the standard deviation: 0 unless they are
        sampled, and infinite if they could not be.
        """
        return 0.0

    def information_gain(self, x: ArrayLike) -> Array:
        """Return the mutual information I(t; w | data) = H(t) − E[H(t | w)] at x (n,) -> (n,), in nats.

        It is the mean reduction of the entropy of w by an observation at x; under Gaussian noise it does not depend on
        t.
        """
        raise NotImplementedError

    @cached_property
    def moments(self) -> tuple[Array, Array]:
        """The mean and the standard deviations of the weights, each (k,)."""
        return self.weights.mean, np.sqrt(np.diag(self.weights.covariance))

    @cached_property
    def mode(self) -> Array:
        """The weights w_MAP (k,) of highest density: the mean, except under Student's t noise."""
        return self.weights.mean

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Return `n` draws (n, k) of the weights."""
        return self.weights.sample(rng, n)

    def transport(self, normals: Array) -> Array:
        """Return draws (n, k) as a continuous function of standard normal numbers (n, k + 1).

        Some kinds of noise do not use the last column.
        """
        return np.asarray(self.weights.mean + normals[:, :-1] @ self.weights.inverse_root.T)

    def plane(self, pair: Sequence[int]) -> Density:
        """Return the marginal density p(wᵢ, wⱼ | t)."""
        return self.weights.marginal(list(pair))

    def outline(self, pair: Sequence[int]) -> Array:
        """Return the ellipse (n, 2) that encloses 95 % of p(wᵢ, wⱼ | t)."""
        return self.weights.marginal(list(pair)).ellipse()

    def log_likelihood_over(
        self, pair: Sequence[int], x: float, t: float, view: Viewport, work: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return ln p(t | wᵢ, wⱼ, earlier data) up to a constant over a grid -> (rows, columns)."""
        raise NotImplementedError

    def given(self, keep: Sequence[int], features: Array) -> tuple[Array, float, float]:
        """Return row, offset and variance of f = wᵀφ given the weights in `keep`: N(row·w_keep + offset, variance).

        With the rows [R_r R_k] w = [d_r] of a square root that is triangular in the other weights first, these have the
        mean R_r⁻¹(d_r − R_k w_keep) and the covariance (R_rᵀR_r)⁻¹ given w_keep. The covariance of all weights, which
        may be singular in double precision, is not formed.
        """
        kept, rest = list(keep), [i for i in range(len(features)) if i not in keep]
        if not rest:
            return features[kept], 0.0, 0.0
        rotated = Gaussian(self.weights.root[:, rest + kept], self.weights.target).triangular()
        r = len(rest)
        pull = np.linalg.solve(rotated.root[:r, :r].T, features[rest])
        row = features[kept] - pull @ rotated.root[:r, r:]
        return np.asarray(row), float(pull @ rotated.target[:r]), float(pull @ pull)


class KnownNoisePosterior(Posterior):
    """The posterior under Gaussian noise of known precision β, in closed form."""

    def __init__(self, model: LinearModel, triangle: Array, observations: Observations) -> None:
        self.model, self.triangle, self.observations, self.count = model, triangle, observations, len(observations)

    @cached_property
    def weights(self) -> Gaussian:
        """The posterior N(w | m_N, S_N)."""
        k = self.model.basis.size
        return Gaussian(self.triangle[:k, :k], self.triangle[:k, k])

    @cached_property
    def log_evidence(self) -> float:
        """The log evidence ln p(t | α, β) in nats (PRML 3.86).

        −½ ln|S₀| + N/2 ln β − E(m_N) − ½ ln|S_N⁻¹| − N/2 ln 2π. If features are nearly dependent, it is the sum over
        the precise updates.
        """
        if self.is_uneven:
            return -float(np.sum(self.precise_rows[0]))
        k = self.model.basis.size
        return float(
            np.sum(np.log(np.diag(self.model.prior.root)))
            + 0.5 * self.count * (np.log(known_precision(self.model.noise)) - LN_2PI)
            - 0.5 * self.triangle[k, k] ** 2
            - np.sum(np.log(np.diag(self.triangle)[:k]))
        )

    @property
    def is_uneven(self) -> bool:
        """Whether double precision loses digits of the log evidence that precise updates keep."""
        k = self.model.basis.size
        return is_needed(self.triangle[:k, :k], self.count)

    @cached_property
    def precise_rows(self) -> tuple[Array, Array]:
        """−ln p(t_n | t_1 … t_{n−1}) and the information gain of each observation, each (n,), in nats."""
        beta, (x, t) = known_precision(self.model.noise), (self.observations.x, self.observations.t)
        return precise_updates(self.model.prior, self.model.basis, x, t, beta)

    def update(self, x: float, t: float) -> KnownNoisePosterior:
        """Return the posterior with one more observation, in O(k²) for any number of earlier observations."""
        row = np.append(self.model.basis.features(x)[0], t) * np.sqrt(known_precision(self.model.noise))
        return KnownNoisePosterior(self.model, absorb(self.triangle, row), self.observations.append(x, t))

    def information_gain(self, x: ArrayLike) -> Array:
        """Return ½ ln(1 + β φᵀSφ), (n,), in nats; it does not depend on t (PRML 3.59)."""
        prediction = self.predict(x)
        return np.asarray(0.5 * np.log1p(prediction.epistemic_variance / prediction.noise_variance))

    def likelihood(self, keep: Sequence[int], x: float, t: float) -> Gaussian:
        """Return p(t | weights in `keep`) as a factor with one row; the other weights are integrated out."""
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


def predicted(posterior: Posterior, units: Units, x: ArrayLike) -> Prediction:
    """Return p(t | x, data) at x (n,), with x and t in original units."""
    if units.are_original:
        return posterior.predict(x)
    inner, square = posterior.predict(units.x_of_model(x)), units.t_scale**2
    parts = (units.t_back(inner.mean), square * inner.epistemic_variance, square * inner.noise_variance)
    return PredictionInUnits(*parts, inner, units)


Inference = Callable[[LinearModel, Observations], Posterior]
INFERENCES: dict[type[Noise], Inference] = {}


def inference(noise: type[Noise]) -> Callable[[Inference], Inference]:
    """Return a decorator that registers the function from model and observations to the posterior under a kind of
    noise.
    """

    def register(function: Inference) -> Inference:
        INFERENCES[noise] = function
        return function

    return register


@inference(GaussianNoise)
def closed_form(model: LinearModel, observations: Observations) -> KnownNoisePosterior:
    """Return the posterior from sufficient statistics, which the observations cache."""
    statistics = observations.statistics(model.basis)
    return KnownNoisePosterior(model, model.triangle(statistics, known_precision(model.noise)), observations)


def posterior(model: LinearModel, observations: Observations) -> Posterior:
    """Return the posterior of the model after the observations."""
    return INFERENCES[type(model.noise)](model, observations)


@lru_cache(maxsize=8)
def inferred(model: LinearModel, observations: Observations) -> Posterior:
    """Return the posterior after the observations, from a cache: it is also the prior of the next step."""
    return posterior(model, observations)
