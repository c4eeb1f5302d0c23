"""Robust noise: under Student's t there is no closed form, but a grid over two weights, and Laplace for more."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import product

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import LN_2PI, Array, Gaussian
from engine.plane import Viewport, contour
from engine.quadrature import normal
from engine.regression.data.observations import Observations
from engine.regression.model.linear_model import LinearModel, Posterior, Prediction, inference
from engine.regression.model.noise import StudentTNoise

GRID_POINTS = 5000  # more observations than this go to Laplace even in two dimensions
COST = 4_000_000  # cells times observations that a grid may have
NODES = 24  # of the quadrature over f
STEPS = 200
FINE = 4096  # places between which a function of one number is interpolated
NEGLIGIBLE = 32.0  # nats below the maximum


class RobustPrediction(Prediction, frozen=True, eq=False):
    """Student's t noise about f, and f as a Gaussian of its mean and variance."""

    noise: StudentTNoise

    def log_density(self, t: ArrayLike) -> Array:
        """The noise averaged over f by Gauss–Hermite quadrature."""
        t, spread = np.asarray(t, float), np.sqrt(self.epistemic_variance)
        places, shares = normal(NODES)
        terms = [self.noise.log_likelihood(t, self.mean + place * spread) for place in places]
        logarithms = np.log(shares).reshape(-1, *[1] * np.ndim(terms[0]))
        return np.asarray(np.logaddexp.reduce(np.array(terms) + logarithms, axis=0))


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
        found = [self._climb(self._least_squares(precision).mean) for precision in (first, wide)]
        return max(found, key=lambda w: float(self.log_density(w)))

    def _climb(self, w: Array) -> Array:
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

    def log_likelihood_over(
        self, pair: Sequence[int], x: float, t: float, view: Viewport, work: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The noise about f; with more than two weights f is uncertain still, as a Gaussian given those two."""
        row, offset, variance = self.given(pair, self.model.basis.features(x)[0])
        miss = (t - offset - row[0] * view.x)[None, :] - (row[1] * view.y)[:, None]
        away = np.linspace(miss.min(), miss.max(), FINE)  # it depends on one number alone
        there = RobustPrediction(np.zeros(1), np.array([variance]), np.zeros(1), self.noise).log_density(away)
        work[0] = np.interp(miss, away, there)
        return np.asarray(work[0])


class LaplacePosterior(RobustPosterior):
    """N(w | mode, curvature⁻¹)."""

    method = "Laplace"

    @cached_property
    def weights(self) -> Gaussian:
        return self.laplace

    @cached_property
    def log_evidence(self) -> float:
        """ln p(t) ≈ ln p(t, w) at the mode + k/2 ln 2π − ½ ln|curvature| (PRML 4.137)."""
        volume = float(np.linalg.slogdet(self.laplace.root)[1])
        return float(self.joint.log_density(self.laplace.mean)) + 0.5 * self.laplace.size * LN_2PI - volume


class GridPosterior(RobustPosterior):
    """Summed over a grid, exact but for its spacing: at most two weights.

    The grid is laid along the axes of Laplace's Gaussian, u its standard deviations, and grows until nothing is left
    outside; away from the middle it gets wider: u = 8 sinh(v/8), with v evenly spaced.
    """

    method = "grid"

    @cached_property
    def _grid(self) -> tuple[Array, Array, Array]:
        """v (m,), ln p(t, w) dw at each cell (m,)ᵏ, and w there (…, k)."""
        k, reach = self.laplace.size, 9.6
        while True:
            spacing = float(np.clip(2 * reach * np.sqrt(max(self.count, 1) / COST), 0.1, 0.5))
            v = np.arange(-np.ceil(reach / spacing), np.ceil(reach / spacing) + 1) * spacing
            u = 8 * np.sinh(v / 8)
            over = np.stack(np.meshgrid(*[u] * k, indexing="ij"), axis=-1)
            w = self.laplace.mean + over @ self.laplace.inverse_root.T
            stretch = np.log(np.cosh(v / 8)) + np.log(spacing)
            log_volume = float(np.linalg.slogdet(self.laplace.inverse_root)[1])
            mass = self.joint.log_density(w) + log_volume
            for axis in range(k):
                mass += stretch.reshape([-1 if i == axis else 1 for i in range(k)])
            edge = max(mass.take(i, axis).max() for i, axis in product((0, -1), range(k)))
            if edge < mass.max() - NEGLIGIBLE or reach > 60:
                return v, mass, w
            reach *= 1.5

    @cached_property
    def log_evidence(self) -> float:
        mass = self._grid[1]
        return float(mass.max() + np.log(np.sum(np.exp(mass - mass.max()))))

    @cached_property
    def _shares(self) -> Array:
        """The probability of each cell."""
        return np.asarray(np.exp(self._grid[1] - self.log_evidence))

    @cached_property
    def weights(self) -> Gaussian:
        k, w = self.laplace.size, self._grid[2]
        shares, w = self._shares.ravel(), w.reshape(-1, k)
        mean = shares @ w
        about = w - mean
        return Gaussian.from_moments(mean, (about * shares[:, None]).T @ about)

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """By inverting the cumulative distribution, first along one axis, then across: it moves continuously."""
        return self._inverted(rng.random((n, self.laplace.size)))

    def transport(self, normals: Array) -> Array:
        from scipy.special import ndtr  # which takes too long for the start

        return self._inverted(ndtr(normals[:, :-1]))

    def _inverted(self, chances: Array) -> Array:
        """The weights (n, k) below which the share `chances` (n, k) of the posterior lies, axis by axis."""
        v, shares = self._grid[0], self._shares
        sides = np.append(v, 2 * v[-1] - v[-2]) - (v[1] - v[0]) / 2
        lines = shares.reshape(len(v), -1).sum(axis=1)
        places = [np.interp(chances[:, 0], np.concatenate([[0.0], np.cumsum(lines)]) / lines.sum(), sides)]
        if shares.ndim == 2:
            row = np.clip(np.searchsorted(sides, places[0]) - 1, 0, len(v) - 1)
            heaps = np.column_stack([np.zeros(len(v)), np.cumsum(shares, axis=1)]) / np.maximum(lines, 1e-300)[:, None]
            steps = (np.arange(len(v))[:, None] + np.minimum(heaps, 1.0)).ravel()  # one long stair, a flight a row
            places.append(np.interp(row + chances[:, 1], steps, np.tile(sides, len(v))))
        return np.asarray(self.laplace.mean + 8 * np.sinh(np.column_stack(places) / 8) @ self.laplace.inverse_root.T)

    def plane(self, pair: Sequence[int]) -> GridDensity:
        return GridDensity(self, tuple(pair))

    def outline(self, pair: Sequence[int]) -> Array:
        """Around the 95 % of highest density, as segments (n, 4) from (x, y) to (x, y): hardly an ellipse."""
        v, log_density, shares = self._grid[0], self.joint.log_density(self._grid[2]), self._shares
        order = np.argsort(-log_density, axis=None)
        last = int(np.searchsorted(np.cumsum(shares.ravel()[order]), 0.95))
        ends = contour(log_density, v, v, float(log_density.ravel()[order][last])).reshape(-1, 2, 2)
        w = self.laplace.mean + 8 * np.sinh(ends[..., ::-1] / 8) @ self.laplace.inverse_root.T
        return np.asarray(w[..., list(pair)].reshape(-1, 4))


class GridDensity(msgspec.Struct, frozen=True, eq=False):
    """p(w | t) over its two weights, in the order of `pair`."""

    posterior: GridPosterior
    pair: tuple[int, ...]

    def log_density(self, w: ArrayLike) -> Array:
        """In nats, at w (…, 2)."""
        there = np.asarray(w, float)[..., list(self.pair)]
        return self.posterior.joint.log_density(there) - self.posterior.log_evidence

    def gradient(self, w: ArrayLike) -> Array:
        """∇ ln p at w (…, 2) -> (…, 2)."""
        return self.posterior.joint.gradient(np.asarray(w, float)[..., list(self.pair)])[..., list(self.pair)]

    def laplace(self) -> Gaussian:
        """The Gaussian that bends like this density at its highest place."""
        return self.posterior.laplace.marginal(list(self.pair)).triangular()

    def log_kernel_over(self, x: Array, y: Array, work: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        across, up = np.broadcast_arrays(x[None, :], y[:, None])
        return self.log_density(np.stack([across, up], axis=-1)).astype(np.float32)


@inference(StudentTNoise)
def approximated(model: LinearModel, observations: Observations) -> RobustPosterior:
    """On a grid for one or two weights, by Laplace beyond, and for more observations than a grid can sum."""
    if model.basis.size <= 2 and len(observations) <= GRID_POINTS:
        return GridPosterior(model, observations)
    return LaplacePosterior(model, observations)
