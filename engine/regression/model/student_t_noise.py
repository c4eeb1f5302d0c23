"""Robust noise: under Student's t there is no closed form, but a grid over two weights, and Laplace for more."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import LN_2PI, Array, Gaussian
from engine.plane import Viewport
from engine.regression.data.observations import Observations
from engine.regression.model.importance import NOTHING, Estimate, Target, log_evidence
from engine.regression.model.linear_model import LinearModel, Posterior
from engine.regression.model.noise import StudentTNoise
from engine.regression.model.student_t_prediction import RobustPrediction
from engine.student import log_student_plus_normal

MANY = 20_000  # observations from which on Laplace is as good as sampling
STEPS = 200
FINE = 4096  # places between which a function of one number is interpolated


class Joint:
    """ln p(t, w) = ln p(w) + Σ ln St(t_n | wᵀφ_n, s, ν), with its derivatives."""

    def __init__(self, model: LinearModel, observations: Observations) -> None:
        assert isinstance(model.noise, StudentTNoise)
        self.noise, self.prior = model.noise, model.prior
        self.features, self.t = model.basis.features(observations.x), observations.t

    def log_density(self, w: ArrayLike) -> Array:
        """At w (…, k) -> (…), in nats. Logarithms are taken of products of a few factors, which is faster."""
        w = np.asarray(w, float)
        total, df, square = self.prior.log_density(w), self.noise.df, self.noise.df * self.noise.scale**2
        constant = len(self.t) * self.noise.log_likelihood(0.0, 0.0)
        for start in range(0, len(self.t), 8):
            factor = np.ones(w.shape[:-1])
            for row, t in zip(self.features[start : start + 8], self.t[start : start + 8], strict=True):
                factor *= 1 + (t - w @ row) ** 2 / square
            total = total - (df + 1) / 2 * np.log(factor)
        return np.asarray(total + constant)

    def gradient(self, w: ArrayLike) -> Array:
        """Of ln p(t, w) at w (…, k) -> (…, k)."""
        w = np.asarray(w, float)
        pull = (self.t - w @ self.features.T) * self.weight(w)
        return np.asarray((self.prior.target - w @ self.prior.root.T) @ self.prior.root + pull @ self.features)

    def weight(self, w: Array) -> Array:
        """The precision with which each observation counts, (…, n): an outlier hardly does."""
        square = self.noise.df * self.noise.scale**2
        return np.asarray((self.noise.df + 1) / (square + (self.t - w @ self.features.T) ** 2))

    def whitened(self, w: Array) -> tuple[Target, Array]:
        """The same over those directions of z = R₀w − d₀ that the data depend on, and where w (k,) is among them."""
        slopes = self.features @ self.prior.inverse_root
        left, s, directions = np.linalg.svd(slopes, full_matrices=False)
        kept, largest = s > NOTHING * s[0], np.argmax(np.abs(directions), axis=1)
        signs = np.sign(directions[np.arange(len(s)), largest])  # which the order of the observations would turn
        target = Target(
            (left * s * signs)[:, kept], self.t - self.features @ self.prior.mean, self.noise.df, self.noise.scale
        )
        return target, (signs[:, None] * directions)[kept] @ (self.prior.root @ w - self.prior.target)

    def curvature(self, w: Array) -> Array:
        """The square root (k, k) of −∇∇ ln p(t, w) at a maximum; where that is not positive, of its majorant."""
        square, miss = self.noise.df * self.noise.scale**2, (self.t - self.features @ w) ** 2
        bend = (self.noise.df + 1) * (square - miss) / (square + miss) ** 2
        try:
            whole = self.prior.precision + (self.features * bend[:, None]).T @ self.features
            return np.asarray(np.linalg.cholesky(whole).T)
        except np.linalg.LinAlgError:
            return self._least_squares(self.weight(w)).root

    def _least_squares(self, precision: Array) -> Gaussian:
        scale = np.sqrt(precision)
        return self.prior * Gaussian(self.features * scale[:, None], self.t * scale)

    def mode(self) -> Array:
        """The highest maximum found from two starts by least squares, reweighted until it rests (EM)."""
        first = np.full(len(self.t), (self.noise.df + 1) / (self.noise.df * self.noise.scale**2))
        wide = np.full(len(self.t), 1e-2 / self.noise.scale**2)
        found = [self.climb(self._least_squares(precision).mean) for precision in (first, wide)]
        return max(found, key=lambda w: float(self.log_density(w)))

    def climb(self, w: Array) -> Array:
        """The maximum that least squares reweighted by `weight` lead to from w (k,): each step goes up (EM)."""
        for _ in range(STEPS):
            known, w = w, self._least_squares(self.weight(w)).mean
            if np.all(np.abs(w - known) <= 1e-13 * (1 + np.abs(w))):
                break
        return w


class RobustPosterior(Posterior):
    """What both approximations share."""

    def __init__(self, model: LinearModel, observations: Observations) -> None:
        assert isinstance(model.noise, StudentTNoise)
        self.model, self.noise, self.observations, self.count = model, model.noise, observations, len(observations)
        self.joint = Joint(model, observations)

    @cached_property
    def laplace(self) -> Gaussian:
        """The Gaussian that bends like p(w | t) at its highest place (PRML 4.134)."""
        mode = self.joint.mode()
        root = self.joint.curvature(mode)
        return Gaussian(root, root @ mode)

    @cached_property
    def log_evidence_by_laplace(self) -> float:
        """ln p(t) ≈ ln p(t, w) at the mode + k/2 ln 2π − ½ ln|curvature| (PRML 4.137)."""
        volume = float(np.linalg.slogdet(self.laplace.root)[1])
        return float(self.joint.log_density(self.laplace.mean)) + 0.5 * self.laplace.size * LN_2PI - volume

    def update(self, x: float, t: float) -> RobustPosterior:
        """All over again: there are no sufficient statistics."""
        made = self.model.condition([*self.observations.x, x], [*self.observations.t, t])
        assert isinstance(made, RobustPosterior)
        return made

    def predict(self, x: ArrayLike) -> RobustPrediction:
        features = self.model.basis.features(x)
        spread = np.sum((features @ self.weights.inverse_root) ** 2, axis=1)
        noise = np.full(len(features), self.noise.variance)
        return RobustPrediction(features @ self.weights.mean, spread, noise, self.noise)

    def information_gain(self, x: ArrayLike) -> Array:
        return self.predict(x).information_gain()

    @cached_property
    def mode(self) -> Array:
        return self.laplace.mean

    def log_likelihood_over(
        self, pair: Sequence[int], x: float, t: float, view: Viewport, work: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The noise about f; with more than two weights f is uncertain still, as a Gaussian given those two."""
        row, offset, variance = self.given(pair, self.model.basis.features(x)[0])
        miss = (t - offset - row[0] * view.x)[None, :] - (row[1] * view.y)[:, None]
        away = np.linspace(miss.min(), miss.max(), FINE)  # it depends on one number alone
        log_density = log_student_plus_normal(away, variance, self.noise.df, self.noise.scale)
        work[0] = np.interp(miss, away, log_density)
        return np.asarray(work[0])


class LaplacePosterior(RobustPosterior):
    """N(w | mode, curvature⁻¹); only the evidence is computed more exactly, by importance sampling."""

    method = "Laplace"

    @cached_property
    def weights(self) -> Gaussian:
        return self.laplace

    @cached_property
    def log_evidence(self) -> float:
        """ln p(t) by importance sampling; by Laplace where the observations are so many that it is as good."""
        return self._sampled.log_evidence

    @property
    def log_evidence_error(self) -> float:
        return self._sampled.error

    @cached_property
    def _sampled(self) -> Estimate:
        if not self.count or self.count > MANY:
            return Estimate(self.log_evidence_by_laplace, 0.0)
        target, mode = self.joint.whitened(self.laplace.mean)
        try:
            found = log_evidence(target, mode)
        except np.linalg.LinAlgError:  # the noise is 1e12 times narrower than the prior is wide
            return Estimate(self.log_evidence_by_laplace, float("inf"))
        constant = self.count * float(self.noise.log_likelihood(0.0, 0.0))
        return Estimate(found.log_evidence + constant, found.error)
