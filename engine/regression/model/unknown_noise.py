"""Unknown noise: the joint posterior of weights and noise precision, in closed form (Normal–Gamma)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import lgamma

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import LN_2PI, Array, Gaussian, absorb
from engine.plane import Viewport
from engine.regression.data.observations import Observations
from engine.regression.model.linear_model import LinearModel, Posterior, Prediction, inference
from engine.regression.model.noise import UnknownNoise
from engine.student import StudentT, log_student, student_entropy


class StudentPrediction(Prediction, frozen=True, eq=False):
    """Student's t with `df` degrees of freedom; each variance is df/(df − 2) times the squared scale."""

    df: float

    @property
    def scale(self) -> Array:
        """The scale (n,), with (t − mean)/scale ~ St(df)."""
        return np.sqrt(self.variance * (self.df - 2) / self.df)

    def log_density(self, t: ArrayLike) -> Array:
        return log_student((np.asarray(t) - self.mean) / self.scale, self.df) - np.log(self.scale)


class UnknownNoisePosterior(Posterior):
    """The posterior w | β ~ N(m_N, V_N/β), β ~ Gamma(a_N, b_N) (PRML exercise 3.12, equations 3.112 and 3.113).

    An instance holds the triangle (k+1, k+1) of prior and data with β = 1.
    """

    def __init__(self, model: LinearModel, triangle: Array, count: int) -> None:
        assert isinstance(model.noise, UnknownNoise)
        self.model, self.noise, self.triangle, self.count = model, model.noise, triangle, count

    @property
    def shape(self) -> float:
        """The shape a_N = a₀ + N/2."""
        return self.noise.shape + self.count / 2

    @property
    def rate(self) -> float:
        """The rate b_N = b₀ + E(m_N) with β = 1."""
        return float(self.noise.rate + 0.5 * self.triangle[-1, -1] ** 2)

    @cached_property
    def relative(self) -> Gaussian:
        """The posterior N(m_N, V_N) of the weights for β = 1."""
        k = self.model.basis.size
        return Gaussian(self.triangle[:k, :k], self.triangle[:k, k])

    def _scaled(self, variance: float) -> Gaussian:
        """Return N(m_N, variance V_N)."""
        return Gaussian(self.relative.root / np.sqrt(variance), self.relative.target / np.sqrt(variance))

    @cached_property
    def student(self) -> StudentT:
        """The marginal posterior p(w | t) = St(w | m_N, (b_N/a_N) V_N, 2a_N)."""
        return StudentT(self._scaled(self.rate / self.shape), 2 * self.shape)

    @cached_property
    def weights(self) -> Gaussian:
        return self._scaled(self.rate / (self.shape - 1))

    @cached_property
    def log_evidence(self) -> float:
        """The log evidence in nats (PRML 3.118).

        ln p(t) = −N/2 ln 2π + ½ ln|V_N|/|V₀| + a₀ ln b₀ − a_N ln b_N + ln Γ(a_N)/Γ(a₀).
        """
        k, a, b = self.model.basis.size, self.noise.shape, self.noise.rate
        return float(
            np.sum(np.log(np.diag(self.model.prior.root)) - np.log(np.diag(self.triangle)[:k]))
            - 0.5 * self.count * LN_2PI
            + a * np.log(b)
            - self.shape * np.log(self.rate)
            + lgamma(self.shape)
            - lgamma(a)
        )

    def update(self, x: float, t: float) -> UnknownNoisePosterior:
        """Return the posterior with one more observation, in O(k²) for any number of earlier observations."""
        row = np.append(self.model.basis.features(x)[0], t)
        return UnknownNoisePosterior(self.model, absorb(self.triangle, row), self.count + 1)

    def predict(self, x: ArrayLike) -> StudentPrediction:
        features = self.model.basis.features(x)
        variance = self.rate / (self.shape - 1)
        spread = np.sum((features @ self.relative.inverse_root) ** 2, axis=1)
        noise = np.full(len(features), variance)
        return StudentPrediction(features @ self.relative.mean, variance * spread, noise, 2 * self.shape)

    def information_gain(self, x: ArrayLike) -> Array:
        """Return I(t; w) at x (n,) -> (n,), in nats; β is unknown before and after the observation.

        It depends on x only through ½ ln(1 + φᵀVφ). t is St(2a) with scale² (b/a)(1 + φᵀVφ). Given w, β ~ Gamma(a +
        k/2, b_w), b_w = b + ½(w − m)ᵀV⁻¹(w − m), and t is St(2a + k) with scale² b_w/(a + k/2). (w − m)ᵀV⁻¹(w − m) =
        χ²_k/β, so b/b_w ~ Beta(a, k/2) and E[ln b_w/b] = ψ(a + k/2) − ψ(a). With h(ν) the entropy of the standard t: I
        = ½ ln(1 + φᵀVφ) + h(2a) − ½ ln a − h(2a + k) − ½ (ψ(a + k/2) − ψ(a) − ln(a + k/2)).
        """
        from scipy.special import digamma  # imported here, because it delays the start

        a, k = self.shape, self.model.basis.size
        spread = np.sum((self.model.basis.features(x) @ self.relative.inverse_root) ** 2, axis=1)
        learnt = digamma(a + k / 2) - digamma(a) - np.log1p(k / (2 * a))
        return np.asarray(0.5 * (np.log1p(spread) - learnt) + student_entropy(2 * a) - student_entropy(2 * a + k))

    def transport(self, normals: Array) -> Array:
        from scipy.special import gammaincinv, ndtr  # imported here, because it delays the start

        chance, about = ndtr(normals[:, -1]), normals[:, :-1] @ self.student.shape.inverse_root.T
        stretch = np.sqrt(self.shape / gammaincinv(self.shape, chance))  # ν/χ², χ² = 2 Gamma(ν/2)
        return np.asarray(self.relative.mean + about * stretch[:, None])

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        return self.student.sample(rng, n)

    def plane(self, pair: Sequence[int]) -> StudentT:
        return self.student.marginal(list(pair))

    def outline(self, pair: Sequence[int]) -> Array:
        return self.plane(pair).ellipse()

    def log_likelihood_over(
        self, pair: Sequence[int], x: float, t: float, view: Viewport, work: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return ln p(t | wᵢ, wⱼ) up to a constant over a grid -> (rows, columns).

        Given two weights, t is Student's t with ν + 2 degrees of freedom, ν = 2a. Its scale grows with the distance of
        the two weights from their mean.
        """
        row, offset, variance = self.given(pair, self.model.basis.features(x)[0])
        variance /= self.rate / (self.shape - 1)  # as if β were 1
        marginal, df = self.plane(pair), 2 * self.shape
        away = -2 * marginal.shape.log_kernel_over(view.x, view.y)
        miss = (t - offset - row[0] * view.x)[None, :] - (row[1] * view.y)[:, None]
        spread = (df + away) * (self.rate / self.shape) * (1 + variance)
        total = np.log(spread) + (df + 3) * np.log1p(miss**2 / spread)
        return np.asarray(np.multiply(total, -0.5, out=work[0]))


@inference(UnknownNoise)
def closed_form(model: LinearModel, observations: Observations) -> UnknownNoisePosterior:
    """Return the posterior from the sufficient statistics."""
    statistics = observations.statistics(model.basis)
    return UnknownNoisePosterior(model, model.triangle(statistics, 1.0), statistics.count)
