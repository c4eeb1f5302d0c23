"""Student's t noise over one or two weights: the posterior summed over a grid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from itertools import product

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gaussian import Array, Gaussian
from engine.plane import contour
from engine.regression.data.observations import Observations
from engine.regression.model.linear_model import LinearModel, inference
from engine.regression.model.noise import StudentTNoise
from engine.regression.model.projection import Cells, Line, resolved
from engine.regression.model.student_t_noise import LaplacePosterior, RobustPosterior
from engine.regression.model.student_t_prediction import GridPrediction, RobustPrediction

GRID_POINTS = 5000  # more observations than this go to Laplace even in two dimensions
COST = 4_000_000  # cells times observations that a grid may have
NEGLIGIBLE = 32.0  # nats below the maximum
FINEST = 0.05  # spacing, in standard deviations of Laplace's Gaussian
ENOUGH = 1e-7  # the same for predictions, which need fewer cells than outlines and draws
AGREE = 1e-5  # how far the sums over every second line may differ, relatively: their error is squared by going finer


class GridPosterior(RobustPosterior):
    """Summed over a grid, exact but for its spacing: at most two weights.

    The grid is laid along the axes of Laplace's Gaussian, u its standard deviations, and grows until nothing is left
    outside; away from the middle it gets wider: u = 8 sinh(v/8), with v evenly spaced.
    """

    method = "grid"

    @cached_property
    def _grid(self) -> tuple[Array, Array, Array]:
        """v (m,), ln p(t, w) dw at each cell (m,)ᵏ, and w there (…, k)."""
        reach, spacing = 9.6, 0.2
        while True:
            v = _even(reach, max(spacing, self._coarsest(reach)))
            mass, w = self._masses(v)
            edge = max(mass.take(i, axis).max() for i, axis in product((0, -1), range(mass.ndim)))
            if edge >= mass.max() - NEGLIGIBLE and reach < 60:
                reach *= 1.5
            elif spacing > FINEST and self._coarsest(reach) < spacing and not _agrees(mass, 2, AGREE):
                spacing /= 2
            else:
                return v, mass, w

    def _coarsest(self, reach: float) -> float:
        """The spacing at which so many observations cost all that a grid may cost."""
        return min(0.5, 2 * reach * float(np.sqrt(max(self.count, 1) / COST)))

    def _masses(self, v: Array) -> tuple[Array, Array]:
        """ln p(t, w) dw (m,)ᵏ, and w (…, k), of the cells at v (m,) on each axis."""
        k, spacing, log_volume = self.laplace.size, v[1] - v[0], np.linalg.slogdet(self.laplace.inverse_root)[1]
        w = self.laplace.mean + _grid_of(v, k) @ self.laplace.inverse_root.T
        mass, stretch = self.joint.log_density(w) + float(log_volume), np.log(np.cosh(v / 8)) + np.log(spacing)
        for axis in range(k):
            mass += stretch.reshape([-1 if i == axis else 1 for i in range(k)])
        return mass, w

    @cached_property
    def mode(self) -> Array:
        """The higher of Laplace's maximum and the one that is climbed to from the heaviest cell."""
        w = self._grid[2].reshape(-1, self.laplace.size)[int(np.argmax(self._grid[1]))]
        return max((self.laplace.mean, self.joint.climb(w)), key=lambda w: float(self.joint.log_density(w)))

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
        """The moments are summed in Laplace's coordinates u, in which no weight's scale or offset is lost."""
        u, shares = self._coordinates, self._shares.ravel()
        mean = shares @ u
        about = u - mean
        moments = Gaussian.from_moments(mean, (about * shares[:, None]).T @ about)
        root = moments.root @ self.laplace.root
        return Gaussian(root, root @ self.laplace.mean + moments.target).triangular()

    @cached_property
    def _coordinates(self) -> Array:
        """u = R(w − mode) of each cell, (cells, k)."""
        return _grid_of(self._grid[0], self.laplace.size).reshape(-1, self.laplace.size)

    @cached_property
    def _cells(self) -> tuple[Array, Array, float]:
        """u (c, k) and probabilities (c,) of as few cells as hold the posterior, and their spacing along v."""
        v, mass, k, stride = self._grid[0], self._grid[1], self.laplace.size, 1
        while stride * (v[1] - v[0]) < 0.3 and _agrees(mass, 2 * stride, ENOUGH):
            stride *= 2
        kept = tuple(slice(None, None, stride) for _ in range(k))
        u, shares = _grid_of(v, k)[kept].reshape(-1, k), self._shares[kept].ravel()
        there = shares > 1e-12 * shares.max()
        return u[there], shares[there] / shares[there].sum(), stride * float(v[1] - v[0])

    def predict(self, x: ArrayLike) -> RobustPrediction:
        there = super().predict(x)
        if not self.count:  # f is normal
            return there
        features = self.model.basis.features(x)
        centre, along = features @ self.laplace.mean, features @ self.laplace.inverse_root
        u, shares, spacing = self._cells
        widest = np.hypot(1, np.abs(u[shares > 1e-8 * shares.max()]).max() / 8)
        widths = spacing * widest * np.hypot.reduce(along, axis=1)
        narrow = np.array([not resolved(one, self.noise.df, self.noise.scale) for one in widths.tolist()], bool)
        cells, line = partial(self._cells_at, centre, along), partial(self._line_at, centre, along)
        held = partial(self._held, centre, along)
        variances = there.epistemic_variance, there.noise_variance
        return GridPrediction(there.mean, *variances, self.noise, cells, line, held, narrow)

    def _cells_at(self, centre: Array, along: Array, i: int) -> Cells:
        """The cells' f = centre + along·u at place i."""
        u, shares, _ = self._cells
        return Cells(centre[i] + u @ along[i], shares)

    def _held(self, centre: Array, along: Array, i: int, middle: float, half: Array) -> Array:
        """The probabilities (m,) that f at place i is within middle ± half (m,): cells touch each other."""
        u, shares, spacing = self._cells
        apart = np.maximum(spacing * np.sqrt((1 + (u / 8) ** 2) @ along[i] ** 2), 1e-300)
        away = np.abs(centre[i] + u @ along[i] - middle)
        return np.asarray(np.clip((half[:, None] - away) / apart + 0.5, 0, 1) @ shares)

    def _line_at(self, centre: Array, along: Array, i: int) -> Line:
        """p(f) at place i, by integrating along the lines on which f is the same: the grid, turned towards f."""
        length = float(np.hypot.reduce(along[i]))
        direction = along[i] / length
        v = self._grid[0]
        across = _grid_of(v, len(direction))
        turn = np.array([direction, [-direction[1], direction[0]]]) if len(direction) == 2 else direction[None]
        w = self.laplace.mean + across @ turn @ self.laplace.inverse_root.T
        log_volume = float(np.linalg.slogdet(self.laplace.inverse_root)[1])
        log_p = self.joint.log_density(w) + log_volume - self.log_evidence
        if log_p.ndim == 2:
            peak = log_p.max(axis=1, keepdims=True)
            log_p = np.log(np.exp(log_p - peak) @ np.cosh(v / 8)) + np.log(v[1] - v[0]) + peak[:, 0]
        return Line(v, log_p - np.log(length), float(centre[i]), length)

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


def _even(reach: float, spacing: float) -> Array:
    """v (m,), evenly spaced about 0."""
    n = np.ceil(reach / spacing)
    return np.arange(-n, n + 1) * spacing


def _grid_of(v: Array, k: int) -> Array:
    """u (…, k) of all cells: u = 8 sinh(v/8) along each axis."""
    return np.stack(np.meshgrid(*[8 * np.sinh(v / 8)] * k, indexing="ij"), axis=-1)


def _agrees(log_mass: Array, stride: int, most: float) -> bool:
    """Whether the sums over every `stride`-th line, from each start, are the same within `most` of their mean.

    The trapezoid rule's error is about the square of theirs at twice the spacing.
    """
    mass = np.exp(log_mass - log_mass.max())
    corners = product((0, stride // 2), repeat=mass.ndim)
    sums = [mass[tuple(slice(start, None, stride) for start in corner)].sum() for corner in corners]
    return bool(max(sums) - min(sums) <= most * np.mean(sums))


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
