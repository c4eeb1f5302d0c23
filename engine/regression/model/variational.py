"""Variational inference: an ellipse q(w) that climbs the ELBO by reparameterised stochastic gradients."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from engine.gaussian import LN_2PI, Array, Gaussian
from engine.quadrature import normal_square
from engine.regression.model.linear_model import Density

BLOCK = 64  # steps whose random numbers are drawn at once
LONGEST = 0.5  # of a step: in q's own standard deviations, and of the logarithm of its axes
NODES = 20  # of the quadrature, in each direction


class Q(msgspec.Struct, frozen=True, eq=False):
    """q(w) = N(mean, L Lᵀ) with L lower triangular: a draw is mean + L ε, ε ~ N(0, I)."""

    mean: Array
    factor: Array

    @property
    def gaussian(self) -> Gaussian:
        """The same as a Gaussian."""
        return Gaussian.from_moments(self.mean, self.factor @ self.factor.T)

    @property
    def entropy(self) -> float:
        """In nats."""
        return float(np.log(np.diag(self.factor)).sum()) + LN_2PI + 1

    def divergence(self, target: Density) -> float:
        """KL(q‖p) in nats, by Gauss–Hermite quadrature: exact for a Gaussian target."""
        places, shares = normal_square(NODES)
        return float(-self.entropy - shares @ target.log_density(self.mean + places @ self.factor.T))


class Climb:
    """The way of q, as far as it was asked for. Steps are stretched by q's own axes, so that no scale is too small.

    For KL(q‖p), with w = mean + L ε, the gradient of the ELBO is E[g] for the mean and E[g εᵀ] + L⁻ᵀ for L, where
    g = ∇ ln p(w) (Kingma & Welling 2014; Titsias & Lázaro-Gredilla 2014). For KL(p‖q) draws of p replace those of q.
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
        """The start and the q after each of so many steps."""
        while len(self.path) <= steps:
            self.path.append(self._step(len(self.path) - 1))
        return self.path[: steps + 1]

    def _step(self, n: int) -> Q:
        q, (shift, stretch) = self.path[-1], self._gradients(n)
        rate = self.rate / (1 + n / 100)
        if self.family == "mean-field":
            stretch = np.diag(np.diag(stretch))
        move, grow = rate * shift, rate * np.tril(stretch)
        if np.abs(grow).max() > LONGEST:  # q is far too wide or too narrow: its own axes are no measure yet
            move, grow = move / max(1.0, float(np.hypot(*move)) / LONGEST), np.clip(grow, -LONGEST, LONGEST)
        return Q(q.mean + q.factor @ move, q.factor @ (np.eye(2) + grow))

    def _gradients(self, n: int) -> tuple[Array, Array]:
        """Where to move the mean (2,) and how to stretch (2, 2), in q's own coordinates."""
        q, draws = self.path[-1], self.draws
        if self.direction == "KL(p‖q)":
            away = np.linalg.solve(q.factor, (self._drawn(n) - q.mean).T).T
            return away.mean(axis=0), away.T @ away / draws - np.eye(2)
        noise = self._drawn(n)
        pull = self.target.gradient(q.mean + noise @ q.factor.T) @ q.factor
        shift = pull.mean(axis=0)
        if draws > 1:  # E[g εᵀ] is a covariance: what all draws have in common is only noise in it
            return shift, (pull - shift).T @ noise / (draws - 1) + np.eye(2)
        return shift, pull.T @ noise + np.eye(2)

    def _drawn(self, n: int) -> Array:
        """The draws (draws, 2) of step n: of p for KL(p‖q), else of ε."""
        if n % BLOCK == 0:
            rng, count = np.random.default_rng([self.seed, n]), BLOCK * self.draws
            drawn = self.sample(rng, count) if self.direction == "KL(p‖q)" else rng.standard_normal((count, 2))
            self._noise = drawn.reshape(BLOCK, self.draws, 2)
        return np.asarray(self._noise[n % BLOCK])
