"""Variational inference: a Gaussian q(w) that maximises the ELBO by reparameterised stochastic gradients."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from engine.gaussian import LN_2PI, Array, Gaussian
from engine.quadrature import normal_square
from engine.regression.model.linear_model import Density

BLOCK = 64  # steps whose random numbers are drawn together
LONGEST = 0.5  # the longest step, in q's standard deviations, and in the logarithm of its axes
NODES = 20  # of the quadrature in each direction


class Q(msgspec.Struct, frozen=True, eq=False):
    """The Gaussian q(w) = N(mean, L Lᵀ), L lower triangular; a draw is mean + L ε, ε ~ N(0, I)."""

    mean: Array
    factor: Array

    @property
    def gaussian(self) -> Gaussian:
        """This density as a `Gaussian`."""
        return Gaussian.from_moments(self.mean, self.factor @ self.factor.T)

    @property
    def entropy(self) -> float:
        """The entropy in nats."""
        return float(np.log(np.diag(self.factor)).sum()) + LN_2PI + 1

    def divergence(self, target: Density) -> float:
        """Return KL(q‖p) in nats, by Gauss–Hermite quadrature; it is exact for a Gaussian target."""
        nodes, masses = normal_square(NODES)
        return float(-self.entropy - masses @ target.log_density(self.mean + nodes @ self.factor.T))


class Climb:
    """The path of q, extended as needed. Steps are scaled by q's axes, so that the scale of the weights does not
    matter.

    For KL(q‖p), with w = mean + L ε, the gradient of the ELBO is E[g] for the mean and E[g εᵀ] + L⁻ᵀ for L, where g = ∇
    ln p(w) (Kingma & Welling 2014; Titsias & Lázaro-Gredilla 2014). For KL(p‖q), draws of p replace draws of q.
    """

    def __init__(
        self,
        target: Density,
        sample: Callable[[np.random.Generator, int], Array],
        start: Q,
        seed: int,
        *,
        family: str,
        direction: str,
        rate: float,
        draws: int,
    ) -> None:
        self.target, self.sample, self.seed = target, sample, seed
        self.family, self.direction, self.rate, self.draws = family, direction, rate, draws
        self.path = [start]
        self._noise: Array = np.empty((0, 0, 2))

    def upto(self, steps: int) -> list[Q]:
        """Return the first q and the q after each of `steps` steps."""
        while len(self.path) <= steps:
            self.path.append(self._step(len(self.path) - 1))
        return self.path[: steps + 1]

    def _step(self, n: int) -> Q:
        q, (shift, stretch) = self.path[-1], self._gradients(n)
        rate = self.rate / (1 + n / 100)
        if self.family == "mean-field":
            stretch = np.diag(np.diag(stretch))
        move, grow = rate * shift, rate * np.tril(stretch)
        if np.abs(grow).max() > LONGEST:  # q is far too wide or too narrow, so that its axes are not a useful scale yet
            move, grow = move / max(1.0, float(np.hypot(*move)) / LONGEST), np.clip(grow, -LONGEST, LONGEST)
        return Q(q.mean + q.factor @ move, q.factor @ (np.eye(2) + grow))

    def _gradients(self, n: int) -> tuple[Array, Array]:
        """Return the gradients for the mean (2,) and for L (2, 2), in q's coordinates."""
        q, draws = self.path[-1], self.draws
        if self.direction == "KL(p‖q)":
            away = np.linalg.solve(q.factor, (self._drawn(n) - q.mean).T).T
            return away.mean(axis=0), away.T @ away / draws - np.eye(2)
        noise = self._drawn(n)
        pull = self.target.gradient(q.mean + noise @ q.factor.T) @ q.factor
        shift = pull.mean(axis=0)
        if draws > 1:  # E[g εᵀ] is a covariance; subtracting the mean removes noise
            return shift, (pull - shift).T @ noise / (draws - 1) + np.eye(2)
        return shift, pull.T @ noise + np.eye(2)

    def _drawn(self, n: int) -> Array:
        """Return the draws (draws, 2) of step n: of p for KL(p‖q), else of ε."""
        if n % BLOCK == 0:
            rng, count = np.random.default_rng([self.seed, n]), BLOCK * self.draws
            drawn = self.sample(rng, count) if self.direction == "KL(p‖q)" else rng.standard_normal((count, 2))
            self._noise = drawn.reshape(BLOCK, self.draws, 2)
        return np.asarray(self._noise[n % BLOCK])
