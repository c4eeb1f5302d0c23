"""Student's t noise: the joint density of data and weights, and the posterior by Laplace's approximation.

There is no closed form. For one or two weights `student_t_grid` sums the posterior over a grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import LN_2PI, Array, Gaussian
from engine.plane import Viewport
from engine.regression.data.observations import Observations
from engine.regression.model.importance import NOTHING, Draws, Target, sampled
from engine.regression.model.linear_model import LinearModel, Posterior
from engine.regression.model.noise import StudentTNoise
from engine.regression.model.student_t_mixture import Mixture, MixturePrediction
from engine.regression.model.student_t_modes import modes
from engine.regression.model.student_t_prediction import RobustPrediction
from engine.student import log_student_plus_normal

MANY = 20_000  # observations above which Laplace's approximation is as accurate as sampling
FEW = 1000  # observations above which a prediction with a Gaussian f is as accurate as one by sampling
CHECKED = 9  # values of x at which the error of ln p(t | x) is estimated
WITHIN = np.linspace(-2, 2, 5)  # values of t at each of them, in standard deviations of f from its mean
NEGLIGIBLE = 12.0  # nats below the maximum over these t: the error of ln p(t | x) there is not stated
EXTREME = 16  # values of t, the farthest from the mean, whose errors are all part of the error of a score
FAR = 10.0  # scales of the noise from the mean, beyond which ln p(t | x) is compared with two log evidences
PROVED = 6  # values of t at which it is compared, at a cost of 0.01 to 0.05 seconds each
SURE, SUREST = 2.0, 3.0  # standard errors that are stated: for one number, and for the largest error at many places
STEPS = 200
FINE = 4096  # nodes of the interpolation of a function of one number


class Joint:
    """The joint density ln p(t, w) = ln p(w) + Σ ln St(t_n | wᵀφ_n, s, ν), with its derivatives."""

    def __init__(self, model: LinearModel, observations: Observations) -> None:
        assert isinstance(model.noise, StudentTNoise)
        self.noise, self.prior = model.noise, model.prior
        self.features, self.t = model.basis.features(observations.x), observations.t

    def log_density(self, w: ArrayLike) -> Array:
        """Return ln p(t, w) at w (…, k) -> (…), in nats.

        One logarithm of a product of a few factors is faster than a logarithm of each.
        """
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
        """Return ∇ ln p(t, w) at w (…, k) -> (…, k)."""
        w = np.asarray(w, float)
        pull = (self.t - w @ self.features.T) * self.weight(w)
        return np.asarray((self.prior.target - w @ self.prior.root.T) @ self.prior.root + pull @ self.features)

    def weight(self, w: Array) -> Array:
        """Return the precision of each observation in reweighted least squares, (…, n): small for an outlier."""
        square = self.noise.df * self.noise.scale**2
        return np.asarray((self.noise.df + 1) / (square + (self.t - w @ self.features.T) ** 2))

    def whitened(self) -> tuple[Target, Array]:
        """Return p(t, z) over the directions (r, k) of R₀w − d₀ on which the data depend, and these directions."""
        slopes = self.features @ self.prior.inverse_root
        left, s, directions = np.linalg.svd(slopes, full_matrices=False)
        kept, largest = s > NOTHING * s[0], np.argmax(np.abs(directions), axis=1)
        signs = np.sign(
            directions[np.arange(len(s)), largest]
        )  # fixed, because the order of the observations would change them
        target = Target(
            (left * s * signs)[:, kept], self.t - self.features @ self.prior.mean, self.noise.df, self.noise.scale
        )
        return target, (signs[:, None] * directions)[kept]

    def curvature(self, w: Array) -> Array:
        """Return the square root (k, k) of −∇∇ ln p(t, w) at a maximum; of its majorant where it is not positive."""
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
        """Return the higher of two maxima (k,), from two starts of reweighted least squares (EM)."""
        first = np.full(len(self.t), (self.noise.df + 1) / (self.noise.df * self.noise.scale**2))
        wide = np.full(len(self.t), 1e-2 / self.noise.scale**2)
        maxima = [self.climb(self._least_squares(precision).mean) for precision in (first, wide)]
        return max(maxima, key=lambda w: float(self.log_density(w)))

    def climb(self, w: Array) -> Array:
        """Return the maximum that iteratively reweighted least squares (EM) reaches from w (k,).

        No step decreases p(t, w).
        """
        for _ in range(STEPS):
            previous, w = w, self._least_squares(self.weight(w)).mean
            if np.all(np.abs(w - previous) <= 1e-13 * (1 + np.abs(w))):
                break
        return w


class RobustPosterior(Posterior):
    """The base of both approximations of the posterior under Student's t noise. Abstract."""

    def __init__(self, model: LinearModel, observations: Observations) -> None:
        assert isinstance(model.noise, StudentTNoise)
        self.model, self.noise, self.observations, self.count = model, model.noise, observations, len(observations)
        self.joint = Joint(model, observations)

    @cached_property
    def laplace(self) -> Gaussian:
        """Laplace's approximation: the Gaussian with the mode and the curvature of p(w | t) (PRML 4.134)."""
        mode = self.joint.mode()
        root = self.joint.curvature(mode)
        return Gaussian(root, root @ mode)

    @cached_property
    def log_evidence_by_laplace(self) -> float:
        """The log evidence in nats: ln p(t) ≈ ln p(t, w) at the mode + k/2 ln 2π − ½ ln|curvature| (PRML 4.137)."""
        volume = float(np.linalg.slogdet(self.laplace.root)[1])
        return float(self.joint.log_density(self.laplace.mean)) + 0.5 * self.laplace.size * LN_2PI - volume

    def update(self, x: float, t: float) -> RobustPosterior:
        """Return the posterior with one more observation, computed anew, because there are no sufficient statistics."""
        updated = self.model.condition([*self.observations.x, x], [*self.observations.t, t])
        assert isinstance(updated, RobustPosterior)
        return updated

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
        """Return the noise density around f. With more than two weights, f is Gaussian given the two of `pair`."""
        row, offset, variance = self.given(pair, self.model.basis.features(x)[0])
        miss = (t - offset - row[0] * view.x)[None, :] - (row[1] * view.y)[:, None]
        away = np.linspace(miss.min(), miss.max(), FINE)  # the density depends on this number alone
        log_density = log_student_plus_normal(away, variance, self.noise.df, self.noise.scale)
        work[0] = np.interp(miss, away, log_density)
        return np.asarray(work[0])


class LaplacePosterior(RobustPosterior):
    """N(w | mode, curvature⁻¹). The log evidence and the predictions are more accurate, by importance sampling.

    For many observations or very narrow noise there are no draws, and all is by Laplace's approximation.
    """

    method = "Laplace"

    @cached_property
    def weights(self) -> Gaussian:
        return self.laplace

    @cached_property
    def log_evidence(self) -> float:
        """The log evidence ln p(t) in nats, by importance sampling, or by Laplace's approximation for many
        observations.
        """
        if not self._draws:
            return self.log_evidence_by_laplace
        return self._draws.estimate.log_evidence + self.count * float(self.noise.log_likelihood(0.0, 0.0))

    @property
    def log_evidence_error(self) -> float:
        if not self._draws:
            return 0.0 if not self.count or self.count > MANY else float("inf")
        return SURE * self._draws.estimate.error

    @cached_property
    def moments(self) -> tuple[Array, Array]:
        if not self._mixture:
            return super().moments
        mean, variance = self._mixture.moments(np.eye(self.model.basis.size))
        return mean, np.sqrt(variance)

    def predict(self, x: ArrayLike) -> RobustPrediction:
        if not self._mixture:
            return super().predict(x)
        features, mixture = self.model.basis.features(x), self._mixture
        (mean, variance), noise = mixture.moments(features), np.full(len(features), self.noise.variance)
        return MixturePrediction(mean, variance, noise, self.noise, mixture, features)

    def prediction_error(self, x: ArrayLike) -> float:
        x = np.asarray(x, float)
        prediction = self.predict(x[np.unique(np.linspace(0, len(x) - 1, CHECKED).astype(int))])
        if not isinstance(prediction, MixturePrediction):
            return self._error_of_laplace
        t = prediction.mean + WITHIN[:, None] * np.sqrt(prediction.epistemic_variance)
        log_density = prediction.log_density(t)
        shown = log_density > log_density.max(axis=0) - NEGLIGIBLE
        return SUREST * float(prediction.log_density_error(t)[shown].max())

    @property
    def _error_of_laplace(self) -> float:
        """The error of a prediction that is not sampled: infinite if it should be, and 0 for many observations."""
        return float("inf") if self.count <= FEW and self.log_evidence_error == float("inf") else 0.0

    def score_error(self, x: Array, t: Array) -> float:
        """Return twice the standard error of the mean of ln p(t | x, data), as in the base class.

        It is the mean of the errors, because their signs may agree: of the EXTREME values of t that are farthest from
        the mean, and of as many others. For t in the tail of the noise the draws may lack a mode, and the standard
        error does not show it. There ln p(t | x) is also computed as the difference of two log evidences, for PROVED of
        these t. What this differs is the error if it is larger; the t between two of these have the larger one of both.
        """
        if not len(t):
            return 0.0
        prediction = self.predict(x)
        if not isinstance(prediction, MixturePrediction):
            return self._error_of_laplace
        order = np.argsort(-np.abs(t - prediction.mean) / np.sqrt(prediction.epistemic_variance + self.noise.scale**2))
        rest = order[EXTREME:]
        rest = rest[:: len(rest) // EXTREME + 1]
        chosen = np.concatenate([order[:EXTREME], rest])
        some = self.predict(x[chosen])
        assert isinstance(some, MixturePrediction)
        errors = SURE * some.log_density_error(t[chosen])
        tail = np.flatnonzero(np.abs(t[chosen] - some.mean) > FAR * self.noise.scale)
        if len(tail):
            proved = tail[np.unique(np.linspace(0, len(tail) - 1, PROVED).astype(int))]
            at, log_density = chosen[proved], some.log_density(t[chosen])[proved]
            evidences = [self.update(*place).log_evidence for place in zip(x[at].tolist(), t[at].tolist(), strict=True)]
            off = np.abs(np.array(evidences) - self.log_evidence - log_density)
            before, after = np.searchsorted(proved, tail, "right") - 1, np.searchsorted(proved, tail)
            errors[tail] = np.max([errors[tail], off[before], off[after]], axis=0)
        total = errors[:EXTREME].sum() + (errors[EXTREME:].mean() * (len(t) - EXTREME) if len(rest) else 0.0)
        return float(total / len(t))

    def band_error(self, x: ArrayLike) -> float:
        if not self._mixture:
            return self._error_of_laplace
        x = np.asarray(x, float)
        x = x[np.unique(np.linspace(0, len(x) - 1, CHECKED).astype(int))]
        return SUREST * float(self._mixture.moments_error(self.model.basis.features(x)).max())

    @cached_property
    def _whitened(self) -> tuple[Target, Array]:
        return self.joint.whitened()

    @cached_property
    def _draws(self) -> Draws | None:
        """Weighted draws; None without observations, for many of them, and if they cannot be drawn."""
        if not self.count or self.count > MANY:
            return None
        (target, directions), prior = self._whitened, self.joint.prior
        try:
            return sampled(target, modes(target, directions @ (prior.root @ self.laplace.mean - prior.target)))
        except np.linalg.LinAlgError:  # the noise is 1e12 times narrower than the prior is wide
            return None

    @cached_property
    def _mixture(self) -> Mixture | None:
        if not self._draws or self.count > FEW or not len(self._whitened[1]):
            return None
        return Mixture.of(self._whitened[0], self._draws, self._whitened[1], self.joint.prior)
